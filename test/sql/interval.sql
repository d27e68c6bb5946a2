-- Prediction intervals: never absent without a status, never of no width, wider where errors are, growing with the
-- level.
\set VERBOSITY terse
SET client_min_messages = warning;
-- random numbers that are the same on each server version: random() is another generator before 15
CREATE FUNCTION pg_temp.uniform(series bigint, k bigint, which bigint) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT (hashint8extended(series * 1000003 + k, which) & 4503599627370495) / 4503599627370496.0::float8 $$;

-- bad input
SELECT rnn_train(rnn_panel(k, 5)) IS NOT NULL AS constants FROM generate_series(1, 50) k;
SELECT count(*) AS rows, count(prediction_interval_lower_bound) AS bounded, min(forecast_status) AS status
FROM rnn_forecast_index((SELECT rnn_train(rnn_panel(s, k, CASE WHEN s = 1 OR k = 1 THEN k END), 'ridge',
	'{"horizon":2}')
	FROM generate_series(1, 2) s, generate_series(1, 30) k)) WHERE series_id = '2';
SELECT f.* FROM rnn_forecast_index((SELECT rnn_train(rnn_panel(k, k), 'ridge', '{"horizon":2}') FROM
	generate_series(1, 30) k), confidence_level => 1) f;

-- a flat series with one spike, near the end and early; of zeros, and of a level
CREATE TEMP TABLE flat AS SELECT place, level, k, CASE WHEN k = place THEN level + 10.0 ELSE level END::float8 AS v
FROM generate_series(1, 3000) k, (VALUES (2900), (700), (2999)) p(place), (VALUES (0), (40)) l(level);
SELECT place, level, count(*) AS rows, count(is_anomaly) AS judged, bool_or(is_anomaly) FILTER (WHERE
	time_series_index = place) AS spike,
	count(*) FILTER (WHERE is_anomaly AND time_series_index NOT BETWEEN place AND place + 1) AS others
FROM (SELECT place, level, rnn_train(rnn_panel(k, v), 'ridge', '{"horizon":1}') m, rnn_panel(k, v) p FROM flat
	GROUP BY place, level) t,
	rnn_detect_anomalies(t.m, t.p) a GROUP BY place, level ORDER BY level, place;

-- a counter with a plateau: no width below rounding, whatever the slope
SELECT slope, count(is_anomaly) AS judged, count(*) FILTER (WHERE is_anomaly AND time_series_index < 4900) AS
	before, count(*) FILTER (WHERE is_anomaly) > 0 AS found
FROM (SELECT slope, rnn_train(rnn_panel(k, v), 'ridge', '{"horizon":1}') m, rnn_panel(k, v) p
	FROM (SELECT slope, k, slope * CASE WHEN k BETWEEN 4900 AND 4910 THEN 3000.0 ELSE k END v FROM
		generate_series(1, 5000) k, (VALUES (1), (0.001), (-1e6)) s(slope)) d
	GROUP BY slope) t, rnn_detect_anomalies(t.m, t.p) a GROUP BY slope ORDER BY slope;

-- levels: each wider than the one before, and none crosses the forecast
WITH m AS (SELECT kind, rnn_train(rnn_panel(date '2024-01-01' + k, 50 + 10 * sin(2 * pi() * k / 7) + CASE kind
	WHEN 1 THEN (k * 7919 % 100) / 20.0 WHEN 2 THEN (k * 7919 % 100) ^ 3 / 1e5 ELSE k % 2 END),
		'ridge', '{"horizon":7}') m FROM generate_series(0, 199) k, generate_series(1, 3) kind GROUP BY kind),
f AS (SELECT kind, f.*, lag(prediction_interval_upper_bound) OVER w AS inner_upper,
	lag(prediction_interval_lower_bound) OVER w AS inner_lower
	FROM m, rnn_forecast(m.m, horizon => 20, confidence_levels => ARRAY[0.01, 0.5, 0.8, 0.95, 0.99, 0.9999]) f
	WINDOW w AS (PARTITION BY kind, step ORDER BY f.confidence_level))
SELECT kind, count(*) AS rows, count(*) FILTER (WHERE forecast_value NOT BETWEEN prediction_interval_lower_bound
	AND prediction_interval_upper_bound) AS outside,
	count(*) FILTER (WHERE prediction_interval_upper_bound - prediction_interval_lower_bound <= inner_upper -
		inner_lower) AS not_wider,
	count(*) FILTER (WHERE prediction_interval_upper_bound < inner_upper OR prediction_interval_lower_bound >
		inner_lower) AS crossed FROM f GROUP BY kind ORDER BY kind;

-- without validation rows: residuals on the training rows, and the card says so
SELECT count(prediction_interval_lower_bound) AS bounded, bool_and(prediction_interval_upper_bound -
	prediction_interval_lower_bound BETWEEN 0.5 AND 20) AS sensible
FROM rnn_forecast_index((SELECT rnn_train(rnn_panel(k, 50 + (k * 7919 % 100) / 20.0), 'ridge',
	'{"horizon":5,"validation":0}') FROM generate_series(1, 100) k));
SELECT value FROM rnn_model_card((SELECT rnn_train(rnn_panel(k, 50 + (k * 7919 % 100) / 20.0), 'ridge',
	'{"horizon":5,"validation":0}') FROM generate_series(1, 100) k)) WHERE item = 'basis';

-- noise three times as large in one phase: hours of a day, days of a week
CREATE TEMP TABLE phases AS
SELECT m, s, k, timestamp '2024-01-01' + k * CASE m WHEN 24 THEN interval '1 hour' ELSE interval '1 day' END AS ts,
	100 + 10 * sin(2 * pi() * k / m) + CASE WHEN k % m < m / 4 + 1 THEN 9 ELSE 3 END * sqrt(-2 * ln(1 - pg_temp.uniform(s, k, m)))
		* cos(2 * pi() * pg_temp.uniform(s, k, m + 1)) AS v
FROM (VALUES (24), (7)) v(m), generate_series(1, 30) s, generate_series(0, 727) k;
SELECT p.m, avg(upper - lower) FILTER (WHERE k % p.m < p.m / 4 + 1) / avg(upper - lower) FILTER (WHERE k % p.m >=
	p.m / 4 + 1) BETWEEN 2.2 AND 3.5 AS wider,
	abs(avg((v BETWEEN lower AND upper)::int) FILTER (WHERE k % p.m < p.m / 4 + 1) - 0.9) < 0.05 AS wild_hold,
	abs(avg((v BETWEEN lower AND upper)::int) FILTER (WHERE k % p.m >= p.m / 4 + 1) - 0.9) < 0.05 AS calm_hold
FROM phases p JOIN (SELECT t.m, f.series_id, f.forecast_timestamp::timestamp AS ts,
	prediction_interval_lower_bound AS lower, prediction_interval_upper_bound AS upper
	FROM (SELECT m, rnn_train(rnn_panel(s, ts, v) FILTER (WHERE k < 700), 'ridge', '{"horizon":28}') AS model FROM
		phases GROUP BY m) t, rnn_forecast(t.model, confidence_level => 0.9) f) f
	ON f.m = p.m AND f.series_id = p.s::text AND f.ts = p.ts GROUP BY p.m ORDER BY p.m;

-- mostly zeros: a sale on the first Sunday or second Saturday of a month, and every fourth week; both outcomes are in the interval
CREATE TEMP TABLE sale AS SELECT kind, d::date AS d, CASE WHEN CASE kind WHEN 'first sunday' THEN extract(isodow FROM d) = 7 AND extract(day FROM d) <= 7
	WHEN 'second saturday' THEN extract(isodow FROM d) = 6 AND extract(day FROM d) BETWEEN 8 AND 14 ELSE (d::date - date '2021-01-01') % 28 = 3 END
	THEN 65 + (extract(month FROM d) * 7)::int % 30 ELSE 0 END::float8 AS v
FROM generate_series(date '2021-01-01', date '2022-02-28', '1 day') d, unnest('{first sunday, second saturday, fourth week}'::text[]) kind;
SELECT kind, bool_and(prediction_interval_lower_bound = 0) AS zero, bool_and(prediction_interval_upper_bound >= 65) AS sale, count(*) AS rows
FROM (SELECT kind, rnn_train(rnn_panel(d, v) FILTER (WHERE d < '2022-01-01'), NULL::jsonb, '{"horizon":15,"ensemble":1,"epochs":3}') AS m FROM sale GROUP BY kind) t,
	rnn_forecast(m, confidence_level => 0.9) f
WHERE extract(isodow FROM forecast_timestamp) = CASE kind WHEN 'first sunday' THEN 7 WHEN 'second saturday' THEN 6 ELSE 1 END GROUP BY kind ORDER BY kind;
-- not below the level asked for, and wider with it
SELECT count(*) FILTER (WHERE upper < inner_upper OR lower > inner_lower) AS crossed, count(*) > 0 AS rows
FROM (SELECT prediction_interval_upper_bound AS upper, prediction_interval_lower_bound AS lower, lag(prediction_interval_upper_bound) OVER w AS inner_upper,
		lag(prediction_interval_lower_bound) OVER w AS inner_lower
	FROM (SELECT rnn_train(rnn_panel(d, v), 'ridge', '{"horizon":15}') AS m FROM sale WHERE kind = 'first sunday') t,
		rnn_forecast(m, confidence_levels => '{0.1,0.5,0.8,0.9,0.99}') f WINDOW w AS (PARTITION BY step ORDER BY f.confidence_level)) f;

-- exact seasons, however small their values, and beside one spike: a width, of the forecast's size
SELECT size, spike, min((prediction_interval_upper_bound - prediction_interval_lower_bound) / forecast_value) > 0 AS some, max(prediction_interval_upper_bound) < 10 * size AS sensible
FROM (SELECT size, spike, rnn_train(rnn_panel(k, size * CASE WHEN spike AND k = 60 THEN 1e30 ELSE 2 + sin(k * 2 * pi() / 7) END), 'ridge',
		'{"horizon":2,"seasonality":[7],"transform":"log"}') AS m
	FROM generate_series(0, 99) k, (VALUES (1, false), (1.2e-38, false), (1e30, false), (1, true)) v(size, spike) GROUP BY size, spike) t, rnn_forecast_index(m, confidence_level => 0.5)
GROUP BY size, spike ORDER BY spike, size;

-- so few rows that a regression leaves no residual: at least as wide as the changes of the last value
SELECT n, min(prediction_interval_upper_bound - prediction_interval_lower_bound) > 1 AS wide, count(*) AS rows
FROM (SELECT n, rnn_train(rnn_panel(k, 5.0 + k * 3 % 7), NULL::jsonb, '{"horizon":3}') AS m FROM generate_series(1, 5) k, generate_series(3, 5) n WHERE k <= n GROUP BY n) t,
	rnn_forecast_index(m, confidence_level => 0.9) GROUP BY n ORDER BY n;

-- small changes at a high level, as those of meters: intervals are as wide as at a low one
SELECT level, round(avg(prediction_interval_upper_bound - prediction_interval_lower_bound)::numeric, 2) AS width
FROM (SELECT level, rnn_train(rnn_panel(k, level + 10 * sin(2 * pi() * k / 7) + (hashint4(k) & 255) / 128.0), 'ridge', '{"horizon":3,"seasonality":[7]}') AS m
	FROM generate_series(0, 199) k, unnest('{1e3,1e7,1e9,1e11}'::float8[]) level GROUP BY level) t, rnn_forecast_index(m) GROUP BY level ORDER BY level;

-- a series too young for a window, in a panel of others and as a fresh one: as wide as a random walk of its own changes, on three of
-- them; its weekly season is unknown, and the next week's values are inside
CREATE TEMP TABLE young AS SELECT s, k, 5 + sin(2 * pi() * k / 7) + (hashint4(k * 7 + s) & 255) / 2550.0 AS v FROM generate_series(0, 206) k, generate_series(1, 4) s WHERE s < 4 OR k > 195;
SELECT kind, round(avg((v BETWEEN prediction_interval_lower_bound AND prediction_interval_upper_bound)::int), 2) AS inside, count(*) AS rows
FROM (SELECT rnn_train(rnn_panel(s, k, v) FILTER (WHERE k < 200), 'ridge', '{"horizon":7,"seasonality":[7]}') AS all_m, rnn_train(rnn_panel(s, k, v) FILTER (WHERE k < 200 AND s < 4), 'ridge', '{"horizon":7,"seasonality":[7]}') AS old_m,
		rnn_panel(s, k, v) FILTER (WHERE k < 200 AND s = 4) AS fresh FROM young) t,
	LATERAL (SELECT 'in the panel' AS kind, * FROM rnn_forecast_index(all_m) WHERE series_id = '4' UNION ALL SELECT 'fresh', * FROM rnn_forecast_index(old_m, fresh)) f JOIN young ON s = 4 AND k = forecast_index GROUP BY kind ORDER BY kind;

-- an outlier or a new level in the last rows: a status, since no row tells which; none after a calm row, a usual jump or in sales
SELECT kind, count(*) AS rows, min(forecast_status) AS status
FROM (SELECT kind, rnn_train(rnn_panel(k, CASE kind WHEN 'spike' THEN CASE WHEN k = 199 THEN 300 ELSE 100 END WHEN 'level' THEN CASE WHEN k > 197 THEN 50 ELSE 100 END
			WHEN 'jumps' THEN 100 + 50 * (k / 9 % 2) WHEN 'sales' THEN -100 + 90 * (k = 199)::int ELSE 100 END + CASE kind WHEN 'sales' THEN 100 ELSE (hashint4(k) & 255) / 128.0 END), 'ridge', '{"horizon":2}') AS m
	FROM generate_series(0, 199) k, unnest('{calm,jumps,level,sales,spike}'::text[]) kind GROUP BY kind) t, rnn_forecast_index(m) GROUP BY kind ORDER BY kind;

-- anomalies: shares flagged at three thresholds, and a probability that ranks and agrees with the flag
CREATE TEMP TABLE metric AS SELECT s, k, 100 * s + 5 * sin(2 * pi() * k / 60) + sqrt(-2 * ln(1 - pg_temp.uniform(s, k, 3))) *
	cos(2 * pi() * pg_temp.uniform(s, k, 4)) +
	CASE WHEN k >= 2000 AND k % 100 = 0 THEN 8 ELSE 0 END AS v FROM generate_series(1, 4) s, generate_series(0,
		2999) k;
SELECT threshold, round(avg(is_anomaly::int) FILTER (WHERE clean) / (1 - threshold), 1) BETWEEN 0.6 AND 1.5
	-- three are expected at 0.999: so few vary by chance
	OR abs(count(*) FILTER (WHERE clean AND is_anomaly) - count(*) FILTER (WHERE clean) * (1 - threshold))
		<= 3 * sqrt(count(*) FILTER (WHERE clean) * (1 - threshold)) AS near, bool_and(is_anomaly) FILTER (WHERE NOT clean) AS found,
	count(DISTINCT anomaly_probability) > 3000 AS ranks, count(*) FILTER (WHERE is_anomaly <> (anomaly_probability
		> threshold)) AS disagree
FROM (SELECT threshold, a.*, time_series_index % 100 > 0 AND time_series_index % 100 BETWEEN 20 AND 99 AS clean
	FROM (SELECT rnn_train(rnn_panel(s, k, v) FILTER (WHERE k < 2000), 'ridge', '{"horizon":1}') AS m,
		rnn_panel(s, k, v) AS p FROM metric) m,
		(VALUES (0.95), (0.99), (0.999)) t(threshold), rnn_detect_anomalies(m.m, m.p, threshold) a
	WHERE time_series_index >= 2000) a
WHERE clean OR time_series_index % 100 = 0 GROUP BY threshold ORDER BY threshold;

-- sales on some days of the week alone, whose other days must not make the intervals narrow: ten weeks of Saturdays, weekends, market days
CREATE TEMP TABLE interval_market AS
	SELECT kind, s, k, timestamp '2022-10-22' + k * interval '1 day' AS ts, CASE WHEN open THEN greatest(0, round((100 + 20 * sqrt(-2 * ln(1 - pg_temp.uniform(s, k, 3))) * cos(2 * pi() * pg_temp.uniform(s, k, 4)))::numeric)) ELSE 0 END AS v, open
	FROM unnest('{saturday,weekend,market}'::text[]) kind, generate_series(1, 40) s, generate_series(0, 97) k,
		LATERAL (SELECT CASE kind WHEN 'saturday' THEN k % 7 = 0 WHEN 'weekend' THEN k % 7 < 2 ELSE k % 7 IN (1, 4) END AS open) y;
SELECT i.kind, count(*) FILTER (WHERE open) AS days, avg((v BETWEEN prediction_interval_lower_bound AND prediction_interval_upper_bound)::int) FILTER (WHERE open) BETWEEN 0.85 AND 0.99 AS hold
FROM (SELECT kind, s, rnn_train(rnn_panel(ts, v) FILTER (WHERE k < 70), 'ridge', '{"horizon": 14}') AS m FROM interval_market GROUP BY 1, 2) t,
	rnn_forecast_local(m, confidence_level => 0.9) f JOIN interval_market i ON i.ts = f.forecast_timestamp
WHERE i.kind = t.kind AND i.s = t.s GROUP BY 1 ORDER BY 1;

-- ---- values that keep to 0 and 1, or to 100, without limits given -----------------------------------------------------------
SET client_min_messages = notice;
CREATE TEMP TABLE interval_bounded AS
	SELECT kind, rnn_panel(date '2024-01-01' + k, CASE kind WHEN 'sold or not' THEN (hashint4(k) & 3 = 0 OR k % 7 = 5)::int WHEN 'up' THEN (hashint4(k) & 15 > 0)::int
		WHEN 'percent' THEN least(100, 95 + (hashint4(k) & 15)) WHEN 'share' THEN least(1, (hashint4(k) & 1023) / 900.0) WHEN 'nulls' THEN CASE WHEN k % 3 > 0 THEN (hashint4(k) & 1) END
		WHEN 'uniform' THEN (hashint4(k) & 1023) / 1023.0 WHEN 'two' THEN CASE WHEN k = 77 THEN 2 ELSE hashint4(k) & 1 END WHEN 'negative' THEN (hashint4(k) & 1) - (k = 77)::int
		WHEN 'ones' THEN 1 WHEN 'nine' THEN CASE WHEN k < 9 THEN k & 1 END ELSE CASE WHEN k = 150 THEN 100 ELSE hashint4(k) & 63 END END) AS p
	FROM unnest('{sold or not,up,percent,share,nulls,uniform,two,negative,ones,nine,hundred once}'::text[]) kind, generate_series(0, 199) k GROUP BY kind;
CREATE TEMP TABLE interval_bounded_m AS SELECT kind, p, rnn_train(p, 'ridge', '{"horizon": 7}') AS m FROM interval_bounded WHERE kind = 'sold or not';
INSERT INTO interval_bounded_m SELECT kind, p, rnn_train(p, 'ridge', '{"horizon": 7}') FROM interval_bounded WHERE kind = 'percent';
SET client_min_messages = warning;
INSERT INTO interval_bounded_m SELECT kind, p, rnn_train(p, 'ridge', '{"horizon": 7}') FROM interval_bounded WHERE kind NOT IN ('sold or not', 'percent');
SELECT kind, (SELECT string_agg(value, ' to ' ORDER BY item DESC) FROM rnn_model_card(m) WHERE item LIKE '%st value') AS limits,
	(SELECT max(prediction_interval_upper_bound) <= max(value) FROM rnn_rows(p), rnn_forecast(m, confidence_levels => '{0.9,0.999}')) AS within
FROM interval_bounded_m ORDER BY kind;
-- expected values of a stream, sample paths and parts, too; limits that are given stay alone
SELECT max((s).prediction_interval_upper_bound) <= 1 AS within FROM interval_bounded_m, rnn_state(m) st, LATERAL (SELECT rnn_step(m, state, date '2024-07-19', 1) AS s) q WHERE kind = 'up';
SELECT max(value) <= 1 AS samples FROM interval_bounded_m, rnn_sample(m, p) WHERE kind = 'up';
SELECT o, string_agg(item || ' ' || value, ', ' ORDER BY item) AS limits
FROM interval_bounded, (VALUES ('{"upper_limit": 3}'), ('{"lower_limit": -1}')) o(o), LATERAL (SELECT rnn_train(p, 'ridge', o::jsonb || '{"horizon": 2}') AS m) q, rnn_model_card(m)
WHERE kind = 'up' AND item LIKE '%st value' GROUP BY 1;
-- told once per query, also of a group that is not the first
SET client_min_messages = notice;
SELECT kind, rnn_train(p, 'ridge', '{"horizon": 2}') IS NOT NULL AS trained FROM interval_bounded WHERE kind IN ('negative', 'up', 'share') ORDER BY kind = 'up', kind;
-- fresh rows beyond the limits
SET client_min_messages = notice;
SELECT count(*) FROM interval_bounded_m, rnn_forecast(m, (SELECT rnn_panel(timestamp::date, 3 * value) FROM rnn_rows(p)), horizon => 2) WHERE kind = 'sold or not';
SET client_min_messages = warning;

-- a level that lasts is a new one after four rows, also of logarithms and with gaps; outages of two and three rows, and a level that lasts for three, stay anomalies
CREATE TEMP TABLE interval_level AS
	SELECT kind, s, k, CASE WHEN kind = 'grown' THEN (1 + (k >= 170)::int) * exp(k / 100.0 + 0.1 * pg_temp.uniform(s, k, 8)) ELSE
		100 + 10 * sin(2 * pi() * k / 52) + 5 * sqrt(-2 * ln(1 - pg_temp.uniform(s, k, 6))) * cos(2 * pi() * pg_temp.uniform(s, k, 7)) END
		+ CASE kind WHEN 'rise' THEN 60 * (k >= 170)::int WHEN 'fall' THEN -50 * (k >= 170)::int WHEN 'two' THEN -90 * (k IN (170, 171))::int WHEN 'three' THEN -90 * (k IN (170, 171, 172))::int
			WHEN 'gaps' THEN 60 * (k >= 170)::int WHEN 'spike later' THEN 60 * (k >= 170)::int - 80 * (k = 178)::int ELSE 0 END AS v
	FROM unnest('{rise,fall,two,three,gaps,grown,spike later}'::text[]) kind, generate_series(1, 8) s, generate_series(0, 220) k WHERE kind <> 'gaps' OR k NOT IN (150, 172, 175);
SELECT kind, round(avg(is_anomaly::int) FILTER (WHERE k BETWEEN 170 AND 171), 1) AS two, round(avg(is_anomaly::int) FILTER (WHERE k BETWEEN 172 AND 173), 1) AS four, round(avg(is_anomaly::int) FILTER (WHERE k BETWEEN 175 AND 200 AND k <> 178), 1) AS later,
	round(avg(is_anomaly::int) FILTER (WHERE k = 178), 1) AS spike, round(avg(is_anomaly::int) FILTER (WHERE k BETWEEN 60 AND 169), 1) AS before
FROM (SELECT kind, rnn_panel(s, date '2019-01-07' + 7 * k, v) AS p, rnn_train(rnn_panel(s, date '2019-01-07' + 7 * k, v) FILTER (WHERE k < 160), rnn_sequential(rnn_dense(4)),
		'{"horizon": 4, "time_steps": 26, "mix": 0.5, "epochs": 20, "ensemble": 1}') AS m FROM interval_level GROUP BY kind) q,
	rnn_detect_anomalies(m, p, 0.99) a, LATERAL (SELECT (time_series_timestamp::date - date '2019-01-07') / 7 AS k) x GROUP BY kind ORDER BY kind;
