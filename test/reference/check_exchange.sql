-- Models of every layer, an input and our output each, for check_exchange.js: one JSON object a line.
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS forecast_rnn;
CREATE TEMP TABLE net (name text, network jsonb, features int, steps int);
INSERT INTO net
SELECT format('%s %s x %s%s', cell, units, depth, CASE WHEN pair THEN ' bidirectional' END),
	(SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('layer', cell, 'units', units, 'return_sequences', CASE WHEN l < depth THEN true END,
		'bidirectional', CASE WHEN pair THEN true END)) ORDER BY l) FROM generate_series(1, depth) l) || rnn_dense(2), 2, 7
FROM unnest('{simple,lstm,gru}'::text[]) cell, unnest('{1,3,8,64}'::int[]) units, generate_series(1, 3) depth, unnest('{false,true}'::bool[]) pair
WHERE units < 64 OR depth = 1;
INSERT INTO net VALUES
	('sequence output', rnn_sequential(rnn_lstm(5, true), rnn_gru(4, true), rnn_dense(3, 'tanh')), 3, 6),
	('bidirectional sequence, sum', rnn_sequential(rnn_bidirectional(rnn_gru(4, true), 'sum'), rnn_lstm(3), rnn_dense(2)), 3, 6),
	('bidirectional sequence, ave', rnn_sequential(rnn_bidirectional(rnn_lstm(4, true), 'ave'), rnn_gru(3), rnn_dense(2)), 3, 6),
	('bidirectional vector, mul', rnn_sequential(rnn_bidirectional(rnn_simple(4), 'mul'), rnn_dense(2)), 3, 6),
	('bidirectional sequence, concat', rnn_sequential(rnn_bidirectional(rnn_lstm(4, true)), rnn_dense(2)), 3, 6),
	('activations', rnn_sequential(rnn_simple(4, 'relu', true), rnn_simple(4, 'linear'), rnn_dense(6, 'relu'), rnn_dense(5, 'sigmoid'), rnn_dense(4, 'softplus'), rnn_dense(2)), 2, 5),
	('norm and dropout', rnn_sequential(rnn_layer_norm(), rnn_dropout(0.3), rnn_gru(4, true), rnn_layer_norm(0.01), rnn_lstm(3), rnn_dropout(0.5), rnn_dense(2)), 3, 5),
	('no bias', rnn_sequential(rnn_lstm(4, true, use_bias => false), rnn_gru(4, true, use_bias => false), rnn_simple(3, use_bias => false), rnn_dense(2, use_bias => false)), 2, 5);
-- weights that are not the initial ones, so that biases and norms count too
CREATE TEMP TABLE cases AS
SELECT n.name, network, x, rnn_fit(network, x, rnn_predict(rnn_init(network, ARRAY[steps, features], 9), x),
	'{"epochs": 3, "learning_rate": 0.05, "batch_size": 4}') AS m
FROM net n, LATERAL (SELECT array_agg(s ORDER BY b) AS x FROM (SELECT b, array_agg(r ORDER BY t) AS s FROM (
	SELECT b, t, array_agg(sin(b * 1.7 + t * 0.9 + f * 2.1)::float8 ORDER BY f) AS r
	FROM generate_series(1, 8) b, generate_series(1, steps) t, generate_series(1, features) f GROUP BY b, t) r GROUP BY b) s) x;
SELECT json_build_object('name', name, 'x', x, 'y', rnn_predict(m, x), 'onnx', translate(encode(rnn_to_onnx(m), 'base64'), E'\n', ''),
	'keras', rnn_to_keras(m), 'weights', (SELECT json_agg(json_build_object('name', w.name, 'shape', shape, 'values', values)) FROM rnn_weights(m, 'keras') w))
FROM cases;
-- a forecaster's network: without transform, scale, level and season its output is the forecast, and x the last rows
CREATE TEMP TABLE series AS SELECT i::bigint AS i, sin(i * 0.7) + 0.3 * cos(i * 2.1) AS v FROM generate_series(1, 120) i;
CREATE TEMP TABLE forecasters AS
SELECT o, rnn_train(rnn_panel(i, v), network, '{"mix": 1, "transform": "none", "scaler": "none", "level": "none", "seasonality": "none", "horizon": 4, "epochs": 3, "ensemble": 2}' || o) AS m
FROM series, (VALUES (rnn_sequential(rnn_lstm(5), rnn_dense(4)), '{"mode": "window", "time_steps": 12, "segment": 3, "highway": true}'::jsonb),
	(rnn_sequential(rnn_gru(5), rnn_dense(4)), '{"mode": "window", "time_steps": 12, "segment": 1, "highway": false}')) f(network, o) GROUP BY network, o;
SELECT json_build_object('name', 'forecaster ' || o::text, 'x', (SELECT json_build_array(json_agg(s ORDER BY k)) FROM (
		SELECT (i - 109) / (o ->> 'segment')::int AS k, json_agg(v ORDER BY i) AS s FROM series WHERE i > 108 GROUP BY 1) q),
	'y', (SELECT json_build_array(json_agg(forecast_value ORDER BY step)) FROM rnn_forecast_index(m)),
	'onnx', translate(encode(rnn_to_onnx(m), 'base64'), E'\n', ''), 'second', translate(encode(rnn_to_onnx(m, 2), 'base64'), E'\n', ''), 'keras', NULL)
FROM forecasters;
