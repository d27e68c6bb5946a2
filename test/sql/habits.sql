-- what users of other programs type by habit, each call alone: it works, or its error leads to the call that does
SET client_min_messages = warning;
\set SHOW_CONTEXT never
CREATE TABLE sales AS SELECT store, day::date, (extract(day FROM day) IN (5, 19))::int AS promotion, 100 + 15 * sin(extract(isodow FROM day)::float8) + 25 * (extract(day FROM day) IN (5, 19))::int AS units
FROM unnest('{north,south}'::text[]) store, generate_series(timestamp '2024-01-01', '2024-03-31', '1 day') day;
CREATE TABLE m AS SELECT rnn_train(rnn_panel(store, day, units), 'ridge', '{"horizon": 7}') AS model FROM sales;
CALL rnn_create_model('Sales', 'SELECT store AS series, day AS ts, units AS value FROM sales', 'ridge', '{"horizon": 7}');
CREATE TYPE region AS ENUM ('north', 'south');
CREATE TABLE part (store text, day date, units numeric(10, 2)) PARTITION BY RANGE (day);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2024-01-01') TO ('2024-02-10');
CREATE TABLE part_2 PARTITION OF part DEFAULT;
INSERT INTO part SELECT store, day, units FROM sales;
CREATE TABLE "Order" ("Value" float8, "TS" timestamptz, "order" text);
INSERT INTO "Order" SELECT units, day, store FROM sales;
-- the first value of the statement; of an error its class, message and hint
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	out text;
	state text;
	message text;
	hint text;
BEGIN
	EXECUTE statement INTO out;
	RETURN 'works: ' || coalesce(out, 'NULL');
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(E'\n  ', state || ' ' || message, nullif(hint, ''));
END $$;
\pset format unaligned
\pset tuples_only on
-- horizons, levels and models
SELECT statement || E'\n  ' || pg_temp.try(statement) FROM unnest(ARRAY[
	$$SELECT count(*) FROM m, rnn_forecast(model, '7 days')$$,
	$$SELECT count(*) FROM m, rnn_forecast(model, ' 7 ')$$,
	$$SELECT count(*) FROM m, rnn_forecast(model, '')$$,
	$$SELECT count(*) FROM m, rnn_forecast(model, '99999999999')$$,
	$$SELECT count(*) FROM rnn_forecast('Sales', '7 days')$$,
	$$SELECT count(*) FROM rnn_forecast_local('Sales', 'a week')$$,
	$$SELECT count(*) FROM m, rnn_forecast_index(model, '7.5')$$,
	$$SELECT count(*) FROM m, rnn_forecast(model, interval '7 days')$$,
	$$SELECT count(*) FROM m, rnn_forecast(model, 7.0)$$,
	$$SELECT count(*) FROM m, rnn_forecast(model, 7::bigint)$$,
	$$SELECT count(*) FROM m, rnn_forecast(model, 7, 0.9)$$,
	$$SELECT count(*) FROM m, rnn_forecast(model, date '2024-04-14')$$,
	$$SELECT count(*) FROM m, rnn_forecast(model, horizon => 7, confidence_level => 90)$$,
	$$SELECT count(*) FROM m, rnn_forecast(model, horizon => 7, confidence_levels => ARRAY[80, 95])$$,
	$$SELECT count(*) FROM m, rnn_forecast(model, horizon => 7, confidence_level => 900)$$,
	$$SELECT count(*) FROM m, rnn_forecast(m, 7)$$,
	$$SELECT count(*) FROM m, rnn_forecast(m.*, 7)$$,
	$$SELECT count(*) FROM rnn_forecast('sales', 7)$$,
	$$SELECT count(*) FROM rnn_forecast('m', 7)$$,
	$$SELECT count(*) FROM rnn_forecast('nothing', 7)$$,
	$$SELECT count(*) FROM m, rnn_evaluate(model)$$,
	$$SELECT mean_absolute_error FROM m, rnn_evaluate(model)$$,
	$$SELECT count(*) FROM m, rnn_backtest(model)$$,
	$$SELECT count(*) FROM m, rnn_fitted(model)$$,
	$$SELECT count(*) FROM m, rnn_detect_anomalies(model) WHERE is_anomaly$$,
	$$SELECT count(*) FROM m, rnn_importance(model)$$,
	$$SELECT rnn_predict(model) FROM m$$,
	$$SELECT rnn_fit(rnn_panel(store, day, units)) FROM sales$$,
	$$SELECT rnn_plot(day, units) FROM sales$$,
	$$SELECT count(*) FROM rnn_describe('sales')$$]) statement;
-- networks and options
SELECT statement || E'\n  ' || pg_temp.try(statement) FROM (SELECT format('SELECT rnn_train(rnn_panel(store, day, units)%s) IS NOT NULL FROM sales', arguments) AS statement FROM unnest(ARRAY[
	$$, 'lstm'$$,
	$$, 'ridge', 7$$,
	$$, 'ridge', '{"horizon": 7}'::json$$,
	$$, 'ridge', '{"horizon": "7 days"}'$$,
	$$, 'ridge', '{"frequency": "days"}'$$,
	$$, 'ridge', '{"frequency": "1D"}'$$,
	$$, 'ridge', '{"seasonality": "weekly"}'$$,
	$$, 'ridge', '{"seasonality": "7 days"}'$$,
	$$, 'ridge', '{"seasonal_periods": 7}'$$,
	$$, 'ridge', '{"on_gap": "ffill"}'$$,
	$$, 'ridge', '{"on_gap": "interpolate"}'$$,
	$$, 'ridge', '{"transform": "boxcox"}'$$,
	$$, 'ridge', '{"country_holidays": "US"}'$$,
	$$, 'ridge', '{"holidays": "US"}'$$,
	$$, 'ridge', '{"Horizon": 7}'$$,
	$$, 'ridge', '{"frequency": "24T"}'$$,
	$$, 'ridge', '{"on_duplicate": "avg"}'$$,
	$$, 'ridge', '{"lower_limit": 0, "cap": 200}'$$,
	$$, 'ridge', '{"confidence_level": 0.9}'$$,
	$$, 'ridge', '{"interval_width": 0.9}'$$,
	$$, '{"model_type": "ARIMA_PLUS"}'$$,
	$$, '{"network": "ridge"}'$$,
	$$, rnn_lstm(8), '{"epochs": 1, "loss": "mean_absolute_error"}'$$,
	$$, rnn_lstm(8), '{"epochs": 1, "batch": 32}'$$]) arguments) q;
-- the columns of a panel
SELECT statement || E'\n  ' || pg_temp.try(statement) FROM (SELECT format('SELECT count(*) FROM rnn_describe((SELECT rnn_panel(%s) FROM sales))', arguments) AS statement FROM unnest(ARRAY[
	$$day, units, store$$, $$day, store, units$$, $$units, day, store$$, $$sales$$, $$day$$,
	$$store, day, units::numeric$$, $$store, day, units::real$$, $$store, day, units::int$$, $$store, day, units::numeric::money$$, $$store, day, units::text$$,
	$$store, day::text, units$$, $$store, extract(epoch FROM day)::numeric, units$$, $$store, daterange(day, day + 1), units$$, $$store, time '10:00', units$$,
	$$store::region, day, units$$, $$md5(store)::uuid, day, units$$, $$(store, 1), day, units$$, $$ARRAY[store], day, units$$, $$NULL, day, units$$,
	$$store, day, units, promotion$$, $$store, day, units, ARRAY[promotion]$$, $$store, day, units, row_to_json(sales)$$, $$store, day, units, to_jsonb(promotion)$$]) arguments) q;
-- tables, names and statements
SELECT statement || E'\n  ' || pg_temp.try(statement) FROM unnest(ARRAY[
	$$SELECT rnn_train(rnn_panel(store, day, units), 'ridge') IS NOT NULL FROM part$$,
	$$SELECT rnn_train(rnn_panel("order", "TS", "Value"), 'ridge') IS NOT NULL FROM "Order"$$,
	$$SELECT RNN_TRAIN(RNN_PANEL(store, day, units), 'ridge') IS NOT NULL FROM sales$$,
	$$WITH t AS MATERIALIZED (SELECT rnn_train(rnn_panel(store, day, units), 'ridge') AS model FROM sales) SELECT count(*) FROM t, rnn_forecast(model, 3)$$,
	$$SELECT count(*) FROM (SELECT DISTINCT store FROM sales) s, m LEFT JOIN LATERAL rnn_forecast(m.model, 2) f ON true WHERE f.series_id = s.store$$,
	$$SELECT sum(i * n) FROM generate_series(1, 3) i, LATERAL (SELECT count(*) AS n FROM m, rnn_forecast(model, i)) f$$,
	$$SELECT (rnn_forecast(model, 2)).step FROM m LIMIT 1$$]) statement;
\pset tuples_only off
\pset format aligned
-- views, materialized views, generated columns, checks, cursors, prepared statements, read-only transactions
CREATE VIEW forecast_view AS SELECT f.* FROM m, rnn_forecast(model, 7) f;
CREATE VIEW managed_view AS SELECT * FROM rnn_forecast('Sales', horizon => 7, confidence_level => 0.9);
CREATE MATERIALIZED VIEW forecast_stored AS SELECT * FROM rnn_forecast('Sales', 7);
CREATE UNIQUE INDEX ON forecast_stored (series_id, step);
REFRESH MATERIALIZED VIEW CONCURRENTLY forecast_stored;
CREATE TABLE described (model bytea, info jsonb GENERATED ALWAYS AS (rnn_model_info(model)) STORED, options jsonb CHECK (rnn_check_options(options) IS NOT NULL));
INSERT INTO described (model, options) SELECT model, '{"horizon": 7}' FROM m;
INSERT INTO described (model, options) SELECT model, '{"horizons": 7}' FROM m;
BEGIN READ ONLY;
SELECT (SELECT count(*) FROM forecast_view) AS view, (SELECT count(*) FROM managed_view) AS managed, (SELECT count(*) FROM forecast_stored) AS stored, (SELECT info ->> 'kind' FROM described) AS kind,
	(SELECT rnn_train(rnn_panel(store, day, units), 'ridge') IS NOT NULL FROM sales) AS trained;
COMMIT;
PREPARE trained(text, jsonb) AS SELECT rnn_train(rnn_panel(store, day, units), $1, $2) IS NOT NULL AS trained FROM sales;
EXECUTE trained('ridge', '{"horizon": 3}');
PREPARE forecasts AS SELECT count(*) FROM rnn_forecast($1, horizon => $2, confidence_level => $3);
EXECUTE forecasts('Sales', 3, 0.9);
CREATE PROCEDURE pg_temp.weekly(INOUT rows bigint DEFAULT 0) LANGUAGE plpgsql AS $$
DECLARE
	p rnn_panel;
	model bytea;
	f record;
BEGIN
	SELECT rnn_panel(store, day, units) INTO p FROM sales;
	model := rnn_train(p, 'ridge', jsonb_build_object('horizon', 5));
	FOR f IN SELECT * FROM rnn_forecast(model, p, 4) LOOP
		rows := rows + 1;
	END LOOP;
	CALL rnn_retrain('Sales', promote => 'always');
	COMMIT;
END $$;
CALL pg_temp.weekly();
CALL rnn_drop_model('Sales');
DROP MATERIALIZED VIEW forecast_stored;
DROP VIEW forecast_view, managed_view;
DROP TABLE sales, m, part, "Order", described;
DROP TYPE region;
-- a season of days that is closed for a part of every year: skiing, summer camps; three days a year are few to be told at training
CREATE TEMP TABLE habit_season AS SELECT kind, d::date AS d, 500 + 200 * (extract(isodow FROM d) > 5)::int + (hashint4(extract(doy FROM d)::int) & 15) AS v
FROM unnest('{ski,camp,open}'::text[]) kind, generate_series(timestamp '2018-12-01', '2023-04-10', '1 day') d
WHERE CASE kind WHEN 'ski' THEN extract(month FROM d) IN (12, 1, 2, 3, 4) WHEN 'camp' THEN extract(month FROM d) NOT IN (7, 8) ELSE to_char(d, 'MMDD') NOT IN ('1224', '1225', '1226') END;
SET client_min_messages = notice;
SELECT kind, count(*) FILTER (WHERE forecast_status LIKE 'no row of the history%') AS closed, min(forecast_timestamp::date) FILTER (WHERE forecast_status LIKE 'no row of the history%') AS from_day
FROM (SELECT kind, rnn_panel(d, v) AS p, rnn_train(rnn_panel(d, v), 'ridge', '{"horizon": 7}') AS m FROM habit_season WHERE kind = 'ski' GROUP BY kind) q, rnn_forecast(m, p, horizon => 365) GROUP BY 1;
SET client_min_messages = warning;
SELECT kind, count(*) FILTER (WHERE forecast_status LIKE 'no row of the history%') AS closed, min(forecast_timestamp::date) FILTER (WHERE forecast_status LIKE 'no row of the history%') AS from_day
FROM (SELECT kind, rnn_panel(d, v) AS p, rnn_train(rnn_panel(d, v), 'ridge', '{"horizon": 7}') AS m FROM habit_season WHERE kind <> 'ski' GROUP BY kind) q, rnn_forecast(m, p, horizon => 365) GROUP BY 1 ORDER BY 1;
