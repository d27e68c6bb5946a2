-- Geron's synthetic series, ten steps ahead: trained on 7000 series, evaluated on 2000 others, of which 50 values are known.
CREATE TABLE geron10(series_id int, split text, values float8[]);
\copy geron10 FROM PROGRAM 'gzip -dc geron_synthetic_60.csv.gz' CSV HEADER
CREATE TEMP VIEW training AS SELECT rnn_panel(series_id, i, v) AS p FROM geron10, unnest(values[1:50 + 10]) WITH ORDINALITY u(v, i) WHERE split = 'train';
CREATE TEMP VIEW history AS SELECT rnn_panel(series_id, i, v) AS p FROM geron10, unnest(values[1:50]) WITH ORDINALITY u(v, i) WHERE split = 'valid';
CREATE TEMP VIEW truth AS
SELECT series_id::text, i AS step, v AS actual, values[50] AS last_value, NULL::float8 AS last_season
FROM geron10, unnest(values[51:50 + 10]) WITH ORDINALITY u(v, i) WHERE split = 'valid';
CREATE TEMP VIEW scale AS SELECT NULL::text AS series_id, NULL::float8 AS scale;
CALL once('geron10', '', '{}', 10, :seeds);
