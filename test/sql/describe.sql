-- What a panel holds, and its rows back.
SET timezone = 'UTC';
SET datestyle = 'ISO';

-- one series without a name; one month unknown, one absent, two to forecast
CREATE TEMP TABLE sales AS
	SELECT ('2023-01-01'::date + k * interval '1 month')::date AS month,
		CASE WHEN k <> 3 AND k < 27 THEN 10.0 + k END::float8 AS units, ARRAY[k, k * k]::float8[] AS extra
	FROM generate_series(0, 28) k WHERE k <> 5;
\x on
SELECT * FROM rnn_describe((SELECT rnn_panel(month, units) FROM sales));
SELECT * FROM rnn_describe((SELECT rnn_panel(k, 1.5 * k) FROM generate_series(10::bigint, 30, 5) k));
\x off

-- several series, each with its own range; the frequency is the panel's
SELECT series_id, observations, first_timestamp, last_timestamp, frequency, missing, gaps, duplicates, snapped, future_rows, min, max, mean, seasonality
FROM rnn_describe((SELECT rnn_panel(s, ts::timestamptz, v) FROM (
	SELECT 'b', '2024-01-01 00:00+00'::timestamptz + k * interval '1 hour', k::float8 FROM generate_series(0, 49) k
	UNION ALL SELECT 'a', '2024-02-01 00:30+00'::timestamptz + k * interval '1 hour', -k FROM generate_series(0, 9) k WHERE k NOT IN (3, 4)
	UNION ALL SELECT 'a', '2024-02-01 00:31+00', 2
	UNION ALL SELECT 'a', '2024-02-01 02:29+00', NULL) x(s, ts, v)))
ORDER BY 1;

-- no frequency: what can be said is said
SELECT observations, first_timestamp, last_timestamp, frequency, gaps, mean, seasonality
FROM rnn_describe((SELECT rnn_panel('2024-01-01'::timestamp + t::interval, 3) FROM unnest('{0 s,1 s,8 s,13 s}'::text[]) t));

-- duplicates and gaps are reported, whatever the policies
SELECT duplicates, gaps FROM rnn_describe((SELECT rnn_panel(d::date, 1) FROM unnest('{2024-01-01,2024-01-01,2024-01-02,2024-01-03,2024-01-05}'::text[]) d), '{"on_gap":"error","on_duplicate":"error"}');

-- one bad series does not spoil the others: described as far as it goes, left out where asked for
CREATE TEMP TABLE mixed AS
	SELECT 'good' AS s, '2024-01-01'::timestamp + k * interval '1 second' AS ts, k AS v FROM generate_series(0, 9) k
	UNION ALL SELECT 'sparse', '2024-01-01'::timestamp + k * interval '1 day', k FROM generate_series(0, 2) k
	UNION ALL SELECT 'twice', '2024-01-01', k FROM generate_series(0, 1) k;
SELECT series_id, observations, frequency, gaps, duplicates, mean, seasonality FROM rnn_describe((SELECT rnn_panel(s, ts, v) FROM mixed));
SELECT count(*) FROM rnn_rows((SELECT rnn_panel(s, ts, v) FROM mixed));
SELECT series_id, count(*) FROM rnn_rows((SELECT rnn_panel(s, ts, v) FROM mixed), '{"on_error":"skip"}') GROUP BY 1;
SELECT series_id, step, local_timestamp FROM rnn_stamps((SELECT rnn_panel(s, ts, v) FROM mixed), 1, '{"on_error":"skip"}');

-- large and opposite values
SELECT min, max, mean FROM rnn_describe((SELECT rnn_panel(k::bigint, CASE k WHEN 0 THEN 1.7e308 ELSE -1.7e308 END) FROM generate_series(0, 1) k));

-- regular rows
SELECT "timestamp", index, value, covariates, is_missing FROM rnn_rows((SELECT rnn_panel(month, units, extra) FROM sales)) WHERE index NOT BETWEEN 7 AND 25;
SELECT * FROM rnn_rows((SELECT rnn_panel(k::bigint, k) FROM unnest('{-4,-2,2,4,6}'::int[]) k));
SELECT series_id, count(*), count(value), bool_and(covariates IS NULL) FROM rnn_rows((SELECT rnn_panel(k % 3, '2024-01-01'::date + k / 3, k) FROM generate_series(0, 29) k)) GROUP BY 1 ORDER BY 1;

-- rows back into a panel give the same panel's description
WITH first AS (SELECT rnn_panel(month::timestamptz, units, extra) p FROM sales WHERE month > '2023-06-02'),
	again AS (SELECT rnn_panel("timestamp", value, covariates) p FROM first, rnn_rows(p))
SELECT count(*) FROM (SELECT d::text FROM first, rnn_describe(p) d UNION SELECT d::text FROM again, rnn_describe(p) d) both_ways;

-- early ends, select lists, joins
SELECT index FROM rnn_rows((SELECT rnn_panel(k::bigint, 1) FROM generate_series(1, 1000) k)) LIMIT 2;
SELECT (rnn_stamps(p, 2)).step FROM (SELECT rnn_panel(k::bigint, 1) p FROM generate_series(1, 3) k) x;
SELECT s.series_id, s.step, s.index FROM (SELECT k % 2 AS g, rnn_panel(k % 4, (k / 4)::bigint, k) p FROM generate_series(0, 15) k GROUP BY 1) x, rnn_stamps(p, 2) s ORDER BY 1, 2;
