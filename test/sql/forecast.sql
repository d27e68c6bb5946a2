-- rnn_forecast: bad input, stamps on all axes, behaviours that anyone would expect, fresh panels
SET client_min_messages = warning;
CREATE TABLE forecast_t(id text, ts date, v float8);
INSERT INTO forecast_t
SELECT 's' || s, date '2020-01-01' + i, 10 * s + 2 * sin(2 * pi() * i / 7) + (hashint4(s * 1000 + i) % 1000) / 1000.0
FROM generate_series(1, 3) s, generate_series(0, 139) i;
CREATE TABLE forecast_m AS
SELECT rnn_train(rnn_panel(id, ts, v), options => '{"horizon":7,"ensemble":1,"epochs":10}') AS m FROM forecast_t;
CREATE VIEW forecast_p AS SELECT rnn_panel(id, ts, v) AS p FROM forecast_t;

SELECT * FROM rnn_forecast((SELECT m FROM forecast_m), horizon => 0);
SELECT * FROM rnn_forecast((SELECT m FROM forecast_m), horizon => 2000000000);
SELECT * FROM rnn_forecast((SELECT m FROM forecast_m), confidence_level => 1);
SELECT * FROM rnn_forecast((SELECT m FROM forecast_m), confidence_levels => '{}');
SELECT * FROM rnn_forecast((SELECT m FROM forecast_m), confidence_levels => '{0.5,NULL}');
SELECT * FROM rnn_forecast((SELECT m FROM forecast_m), options => '{"on_gaps":"zero"}');
SELECT * FROM rnn_forecast((SELECT substring(m FOR 5000) FROM forecast_m));
SELECT * FROM rnn_forecast(rnn_init(rnn_sequential(rnn_lstm(2), rnn_dense(1)), '{3,1}'));
SELECT * FROM rnn_forecast((SELECT m FROM forecast_m), (SELECT rnn_panel(id, ts, v, ARRAY[1.0]) FROM forecast_t));
SELECT * FROM rnn_forecast((SELECT m FROM forecast_m), (SELECT rnn_panel(id, ts::timestamp, v) FROM forecast_t));
SELECT * FROM rnn_forecast_index((SELECT m FROM forecast_m));
SELECT count(*) FROM rnn_forecast(NULL::bytea);

-- the model's own history and the same rows given anew say the same
SELECT count(*) AS rows, bool_and(a.forecast_value = b.forecast_value) AS equal,
       bool_and(a.prediction_interval_lower_bound < a.forecast_value AND a.forecast_value < a.prediction_interval_upper_bound) AS inside,
       bool_and(a.standard_error > 0) AS error, bool_and(a.forecast_status IS NULL) AS fine
FROM rnn_forecast((SELECT m FROM forecast_m)) a
JOIN rnn_forecast((SELECT m FROM forecast_m), (SELECT p FROM forecast_p)) b USING (series_id, step, forecast_timestamp);
-- any horizon; levels nest; the first steps do not depend on the horizon
SELECT count(*) AS rows, max(step) AS steps, count(DISTINCT confidence_level) AS levels
FROM rnn_forecast((SELECT m FROM forecast_m), horizon => 50, confidence_levels => '{0.5,0.8,0.95}');
SELECT bool_and(a.forecast_value = b.forecast_value) AS same_start
FROM rnn_forecast((SELECT m FROM forecast_m)) a JOIN rnn_forecast((SELECT m FROM forecast_m), horizon => 50) b USING (series_id, step);
SELECT bool_and(narrow.prediction_interval_upper_bound <= wide.prediction_interval_upper_bound) AS nested
FROM rnn_forecast((SELECT m FROM forecast_m), confidence_level => 0.5) narrow
JOIN rnn_forecast((SELECT m FROM forecast_m), confidence_level => 0.9) wide USING (series_id, step);
-- a part of the history: it starts later, phases continue
SELECT bool_and(abs(a.forecast_value - b.forecast_value) < 1) AS near, bool_and(a.forecast_timestamp = b.forecast_timestamp) AS same_stamps
FROM rnn_forecast((SELECT m FROM forecast_m)) a
JOIN rnn_forecast((SELECT m FROM forecast_m), (SELECT rnn_panel(id, ts, v) FROM forecast_t WHERE ts > '2020-03-03')) b USING (series_id, step);
-- a series never seen, one without values, one with one row, one that comes twice: each has its status
SELECT series_id, count(*) AS rows, bool_and(forecast_value IS NOT NULL) AS forecast, min(forecast_status) AS status
FROM rnn_forecast((SELECT m FROM forecast_m),
	(SELECT rnn_panel(id, ts, v) FROM
		(SELECT 'new' AS id, ts, v + 100 AS v FROM forecast_t WHERE id = 's1'
		 UNION ALL SELECT 's2', ts, v FROM forecast_t WHERE id = 's2'
		 UNION ALL SELECT 'null', ts, NULL FROM forecast_t WHERE id = 's2'
		 UNION ALL SELECT 'one', ts, v FROM forecast_t WHERE id = 's2' AND ts = '2020-01-05'
		 UNION ALL SELECT 'twice', ts, v FROM forecast_t WHERE id <> 's2') s))
GROUP BY series_id ORDER BY series_id;
-- rows without a value after the last known one are the rows to forecast
SELECT series_id, count(*) AS rows, max(forecast_timestamp) AS last
FROM rnn_forecast((SELECT m FROM forecast_m),
	(SELECT rnn_panel(id, ts, CASE WHEN ts < '2020-05-01' THEN v END) FROM forecast_t)) GROUP BY 1 ORDER BY 1;
SELECT * FROM rnn_forecast((SELECT rnn_train(p, options => '{"horizon":7,"epochs":1,"keep_history":false}') FROM forecast_p));

-- a constant is continued with no error, a trend goes on, counts stay positive, sizes do not matter
CREATE TABLE shape_t AS
SELECT i, 7.5::float8 AS constant, i::float8 AS trend, 1e9 * (10 + sin(2 * pi() * i / 12) + (hashint4(i) % 1000) / 5000.0) AS large,
       greatest(0, (hashint4(i) % 1000) / 500.0 - 1)::float8 AS counts
FROM generate_series(1, 120) i;
SELECT count(*) AS steps, bool_and(forecast_value = 7.5 AND prediction_interval_lower_bound = 7.5 AND prediction_interval_upper_bound = 7.5) AS constant
FROM rnn_forecast_index((SELECT rnn_train(rnn_panel(i, constant), options => '{"horizon":6}') FROM shape_t));
SELECT bool_and(abs(forecast_value - (120 + step)) < 0.05) AS trend, min(forecast_index) AS first
FROM rnn_forecast_index((SELECT rnn_train(rnn_panel(i, trend), options => '{"horizon":6}') FROM shape_t));
SELECT bool_and(forecast_value >= 0) AS counts
FROM rnn_forecast_index((SELECT rnn_train(rnn_panel(i, counts), options => '{"horizon":6}') FROM shape_t));
SELECT bool_and(abs(a.forecast_value / b.forecast_value - 1e9) < 1e5) AS large
FROM rnn_forecast_index((SELECT rnn_train(rnn_panel(i, large), options => '{"horizon":6,"epochs":20}') FROM shape_t)) a
JOIN rnn_forecast_index((SELECT rnn_train(rnn_panel(i, large / 1e9), options => '{"horizon":6,"epochs":20}') FROM shape_t)) b USING (step);
-- a random walk is forecast about its last value
SELECT bool_and(abs(forecast_value - last) < 6 * sd) AS walk
FROM (SELECT rnn_train(rnn_panel(i, w), 'ridge', '{"horizon":3}') m, max(w) FILTER (WHERE i = 400) AS last, stddev(d) AS sd
	FROM (SELECT i, d, sum(d) OVER (ORDER BY i) AS w FROM (SELECT i, (hashint4(i) % 1000) / 1000.0 AS d FROM generate_series(1, 400) i) a) b) s,
	rnn_forecast_index(m) f;

-- stamps equal the server's own interval arithmetic from the anchor, on all kinds of axes
SET timezone = 'Europe/Berlin';
CREATE TABLE axis_t(name text, anchor timestamptz, step interval);
INSERT INTO axis_t VALUES
	('hour', '2024-10-25 05:00', '1 hour'), ('day', '2024-10-01 00:00', '1 day'), ('week', '2023-01-02 00:00', '1 week'),
	('month', '2020-01-31 00:00', '1 month'), ('quarter', '2010-01-01 00:00', '3 months'), ('year', '1984-02-29 00:00', '1 year');
CREATE FUNCTION axis_check(kind text) RETURNS TABLE(name text, steps bigint, ok boolean) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format($q$
	SELECT a.name, count(*), bool_and(f.forecast_timestamp = (a.anchor::%1$s + (39 + f.step) * a.step)::%1$s::timestamptz)
	FROM axis_t a,
		LATERAL (SELECT rnn_train(rnn_panel((a.anchor::%1$s + i * a.step)::%1$s, 10 + (hashint4(i) %% 100) / 50.0), 'ridge', '{"horizon":5}') m
			FROM generate_series(0, 39) i) t, rnn_forecast(t.m, horizon => 30) f
	WHERE %2$s GROUP BY a.name ORDER BY a.name$q$, kind, CASE kind WHEN 'date' THEN 'a.name <> ''hour''' ELSE 'true' END);
END $$;
SELECT 'timestamptz' AS kind, * FROM axis_check('timestamptz') UNION ALL SELECT 'timestamp', * FROM axis_check('timestamp')
UNION ALL SELECT 'date', * FROM axis_check('date');
SELECT pg_typeof(forecast_timestamp), forecast_timestamp
FROM rnn_forecast_local((SELECT rnn_train(rnn_panel(timestamptz '2024-10-20' + i * interval '1 day', i::float8), 'ridge', '{"horizon":2}') FROM generate_series(0, 9) i));
SELECT forecast_index FROM rnn_forecast_index((SELECT rnn_train(rnn_panel(i * 10, i::float8), 'ridge', '{"horizon":3}') FROM generate_series(0, 19) i));
RESET timezone;

-- known-future covariates: a spike that only the covariate tells of
CREATE TABLE cov_t AS
SELECT date '2021-01-01' + i AS ts, 10 + 5 * (hashint4(i) % 3 = 0)::int + (hashint4(i + 7) % 100) / 500.0 AS v, ARRAY[(hashint4(i) % 3 = 0)::int::float8] AS c
FROM generate_series(0, 299) i;
SELECT bool_and(abs(f.forecast_value - t.v) < 1) AS follows_covariate, min(f.forecast_status) AS status, count(*) AS rows
FROM rnn_forecast((SELECT rnn_train(rnn_panel(ts, CASE WHEN ts < '2021-10-20' THEN v END, c), options => '{"horizon":8,"seasonality":"none","level":"none","scaler":"standard"}') FROM cov_t)) f
JOIN cov_t t ON t.ts = f.forecast_timestamp;
SELECT min(f.forecast_status) AS status
FROM rnn_forecast((SELECT rnn_train(rnn_panel(ts, v, c), options => '{"horizon":7,"epochs":1,"seasonality":"none"}') FROM cov_t)) f;
-- past-only covariates: nothing of the future is asked for; they lead the series by a day
SELECT bool_and(abs(f.forecast_value - t.v) < 0.8) AS follows_past, min(f.forecast_status) AS status
FROM rnn_forecast((SELECT rnn_train(rnn_panel(ts, v, ARRAY[lead]), 'ridge', '{"horizon":1,"seasonality":"none","level":"none","scaler":"standard","covariates":"past"}')
	FROM (SELECT ts, v, lead(c[1]) OVER (ORDER BY ts) AS lead FROM cov_t) q WHERE ts < '2021-10-20')) f
JOIN cov_t t ON t.ts = f.forecast_timestamp;
-- a series skipped in training has its status; the horizon's limit is named
SELECT series_id, count(*) AS rows, min(forecast_status) AS status
FROM rnn_forecast((SELECT rnn_train(rnn_panel(id, ts, v), 'ridge', '{"horizon":2,"on_error":"skip"}')
	FROM (SELECT id, ts, v FROM forecast_t UNION ALL SELECT 'twice', ts, v FROM forecast_t) s)) GROUP BY 1 ORDER BY 1;
SELECT * FROM rnn_forecast((SELECT m FROM forecast_m), horizon => 600000);
-- a panel that a query computes from no rows is told, once; one that is left out, null or a parameter is not
SET client_min_messages = notice;
SELECT count(*) FROM forecast_m, rnn_forecast(m, (SELECT rnn_panel(id, ts, v) FROM forecast_t WHERE false)) f;
SELECT count(*) FROM generate_series(1, 3), (SELECT m, (SELECT rnn_panel(id, ts, v) FROM forecast_t WHERE v < 0) AS p FROM forecast_m) q, LATERAL rnn_sample(m, p, n => 1) f;
SELECT count(*) FROM forecast_m, rnn_forecast(m) f;
SELECT count(*) FROM forecast_m, rnn_forecast(m, NULL::rnn_panel, 2) f;
PREPARE forecast_null(rnn_panel) AS SELECT count(*) FROM forecast_m, rnn_forecast(m, $1, 2) f;
EXECUTE forecast_null(NULL);
SET client_min_messages = warning;
DROP TABLE forecast_m, shape_t, axis_t, cov_t;
DROP VIEW forecast_p;
DROP TABLE forecast_t;
DROP FUNCTION axis_check;

-- the status is per row: 14 rows to forecast have their covariate, 6 have none
SELECT count(*) FILTER (WHERE forecast_status IS NULL AND step <= 14) AS clean_of_14, count(*) FILTER (WHERE forecast_status IS NOT NULL AND step > 14) AS told_of_6
FROM rnn_forecast(rnn_train((SELECT rnn_panel(date '2023-01-01' + k, CASE WHEN k < 200 THEN 50 + 20 * (k % 10 = 0)::int + (k * 7919 % 100) / 50.0 END, ARRAY[(k % 10 = 0)::int]::float8[])
                             FROM generate_series(0, 213) k), 'ridge'), horizon => 20);

-- limits: bad input; forecasts, intervals, fitted values and steps stay inside; they may be given later; no limit changes nothing
SELECT rnn_train(rnn_panel(k, k), 'ridge', '{"lower_limit": 2, "upper_limit": 2}') FROM generate_series(1, 50::bigint) k;
SELECT rnn_train(rnn_panel(k, k), 'ridge', '{"lower_limit": "low"}') FROM generate_series(1, 50::bigint) k;
CREATE TABLE forecast_limit AS
SELECT s, rnn_train(rnn_panel(k, 5 * sin(k * 6.283 / 7) + (hashint4(s * 1000 + k::int) % 1000) / 200.0 + s * k / 50.0), 'ridge', '{"horizon": 7, "lower_limit": -3, "upper_limit": 4}') AS m
FROM generate_series(-10, 10) s, generate_series(1, 60::bigint) k GROUP BY s;
SELECT count(*) FROM forecast_limit, rnn_forecast_index(m, horizon => 30, confidence_levels => '{0.5, 0.999}') f
WHERE NOT (f.forecast_value BETWEEN -3 AND 4 AND f.prediction_interval_lower_bound BETWEEN -3 AND 4 AND f.prediction_interval_upper_bound BETWEEN -3 AND 4);
SELECT bool_or(a.forecast_value > 4) AS beyond, bool_and(b.forecast_value = least(greatest(a.forecast_value, -3), 4)) AS limited
FROM forecast_limit, rnn_forecast_index(m, options => '{"lower_limit": null, "upper_limit": null}') a JOIN LATERAL rnn_forecast_index(m) b USING (step);
SELECT count(*) FROM forecast_limit, rnn_backtest(m, (SELECT rnn_panel(k, 100 - k) FROM generate_series(1, 60::bigint) k), hold_out => 20) b
WHERE NOT (forecast_value BETWEEN -3 AND 4 AND prediction_interval_lower_bound BETWEEN -3 AND 4 AND prediction_interval_upper_bound BETWEEN -3 AND 4);
SELECT count(*) FROM forecast_limit, rnn_state(m) s, rnn_step(m, s.state, 61::bigint, 100) r
WHERE NOT (r.forecast_value BETWEEN -3 AND 4 AND expected_lower_bound BETWEEN -3 AND 4 AND r.prediction_interval_upper_bound BETWEEN -3 AND 4);
SELECT item, value FROM forecast_limit, rnn_model_card(m) WHERE s = 1 AND item LIKE '% value';
SELECT * FROM forecast_limit, rnn_forecast(m) WHERE s = 1;
DROP TABLE forecast_limit;

-- a market from 9:30 to 16:00 on weekdays, and night shifts: steps at which no row ever
-- was say so, the others do not; rows that are missing by chance close nothing
CREATE TEMP TABLE open_hours AS
	SELECT 'market' AS kind, t FROM generate_series(timestamp '2024-01-01', '2024-02-08 12:00', '30 minutes') t WHERE extract(isodow FROM t) < 6 AND t::time >= '09:30' AND t::time < '16:00' AND t::date <> '2024-01-15'
	UNION ALL SELECT 'shifts', t FROM generate_series(timestamp '2024-01-01', '2024-02-08 03:00', '1 hour') t WHERE t::time >= '22:00' OR t::time < '06:00'
	UNION ALL SELECT 'by chance', t FROM generate_series(timestamp '2024-01-01', '2024-02-08 03:00', '1 hour') t WHERE hashint4(extract(epoch FROM t)::int) % 3 = 0;
SELECT kind, count(*) AS steps, count(forecast_status) AS closed, count(*) FILTER (WHERE (forecast_status IS NULL) <> CASE kind WHEN 'market' THEN
		extract(isodow FROM ts) < 6 AND ts::time >= '09:30' AND ts::time < '16:00' WHEN 'shifts' THEN ts::time >= '22:00' OR ts::time < '06:00' ELSE true END) AS wrong, min(forecast_status) AS status
FROM (SELECT kind, rnn_train(rnn_panel(t, 100 + 5 * extract(hour FROM t) + (hashint4(extract(epoch FROM t)::int) & 7)), 'ridge', '{"horizon":24}') AS m, rnn_panel(t, 100) AS p FROM open_hours GROUP BY kind) q,
	rnn_forecast(m, p, horizon => 400), LATERAL (SELECT forecast_timestamp AT TIME ZONE current_setting('timezone') AS ts) l GROUP BY kind ORDER BY kind;
