-- Monthly sunspots (SILSO): one month ahead from row 3001 on.
CREATE TABLE sunspots(series_id text, ts date, value float8);
\copy sunspots FROM 'sunspots_monthly.csv' CSV HEADER
CREATE TEMP VIEW training AS SELECT rnn_panel(ts, value) AS p FROM (SELECT * FROM sunspots ORDER BY ts LIMIT 3000) t;
CREATE TEMP VIEW history AS SELECT rnn_panel(ts, value) AS p FROM sunspots;
CREATE TEMP VIEW scale AS SELECT NULL::text AS series_id, NULL::float8 AS scale;
CALL roll('sunspots', '{}', 1, NULL, 1, 12, :seeds);
