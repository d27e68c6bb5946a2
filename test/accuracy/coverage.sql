-- Coverage on synthetic series: 36 combinations of frequency, length and noise, one default model each.  The rows
-- after the training rows come from the same formula.  :series of each combination (20: half a minute; 100: the long form).
--   steady   normal noise
--   phases   normal noise, three times as large in one quarter of the season, and growing with the level
--   walk     a random walk with heavy-tailed steps (Student's t, 4 degrees) under the season
CREATE TABLE made_kind(frequency text, step interval, season int, horizon int, length text, n int);
INSERT INTO made_kind VALUES
	('hours', '1 hour', 24, 24, 'short', 60), ('hours', '1 hour', 24, 24, 'middle', 240), ('hours', '1 hour', 24,
		24, 'long', 1000),
	('days', '1 day', 7, 7, 'short', 20), ('days', '1 day', 7, 7, 'middle', 90), ('days', '1 day', 7, 7, 'long', 730),
	('weeks', '7 days', 52, 8, 'short', 80), ('weeks', '7 days', 52, 8, 'middle', 120), ('weeks', '7 days', 52, 8,
		'long', 320),
	('months', '1 month', 12, 6, 'short', 26), ('months', '1 month', 12, 6, 'middle', 60), ('months', '1 month',
		12, 6, 'long', 240);
DO 'BEGIN PERFORM setseed(0.417); END';
CREATE TABLE made_noise AS SELECT s, k, sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) AS e,
	sqrt(4 / (-2 * ln((1 - random()) * (1 - random())))) AS heavy FROM generate_series(1, :series) s,
		generate_series(0, 1030) k;
CREATE TABLE made AS
SELECT frequency, length, noise, s AS series_id, k, n, season, horizon, timestamp '2020-01-01' + k * step AS ts,
	CASE noise WHEN 'walk' THEN 200 + 3 * sum(e * heavy) OVER (PARTITION BY frequency, length, noise, s ORDER BY
		k) + 10 * sin(2 * pi() * k / season)
		ELSE (1 + s % 5) * (100 + 20 * sin(2 * pi() * k / season + s) +
			5 * e * CASE WHEN noise = 'phases' THEN (CASE WHEN (k % season) * 4 < season THEN 3 ELSE 1 END) * (1 +
				sin(2 * pi() * k / season) / 4) ELSE 1 END) END AS value
FROM made_kind CROSS JOIN (VALUES ('steady'), ('phases'), ('walk')) v(noise) JOIN made_noise ON k < n + horizon;
CREATE TABLE made_forecast(frequency text, length text, noise text, series_id text, step int, actual float8, low
	float8[], high float8[], wild boolean);
CREATE PROCEDURE made(frequency text, length text, noise text) LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO made_forecast SELECT $1, $2, $3, f.series_id, f.step, min(t.value),
		array_agg(f.prediction_interval_lower_bound ORDER BY f.confidence_level),
		array_agg(f.prediction_interval_upper_bound ORDER BY f.confidence_level), bool_and((t.k % t.season) * 4 <
			t.season)
	FROM rnn_forecast((SELECT rnn_train(rnn_panel(m.series_id, m.ts, m.value), NULL::jsonb,
		jsonb_build_object('horizon', min(horizon))) FROM made m
			WHERE m.frequency = $1 AND m.length = $2 AND m.noise = $3 AND k < n), confidence_levels =>
				'{0.8,0.9,0.95}') f
		JOIN made t ON t.frequency = $1 AND t.length = $2 AND t.noise = $3 AND t.series_id::text = f.series_id AND
			t.k = t.n + f.step - 1
	GROUP BY f.series_id, f.step;
END $$;
SELECT format('CALL made(%L, %L, %L)', frequency, length, noise) FROM made_kind, (VALUES ('steady'), ('phases'),
	('walk')) v(noise) ORDER BY step, n, noise \gexec
CREATE VIEW made_cover AS
SELECT frequency, length, noise, count(*) AS points, avg((actual BETWEEN low[1] AND high[1])::int) AS c80,
	avg((actual BETWEEN low[2] AND high[2])::int) AS c90,
	avg((actual BETWEEN low[3] AND high[3])::int) AS c95, avg((actual BETWEEN low[2] AND high[2])::int) FILTER
		(WHERE wild) AS wild90,
	avg((actual BETWEEN low[2] AND high[2])::int) FILTER (WHERE NOT wild) AS calm90, count(*) FILTER (WHERE low[1]
		IS NULL OR low[1] >= high[1]) AS without
FROM made_forecast GROUP BY frequency, length, noise;
\pset footer off
SELECT frequency, length, noise, points, round(c80, 3) AS "in 80 %", round(c90, 3) AS "in 90 %", round(c95, 3) AS
	"in 95 %", round(wild90, 2) AS "wild 90", round(calm90, 2) AS "calm 90", without AS "no interval"
FROM made_cover JOIN made_kind USING (frequency, length) ORDER BY step, n, noise;
SELECT noise, length, round(avg(c80), 3) AS "in 80 %", round(avg(c90), 3) AS "in 90 %", round(avg(c95), 3) AS
	"in 95 %", round(avg(abs(c80 - 0.8)), 3) AS "off at 80 %", round(avg(abs(c90 - 0.9)), 3) AS "off at 90 %",
	round(avg(abs(c95 - 0.95)), 3) AS "off at 95 %", round(avg(wild90), 2) AS "wild 90", round(avg(calm90), 2) AS
		"calm 90" FROM made_cover GROUP BY GROUPING SETS ((noise), (length), ()) ORDER BY noise, length;
