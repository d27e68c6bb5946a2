-- AirPassengers: trained up to January 1959; the remaining 23 months are forecast from one origin.
CREATE TABLE air(series_id text, ts date, value float8);
\copy air FROM 'airpassengers.csv' CSV HEADER
CREATE TEMP VIEW training AS SELECT rnn_panel(series_id, ts, value) AS p FROM air WHERE ts <= '1959-01-01';
CREATE TEMP VIEW history AS SELECT p FROM training;
CREATE TEMP VIEW truth AS
SELECT series_id, row_number() OVER (ORDER BY ts) AS step, value AS actual,
	(SELECT value FROM air WHERE ts = '1959-01-01') AS last_value,
	(SELECT b.value FROM air b WHERE b.ts = a.ts - CASE WHEN a.ts < '1960-02-01' THEN 1 ELSE 2 END * interval '1 year') AS last_season
FROM air a WHERE ts > '1959-01-01';
CREATE TEMP VIEW scale AS SELECT NULL::text AS series_id, NULL::float8 AS scale;
CALL once('air', '', '{}', 23, :seeds);
