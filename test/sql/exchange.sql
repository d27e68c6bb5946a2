-- models in and out: PyTorch, Keras, ONNX; what cannot be read first
\set SHOW_CONTEXT never
-- files as PyTorch's safetensors writes them, an input each and PyTorch's output; the same from TensorFlow.js
CREATE TEMP TABLE torch (name text, network jsonb, state text, x jsonb, y jsonb);
\copy torch FROM 'test/reference/exchange_golden.txt'
CREATE TEMP TABLE keras (name text, network jsonb, weights jsonb, x jsonb, y jsonb);
\copy keras FROM 'test/reference/keras_golden.txt'

-- ---- hostile files ------------------------------------------------------------
-- header length in eight bytes, header, data
CREATE FUNCTION pg_temp.file(header text, data bytea DEFAULT '', length bigint DEFAULT NULL) RETURNS bytea LANGUAGE sql AS $$
	SELECT (SELECT string_agg(set_byte('\x00'::bytea, 0, ((coalesce(length, octet_length(header)) >> (8 * i)) & 255)::int), '' ORDER BY i) FROM generate_series(0, 7) i)
		|| convert_to(header, 'UTF8') || data
$$;
CREATE FUNCTION pg_temp.try(state bytea, network jsonb DEFAULT rnn_dense(1), options jsonb DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN 'read: ' || (rnn_model_info(rnn_from_torch(network, state, options)) ->> 'features');
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate || ' ' || sqlerrm;
END $$;
SELECT rnn_from_torch(NULL, '') IS NULL AS null_network, rnn_from_torch(rnn_dense(1), NULL) IS NULL AS null_file;
SELECT n, pg_temp.try(f) FROM (VALUES
	(1, ''::bytea), (2, '\x0000000000'), (3, 'PK\003\004 and so on'), (4, pg_temp.file('{}')), (5, pg_temp.file('[]')), (6, pg_temp.file('{"a"')),
	(7, pg_temp.file('{}', '', 1::bigint << 60)), (8, pg_temp.file('{}', '', -1)), (9, pg_temp.file('{}', '\x00')),
	(10, pg_temp.file('{"weight": 3}')), (11, pg_temp.file('{"weight": {"shape": [1, 2], "data_offsets": [0, 8]}}', '\x0000000000000000')),
	(12, pg_temp.file('{"weight": {"dtype": "I64", "shape": [1, 2], "data_offsets": [0, 16]}}', '\x00000000000000000000000000000000')),
	(13, pg_temp.file('{"weight": {"dtype": "F32", "data_offsets": [0, 8]}}', '\x0000000000000000')),
	(14, pg_temp.file('{"weight": {"dtype": "F32", "shape": [1, -2], "data_offsets": [0, 8]}}', '\x0000000000000000')),
	(15, pg_temp.file('{"weight": {"dtype": "F32", "shape": [1152921504606846976, 1152921504606846976], "data_offsets": [0, 8]}}', '\x0000000000000000')),
	(16, pg_temp.file('{"weight": {"dtype": "F32", "shape": [2147483647, 2147483647], "data_offsets": [0, 8]}}', '\x0000000000000000')),
	(17, pg_temp.file('{"weight": {"dtype": "F32", "shape": [1.5, 2], "data_offsets": [0, 12]}}', '\x000000000000000000000000')),
	(18, pg_temp.file('{"weight": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8, 9]}}', '\x0000000000000000')),
	(19, pg_temp.file('{"weight": {"dtype": "F32", "shape": [1, 2], "data_offsets": [8, 0]}}', '\x0000000000000000')),
	(20, pg_temp.file('{"weight": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 16]}}', '\x0000000000000000')),
	(21, pg_temp.file('{"weight": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}, "weight": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}}', '\x0000000000000000')),
	(22, pg_temp.file('{"weight": {"dtype": "F32", "dtype": "F16", "shape": [1, 2], "data_offsets": [0, 8]}}', '\x0000000000000000')),
	(23, pg_temp.file('{"weight": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}, "bias": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}', '\x0000000000000000')),
	(24, pg_temp.file('{"weight": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}, "bias": {"dtype": "F32", "shape": [1], "data_offsets": [12, 16]}}', '\x00000000000000000000000000000000')),
	(25, pg_temp.file('{"weight": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}}', '\x0000000000000000')),
	(26, pg_temp.file('{"weight": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]}, "bias": {"dtype": "F32", "shape": [1], "data_offsets": [8, 12]}}', '\x000000000000000000000000')),
	(27, pg_temp.file('{"weight": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}, "bias": {"dtype": "F32", "shape": [1], "data_offsets": [8, 12]}, "extra": {"dtype": "F32", "shape": [], "data_offsets": [12, 16]}}', '\x00000000000000000000000000000000')),
	(28, pg_temp.file('{"weight": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}, "bias": {"dtype": "F32", "shape": [1], "data_offsets": [8, 12]}}', '\x00000000000000000000c07f')),
	(29, pg_temp.file('{"weight": {"dtype": "F32", "shape": [1, 70000], "data_offsets": [0, 280000]}, "bias": {"dtype": "F32", "shape": [1], "data_offsets": [280000, 280004]}}', decode(repeat('00', 280004), 'hex'))),
	(30, pg_temp.file(E'{"\x01": 1}')), (31, pg_temp.file(repeat('[', 100000))),
	(32, pg_temp.file('{"weight": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}, "bias": {"dtype": "F16", "shape": [1], "data_offsets": [8, 10]}}', '\x0000000000000000003c'))
) t(n, f) ORDER BY n;
-- every cut and every flipped byte of a small file: an error or a model, never anything else
SELECT count(*) > 0 AS tried, count(*) FILTER (WHERE r LIKE 'XX%') AS internal_errors FROM (SELECT decode(state, 'base64') f FROM torch WHERE name = 'simple 1 x 1 F32') s,
	LATERAL (SELECT pg_temp.try(substr(f, 1, n), rnn_simple(1) || rnn_layer_norm() || rnn_dense(2)) r FROM generate_series(0, length(f)) n
		UNION ALL SELECT pg_temp.try(set_byte(f, n, 255 - get_byte(f, n)), rnn_simple(1) || rnn_layer_norm() || rnn_dense(2)) FROM generate_series(0, length(f) - 1) n) a;

-- ---- PyTorch ----------------------------------------------------------------------
CREATE FUNCTION pg_temp.cube(numbers jsonb) RETURNS float8[] LANGUAGE sql IMMUTABLE AS $$ SELECT translate(numbers::text, '[]', '{}')::float8[] $$;
CREATE FUNCTION pg_temp.furthest(a float8[], b float8[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN rnn_shape(a) = rnn_shape(b) THEN (SELECT max(abs(p - q)) FROM unnest(a, b) u(p, q)) ELSE 'Infinity' END
$$;
CREATE TEMP TABLE imported AS SELECT name, network, state, rnn_from_torch(network, decode(state, 'base64')) AS m, pg_temp.cube(x) AS x, pg_temp.cube(y) AS y FROM torch;
SELECT name, pg_temp.furthest(rnn_predict(m, x), y) <= 1e-5 AS same_output FROM imported;
-- the names of the modules, where shapes leave a choice
SELECT pg_temp.try(decode(state, 'base64'), network, '{"modules": ["rnn", "rnn", "norm", "head"]}'), pg_temp.try(decode(state, 'base64'), network, '{"modules": ["rnn", "nrn"]}'),
	pg_temp.try(decode(state, 'base64'), network, '{"modules": ["rnn"]}'), pg_temp.try(decode(state, 'base64'), network, '{"modules": "rnn"}'),
	pg_temp.try(decode(state, 'base64'), network, '{"module": ["rnn"]}')
FROM torch WHERE name LIKE 'gru 3 x 2%' \gx
SELECT pg_temp.try(decode(state, 'base64'), rnn_lstm(3, true) || rnn_lstm(3)), pg_temp.try(decode(state, 'base64'), rnn_gru(3)) FROM torch WHERE name LIKE 'gru 3 x 2%' \gx
-- a model's own bytes as a state_dict: the same weights come back
CREATE FUNCTION pg_temp.state_dict(model bytea) RETURNS bytea LANGUAGE sql AS $$
	SELECT pg_temp.file('{' || string_agg(format('%s: {"dtype": "F32", "shape": [%s], "data_offsets": [%s, %s]}', to_json(name), array_to_string(shape, ', '), till - bytes, till), ', ' ORDER BY n) || '}',
		string_agg(data, '' ORDER BY n)) FROM (SELECT *, length(data) AS bytes, sum(length(data)) OVER (ORDER BY n) AS till FROM (
		SELECT n, name, shape, (SELECT string_agg(substr(f, 4, 1) || substr(f, 3, 1) || substr(f, 2, 1) || substr(f, 1, 1), '' ORDER BY i)
			FROM unnest(w.values) WITH ORDINALITY v(v, i), float4send(v::float4) f) AS data
		FROM rnn_weights(model) WITH ORDINALITY w(name, shape, values, n)) w) s
$$;
SELECT bool_and((SELECT array_agg(w ORDER BY w.name) FROM rnn_weights(rnn_from_torch(n, pg_temp.state_dict(m))) w) = (SELECT array_agg(w ORDER BY w.name) FROM rnn_weights(m) w)) AS exact
FROM (SELECT n, rnn_init(n, '{5,3}', 4) AS m FROM unnest(ARRAY[rnn_lstm(4, true) || rnn_dropout(0.1) || rnn_gru(4) || rnn_dense(2), rnn_bidirectional(rnn_simple(3)) || rnn_layer_norm() || rnn_dense(2)]) n) s;
-- it can be trained further
SELECT b.loss < a.loss AS trained FROM (SELECT * FROM imported WHERE name = 'lstm 8 x 3 F32') i,
	LATERAL (SELECT array_agg(ARRAY[g, -g]::float8[]) AS target FROM generate_series(1, 3) g) t,
	LATERAL rnn_evaluate(m, x, target) a, LATERAL rnn_evaluate(rnn_fit(m, x, target, '{"epochs": 40, "learning_rate": 0.02}'), x, target) b;

-- ... and on a panel, where the imported weights are the start: a tiny learning rate leaves them as they are
SET client_min_messages = error;
CREATE TEMP TABLE series AS SELECT date '2024-01-01' + i AS d, 10 + 3 * sin(i * 2 * pi() / 7) + sin(i * i) AS v FROM generate_series(0, 159) i;
CREATE TEMP TABLE started AS SELECT m AS start, rnn_train((SELECT rnn_panel(d, v) FROM series), m, '{"learning_rate": 1e-12, "epochs": 1}') AS m
FROM rnn_init(rnn_lstm(6) || rnn_dense(4), '{14,1}', 5) m;
SELECT i -> 'recipe' -> 'time_steps' AS time_steps, i -> 'recipe' -> 'horizon' AS horizon, i -> 'layers' AS layers, (SELECT count(*) FROM rnn_forecast(m, 10)) AS steps FROM started, rnn_model_info(m) i;
SELECT bool_and((SELECT max(abs(p - q)) < 1e-6 FROM unnest(a.values, b.values) u(p, q))) AS same_weights FROM started, rnn_weights(start) a JOIN rnn_weights(m) b USING (name);
SELECT rnn_train((SELECT rnn_panel(d, v) FROM series), start, '{"seasonality": 7, "epochs": 1}') FROM started;
SELECT rnn_train((SELECT rnn_panel(d, v) FROM series), start, '{"horizon": 5, "epochs": 1}') FROM started;
SELECT rnn_train((SELECT rnn_panel(d, v, ARRAY[v]) FROM series), start, '{"epochs": 1}') FROM started;
SELECT rnn_model_info(rnn_train((SELECT rnn_panel(d, v) FROM series), rnn_init(rnn_gru(3) || rnn_dense(4), '{NULL,7}'), '{"epochs": 1, "time_steps": 28}')) #> '{recipe,segment}' AS segment;

-- ---- Keras ------------------------------------------------------------------------
SELECT name, pg_temp.furthest(rnn_predict(rnn_from_keras(network, weights), pg_temp.cube(x)), pg_temp.cube(y)) <= 1e-5 AS same_output FROM keras;
SELECT rnn_from_keras(rnn_dense(1), '{}');
SELECT rnn_from_keras(rnn_dense(1), '[]');
SELECT rnn_from_keras(rnn_dense(1), '[[[1], [2]]]');
SELECT rnn_from_keras(rnn_dense(1), '[[[1], [2]], [1, 2]]');
SELECT rnn_from_keras(rnn_dense(1), '[[[1], [2, 3]], [1]]');
SELECT rnn_from_keras(rnn_dense(1), '[[[1], ["2"]], [1]]');
SELECT rnn_from_keras(rnn_dense(1), '[[[1], [1e39]], [1]]');
SELECT rnn_from_keras(rnn_dense(1), '[[[[1]], [2]], [1]]');
SELECT rnn_from_keras(rnn_lstm(1, dilation => 2), '[[[1, 2, 3, 4]], [[1, 2, 3, 4]], [1, 2, 3, 4]]');
SELECT rnn_predict(rnn_from_keras(rnn_dense(1), '[[[1], [2]], [0.5]]'), '{{{3,4}}}') AS dense;
-- out and in again: weights to the bit, but for the two biases of an LSTM or simple layer, which Keras has as their sum
CREATE TEMP TABLE net AS SELECT n, rnn_fit(n, x, '{{1,2},{2,1}}', '{"epochs": 2}') AS m, x
FROM unnest(ARRAY[rnn_gru(4, true) || rnn_bidirectional(rnn_gru(3)) || rnn_dense(2), rnn_lstm(4, true) || rnn_layer_norm(0.01) || rnn_dropout(0.1) || rnn_simple(3, 'relu') || rnn_dense(2, 'tanh')]) n,
	(VALUES ('{{{1,2},{2,3},{3,4}},{{2,1},{1,0},{0,1}}}'::float8[])) v(x);
CREATE FUNCTION pg_temp.keras_weights(model bytea) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_agg(to_jsonb(w.values) ORDER BY n) FROM rnn_weights(model, 'keras') WITH ORDINALITY w(name, shape, values, n) $$;
SELECT n -> 0 ->> 'layer' AS layer, rnn_network(rnn_to_keras(m)) = n AS same_network, pg_temp.keras_weights(k) = pg_temp.keras_weights(m) AS same_weights,
	(SELECT array_agg(w) FROM rnn_weights(k) w) = (SELECT array_agg(w) FROM rnn_weights(m) w) AS bit_exact, pg_temp.furthest(rnn_predict(k, x), rnn_predict(m, x)) < 1e-6 AS same_output
FROM net, rnn_from_keras(rnn_to_keras(m), pg_temp.keras_weights(m)) k;
SELECT w.name, w.shape FROM net, rnn_weights(m, 'keras') w;
SELECT jsonb_pretty(rnn_to_keras(rnn_init(rnn_bidirectional(rnn_lstm(2), 'ave') || rnn_dense(1), '{NULL,3}')) #> '{config,layers,1,config}') AS bidirectional;
SELECT * FROM net, rnn_weights(m, 'onnx');
SELECT rnn_to_keras(rnn_init(rnn_lstm(1, dilation => 2), '{3,1}'));

-- ---- ONNX -------------------------------------------------------------------------
SELECT rnn_to_onnx(rnn_init(rnn_lstm(1, dilation => 2), '{3,1}'));
SELECT rnn_to_onnx(m, 2) FROM net;
SELECT rnn_to_onnx(m, 0) FROM net;
SELECT rnn_to_onnx(rnn_train(rnn_panel(d, v), 'ridge')) FROM series;
SELECT rnn_to_keras(rnn_train(rnn_panel(d, v), 'ridge')) FROM series;
SELECT rnn_to_keras(rnn_train(rnn_panel(d, v), options => '{"mode": "window", "highway": true, "epochs": 1, "ensemble": 1, "mix": 1}')) FROM series;
-- the same bytes each time, weights as they are, and what a program outside must do first; test/reference/check_exchange.js runs such files
SELECT rnn_to_onnx(m) = rnn_to_onnx(m, 1) AS same, length(rnn_to_onnx(m)) > 4 * (rnn_model_info(m) ->> 'parameters')::int AS holds_weights,
	position('forecast_rnn'::bytea IN rnn_to_onnx(m)) > 0 AS producer FROM net;
SELECT position(convert_to(part, 'UTF8') IN o) > 0 AS found, part
FROM (SELECT rnn_to_onnx(rnn_train(rnn_panel(d, v), options => '{"epochs": 1, "ensemble": 2, "mix": 1, "horizon": 7}'), 2) o FROM series) s,
	unnest('{preparation,recipe,"\"horizon\": 7","2 of 2","the level (last) is subtracted",pipeline,mixture,"\"season_ago\"","\"smoothed_level\"","\"profile\"","\"weight\""}'::text[]) part;
-- the parameters of all series are part of the memory that an export may take
CREATE TABLE many AS SELECT rnn_train(rnn_panel('series ' || s, i::bigint, s + i * (i + s) % 7), rnn_sequential(rnn_simple(1), rnn_dense(2)), '{"horizon": 2, "epochs": 1, "time_steps": 4}') AS m
FROM generate_series(1, 3000) s, generate_series(1, 12) i;
SELECT length(rnn_to_onnx(m)) > 3000 * 60 AS all_series FROM many;
SET maintenance_work_mem = '1MB';
SELECT length(rnn_to_onnx(m)) FROM many;
RESET maintenance_work_mem;
