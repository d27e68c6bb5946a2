-- The synthetic series lab of a course: one day ahead from the actual history, from day 1000 on.
CREATE TABLE lab(series_id text, step int, ts date, value float8);
\copy lab FROM 'course_synthetic.csv' CSV HEADER
DELETE FROM lab WHERE series_id <> 'lab';
CREATE TEMP VIEW training AS SELECT rnn_panel(ts, value) AS p FROM lab WHERE step < 1000;
CREATE TEMP VIEW history AS SELECT rnn_panel(ts, value) AS p FROM lab;
CREATE TEMP VIEW scale AS SELECT NULL::text AS series_id, NULL::float8 AS scale;
CALL roll('lab', '{}', 1, NULL, 1, 7, :seeds);
