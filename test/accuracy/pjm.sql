-- PJM East's load, hourly local time, not in order, with absent and duplicate hours: 24 hours ahead from each midnight
-- of August 2017 to July 2018.
CREATE TABLE pjm(ts timestamp, mw float8);
\copy pjm FROM PROGRAM 'gzip -dc pjme_hourly.csv.gz' CSV HEADER
CREATE TEMP VIEW training AS SELECT rnn_panel(ts, mw) AS p FROM pjm WHERE ts < '2017-08-01';
CREATE TEMP VIEW history AS SELECT rnn_panel(ts, mw) AS p FROM pjm WHERE ts < '2018-08-01';
CREATE TEMP VIEW scale AS SELECT NULL::text AS series_id, NULL::float8 AS scale;
CALL roll('pjm', '{"on_duplicate":"mean"}', 24, 365 * 24, 24, 24, :seeds);
