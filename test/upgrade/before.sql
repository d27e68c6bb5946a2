-- What a database holds before an upgrade of the server: models in a table, managed models, networks, panels, states.
CREATE EXTENSION forecast_rnn;
CREATE ROLE owner_of_models LOGIN;
CREATE TABLE sales AS
SELECT 's' || s AS store, timestamptz '2024-03-20 00:00+00' + i * interval '1 hour' AS at, date '2024-01-01' + i AS day, i,
	10 * s + 12 * abs(i % 7 / 7.0::float8 - 0.5) + i * 31 % 17 / 17.0::float8 AS units
FROM generate_series(1, 3) s, generate_series(0, 119) i;
GRANT SELECT ON sales TO owner_of_models;
CREATE TABLE model (name text, model bytea);
INSERT INTO model SELECT 'default', rnn_train(rnn_panel(store, day, units), options => '{"horizon": 7, "epochs": 3, "ensemble": 2, "mix": 0.5}') FROM sales;
INSERT INTO model SELECT 'time zone', rnn_train(rnn_panel(store, at, units), 'ridge', '{"horizon": 24, "time_zone": "Europe/Berlin"}') FROM sales;
INSERT INTO model SELECT 'network', rnn_train(rnn_panel(store, day, units), rnn_sequential(rnn_gru(4, true), rnn_dense(7)), '{"horizon": 7, "epochs": 2, "mode": "sequence"}') FROM sales;
CREATE TABLE tensor AS SELECT rnn_fit(rnn_sequential(rnn_lstm(3), rnn_dense(2)), '{{{1},{2},{3}},{{2},{3},{4}}}', '{{4,5},{5,6}}', '{"epochs": 2}') AS model;
CREATE TABLE network AS SELECT rnn_sequential(rnn_lstm(8), rnn_dense(3)) AS network;
CREATE TABLE panel AS SELECT rnn_panel(store, day, units) AS panel FROM sales;
CREATE TABLE state AS SELECT s.* FROM model, rnn_state(model) s WHERE name = 'default';
SET ROLE owner_of_models;
CALL rnn_create_model('sales', 'SELECT store AS series, day AS ts, units AS value FROM public.sales', '"ridge"', '{"horizon": 7}');
CALL rnn_retrain('sales', promote => 'always');
CALL rnn_store_forecast('sales', horizon => 5);
RESET ROLE;
