-- Daily minimum temperatures of Melbourne, with two absent days: one day ahead from row 2501 on.
CREATE TABLE mintemp(series_id text, ts date, value float8);
\copy mintemp FROM 'daily_min_temperatures.csv' CSV HEADER
CREATE TEMP VIEW training AS SELECT rnn_panel(ts, value) AS p FROM (SELECT * FROM mintemp ORDER BY ts LIMIT 2500) t;
CREATE TEMP VIEW history AS SELECT rnn_panel(ts, value) AS p FROM mintemp;
CREATE TEMP VIEW scale AS SELECT NULL::text AS series_id, NULL::float8 AS scale;
CALL roll('mintemp', '{}', 1, NULL, 1, 7, :seeds);
