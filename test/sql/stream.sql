-- row by row: states and forecasts equal those from the whole history
SET client_min_messages = warning;
CREATE TABLE stream_t(id text, ts date, v float8, c float8);
INSERT INTO stream_t
SELECT 's' || s, date '2020-01-01' + i, 10 * s + 2 * sin(2 * pi() * i / 7) + (hashint4(s * 1000 + i) % 1000) / 1000.0, (hashint4(i) % 3 = 0)::int
FROM generate_series(1, 2) s, generate_series(0, 199) i;
CREATE TABLE stream_m AS
SELECT name, rnn_train(rnn_panel(id, ts, v), network::jsonb, options::jsonb) AS m
FROM stream_t, (VALUES
	('default', NULL, '{"horizon":3,"ensemble":2,"epochs":20,"mix":0.7}'),
	('window', NULL, '{"horizon":3,"ensemble":1,"epochs":2,"mode":"window","time_steps":14,"mix":0.5}'),
	('ridge', '"ridge"', '{"horizon":3}'),
	('gru', '[{"layer":"gru","units":8,"return_sequences":true},{"layer":"layer_norm"},{"layer":"gru","units":5,"return_sequences":true},{"layer":"dense","units":3}]',
		'{"horizon":3,"mode":"sequence","epochs":20,"mix":1}'),
	('dilated', '[{"layer":"lstm","units":6,"return_sequences":true,"dilation":7},{"layer":"simple","units":4,"return_sequences":true},{"layer":"dense","units":3}]',
		'{"horizon":3,"mode":"sequence","epochs":20,"mix":1}'),
	('recursive', '[{"layer":"lstm","units":6},{"layer":"dense","units":1}]', '{"horizon":3,"time_steps":10,"epochs":5,"mix":1}')) n(name, network, options)
WHERE ts < '2020-05-01' GROUP BY name, network, options;
CREATE TABLE stream_s AS SELECT name, s.* FROM stream_m, rnn_state(m) s;

SELECT rnn_step(m, '\x00', '2020-05-01'::date, 1) FROM stream_m WHERE name = 'ridge';
SELECT rnn_step(m, m, '2020-05-01'::date, 1) FROM stream_m WHERE name = 'ridge';
SELECT rnn_step(m.m, s.state, '2020-05-01'::date, 1) FROM stream_m m, stream_s s WHERE m.name = 'ridge' AND s.name = 'window' AND series_id = 's1';
SELECT rnn_step(m, state, '2020-04-30'::date, 1) FROM stream_m JOIN stream_s USING (name) WHERE name = 'ridge' AND series_id = 's1';
SELECT rnn_step(m, state, '2150-04-30'::date, 1) FROM stream_m JOIN stream_s USING (name) WHERE name = 'ridge' AND series_id = 's1';
SELECT rnn_step(m, state, '2020-05-01'::timestamp, 1) FROM stream_m JOIN stream_s USING (name) WHERE name = 'ridge' AND series_id = 's1';
-- what a row did not say is said of it: rows that did not come, and a value that is missing
SELECT s.series_id, r.day, x.step_status FROM stream_m m JOIN stream_s s USING (name), (VALUES (date '2020-05-01', 1), ('2020-05-02', 1), ('2020-06-01', 1), ('2020-05-01', NULL)) r(day, v),
	rnn_step(m.m, s.state, r.day, r.v) x WHERE name = 'ridge' AND series_id = 's1' ORDER BY r.day, r.v;
SELECT rnn_step(m, state, '2020-05-01'::date, 'NaN') FROM stream_m JOIN stream_s USING (name) WHERE name = 'ridge' AND series_id = 's1';
SELECT rnn_step(m, state, '2020-05-01'::date, 1, '{1}') FROM stream_m JOIN stream_s USING (name) WHERE name = 'ridge' AND series_id = 's1';
SELECT rnn_step(m, substring(state FOR 500), '2020-05-01'::date, 1) FROM stream_m JOIN stream_s USING (name) WHERE name = 'ridge' AND series_id = 's1';
SELECT rnn_state(rnn_train(rnn_panel(id, ts, v), rnn_sequential(rnn_bidirectional(rnn_lstm(2, return_sequences => true)), rnn_dense(3)), '{"horizon":3,"mode":"sequence","epochs":1,"mix":1}')) FROM stream_t;
SELECT rnn_train(rnn_panel(id, ts, v), '[{"layer":"lstm","units":2},{"layer":"dense","units":3}]', '{"horizon":3,"mode":"sequence"}') FROM stream_t;
SELECT rnn_train(rnn_panel(id, ts, -v), options => '{"horizon":3,"transform":"log"}') FROM stream_t;
SELECT rnn_train(rnn_panel(id, ts, -v), options => '{"horizon":3,"loss":"negative_binomial"}') FROM stream_t;

-- eighty rows, one after the other
CREATE FUNCTION stream_run(rows int) RETURNS TABLE(name text, series_id text, ts date, forecast float8[], lower float8) LANGUAGE plpgsql AS $$
DECLARE s record; r record; x record; current bytea;
BEGIN
	FOR s IN SELECT a.name, a.series_id, a.state, m.m FROM stream_s a JOIN stream_m m USING (name) LOOP
		current := s.state;
		FOR r IN SELECT t.ts, t.v FROM stream_t t WHERE t.id = s.series_id AND t.ts >= '2020-05-01' ORDER BY t.ts LIMIT rows LOOP
			x := rnn_step(s.m, current, r.ts, r.v);
			current := x.new_state;
			name := s.name; series_id := s.series_id; ts := r.ts; forecast := x.forecast_values; lower := x.prediction_interval_lower_bound;
			RETURN NEXT;
		END LOOP;
	END LOOP;
END $$;
CREATE TABLE stream_r AS SELECT * FROM stream_run(79);
SELECT r.name, count(*) AS forecasts, max(abs(r.forecast[b.step] - b.forecast_value)) < 1e-5 * 30 AS equal,
       max(abs(r.lower - b.prediction_interval_lower_bound)) FILTER (WHERE b.step = 1) < 1e-5 * 30 AS equal_bound
FROM stream_m m, LATERAL rnn_backtest(m.m, (SELECT rnn_panel(id, t.ts, v) FROM stream_t t), stride => 1, options => '{"recalibrate": false}') b
JOIN stream_r r ON r.series_id = b.series_id AND r.ts = b.cutoff WHERE r.name = m.name GROUP BY 1 ORDER BY 1;

-- shares of naive forecasts, errors that differ by hour, recent volatility, mostly zeros: the bounds of the next row are those of one step of a forecast
CREATE TABLE stream_w AS SELECT kind, k, timestamp '2024-01-01' + k * interval '1 hour' AS ts, CASE kind WHEN 'walk' THEN 1000 + sum(e) OVER w WHEN 'phases' THEN 100 + 10 * sin(k * pi() / 12) + e * (1 + k % 24 / 6)
	WHEN 'volatile' THEN 100 + e * exp(3 * sin(k / 40.0)) ELSE CASE WHEN k * 7919 % 11 = 0 THEN 5 + e ELSE 0 END END AS v
FROM (SELECT kind, k, (hashint4extended(k, 7) & 1023) / 512.0 - 1 AS e FROM unnest('{walk,phases,volatile,zeros}'::text[]) kind, generate_series(0, 499) k) n WINDOW w AS (PARTITION BY kind ORDER BY k);
CREATE TABLE stream_wm AS SELECT kind, rnn_train(rnn_panel(ts, v), options => '{"horizon":1,"ensemble":1,"epochs":2}') AS m FROM stream_w WHERE k < 400 GROUP BY kind;
CREATE FUNCTION stream_bounds(kind text) RETURNS TABLE(ts timestamp, value float8, lower float8, upper float8) LANGUAGE plpgsql AS $$
DECLARE r record; x record; current bytea; model bytea;
BEGIN
	SELECT m, s.state INTO model, current FROM stream_wm w, rnn_state(w.m) s WHERE w.kind = stream_bounds.kind;
	FOR r IN SELECT w.ts, w.v FROM stream_w w WHERE w.kind = stream_bounds.kind AND w.k >= 400 ORDER BY w.ts LOOP
		x := rnn_step(model, current, r.ts, r.v);
		current := x.new_state;
		ts := r.ts; value := x.forecast_value; lower := x.prediction_interval_lower_bound; upper := x.prediction_interval_upper_bound;
		RETURN NEXT;
	END LOOP;
END $$;
SELECT kind, count(*) AS rows, max(abs(value - forecast_value)) < 1e-4 AS values, max(abs(lower - prediction_interval_lower_bound)) < 1e-4 AND max(abs(upper - prediction_interval_upper_bound)) < 1e-4 AS bounds
FROM stream_wm w, LATERAL stream_bounds(w.kind) b JOIN LATERAL rnn_backtest(w.m, (SELECT rnn_panel(s.ts, v) FROM stream_w s WHERE s.kind = w.kind), 1, 100, 1, 0.95, '{"recalibrate": false}') t ON t.cutoff::timestamp = b.ts GROUP BY kind ORDER BY kind;

-- the verdict on a row is that of the forecast before it; a gap is stepped over; a missing value is taken as expected
SELECT (x).is_anomaly, (x).forecast_timestamp FROM (SELECT rnn_step(m, state, '2020-05-01'::date, 500) x FROM stream_m JOIN stream_s USING (name) WHERE name = 'default' AND series_id = 's1') s;
SELECT (x).is_anomaly, (x).forecast_timestamp FROM (SELECT rnn_step(m, state, '2020-05-10'::date, NULL) x FROM stream_m JOIN stream_s USING (name) WHERE name = 'default' AND series_id = 's1') s;
-- series never seen, from a fresh panel; calendar and covariates
SELECT s.series_id, (x).expected_value IS NOT NULL AS expected, (x).forecast_timestamp
FROM (SELECT m, rnn_step(m, st.state, '2020-07-19'::date, 30) x, st.series_id
	FROM stream_m, rnn_state(m, (SELECT rnn_panel('new' || id, ts, v + 5) FROM stream_t)) st WHERE name = 'default') s ORDER BY 1;
SELECT abs((x).forecast_value - f.forecast_value) < 1e-4 AS equal
FROM (SELECT m, rnn_step(m, st.state, '2020-07-18'::date, 20.5, ARRAY[1.0], ARRAY[0.0, 1.0, 1.0]) x
	FROM (SELECT rnn_train(rnn_panel(ts, v, ARRAY[c]), options => '{"horizon":3,"epochs":10,"ensemble":1,"calendar":true,"mix":0.5}') m
		FROM (SELECT ts, v, c FROM stream_t WHERE id = 's2' AND ts < '2020-07-18' UNION ALL SELECT '2020-07-18', NULL, 1
			UNION ALL SELECT '2020-07-19', NULL, 0 UNION ALL SELECT '2020-07-20', NULL, 1) q) t, rnn_state(m) st) s,
	LATERAL rnn_forecast(m, (SELECT rnn_panel(ts, v, c) FROM (SELECT ts, v, ARRAY[c] c FROM stream_t WHERE id = 's2' AND ts < '2020-07-18' UNION ALL SELECT '2020-07-18', 20.5, ARRAY[1.0]
		UNION ALL SELECT '2020-07-19', NULL, ARRAY[0.0] UNION ALL SELECT '2020-07-20', NULL, ARRAY[1.0] UNION ALL SELECT '2020-07-21', NULL, ARRAY[1.0]) p)) f WHERE f.step = 1;
-- a series shorter than the window, before the model's first row: a long gap equals missing rows one by one
CREATE TABLE stream_g AS SELECT rnn_train(rnn_panel(d, 10 + 3 * sin(d * 0.9)), '[{"layer":"gru","units":4,"return_sequences":true},{"layer":"dense","units":2}]'::jsonb,
	'{"horizon":2,"time_steps":40,"epochs":3,"mode":"sequence"}') m FROM generate_series(1001::bigint, 1200) d;
CREATE FUNCTION stream_gap(series text, last bigint, by bigint) RETURNS TABLE(index bigint, expected numeric, forecast numeric) LANGUAGE plpgsql AS $$
DECLARE s bytea; x record; i bigint;
BEGIN
	SELECT state INTO s FROM stream_g, rnn_state(m, (SELECT rnn_panel(series, d, 10 + sin(d)) FROM generate_series(1::bigint, 5) d));
	FOR i IN SELECT generate_series(6 + by - 1, last, by) LOOP
		x := rnn_step(m, s, i, CASE WHEN i = last THEN 11 END) FROM stream_g;
		s := x.new_state;
	END LOOP;
	RETURN QUERY SELECT x.forecast_index, round(x.expected_value::numeric, 6), round(x.forecast_value::numeric, 6);
END $$;
SELECT (a).index, a = b AS equal FROM (SELECT stream_gap('new', 65, 60) a, stream_gap('new', 65, 1) b) s;
SELECT (a).index, a = b AS equal FROM (SELECT stream_gap('', 65, 60) a, stream_gap('', 65, 1) b) s;
SELECT rnn_step(m, state, 9223372036854775807, 1) FROM stream_g, rnn_state(m);
SELECT rnn_step(m, state, 'infinity'::date, 1) FROM stream_m JOIN stream_s USING (name) WHERE name = 'ridge' AND series_id = 's1';
DROP TABLE stream_g;
DROP FUNCTION stream_gap;
DROP TABLE stream_t, stream_m, stream_s, stream_r;
DROP FUNCTION stream_run;

-- a thousand inserts through a trigger: states and forecasts equal those from the whole history
CREATE TABLE reading(device text, ts date, value float8, PRIMARY KEY (device, ts));
INSERT INTO reading SELECT 'd1', date '2020-01-01' + i, 20 + 3 * sin(2 * pi() * i / 7) + (hashint4(i) % 1000) / 700.0 FROM generate_series(0, 299) i;
CREATE TABLE device_model AS SELECT rnn_train(rnn_panel(device, ts, value),
	'[{"layer":"lstm","units":32,"return_sequences":true},{"layer":"dense","units":2}]', '{"horizon":2,"time_steps":14,"epochs":20,"mix":0.8}') AS model FROM reading;
CREATE TABLE device_state AS SELECT s.series_id AS device, s.state FROM device_model, rnn_state(model) s;
CREATE TABLE device_forecast(device text, ts date, expected float8, anomaly boolean, forecast float8, lower float8);
CREATE FUNCTION advance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE x record;
BEGIN
	SELECT r.* INTO x FROM device_model m, device_state s, rnn_step(m.model, s.state, NEW.ts, NEW.value) r WHERE s.device = NEW.device;
	UPDATE device_state SET state = x.new_state WHERE device = NEW.device;
	INSERT INTO device_forecast VALUES (NEW.device, NEW.ts, x.expected_value, x.is_anomaly, x.forecast_value, x.prediction_interval_lower_bound);
	RETURN NULL;
END $$;
CREATE TRIGGER advance AFTER INSERT ON reading FOR EACH ROW EXECUTE FUNCTION advance();
INSERT INTO reading SELECT 'd1', date '2020-01-01' + i, 20 + 3 * sin(2 * pi() * i / 7) + (hashint4(i) % 1000) / 700.0 FROM generate_series(300, 1299) i;
SELECT count(*) AS rows, max(abs(f.forecast - b.forecast_value)) < 1e-5 * 25 AS equal, max(abs(f.lower - b.prediction_interval_lower_bound)) < 1e-5 * 25 AS equal_bound
FROM device_forecast f JOIN (SELECT b.* FROM device_model, rnn_backtest(model, (SELECT rnn_panel(device, ts, value) FROM reading), stride => 1, options => '{"recalibrate": false}') b WHERE step = 1) b
ON b.series_id = f.device AND b.cutoff = f.ts;
SELECT count(*) FILTER (WHERE anomaly) < 200 AS few_anomalies FROM device_forecast;
DROP TABLE reading, device_model, device_state, device_forecast;
DROP FUNCTION advance;

-- the anomaly probability grows with the distance, agrees with is_anomaly, and has no value without a forecast or a value
CREATE TABLE stream_p AS SELECT rnn_train(rnn_panel(k, 20 + 3 * sin(2 * pi() * k / 7) + (hashint4(k::int) % 1000) / 700.0), 'ridge', '{"horizon": 3, "seasonality": [7]}') AS m FROM generate_series(0, 299::bigint) k;
CREATE TABLE stream_q AS SELECT m, s.state, r.expected_value AS e, r.expected_lower_bound AS l, r.expected_upper_bound AS u
FROM stream_p, rnn_state(m) s, rnn_step(m, s.state, 300::bigint, 20) r;
SELECT bool_and(p >= before) AS grows, min(p) = 0 AS none_at_the_forecast, max(p) AS most, bool_and((p > 0.95) = is_anomaly) AS agrees
FROM (SELECT k, r.anomaly_probability AS p, lag(r.anomaly_probability) OVER (ORDER BY k) AS before, r.is_anomaly
      FROM stream_q, generate_series(0, 40) k, rnn_step(m, state, 300::bigint, e + k / 20.0 * 1.999 * (u - e)) r) q;
SELECT abs(a.anomaly_probability - 0.95) < 1e-9 AS upper, abs(b.anomaly_probability - 0.95) < 1e-9 AS lower, c.anomaly_probability IS NULL AS missing
FROM stream_q, rnn_step(m, state, 300::bigint, u) a, rnn_step(m, state, 300::bigint, l) b, rnn_step(m, state, 300::bigint, NULL) c;
-- a state holds what a step needs: less than 2 kB, seasons of 24 and 168 rows and a window of 60
SELECT length(s.state) < 1300 AS small FROM rnn_state((SELECT rnn_train(rnn_panel(k, 20 + 3 * sin(2 * pi() * k / 24) + (hashint4(k::int) % 1000) / 700.0), 'ridge',
  '{"horizon": 12, "time_steps": 60, "seasonality": [24, 168]}') FROM generate_series(0, 999::bigint) k)) s;
DROP TABLE stream_p, stream_q;
