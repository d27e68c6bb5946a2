-- M4 hourly, new series: every 20th series is not in the training and is forecast from a fresh panel.
CREATE TABLE m4n(series_id text, ts timestamp, value float8, split text);
\copy m4n FROM PROGRAM 'gzip -dc m4_hourly.csv.gz' CSV HEADER
CREATE TABLE m4n_new AS
SELECT series_id FROM (SELECT series_id, row_number() OVER (ORDER BY series_id COLLATE "C") AS r FROM m4n GROUP BY series_id) s WHERE r % 20 = 0;
CREATE TABLE m4n_rows AS SELECT *, row_number() OVER (PARTITION BY series_id ORDER BY ts) AS place, count(*) FILTER (WHERE split = 'train') OVER (PARTITION BY series_id) AS n
FROM m4n WHERE series_id IN (SELECT series_id FROM m4n_new);
CREATE INDEX ON m4n_rows(series_id, place);
ANALYZE m4n_rows;
CREATE TEMP VIEW training AS SELECT rnn_panel(series_id, ts, value) AS p FROM m4n WHERE split = 'train' AND series_id NOT IN (SELECT series_id FROM m4n_new);
CREATE TEMP VIEW history AS SELECT rnn_panel(series_id, ts, value) AS p FROM m4n_rows WHERE split = 'train';
CREATE TABLE m4n_truth AS
SELECT t.series_id, t.place - t.n AS step, t.value AS actual, l.value AS last_value, s.value AS last_season
FROM m4n_rows t JOIN m4n_rows l ON l.series_id = t.series_id AND l.place = t.n
JOIN m4n_rows s ON s.series_id = t.series_id AND s.place = t.n - 24 + 1 + (t.place - t.n - 1) % 24 WHERE t.split = 'test';
CREATE TEMP VIEW truth AS SELECT * FROM m4n_truth;
CREATE TEMP TABLE scale AS
SELECT series_id, avg(abs(value - before)) AS scale
FROM (SELECT series_id, value, lag(value, 24) OVER (PARTITION BY series_id ORDER BY ts) AS before FROM m4n_rows WHERE split = 'train') d GROUP BY series_id;
CALL once('m4new', '', '{}', 48, :seeds);
SELECT method, count(*) AS series, round((percentile_cont(0.5) WITHIN GROUP (ORDER BY relative / n))::numeric, 2) AS "median sMAPE",
       round((percentile_cont(0.5) WITHIN GROUP (ORDER BY absolute / n / scale))::numeric, 3) AS "median MASE"
FROM error WHERE data = 'm4new' AND seed <= 1 GROUP BY method ORDER BY 3 DESC;
