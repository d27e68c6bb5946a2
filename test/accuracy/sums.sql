-- Sums of sample paths over the horizon: how often the actual sum of a series lies between the 10 % and 90 % (5 % and 95 %) quantiles of the
-- sums of its paths, and the actual values between those of single steps.  CIF 2016 and M4 hourly; the test rows are those of the competitions.
-- ONLY=n: the horizon that ends n horizons before the test rows in their place, for choices that must not see the test rows.
CREATE TABLE cif(series_id text, ts timestamp, value float8, split text);
CREATE TABLE cif_series(series_id text, horizon int, n_train int);
CREATE TABLE m4(series_id text, ts timestamp, value float8, split text);
\copy cif FROM 'cif2016.csv' CSV HEADER
\copy cif_series FROM 'cif2016_series.csv' CSV HEADER
\copy m4 FROM PROGRAM 'gzip -dc m4_hourly.csv.gz' CSV HEADER
-- place: rows after the origin, 0 and less before it
CREATE TABLE sums_rows AS
SELECT 'CIF 2016' AS set, horizon, series_id, ts, value, row_number() OVER (PARTITION BY series_id ORDER BY ts) - n_train + horizon * coalesce(nullif(:'only', ''), '0')::int AS place FROM cif JOIN cif_series USING (series_id)
UNION ALL
SELECT 'M4 hourly', 48, series_id, ts, value, row_number() OVER (PARTITION BY series_id ORDER BY ts) - count(*) FILTER (WHERE split = 'train') OVER (PARTITION BY series_id) + 48 * coalesce(nullif(:'only', ''), '0')::int FROM m4;
CREATE TABLE sums_path(set text, series_id text, total float8, first float8, middle float8, last float8);
CREATE TABLE sums_at(set text, of text, at float8);
CREATE PROCEDURE sums(name text, steps int) LANGUAGE sql AS $$
INSERT INTO sums_path
SELECT name, s.series_id, sum(s.value), max(s.value) FILTER (WHERE step = 1), max(s.value) FILTER (WHERE step = steps / 2), max(s.value) FILTER (WHERE step = steps)
FROM (SELECT rnn_train(p, NULL::jsonb, jsonb_build_object('horizon', steps)) AS m, p FROM (SELECT rnn_panel(series_id, ts, value) AS p FROM sums_rows WHERE place <= 0 AND set = name AND horizon = steps) q) m,
	rnn_sample(m, p, 200) s GROUP BY s.series_id, s.sample;
INSERT INTO sums_at
SELECT name, c.of, avg((c.value < c.actual)::int + 0.5 * (c.value = c.actual)::int)
FROM sums_path p JOIN (SELECT series_id, sum(value) AS total, max(value) FILTER (WHERE place = 1) AS first, max(value) FILTER (WHERE place = steps / 2) AS middle, max(value) FILTER (WHERE place = steps) AS last
	FROM sums_rows WHERE set = name AND horizon = steps AND place BETWEEN 1 AND horizon GROUP BY 1) t USING (series_id),
	LATERAL (VALUES ('sums', p.total, t.total), ('step first', p.first, t.first), ('step middle', p.middle, t.middle), ('step last', p.last, t.last)) c(of, value, actual)
WHERE set = name GROUP BY series_id, c.of;
$$;
\set show 'SELECT set, split_part(of, '' '', 1) AS of, count(*), round(100 * avg((at BETWEEN 0.1 AND 0.9)::int), 1) AS "in 80 %", round(100 * avg((at BETWEEN 0.05 AND 0.95)::int), 1) AS "in 90 %", round(100 * avg((at < 0.05)::int), 1) AS below, round(100 * avg((at > 0.95)::int), 1) AS above FROM sums_at GROUP BY 1, 2 ORDER BY 1, 2 DESC;'
CALL sums('CIF 2016', 12);
CALL sums('CIF 2016', 6);
:show
CALL sums('M4 hourly', 48);
:show
DROP PROCEDURE sums;
DROP TABLE sums_path, sums_at, sums_rows, cif, cif_series, m4;
