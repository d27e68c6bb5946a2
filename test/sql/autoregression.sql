-- the autoregression of each series: bad input, what they are for, what they must not do
SET client_min_messages = warning;
CREATE FUNCTION pg_temp.uniform(series bigint, k bigint) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT (hashint8extended(series * 1000003 + k, 5) & 4503599627370495) / 4503599627370496.0::float8 $$;
-- each series has a rhythm of its own, which no regression of all series together can know
CREATE TABLE ar_t AS SELECT s, date '2022-01-01' + k AS ts, k, 50 + 10 * sin(k * (0.5 + 0.11 * s)) + 4 * cos(k * (2.9 - 0.07 * s)) + pg_temp.uniform(s, k) AS v
FROM generate_series(1, 12) s, generate_series(0, 399) k;
CREATE FUNCTION pg_temp.weights(bytea) RETURNS jsonb LANGUAGE sql AS $$ SELECT rnn_model_info($1)->'weights' $$;
\set rows '(SELECT rnn_panel(s, ts, v) FROM ar_t WHERE k < 386)'
-- ---- bad input ----
SELECT rnn_train(:rows, options => '{"horizon": 14, "autoregression": -1}');
SELECT rnn_train(:rows, options => '{"horizon": 14, "autoregression": 337}');
SELECT rnn_train(:rows, options => '{"horizon": 14, "autoregression": "weekly"}');
SET client_min_messages = notice;
SELECT pg_temp.weights(rnn_train(:rows, 'ridge', '{"horizon": 14, "autoregression": 20}'))->'autoregression' AS ridge;
SELECT pg_temp.weights(rnn_train((SELECT rnn_panel(s, ts, v) FROM ar_t WHERE s < 3 AND k > 350), options => '{"horizon": 3, "autoregression": 8, "mix": 0, "ensemble": 1, "epochs": 1}'))->'autoregression' AS mix_given;
SET client_min_messages = warning;
-- more lags than half of the rows, one lag
SELECT pg_temp.weights(rnn_train((SELECT rnn_panel(s, ts, v) FROM ar_t WHERE k BETWEEN 300 AND 385), options => '{"horizon": 14, "ensemble": 1, "epochs": 1, "autoregression": 100}'))->'autoregression' AS too_many;
SELECT count(forecast_value) FROM rnn_forecast(rnn_train(:rows, options => '{"horizon": 14, "ensemble": 1, "epochs": 1, "autoregression": 1}'));
-- ---- its share, and its gain ----
CREATE TABLE ar_m AS SELECT o, rnn_train(:rows, options => '{"horizon": 14, "ensemble": 1, "epochs": 2}'::jsonb || o) AS m FROM unnest('{"{}","{\"autoregression\": 0}","{\"keep_series\": false}"}'::jsonb[]) o;
SELECT o, (pg_temp.weights(m)->>'autoregression')::float8 > 0.5 AS has_most, (SELECT round(sum(value::float8)::numeric, 9) FROM jsonb_each_text(pg_temp.weights(m))) AS sum_of_weights,
	rnn_model_info(m)->>'choice' ~ 'autoregression of each series' AS told FROM ar_m ORDER BY o::text;
CREATE TABLE ar_f AS SELECT o, f.series_id, f.step, f.forecast_value AS value, t.v, prediction_interval_lower_bound AS low, prediction_interval_upper_bound AS high
FROM ar_m, rnn_forecast(m, :rows, 14) f JOIN ar_t t ON t.s::text = f.series_id AND t.ts = f.forecast_timestamp::date;
SELECT w.error < 0.5 * n.error AS halves_the_error, w.error < 1.5 AS near FROM (SELECT avg(abs(value - v)) AS error FROM ar_f WHERE o = '{}') w, (SELECT avg(abs(value - v)) AS error FROM ar_f WHERE o = '{"autoregression": 0}') n;
-- ---- the model's own rows, as fresh ones, row by row, from a dump: one forecast ----
SELECT max(abs(a.forecast_value - b.value)) < 1e-9 AS same FROM ar_m, rnn_forecast(m, 14) a JOIN ar_f b USING (series_id, step) WHERE ar_m.o = '{}' AND b.o = '{}';
SELECT max(abs(a.forecast_value - b.forecast_value)) = 0 AS same FROM ar_m, rnn_forecast(m, 14) a JOIN LATERAL rnn_forecast(decode(encode(m, 'hex'), 'hex'), 14) b USING (series_id, step) WHERE o = '{}';
CREATE FUNCTION pg_temp.row_by_row(model bytea, until int) RETURNS TABLE(step int, value float8) LANGUAGE plpgsql AS $$
DECLARE current bytea; r record; x record;
BEGIN
	SELECT s.state INTO current FROM rnn_state(model) s WHERE s.series_id = '3';
	FOR r IN SELECT * FROM ar_t WHERE s = 3 AND k BETWEEN 386 AND until ORDER BY k LOOP
		SELECT * INTO x FROM rnn_step(model, current, r.ts, r.v);
		current := x.new_state;
	END LOOP;
	RETURN QUERY SELECT q.n::int, q.f FROM unnest(x.forecast_values) WITH ORDINALITY q(f, n);
END $$;
SELECT max(abs(a.value - b.forecast_value)) < 1e-6 AS row_by_row, count(*) AS steps
FROM ar_m, pg_temp.row_by_row(m, 396) a JOIN LATERAL rnn_forecast(m, (SELECT rnn_panel(s, ts, v) FROM ar_t WHERE s = 3 AND k <= 396), 14) b USING (step) WHERE o = '{}';
-- ---- parts add up; a series that was not trained on, one with few rows ----
SELECT max(abs(total - forecast_value)) < 1e-6 AS adds_up FROM ar_m, LATERAL (SELECT series_id, step, sum(value) AS total, min(forecast_value) AS forecast_value FROM rnn_explain(m) GROUP BY 1, 2) e WHERE o = '{}';
SELECT count(forecast_value) AS values, bool_and(abs(forecast_value - 50) < 30) AS sane FROM ar_m, rnn_forecast(m, (SELECT rnn_panel('new', ts, v) FROM ar_t WHERE s = 5), 14) WHERE o = '{}';
SELECT count(forecast_value) AS values FROM ar_m, rnn_forecast(m, (SELECT rnn_panel(s, ts, v) FROM ar_t WHERE s = 5 AND k > 390), 14) WHERE o = '{}';
-- ---- trained further: the shares stay, the weights follow the rows ----
SELECT pg_temp.weights(rnn_train(:rows, m, '{"epochs": 1}'))->'autoregression' AS alone FROM ar_m WHERE o = '{}';
DROP TABLE ar_t, ar_m, ar_f;
