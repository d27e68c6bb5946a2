-- Coverage of intervals on made-up series, the short form of MEASURE=coverage (test/accuracy): a few kinds of 30 series each,
-- the rows after the training rows from the same formula.  The share inside is near the level.
--   steady   normal noise
--   phases   normal noise, three times as large in one quarter of the season
--   walk     a random walk under the season
SET client_min_messages = warning;
CREATE TABLE coverage_noise AS SELECT s, k, sqrt(-2 * ln(((hashint8extended(k, s) & 1048575) + 1) / 1048577.0)) * cos(2 * pi() * (hashint8extended(s, k + 7) & 1048575) / 1048576.0) AS e
FROM generate_series(1, 30) s, generate_series(0, 260) k;
CREATE FUNCTION coverage_of(step interval, season int, rows int, horizon int, noise text, OUT c80 float8, OUT c90 float8, OUT c95 float8, OUT missing bigint) LANGUAGE sql AS $$
	WITH d AS MATERIALIZED (SELECT s, k, timestamp '2020-01-01' + k * step AS ts, CASE noise
			WHEN 'walk' THEN 200 + 3 * sum(e) OVER (PARTITION BY s ORDER BY k) + 10 * sin(2 * pi() * k / season)
			ELSE (1 + s % 5) * (100 + 20 * sin(2 * pi() * k / season + s) + 5 * e * CASE WHEN noise = 'phases' AND (k % season) * 4 < season THEN 3 ELSE 1 END) END AS v
		FROM coverage_noise WHERE k < rows + horizon),
	f AS (SELECT f.series_id, f.step, min(d.v) AS v, array_agg(prediction_interval_lower_bound ORDER BY f.confidence_level) AS low, array_agg(prediction_interval_upper_bound ORDER BY f.confidence_level) AS high
		FROM rnn_forecast((SELECT rnn_train(rnn_panel(s, ts, v), options => jsonb_build_object('horizon', horizon, 'ensemble', 1)) FROM d WHERE k < rows), confidence_levels => '{0.8,0.9,0.95}') f
			JOIN d ON d.s::text = f.series_id AND d.k = rows + f.step - 1 GROUP BY f.series_id, f.step)
	SELECT avg((v BETWEEN low[1] AND high[1])::int), avg((v BETWEEN low[2] AND high[2])::int), avg((v BETWEEN low[3] AND high[3])::int), count(*) FILTER (WHERE low[1] IS NULL OR low[1] >= high[1]) FROM f
$$;
SELECT name, noise, abs(c80 - 0.8) < allowed AS in_80, abs(c90 - 0.9) < 0.8 * allowed AS in_90, abs(c95 - 0.95) < 0.6 * allowed AS in_95, missing
FROM (VALUES ('hours', interval '1 hour', 24, 240, 24, 'steady', 0.06), ('days', '1 day', 7, 90, 7, 'steady', 0.08), ('days', '1 day', 7, 90, 7, 'walk', 0.08), ('months', '1 month', 12, 26, 6, 'steady', 0.08),
		('months', '1 month', 12, 60, 6, 'phases', 0.2)) v(name, step, season, rows, horizon, noise, allowed),
	coverage_of(step, season, rows, horizon, noise) ORDER BY name, noise;
-- series by themselves with 2.5 horizons of rows: the trial has no window for its ridge regression, and one path of errors
WITH d AS MATERIALIZED (SELECT s, kind, k, 100 + CASE kind WHEN 'walk' THEN sum(e) OVER (PARTITION BY s, kind ORDER BY k) ELSE e END AS v
		FROM (SELECT s, k, e FROM coverage_noise WHERE k < 42 UNION ALL SELECT s + 30, k - 100, e FROM coverage_noise WHERE k BETWEEN 100 AND 141) n, unnest('{walk,noise}'::text[]) kind),
	m AS MATERIALIZED (SELECT s, kind, rnn_train(rnn_panel(date '2024-01-01' + k, v), '{"horizon": 12, "ensemble": 1, "epochs": 5}') AS m FROM d WHERE k < 30 GROUP BY 1, 2)
SELECT f.confidence_level AS level, abs(avg((v BETWEEN prediction_interval_lower_bound AND prediction_interval_upper_bound)::int) - f.confidence_level) < 0.07 AS holds
FROM m, rnn_forecast(m, confidence_levels => '{0.8,0.95}') f JOIN d ON d.k = 29 + f.step WHERE f.step >= 10 AND d.s = m.s AND d.kind = m.kind GROUP BY 1 ORDER BY 1;
-- six weeks, six times the noise on weekends: one series cannot tell how wild they are, thirty can (3.3 times as wide by each series for itself)
WITH d AS MATERIALIZED (SELECT s, k, date '2024-01-01' + k AS ts, 50 + e * CASE WHEN k % 7 > 4 THEN 6 ELSE 1 END AS v FROM coverage_noise WHERE k < 42)
SELECT avg(width) FILTER (WHERE extract(isodow FROM forecast_timestamp) > 5) / avg(width) FILTER (WHERE extract(isodow FROM forecast_timestamp) < 6) BETWEEN 3.6 AND 6.5 AS wider
FROM (SELECT *, prediction_interval_upper_bound - prediction_interval_lower_bound AS width FROM rnn_forecast((SELECT rnn_train(rnn_panel(s, ts, v), 'ridge', '{"horizon": 7}') FROM d), confidence_level => 0.9)) f;
DROP TABLE coverage_noise;
DROP FUNCTION coverage_of;
