-- M4 hourly: 414 series, one global model; the last 48 hours of each are the competition's test part.
CREATE TABLE m4(series_id text, ts timestamp, value float8, split text);
\copy m4 FROM PROGRAM 'gzip -dc m4_hourly.csv.gz' CSV HEADER
CREATE TABLE m4_rows AS SELECT *, row_number() OVER (PARTITION BY series_id ORDER BY ts) AS place, count(*) FILTER (WHERE split = 'train') OVER (PARTITION BY series_id) AS n FROM m4;
CREATE INDEX ON m4_rows(series_id, place);
ANALYZE m4_rows;
CREATE TEMP VIEW training AS SELECT rnn_panel(series_id, ts, value) AS p FROM m4 WHERE split = 'train';
CREATE TEMP VIEW history AS SELECT p FROM training;
CREATE TABLE m4_truth AS
SELECT t.series_id, t.place - t.n AS step, t.value AS actual, l.value AS last_value, s.value AS last_season
FROM m4_rows t JOIN m4_rows l ON l.series_id = t.series_id AND l.place = t.n
JOIN m4_rows s ON s.series_id = t.series_id AND s.place = t.n - 24 + 1 + (t.place - t.n - 1) % 24 WHERE t.split = 'test';
CREATE TEMP VIEW truth AS SELECT * FROM m4_truth;
CREATE TEMP TABLE scale AS
SELECT series_id, avg(abs(value - before)) AS scale
FROM (SELECT series_id, value, lag(value, 24) OVER (PARTITION BY series_id ORDER BY ts) AS before FROM m4 WHERE split = 'train') d GROUP BY series_id;
CALL once('m4', '', '{}', 48, :seeds);
