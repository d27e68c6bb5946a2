-- Anomalies in synthetic per-minute metrics of :hosts hosts: two days for training, then four hours one step ahead, in
-- which one row in 500 is disturbed.  The share of flagged clean rows should be near 1 - threshold.
-- rank: the probability that the anomaly probability of a disturbed row exceeds that of a clean row.
DO 'BEGIN PERFORM setseed(0.173); END';
CREATE TABLE metric AS
SELECT host, minute, timestamp '2024-03-04' + minute * interval '1 minute' AS ts, host % 7 + 1 AS scale,
	sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) AS e, random() < 0.002 AND minute >= 2880 AS disturbed
FROM generate_series(1, :hosts) host, generate_series(0, 2880 + 239) minute;
CREATE TABLE measurement AS
SELECT host, minute, ts, disturbed, scale * (50 + 15 * sin(2 * pi() * (minute + 60 * host) / 1440.0) + 2 * e * (1
	+ 0.6 * sin(2 * pi() * minute / 1440.0)) +
	CASE WHEN disturbed THEN 12 ELSE 0 END) AS value FROM metric;
CREATE TABLE alarm AS
WITH m AS MATERIALIZED (SELECT rnn_train(rnn_panel(host, ts, value), NULL::jsonb, '{"horizon":1}') AS m FROM
	measurement WHERE minute < 2880)
SELECT threshold, a.series_id, d.disturbed, a.is_anomaly, a.anomaly_probability AS p
FROM m, (VALUES (0.95), (0.99), (0.999)) t(threshold),
	LATERAL rnn_detect_anomalies(m.m, (SELECT rnn_panel(host, ts, value) FROM measurement WHERE minute >= 1440),
		threshold) a
	JOIN measurement d ON d.host::text = a.series_id AND d.ts = a.time_series_timestamp::timestamp WHERE d.minute
		>= 2880;
\pset footer off
SELECT threshold, count(*) AS rows, count(*) FILTER (WHERE is_anomaly IS NULL) AS unjudged,
	round(avg(is_anomaly::int) FILTER (WHERE NOT disturbed), 5) AS "clean rows flagged",
	round(avg(is_anomaly::int) FILTER (WHERE NOT disturbed) / (1 - threshold), 2) AS "by expected",
		round(avg(is_anomaly::int) FILTER (WHERE disturbed), 3) AS "disturbed rows flagged",
	count(DISTINCT p) AS "different probabilities" FROM alarm GROUP BY threshold ORDER BY threshold;
WITH r AS (SELECT disturbed, rank() OVER (ORDER BY p) + (count(*) OVER (PARTITION BY p) - 1) / 2.0 AS rank FROM
	alarm WHERE threshold = 0.99),
	c AS (SELECT count(*) FILTER (WHERE disturbed) AS a, count(*) FILTER (WHERE NOT disturbed) AS b, sum(rank)
		FILTER (WHERE disturbed) AS s FROM r)
SELECT round((s - a * (a + 1) / 2.0) / (a * b), 4) AS "rank of disturbed rows" FROM c;
