-- Bike sharing in Washington, hourly local time with absent hours: 24 hours ahead from each midnight of October to
-- December 2012.  Weather and holidays of the day are known covariates.  Absent hours are filled for the network by the default rule, and are not scored.
CREATE TABLE bikec(ts timestamp, holiday float8, workingday float8, weathersit float8, temp float8, atemp float8, hum float8,
	windspeed float8, casual float8, registered float8, cnt float8);
\copy bikec FROM 'bike_sharing_hourly.csv' CSV HEADER
CREATE TEMP VIEW training AS SELECT rnn_panel(ts, cnt, ARRAY[workingday, holiday, temp, hum, windspeed, weathersit, atemp]) AS p FROM bikec WHERE ts < '2012-10-01';
CREATE TEMP VIEW history AS SELECT rnn_panel(ts, cnt, ARRAY[workingday, holiday, temp, hum, windspeed, weathersit, atemp]) AS p FROM bikec;
CREATE TEMP VIEW scale AS SELECT NULL::text AS series_id, NULL::float8 AS scale;
CALL roll('bikec', '{}', 24, 92 * 24, 24, 168, :seeds);
