-- Chicago rail riders, one day ahead; the type of that day is a known covariate.  Training rows 2016 to 2018; origins from 26 February to the
-- end of May 2019, the valid windows of the book's chapter.
CREATE TABLE cta1c(ts date, day_type text, bus float8, rail float8);
\copy cta1c FROM 'cta_ridership.csv' CSV HEADER
DELETE FROM cta1c WHERE ts NOT BETWEEN '2016-01-01' AND '2019-05-31';
CREATE TEMP VIEW training AS SELECT rnn_panel(ts, rail, ARRAY[(day_type = 'W')::int, (day_type = 'A')::int, (day_type = 'U')::int]::float8[]) AS p FROM cta1c WHERE ts < '2019-01-01';
CREATE TEMP VIEW history AS SELECT rnn_panel(ts, rail, ARRAY[(day_type = 'W')::int, (day_type = 'A')::int, (day_type = 'U')::int]::float8[]) AS p FROM cta1c;
CREATE TEMP VIEW scale AS SELECT NULL::text AS series_id, NULL::float8 AS scale;
CALL roll('cta1c', '{}', 1, 95, 1, 7, :seeds);
