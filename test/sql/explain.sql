-- rnn_explain: bad input, parts that add up to the forecast whatever the pipeline, effects known by construction
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE FUNCTION pg_temp.uniform(series bigint, k bigint, which bigint) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT (hashint8extended(series * 1000003 + k, which) & 4503599627370495) / 4503599627370496.0::float8 $$;
-- v = 50 + 10 s + season + 3 promo + 20 in the north
CREATE TABLE explain_t AS
SELECT s, k::bigint AS k, timestamp '2024-01-01' + k * interval '1 day' AS ts, 50 + 10 * s + 8 * sin(2 * pi() * k / 7) + 3 * promo + 20 * (s % 2) + 0.2 * pg_temp.uniform(s, k, 1) AS v,
	promo, pg_temp.uniform(s, k, 3) AS price, CASE WHEN s % 2 = 1 THEN 'north' ELSE 'south' END AS region,
	sum(pg_temp.uniform(s, k, 9) - 0.5) OVER (PARTITION BY s ORDER BY k) AS walk,
	sum(pg_temp.uniform(s, k, 5) - 0.5) OVER (PARTITION BY s, k % 7 ORDER BY k) AS weekly, 10 + k % 7 + 6 * pg_temp.uniform(s, k, 8) AS noise,
	CASE WHEN pg_temp.uniform(s, k, 7) < 0.25 THEN 1 + floor(4 * pg_temp.uniform(s, k, 6)) ELSE 0 END AS demand
FROM (SELECT s, k, (pg_temp.uniform(s, k, 2) < 0.4)::int::float8 AS promo FROM generate_series(1, 12) s, generate_series(1, 150) k) q;
-- panels with rows to forecast, and the same of series that no model was trained on
CREATE TABLE explain_p AS
SELECT 'covariates' AS panel, rnn_panel(s, ts, CASE WHEN k <= 140 THEN v END, jsonb_build_object('promo', promo, 'price', price, 'region', region)) AS p,
	rnn_panel('new ' || s, ts, CASE WHEN k <= 140 THEN v END, jsonb_build_object('promo', promo, 'price', price, 'region', region)) FILTER (WHERE k > 30 AND s < 4) AS unseen FROM explain_t
UNION ALL SELECT 'array', rnn_panel(s, ts, CASE WHEN k <= 140 THEN v END, ARRAY[promo, price]), rnn_panel('new ' || s, ts, CASE WHEN k <= 140 THEN v END, ARRAY[promo, price]) FILTER (WHERE k > 30 AND s < 4) FROM explain_t
UNION ALL SELECT name, rnn_panel(s, k, value), rnn_panel('new ' || s, k, value) FILTER (WHERE k > 30 AND s < 4)
FROM explain_t, LATERAL (VALUES ('walk', walk), ('weekly', weekly), ('decline', (142 + s - k)::float8), ('noise', noise), ('demand', demand), ('plain', v)) q(name, value) WHERE k <= 140 GROUP BY name;
CREATE TABLE explain_m (name text, panel text, m bytea);
INSERT INTO explain_m SELECT 'ridge', panel, rnn_train(p, 'ridge', '{"horizon": 7, "seasonality": [7]}') FROM explain_p WHERE panel = 'covariates';
-- bad input
SELECT * FROM rnn_explain('\x00'::bytea);
SELECT * FROM explain_m, rnn_explain(m, horizon => 0);
SELECT * FROM explain_m, rnn_explain(m, horizon => 524289);
SELECT * FROM explain_m, rnn_explain(m, options => '[]');
SELECT * FROM explain_m, rnn_explain(m, options => '{"lower": 1}');
SELECT * FROM explain_m, rnn_explain(m, (SELECT p FROM explain_p WHERE panel = 'plain'));
SELECT * FROM rnn_explain((SELECT rnn_fit(rnn_dense(1), array_agg(ARRAY[k]::float8[]), array_agg(ARRAY[k]::float8[]), '{"epochs": 1}') FROM generate_series(1, 8) k));
SELECT * FROM rnn_explain((SELECT rnn_train(p, 'ridge', '{"horizon": 2, "keep_history": false}') FROM explain_p WHERE panel = 'plain'));
SELECT count(*) FROM rnn_explain(NULL::bytea);
SELECT * FROM rnn_explain('no such model');
-- a series without a known value gives one row, a constant its level, a step without its covariate a status
SELECT e.* FROM (SELECT rnn_train(p, 'ridge', '{"horizon": 2}') AS m FROM explain_p WHERE panel = 'plain') m,
	rnn_explain(m, (SELECT rnn_panel(s, k, v) FROM (VALUES ('empty', 1::bigint, NULL::float8), ('empty', 2, NULL), ('constant', 1, 5), ('constant', 2, 5), ('constant', 3, 5), ('one', 1, 7)) q(s, k, v))) e ORDER BY e.series_id, step, part;
SELECT DISTINCT step, forecast_status FROM explain_m, rnn_explain(m, (SELECT rnn_panel(s, ts, CASE WHEN k <= 140 THEN v END, jsonb_build_object('promo', promo, 'price', price, 'region', region)) FROM explain_t WHERE k <= 141 AND s = 3), 2) ORDER BY 1;

-- other pipelines: transforms, losses, modes, levels, shares, blocks that are rolled forward
INSERT INTO explain_m
SELECT name, panel, rnn_train(p, network::jsonb, options::jsonb) FROM explain_p JOIN (VALUES
	('log', 'covariates', '"ridge"', '{"horizon": 5, "transform": "log"}'),
	('log of zeros', 'demand', '"ridge"', '{"horizon": 5, "transform": "log", "loss": "mse"}'),
	('calendar', 'array', '"ridge"', '{"horizon": 5, "calendar": true}'),
	('asinh', 'covariates', NULL, '{"horizon": 3, "transform": "asinh", "epochs": 2, "ensemble": 2, "seasonality": [7, 30], "mix": 0.5}'),
	('limits', 'covariates', '"ridge"', '{"horizon": 5, "lower_limit": 70, "upper_limit": 80}'),
	('sequence', 'array', NULL, '{"horizon": 4, "mode": "sequence", "epochs": 2, "ensemble": 2, "level": "mean"}'),
	('window', 'covariates', NULL, '{"horizon": 4, "mode": "window", "epochs": 2, "ensemble": 2, "transform": "none", "mix": 1}'),
	('past', 'array', NULL, '{"horizon": 4, "mix": 0.3, "epochs": 2, "ensemble": 2, "covariates": "past"}'),
	('recursive', 'covariates', '[{"layer": "gru", "units": 4}, {"layer": "dense", "units": 1}]', '{"horizon": 4, "level": "mean", "epochs": 2, "ensemble": 2}'),
	('recursive log', 'array', '[{"layer": "gru", "units": 4}, {"layer": "dense", "units": 1}]', '{"horizon": 4, "transform": "log", "epochs": 2, "ensemble": 2, "covariates": "both"}'),
	('quantiles', 'covariates', NULL, '{"horizon": 3, "loss": "quantile", "quantiles": [0.1, 0.5, 0.9], "epochs": 2, "ensemble": 2}'),
	('gaussian', 'array', NULL, '{"horizon": 3, "loss": "gaussian", "epochs": 2, "ensemble": 2, "level": "none", "scaler": "standard"}'),
	('student', 'covariates', NULL, '{"horizon": 3, "loss": "student_t", "epochs": 2, "ensemble": 2, "scaler": "robust"}'),
	('no series', 'covariates', '"ridge"', '{"horizon": 3, "keep_series": false}'),
	('intermittent', 'demand', NULL, '{"horizon": 5, "epochs": 2, "ensemble": 2}'),
	('counts', 'demand', NULL, '{"horizon": 5, "loss": "negative_binomial", "epochs": 2, "ensemble": 2}'),
	('walk', 'walk', NULL, '{"horizon": 5, "epochs": 2, "ensemble": 2, "seasonality": [7]}'),
	('weekly', 'weekly', NULL, '{"horizon": 5, "epochs": 2, "ensemble": 2, "seasonality": [7], "time_steps": 3}'),
	('decline', 'decline', '"ridge"', '{"horizon": 5}'),
	('noise', 'noise', NULL, '{"horizon": 5, "epochs": 2, "ensemble": 2, "seasonality": [7, 28]}'),
	('mean', 'noise', NULL, '{"horizon": 3, "epochs": 2, "ensemble": 2, "seasonality": [7], "level": "mean"}')) o(name, panel, network, options) USING (panel);
CREATE TABLE explain_c AS SELECT name, panel, m, kind, rows, steps FROM explain_m JOIN explain_p USING (panel),
	LATERAL (VALUES ('history', NULL, NULL), ('panel', p, NULL), ('long', p, 23), ('unseen', unseen, 9)) c(kind, rows, steps) WHERE name <> 'no series' OR kind <> 'history';
CREATE TABLE explain_f AS
SELECT name, kind, e.* FROM explain_c, rnn_explain(m, rows, steps) e;
CREATE TABLE explain_o AS
SELECT name, kind, f.series_id, f.step, f.forecast_timestamp AS ts, NULL::bigint AS index, f.forecast_value AS value, f.forecast_status AS status FROM explain_c, rnn_forecast(m, rows, steps) f WHERE panel IN ('covariates', 'array')
UNION ALL SELECT name, kind, f.series_id, f.step, NULL, f.forecast_index, f.forecast_value, f.forecast_status FROM explain_c, rnn_forecast_index(m, rows, steps) f WHERE panel NOT IN ('covariates', 'array');
-- the same rows, values and statuses as rnn_forecast, and parts that add up to the value
SELECT name, count(*) AS steps, bool_and(value IS NOT DISTINCT FROM forecast_value AND status IS NOT DISTINCT FROM forecast_status AND (ts = forecast_timestamp OR index = forecast_index)) AS same,
	coalesce(max(abs(total - value) / greatest(abs(value), largest)), 0) < 1e-9 AS adds_up
FROM explain_o FULL JOIN (SELECT name, kind, series_id, step, forecast_timestamp, forecast_index, forecast_value, forecast_status, sum(e.value) AS total, max(abs(e.value)) AS largest FROM explain_f e GROUP BY 1, 2, 3, 4, 5, 6, 7, 8) e
USING (name, kind, series_id, step) GROUP BY name ORDER BY name;
-- which parts there are, and which of them are not always zero
SELECT name, string_agg(part || coalesce(' ' || part_name, '') || CASE WHEN used THEN '' ELSE ' (0)' END, ', ' ORDER BY part, part_name) AS parts
FROM (SELECT name, part, part_name, bool_or(value <> 0) AS used FROM explain_f GROUP BY 1, 2, 3) q GROUP BY name ORDER BY name;
-- effects known by construction: a promotion adds 3, whatever the price; a week's season swings by 8; limits end where they are
SELECT part_name, round((avg(value) FILTER (WHERE promo = 1) - avg(value) FILTER (WHERE promo = 0))::numeric) AS effect FROM explain_f JOIN explain_t ON series_id = s::text AND forecast_timestamp = ts AT TIME ZONE 'UTC'
WHERE name = 'ridge' AND kind = 'panel' AND part = 'covariate' GROUP BY 1 ORDER BY 1;
SELECT max(abs(value - 8 * sin(2 * pi() * k / 7))) < 1 AS season, avg(abs(value - 8 * sin(2 * pi() * k / 7))) < 0.3 AS mean FROM explain_f JOIN explain_t ON series_id = s::text AND forecast_timestamp = ts AT TIME ZONE 'UTC' WHERE name = 'ridge' AND kind = 'panel' AND part = 'season';
SELECT count(*) FILTER (WHERE value > 0) > 0 AS raised, count(*) FILTER (WHERE value < 0) > 0 AS lowered, min(forecast_value), max(forecast_value) FROM explain_f WHERE name = 'limits' AND part = 'limits';
SELECT count(*) FILTER (WHERE value > 0) > 0 AS raised, count(*) FILTER (WHERE value < 0) AS lowered, min(forecast_value) FROM explain_f WHERE name = 'decline' AND part = 'limits';
-- series of the north grow by 1 a row, others fall by 1: the region says so, as the window of one row does not; beyond the horizon too
SELECT e.step, max(abs(value - e.step * CASE WHEN series_id::int % 2 = 1 THEN 1 ELSE -1 END)) < 0.15 AS drift FROM (SELECT rnn_train(rnn_panel(s, k, 100 * s + CASE WHEN s % 2 = 1 THEN k ELSE 200 - k END + pg_temp.uniform(s, k, 4), jsonb_build_object('region', region)),
	'ridge', '{"horizon": 4, "time_steps": 1, "seasonality": "none", "transform": "none"}') AS m FROM explain_t) m, rnn_explain(m, horizon => 6) e WHERE part = 'static_covariates' GROUP BY 1 ORDER BY 1;
-- wide: a column a part
SELECT count(*) AS rows, bool_and(abs(level + season + rest - forecast_value) < 1e-9) AS adds_up FROM (SELECT series_id, step, forecast_value, sum(value) FILTER (WHERE part = 'level') AS level, sum(value) FILTER (WHERE part = 'season') AS season,
	sum(value) FILTER (WHERE part NOT IN ('level', 'season')) AS rest FROM explain_f WHERE name = 'ridge' AND kind = 'panel' GROUP BY 1, 2, 3) q;
DROP TABLE explain_t, explain_p, explain_m, explain_c, explain_f, explain_o;
