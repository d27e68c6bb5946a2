-- rnn_sample: bad input, reproducible paths, marginals of the intervals, dependence between steps
SET client_min_messages = warning;
-- random numbers that are the same on each server version: random() is another generator before 15
CREATE FUNCTION pg_temp.uniform(series bigint, k bigint, which bigint) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT (hashint8extended(series * 1000003 + k, which) & 4503599627370495) / 4503599627370496.0::float8 $$;
CREATE TABLE sample_t AS
SELECT s, k::bigint AS k, CASE WHEN s <= 30 THEN sum(e) OVER (PARTITION BY s ORDER BY k) ELSE e END AS v
FROM (SELECT s, k, sqrt(-2 * ln(1 - pg_temp.uniform(s, k, 1))) * cos(2 * pi() * pg_temp.uniform(s, k, 2)) AS e FROM generate_series(1, 60) s, generate_series(1, 300) k) q;
CREATE TABLE sample_m AS
SELECT s <= 30 AS walk, rnn_train(rnn_panel(s, k, v), 'ridge', '{"horizon": 7, "seasonality": "none", "time_steps": 5}') AS m FROM sample_t WHERE k <= 293 GROUP BY 1;
SELECT * FROM sample_m, rnn_sample(m, n => 0);
SELECT * FROM sample_m, rnn_sample(m, n => 10001);
SELECT * FROM sample_m, rnn_sample(m, horizon => 0);
SELECT count(*) FROM rnn_sample(NULL);
CREATE TABLE sample_p AS SELECT walk, f.* FROM sample_m, rnn_sample(m, (SELECT rnn_panel(s, k, v) FROM sample_t WHERE k <= 293 AND (s <= 30) = walk), 500, seed => 7) f;
SELECT count(*) AS rows, count(DISTINCT series_id) AS series, min(sample) AS first, max(sample) AS last, min(forecast_index) AS from, max(forecast_index) AS to, count(forecast_timestamp) AS timestamps FROM sample_p;
-- the same seed, the same paths; another seed, others
SELECT a = b AS same, a <> c AS other FROM (SELECT (SELECT array_agg(value ORDER BY series_id, sample, step) FROM rnn_sample(m, n => 5)) AS a,
	(SELECT array_agg(value ORDER BY series_id, sample, step) FROM rnn_sample(m, n => 5)) AS b, (SELECT array_agg(value ORDER BY series_id, sample, step) FROM rnn_sample(m, n => 5, seed => 1)) AS c FROM sample_m WHERE walk) q;
-- each step is distributed as its interval: 80 % of the paths inside the 80 % interval
SELECT walk, abs(avg((p.value BETWEEN f.prediction_interval_lower_bound AND f.prediction_interval_upper_bound)::int) - 0.8) < 0.02 AS marginal
FROM sample_m JOIN sample_p p USING (walk) JOIN LATERAL rnn_forecast_index(m, (SELECT rnn_panel(s, k, v) FROM sample_t WHERE k <= 293 AND (s <= 30) = walk), confidence_level => 0.8) f
ON f.series_id = p.series_id AND f.step = p.step GROUP BY walk ORDER BY walk;
-- sums over seven steps: a random walk's have a standard deviation of sqrt(140) = 11.8 (independent steps would give 5.3), noise's of at least sqrt(7) = 2.6
SELECT walk, CASE WHEN walk THEN avg(sd) BETWEEN 9.5 AND 14 ELSE avg(sd) BETWEEN 2.6 AND 5.3 END AS spread_of_sums
FROM (SELECT walk, series_id, stddev(total) AS sd FROM (SELECT walk, series_id, sample, sum(value) AS total FROM sample_p GROUP BY 1, 2, 3) t GROUP BY 1, 2) d GROUP BY walk ORDER BY walk;
-- a history too short for past origins, and one of two rows
SELECT count(value) AS values FROM rnn_sample((SELECT m FROM sample_m WHERE walk), (SELECT rnn_panel(s, k, v) FROM sample_t WHERE k <= 4 AND s = 1), 10);
SELECT count(*) AS rows FROM rnn_sample((SELECT m FROM sample_m WHERE walk), (SELECT rnn_panel('one', k, v) FROM sample_t WHERE k <= 2 AND s = 1), 10);
-- limits hold for paths too
SELECT min(value) >= -1 AND max(value) <= 1 AS inside FROM rnn_sample((SELECT m FROM sample_m WHERE NOT walk), n => 50, options => '{"lower_limit": -1, "upper_limit": 1}');
-- 400 short random walks: the 80 and 90 % intervals of sums hold the sums to come (ranks of single past origins: 74 and 83 %)
CREATE TABLE sample_s AS SELECT s, k::bigint AS k, sum(e) OVER (PARTITION BY s ORDER BY k) AS v
FROM (SELECT s, k, sqrt(-2 * ln(1 - pg_temp.uniform(s, k, 1))) * cos(2 * pi() * pg_temp.uniform(s, k, 2)) AS e FROM generate_series(1, 400) s, generate_series(1, 36) k) q;
SELECT abs(avg((at BETWEEN 0.1 AND 0.9)::int) - 0.8) < 0.04 AS in_80, abs(avg((at BETWEEN 0.05 AND 0.95)::int) - 0.9) < 0.04 AS in_90
FROM (SELECT series_id, avg((p.total < t.total)::int) AS at FROM (SELECT series_id, sample, sum(value) AS total FROM (SELECT rnn_train(rnn_panel(s, k, v), 'ridge', '{"horizon": 8, "seasonality": "none", "time_steps": 3}') AS m FROM sample_s WHERE k <= 28) m,
	rnn_sample(m, n => 100) GROUP BY 1, 2) p JOIN (SELECT s::text AS series_id, sum(v) AS total FROM sample_s WHERE k > 28 GROUP BY 1) t USING (series_id) GROUP BY 1) q;
-- x(k) = rho x(k - 1) + e(k): the errors of 12 steps add up to sum over j of (1 + rho + .. + rho^(j-1)) e, of known variance
CREATE TABLE sample_r AS WITH RECURSIVE r AS (
	SELECT rho, s, 1::bigint AS k, 0::float8 AS v FROM unnest('{0,0.7,1}'::float8[]) rho, generate_series(1, 40) s
	UNION ALL SELECT rho, s, k + 1, rho * v + sqrt(-2 * ln(1 - pg_temp.uniform(s, k, 1))) * cos(2 * pi() * pg_temp.uniform(s, k, 2)) FROM r WHERE k < 200) SELECT * FROM r;
SELECT rho, abs(avg(sd) / max(known) - 1) < 0.1 AS as_known
FROM (SELECT rho, series_id, stddev(total) AS sd
	FROM (SELECT rho, f.series_id, f.sample, sum(f.value) AS total
		FROM (SELECT rho, rnn_panel(s, k, v) AS p, rnn_train(rnn_panel(s, k, v), 'ridge', jsonb_build_object('horizon', 12, 'seasonality', 'none', 'time_steps', 3,
			'level', CASE rho WHEN 1 THEN 'last' ELSE 'none' END)) AS m FROM sample_r GROUP BY rho) m, rnn_sample(m, p, 200) f GROUP BY 1, 2, 3) q GROUP BY 1, 2) q
JOIN (SELECT rho, sqrt(sum(w ^ 2)) AS known FROM (SELECT rho, j, sum(rho ^ i) AS w FROM unnest('{0,0.7,1}'::float8[]) rho, generate_series(1, 12) j, generate_series(0, j - 1) i GROUP BY 1, 2) q GROUP BY rho) k USING (rho)
GROUP BY rho ORDER BY rho;
-- without rows for past forecasts all steps err alike, and a notice tells it
SET client_min_messages = notice;
SELECT round(corr(a, b)::numeric, 1) AS correlation FROM (SELECT max(value) FILTER (WHERE step = 1) AS a, max(value) FILTER (WHERE step = 12) AS b
	FROM rnn_sample((SELECT rnn_train(rnn_panel(s, k, v), 'ridge', '{"horizon": 12, "time_steps": 3, "seasonality": "none"}') FROM sample_r WHERE rho = 0),
	(SELECT rnn_panel('new', k, v) FROM sample_r WHERE rho = 0 AND s = 1 AND k < 8)) GROUP BY sample) q;
DROP TABLE sample_r;
DROP TABLE sample_t, sample_m, sample_p, sample_s;
