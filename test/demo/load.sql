-- Loads the data of test/data (sources and terms: test/data/README.md) and makes a table of results.
\set QUIET on
\pset footer off
\pset border 1
SET client_min_messages = warning;

CREATE EXTENSION forecast_rnn;

CREATE TABLE air_passengers (series_id text, month date, passengers float8);
\copy air_passengers FROM 'test/data/airpassengers.csv' CSV HEADER

CREATE TABLE cif (series_id text, month date, value float8, split text);
\copy cif FROM 'test/data/cif2016.csv' CSV HEADER
CREATE TABLE cif_series (series_id text PRIMARY KEY, horizon int, n_train int);
\copy cif_series FROM 'test/data/cif2016_series.csv' CSV HEADER

CREATE TABLE pjm (ts timestamp, mw float8);
\copy pjm FROM PROGRAM 'gzip -dc test/data/pjme_hourly.csv.gz' CSV HEADER

CREATE TABLE result (place int, data text, task text, measure text, naive float8, ours float8, seconds float8);

-- naive: the better of two naive forecasts, the last value and the value one season ago
