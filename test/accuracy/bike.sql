-- Bike sharing in Washington, hourly local time with absent hours: 24 hours ahead from each midnight of October to
-- December 2012.  Absent hours are filled for the network by the default rule, and are not scored.
CREATE TABLE bike(ts timestamp, holiday float8, workingday float8, weathersit float8, temp float8, atemp float8, hum float8,
	windspeed float8, casual float8, registered float8, cnt float8);
\copy bike FROM 'bike_sharing_hourly.csv' CSV HEADER
CREATE TEMP VIEW training AS SELECT rnn_panel(ts, cnt) AS p FROM bike WHERE ts < '2012-10-01';
CREATE TEMP VIEW history AS SELECT rnn_panel(ts, cnt) AS p FROM bike;
CREATE TEMP VIEW scale AS SELECT NULL::text AS series_id, NULL::float8 AS scale;
CALL roll('bike', '{}', 24, 92 * 24, 24, 168, :seeds);
