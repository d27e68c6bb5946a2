-- Models as bytes: bad input first, then what a model says about itself.
CREATE TABLE model AS SELECT rnn_init(rnn_sequential(rnn_simple(2)), '{4,1}', 7) AS m;

-- ---- rnn_init: input shapes ------------------------------------------------
SELECT rnn_init(rnn_sequential(rnn_simple(3)), '{}');
SELECT rnn_init(rnn_sequential(rnn_simple(3)), '{30}');
SELECT rnn_init(rnn_sequential(rnn_simple(3)), '{30,1,1}');
SELECT rnn_init(rnn_sequential(rnn_simple(3)), '{{30,1}}');
SELECT rnn_init(rnn_sequential(rnn_simple(3)), '{0,1}');
SELECT rnn_init(rnn_sequential(rnn_simple(3)), '{-1,1}');
SELECT rnn_init(rnn_sequential(rnn_simple(3)), '{30,NULL}');
SELECT rnn_init(rnn_sequential(rnn_simple(3)), '{30,0}');
SELECT rnn_init(rnn_sequential(rnn_simple(3)), '{30,70000}');
SELECT rnn_init(NULL, '{30,1}') IS NULL AS null_in_null_out;

-- networks that do not fit
SELECT rnn_init(rnn_sequential(rnn_simple(3), rnn_simple(3)), '{30,1}');
SELECT rnn_init('[]', '{30,1}');
SET maintenance_work_mem = '64MB';
SELECT rnn_init(rnn_sequential(rnn_lstm(8000, return_sequences => true), rnn_lstm(8000)), '{30,1}');
RESET maintenance_work_mem;

-- ---- bytes that are no model -------------------------------------------------
SELECT rnn_model_info(''::bytea);
SELECT rnn_model_info('\x00'::bytea);
SELECT rnn_model_info('hello, this is some text that is long enough to be looked at further, but no model'::bytea);
SELECT rnn_model_info(substr(m, 1, length(m) - 1)) FROM model;
SELECT rnn_model_info(m || '\x00') FROM model;

-- cut off at every length, every byte flipped: a clear error each time
CREATE FUNCTION refused(bytes bytea) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	PERFORM rnn_model_info(bytes);
	RETURN false;
EXCEPTION WHEN data_corrupted THEN
	RETURN sqlerrm LIKE 'model bytes are not valid: %';
END $$;
SELECT count(*) = max(length(m)) AS all_lengths, bool_and(refused(substr(m, 1, n))) AS refused
  FROM model, generate_series(0, length(m) - 1) n;
SELECT count(*) = 8 * max(length(m)) AS all_bits, bool_and(refused(set_bit(m, n, 1 - get_bit(m, n)))) AS refused
  FROM model, generate_series(0, 8 * length(m) - 1) n;

-- ---- behind the checksum: bytes that someone sealed ---------------------------
-- CRC-32C, reflected polynomial 0x82f63b78, of all bytes with the eight digits as '0'
CREATE FUNCTION frame_crc(bytes bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	crc bigint := 4294967295;
	lookup bigint[];
	c bigint;
BEGIN
	FOR i IN 0 .. 255 LOOP
		c := i;
		FOR bit IN 1 .. 8 LOOP
			c := CASE WHEN c & 1 = 1 THEN (c >> 1) # 2197175160 ELSE c >> 1 END;
		END LOOP;
		lookup[i] := c;
	END LOOP;
	FOR i IN 0 .. length(bytes) - 1 LOOP
		crc := lookup[((crc # get_byte(bytes, i)) & 255)::int] # (crc >> 8);
	END LOOP;
	RETURN lpad(to_hex(crc # 4294967295), 8, '0');
END $$;
SELECT frame_crc('123456789') AS check_value;

CREATE FUNCTION seal(bytes bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
	SELECT overlay(bytes PLACING convert_to(frame_crc(overlay(bytes PLACING '00000000' FROM 45)), 'UTF8') FROM 45)
$$;
SELECT seal(m) = m AS same_seal FROM model;

CREATE FUNCTION header_length(bytes bytea) RETURNS int LANGUAGE sql IMMUTABLE AS $$
	SELECT get_byte(bytes, 0) + 256 * get_byte(bytes, 1)
$$;
-- the header's text changed and padded again, the data as they are
CREATE FUNCTION edit(bytes bytea, old text, new text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	n int := header_length(bytes);
	header text := rtrim(convert_from(substr(bytes, 9, n), 'UTF8'));
	again text;
	padded int;
BEGIN
	IF strpos(header, old) = 0 THEN
		RAISE 'no % in the header', old;
	END IF;
	again := overlay(header PLACING new FROM strpos(header, old) FOR length(old));
	padded := (octet_length(again) + 7) / 8 * 8;
	RETURN seal(set_byte(set_byte(substr(bytes, 1, 8), 0, padded % 256), 1, padded / 256)
				|| convert_to(again || repeat(' ', padded - octet_length(again)), 'UTF8')
				|| substr(bytes, 9 + n));
END $$;
SELECT edit(m, '"members":"1"', '"members":"1"') = m AS unchanged FROM model;

-- the frame
SELECT rnn_model_info(seal(set_byte(m, 0, 7))) FROM model;
SELECT rnn_model_info(seal(set_byte(m, 7, 255))) FROM model;
SELECT rnn_model_info(seal(set_byte(m, 0, get_byte(m, 0) + 1))) FROM model;
SELECT rnn_model_info(seal(m || '\x00000000')) FROM model;
SELECT rnn_model_info(seal(substr(m, 1, length(m) - 4))) FROM model;
SELECT rnn_model_info(seal(set_byte(m, 60, 255))) FROM model;

-- the header: one way to write it
SELECT rnn_model_info(edit(m, ',"format":"pt"', ', "format":"pt"')) FROM model;
SELECT rnn_model_info(edit(m, '"format":"pt"', '"form\u0061t":"pt"')) FROM model;
SELECT rnn_model_info(edit(m, '"format":"pt"', '"format":"p/t\/"')) FROM model;
SELECT rnn_model_info(edit(m, '"format":"pt"', '"format":"\u0000"')) FROM model;
SELECT rnn_model_info(edit(m, '"format":"pt"', '"format":"pt","format":"pt"')) FROM model;
SELECT rnn_model_info(edit(m, '"format":"pt"', '"checksum":"pt"')) FROM model;
SELECT rnn_model_info(edit(m, '"format":"pt"', E'"format":"p\tt"')) FROM model;
SELECT rnn_model_info(edit(m, '"format":"pt"', '"format":{}')) FROM model;
SELECT rnn_model_info(edit(m, '"0.weight_hh_l0"', '"0.weight_ih_l0"')) FROM model;
SELECT rnn_model_info(edit(m, '"0.weight_hh_l0"', '"__metadata__"')) FROM model;
SELECT rnn_model_info(edit(m, '"0.weight_hh_l0"', '"0.weight_hh_' || repeat('x', 200) || '"')) FROM model;
SELECT rnn_model_info(edit(m, '"F32"', '"F99"')) FROM model;
SELECT rnn_model_info(edit(m, '"F32"', '"F64"')) FROM model;
SELECT rnn_model_info(edit(m, '"shape":[2,1]', '"shape":[1,2]')) FROM model;
SELECT rnn_model_info(edit(m, '"shape":[2,1]', '"shape":[2]')) FROM model;
SELECT rnn_model_info(edit(m, '"shape":[2,1]', '"shape":[2,1,1,1,1]')) FROM model;
SELECT rnn_model_info(edit(m, '"shape":[2,1]', '"shape":[999999999999999,999999999999999]')) FROM model;
SELECT rnn_model_info(edit(m, '"shape":[2,1]', '"shape":[9999999999999999]')) FROM model;
SELECT rnn_model_info(edit(m, '"shape":[2,1]', '"shape":[-2,1]')) FROM model;
SELECT rnn_model_info(edit(m, '"shape":[2,1]', '"shape":[02,1]')) FROM model;
SELECT rnn_model_info(edit(m, '"data_offsets":[0,8]', '"data_offsets":[8,16]')) FROM model;
SELECT rnn_model_info(edit(m, '"data_offsets":[0,8]', '"data_offsets":[0,12]')) FROM model;
SELECT rnn_model_info(edit(m, '"data_offsets":[8,24]', '"data_offsets":[0,16]')) FROM model;

-- the meaning
SELECT rnn_model_info(edit(m, '"format_version":"1"', '"format_version":"2"')) FROM model;
SELECT rnn_model_info(edit(m, '"format_version":"1"', '"format_version":"0"')) FROM model;
SELECT rnn_model_info(edit(m, '"format_version":"1"', '"format_version":"x"')) FROM model;
SELECT rnn_model_info(edit(m, '"format_version"', '"formatversion"')) FROM model;
SELECT rnn_model_info(edit(m, '"kind":"network"', '"kind":"tree"')) FROM model;
SELECT rnn_model_info(edit(m, '"input_size":"1"', '"input_size":"2"')) FROM model;
SELECT rnn_model_info(edit(m, '"input_size":"1"', '"input_size":"-1"')) FROM model;
SELECT rnn_model_info(edit(m, '"input_size":"1"', '"input_size":"01"')) FROM model;
SELECT rnn_model_info(edit(m, '"input_size":"1"', '"input_size":"99999999999999999999"')) FROM model;
SELECT rnn_model_info(edit(m, '"members":"1"', '"members":"2"')) FROM model;
SELECT rnn_model_info(edit(m, '\"units\": 2', '\"units\": 3')) FROM model;
SELECT rnn_model_info(edit(m, '\"units\": 2', '\"units\": 8192')) FROM model;
SELECT rnn_model_info(edit(m, '\"units\": 2', '\"units\": 9999')) FROM model;
SELECT rnn_model_info(edit(m, '\"simple\"', '\"simpel\"')) FROM model;
SELECT rnn_model_info(edit(m, '\"units\": 2}]', '\"units\": 2')) FROM model;
SELECT rnn_model_info(edit(m, '\"mse\"', '\"msee\"')) FROM model;
SELECT rnn_model_info(edit(m, '"targets":"0"', '"targets":"3"')) FROM model;
SELECT rnn_model_info(edit(m, '"options":"{}"', '"options":"[]"')) FROM model;
SELECT rnn_model_info(edit(m, '"options":"{}"', '"options":"{\"epochz\": 1}"')) FROM model;
SELECT rnn_model_info(edit(m, '"0.bias_hh_l0"', '"0.bias_hx_l0"')) FROM model;
SELECT rnn_model_info(seal(overlay(m PLACING '\x0000c07f' FROM length(m) - 3))) FROM model;
SELECT rnn_model_info(seal(overlay(m PLACING '\x0000807f' FROM length(m) - 3))) FROM model;
-- a tensor that does not belong
SELECT rnn_model_info(edit(m || '\x00', '[32,40]}', '[32,40]},"stray":{"dtype":"U8","shape":[1],"data_offsets":[40,41]}')) FROM model;

-- further metadata is shown, JSON as JSON
SELECT i - '{version,bytes}'::text[] FROM model, LATERAL rnn_model_info(edit(m, '"format":"pt"',
	'"format":"pt","note":"a \"quoted\" n\u0001te","list":"[1, 2]","open":"[1, 2"')) i;

-- ---- what a model says about itself ---------------------------------------------
SELECT rnn_model_info(m) - '{version,bytes}'::text[] FROM model;
SELECT name, shape, array_dims(values) FROM model, rnn_weights(m);
SELECT * FROM model, LATERAL (SELECT count(*) AS epochs FROM rnn_history(m)) h WHERE m IS NULL OR epochs > 0;

-- same seed, same bytes
SELECT rnn_init(n, '{4,1}', 7) = m AS same_seed, rnn_init(n, '{4,1}', 8) = m AS other_seed, rnn_init(n, '{4,1}') = m AS default_seed
  FROM model, rnn_sequential(rnn_simple(2)) n;
-- open time steps change the shape only, not the weights
SELECT bool_and(a.values = b.values) AS same_weights
  FROM model, rnn_weights(m) a JOIN rnn_weights(rnn_init(rnn_sequential(rnn_simple(2)), '{NULL,1}', 7)) b USING (name);

-- ---- summaries, as Keras prints them ----------------------------------------------
SELECT * FROM rnn_summary(rnn_sequential(rnn_simple(20, return_sequences => true), rnn_simple(20), rnn_dense(1)), '{30,1}');
SELECT * FROM rnn_summary(rnn_sequential(rnn_bidirectional(rnn_gru(20, return_sequences => true)), rnn_layer_norm(), rnn_dropout(0.2),
	rnn_lstm(8), rnn_dense(5), rnn_dense(1)), '{NULL,3}');
SELECT s.* FROM model, rnn_summary(m) s;
SELECT * FROM rnn_summary(rnn_sequential(rnn_simple(20)), '{30}');
SELECT * FROM rnn_summary(rnn_sequential(rnn_simple(20), rnn_lstm(3)), '{30,1}');

-- a bytea from a table, stored out of line or compressed, is the same model
CREATE TABLE stored (m bytea);
ALTER TABLE stored ALTER m SET STORAGE EXTENDED;
INSERT INTO stored SELECT rnn_init(rnn_sequential(rnn_lstm(40)), '{4,1}', 7);
SELECT rnn_model_info(m) ->> 'parameters' AS parameters FROM stored;

-- ---- a count likelihood of any dispersion: its quantiles end ------------------------
-- 1e34 in the bias of the dispersion of each step, sealed again; the search had bounds above 2^53 and never ended
CREATE TABLE counts AS SELECT rnn_train(rnn_panel(i, (i * 7 % 5)::float8), rnn_sequential(rnn_gru(2), rnn_dense(6)),
	'{"loss": "negative_binomial", "horizon": 3, "epochs": 1, "ensemble": 1, "intervals": "loss", "time_steps": 6}') AS m
  FROM generate_series(1, 40) i;
CREATE FUNCTION with_number(bytes bytea, tensor text, place int, value float4) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
	SELECT seal(overlay(bytes PLACING decode(string_agg(lpad(to_hex(get_byte(float4send(value), b)), 2, '0'), '' ORDER BY b DESC), 'hex')
						FROM 9 + header_length(bytes) + 4 * place +
						(convert_from(substr(bytes, 9, header_length(bytes)), 'UTF8')::jsonb #>> ARRAY[tensor, 'data_offsets', '0'])::int))
	  FROM generate_series(0, 3) b
$$;
CREATE FUNCTION with_bias(bytes bytea, output int, value float4) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
	SELECT with_number(bytes, '1.bias', output, value)
$$;
SELECT with_bias(m, 1, 0) <> m AS changed, rnn_model_info(with_bias(m, 1, 0)) ->> 'kind' AS kind FROM counts;
SET statement_timeout = '20s';
SELECT value, count(*), bool_and(prediction_interval_upper_bound >= prediction_interval_lower_bound) AS ordered
  FROM counts, unnest('{1e8, 1e20, 1e34, 3e38}'::float4[]) value,
	   rnn_forecast_index(with_bias(with_bias(with_bias(m, 1, value), 3, value), 5, value), confidence_level => 0.999999)
 GROUP BY value ORDER BY value;
RESET statement_timeout;

-- ---- autoregressions: a weight that no training gives is refused, the largest one is not ----
CREATE TABLE autoregressive AS SELECT rnn_train(rnn_panel(s, i, 10 * sin(i * (0.5 + 0.31 * s)) + hashint4(1000 * s + i) % 1000 / 2000.0),
	options => '{"horizon": 3, "autoregression": 6, "epochs": 1, "ensemble": 1, "time_steps": 6}') AS m
  FROM generate_series(1, 5) s, generate_series(1, 90) i;
SELECT (rnn_model_info(m) #>> '{weights,autoregression}')::float8 > 0 AS has_share FROM autoregressive;
SELECT rnn_model_info(with_number(m, 'series.ar_weight', 0, 1000001)) FROM autoregressive;
SELECT rnn_model_info(with_number(m, 'series.ar_weight', 3, -1000001)) FROM autoregressive;
SELECT rnn_model_info(with_number(m, 'series.ar_weight', 1, 'NaN')) FROM autoregressive;
SELECT rnn_model_info(with_number(m, 'series.ar_weight', 1, '-Infinity')) FROM autoregressive;
SELECT value, with_number(m, 'series.ar_weight', 0, value) <> m AS changed, count(forecast_value) AS steps
  FROM autoregressive, unnest('{1000000,-1000000}'::float4[]) value, rnn_forecast_index(with_number(m, 'series.ar_weight', 0, value)) GROUP BY 1, 2 ORDER BY 1;
SELECT rnn_model_info(edit(m, '\"ar_share\":', '\"ar_share\":1')) FROM autoregressive;
SELECT rnn_model_info(edit(m, '\"ar_share\":', '\"ar_share\":-')) FROM autoregressive;

-- ---- training raises an error rather than return bytes that no function reads -------
CREATE TABLE huge AS SELECT s, i, v * factor AS v FROM generate_series(1, 60) i,
	(VALUES ('calm', 1), ('huge', 1e200)) series(s, factor), sin(i) v;
SELECT rnn_train(rnn_panel(i, v), 'ridge', '{"horizon": 3}') FROM huge WHERE s = 'huge';
SELECT rnn_train(rnn_panel(s, i, v), 'ridge', '{"horizon": 3}') FROM huge;
SELECT rnn_train(rnn_panel(s, i, v), rnn_sequential(rnn_gru(2), rnn_dense(3)), '{"horizon": 3, "epochs": 1}') FROM huge;
SELECT rnn_model_info(rnn_train(rnn_panel(s, i, CASE s WHEN 'huge' THEN v / 1e60 ELSE v END), 'ridge', '{"horizon": 3}')) ->> 'series' AS series FROM huge;

DROP TABLE huge;

-- ---- what training tells, and the model in words ----------------------------------------
CREATE TABLE told AS SELECT s, date '2024-01-01' + i AS d, 50 * s + 0.05 * i + 2 * sin(2 * pi() * i / 7) + (hashint4(1000 * s + i) % 1000) / 1500.0 AS v
	FROM generate_series(1, 6) s, generate_series(0, 119) i;
-- one line for a chosen network, also if the validation rows left it out, and for all if asked
CREATE TABLE spoken AS SELECT rnn_train(rnn_panel(d, round(v)), options => '{"horizon": 7, "epochs": 1, "ensemble": 1, "learning_rate": 10}') AS m FROM told WHERE s = 1;
INSERT INTO spoken SELECT rnn_train(rnn_panel(s, d, v), 'ridge', '{"horizon": 7, "verbose": true, "calendar": true}') FROM told WHERE s < 3;
INSERT INTO spoken SELECT rnn_train(rnn_panel(d, v), options => '{"horizon": 7, "mix": 0, "validation": 0, "transform": "log"}') FROM told WHERE s = 2;
-- the first three models of a query one by one, then a count
SELECT count(m) FROM (SELECT rnn_train(rnn_panel(d, v), options => '{"horizon": 7, "mix": 0}') m FROM told GROUP BY s) s;
SELECT count(m) FROM (SELECT rnn_train(rnn_panel(d, v), 'ridge', '{"horizon": 7}') m FROM told GROUP BY s) s;
-- numbers are numbers, choices are words, and what is stored is under debug
SELECT i - '{bytes,version,debug,parameters,validation,choice,recipe}'::text[] AS info, i -> 'recipe' AS recipe FROM spoken, rnn_model_info(m) i OFFSET 1 LIMIT 1;
SELECT i ->> 'choice' AS choice, i -> 'layers' AS layers, (i -> 'validation' ->> 'model')::float8 < (i -> 'validation' ->> 'network')::float8 AS mixture_beats_network,
	i #> '{debug,recipe,scaling}' AS stored FROM spoken, rnn_model_info(m) i LIMIT 1;
SELECT count(*) AS models, bool_and(jsonb_typeof(value) NOT IN ('string') OR value #>> '{}' !~ '^-?[0-9.]+$') AS no_number_as_text
	FROM spoken, rnn_model_info(m) i, jsonb_each(i - 'debug' || (i -> 'recipe')) WHERE key <> 'version';
SELECT topic, item, value FROM (SELECT m FROM spoken OFFSET 1 LIMIT 1) s, rnn_model_card(m) WHERE item NOT IN ('version', 'size', 'transform');
SELECT item, value FROM (SELECT m FROM spoken OFFSET 2 LIMIT 1) s, rnn_model_card(m) WHERE topic IN ('choice', 'validation', 'intervals');
SELECT topic, item, value FROM rnn_model_card(rnn_fit(rnn_sequential(rnn_bidirectional(rnn_gru(3)), rnn_dropout(0.1), rnn_dense(4, 'relu'), rnn_dense(1)),
	'{{{1},{2}},{{3},{4}}}', '{{3},{5}}', '{"epochs": 2}')) WHERE item NOT IN ('version', 'size', 'epochs');

-- ---- the plan of named covariates ----
CREATE TEMP TABLE named AS SELECT rnn_train(rnn_panel(k::bigint, k + sin(k), jsonb_build_object('a', cos(k), 'b', chr(97 + (k % 2)::int))), 'ridge', '{"horizon": 1, "time_steps": 3}') AS m FROM generate_series(1, 40) k;
SELECT rnn_model_card(edit(m, '[{\"name\":\"a\"', '{[\"name\":\"a\"')) FROM named;
SELECT rnn_model_card(edit(m, '\"name\":\"a\"', '\"role\":\"a\"')) FROM named;
SELECT rnn_model_card(edit(m, '\"role\":\"', '\"role\":\"x')) FROM named;
SELECT rnn_model_card(edit(m, '[\"a\",\"b\"]', '[\"b\",\"a\"]')) FROM named;
SELECT rnn_model_card(edit(m, '[\"a\",\"b\"]', '[\"a\",\"\\u00e\"]')) FROM named;
SELECT rnn_model_card(edit(m, '\"name\":\"a\"', '\"name\":\"c\"')) FROM named;
SELECT count(*) > 5 AS sound FROM named, rnn_model_card(edit(m, '\"name\":\"a\"', '\"name\":\"a\"'));
DROP TABLE named;

DROP TABLE told, spoken;
DROP TABLE model, stored, counts, autoregressive;
DROP FUNCTION with_bias, with_number, refused, edit, seal, frame_crc, header_length;
