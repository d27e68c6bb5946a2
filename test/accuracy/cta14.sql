-- Chicago rail riders, 14 days ahead.  Training rows 2016 to 2018; origins from 26 February to the
-- end of May 2019, the valid windows of the book's chapter.
CREATE TABLE cta14(ts date, day_type text, bus float8, rail float8);
\copy cta14 FROM 'cta_ridership.csv' CSV HEADER
DELETE FROM cta14 WHERE ts NOT BETWEEN '2016-01-01' AND '2019-05-31';
CREATE TEMP VIEW training AS SELECT rnn_panel(ts, rail) AS p FROM cta14 WHERE ts < '2019-01-01';
CREATE TEMP VIEW history AS SELECT rnn_panel(ts, rail) AS p FROM cta14;
CREATE TEMP VIEW scale AS SELECT NULL::text AS series_id, NULL::float8 AS scale;
CALL roll('cta14', '{}', 14, 95, 1, 7, :seeds);
