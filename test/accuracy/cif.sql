-- CIF 2016: 72 monthly series; one global model for the 57 with a horizon of 12 months, one for the 15 with a horizon of 6.
CREATE TABLE cif(series_id text, ts date, value float8, split text);
CREATE TABLE cif_series(series_id text, horizon int, n_train int);
\copy cif FROM 'cif2016.csv' CSV HEADER
\copy cif_series FROM 'cif2016_series.csv' CSV HEADER
-- the last value and the last season known at the origin
CREATE TABLE cif_truth AS
SELECT c.series_id, s.horizon, c.step - s.n_train AS step, c.value AS actual, l.value AS last_value, coalesce(y.value, l.value) AS last_season
FROM (SELECT *, row_number() OVER (PARTITION BY series_id ORDER BY ts) AS step FROM cif) c JOIN cif_series s USING (series_id)
JOIN LATERAL (SELECT value FROM cif l WHERE l.series_id = c.series_id AND split = 'train' ORDER BY ts DESC LIMIT 1) l ON true
LEFT JOIN cif y ON y.series_id = c.series_id AND y.ts = c.ts - interval '1 year' AND y.split = 'train'
WHERE c.split = 'test';
CREATE TEMP VIEW scale AS
SELECT series_id, avg(abs(value - before)) AS scale
FROM (SELECT series_id, value, CASE WHEN n_train > 12 THEN lag(value, 12) OVER w ELSE lag(value) OVER w END AS before
	FROM cif JOIN cif_series USING (series_id) WHERE split = 'train' WINDOW w AS (PARTITION BY series_id ORDER BY ts)) d GROUP BY series_id;
CREATE TEMP VIEW training AS SELECT rnn_panel(series_id, ts, value) AS p FROM cif JOIN cif_series USING (series_id) WHERE split = 'train' AND horizon = 12;
CREATE TEMP VIEW history AS SELECT p FROM training;
CREATE TEMP VIEW truth AS SELECT series_id, step, actual, last_value, last_season FROM cif_truth WHERE horizon = 12;
CALL once('cif', '12 months', '{}', 12, :seeds);
CREATE OR REPLACE TEMP VIEW training AS SELECT rnn_panel(series_id, ts, value) AS p FROM cif JOIN cif_series USING (series_id) WHERE split = 'train' AND horizon = 6;
CREATE OR REPLACE TEMP VIEW truth AS SELECT series_id, step, actual, last_value, last_season FROM cif_truth WHERE horizon = 6;
CALL once('cif', '6 months', '{}', 6, :seeds);
