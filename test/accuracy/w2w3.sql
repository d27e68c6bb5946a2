-- The synthetic series w2w3_assignment of a course: one day ahead from the actual history, from day 1100 on.
CREATE TABLE w2w3(series_id text, step int, ts date, value float8);
\copy w2w3 FROM 'course_synthetic.csv' CSV HEADER
DELETE FROM w2w3 WHERE series_id <> 'w2w3_assignment';
CREATE TEMP VIEW training AS SELECT rnn_panel(ts, value) AS p FROM w2w3 WHERE step < 1100;
CREATE TEMP VIEW history AS SELECT rnn_panel(ts, value) AS p FROM w2w3;
CREATE TEMP VIEW scale AS SELECT NULL::text AS series_id, NULL::float8 AS scale;
CALL roll('w2w3', '{}', 1, NULL, 1, 7, :seeds);
