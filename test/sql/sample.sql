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
SELECT bool_and(a.value = b.value) AS same, bool_or(a.value <> c.value) AS other FROM (SELECT m FROM sample_m WHERE walk) m, rnn_sample(m, n => 5) a
JOIN LATERAL rnn_sample(m, n => 5) b USING (series_id, sample, step) JOIN LATERAL rnn_sample(m, n => 5, seed => 1) c USING (series_id, sample, step);
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
SELECT abs(avg((at BETWEEN 0.1 AND 0.9)::int) - 0.8) < 0.03 AS in_80, abs(avg((at BETWEEN 0.05 AND 0.95)::int) - 0.9) < 0.03 AS in_90
FROM (SELECT series_id, avg((p.total < t.total)::int) AS at FROM (SELECT series_id, sample, sum(value) AS total FROM (SELECT rnn_train(rnn_panel(s, k, v), 'ridge', '{"horizon": 8, "seasonality": "none", "time_steps": 3}') AS m FROM sample_s WHERE k <= 28) m,
	rnn_sample(m, n => 100) GROUP BY 1, 2) p JOIN (SELECT s::text AS series_id, sum(v) AS total FROM sample_s WHERE k > 28 GROUP BY 1) t USING (series_id) GROUP BY 1) q;
DROP TABLE sample_t, sample_m, sample_p, sample_s;
