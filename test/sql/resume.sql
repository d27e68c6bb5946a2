-- keep_optimizer, keep_ridge, stop_after: a training in several calls
CREATE SCHEMA resume;
SET search_path = resume, public;
CREATE TABLE resume_d AS SELECT s, k::bigint AS t, 10 + s + 3 * sin(k / 24.0 * 2 * pi()) + (k * 7919 * s % 101) / 40.0 AS v, s % 2 AS node
  FROM generate_series(1, 6) s, generate_series(0, 199) k;
CREATE FUNCTION rows_of(part int DEFAULT NULL) RETURNS rnn_panel LANGUAGE sql AS $$ SELECT rnn_panel(s, t, v) FROM resume_d WHERE part IS NULL OR node = part $$;
CREATE FUNCTION net() RETURNS jsonb LANGUAGE sql AS $$ SELECT rnn_sequential(rnn_lstm(4), rnn_dense(6)) $$;
-- trains by calls of so many epochs until nothing is left; returns the last model
CREATE FUNCTION hops(o jsonb, epochs int) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
	m bytea := rnn_train(rows_of(), net(), o || jsonb_build_object('stop_after', epochs));
BEGIN
	FOR i IN 2 .. 100 LOOP
		m := rnn_train(rows_of(), m, jsonb_build_object('stop_after', epochs));
	END LOOP;
	RETURN NULL;
EXCEPTION WHEN invalid_parameter_value THEN
	RAISE NOTICE '%', sqlerrm;
	RETURN m;
END $$;
CREATE TABLE resume_m AS SELECT rnn_train(rows_of(), net(), '{"epochs": 4, "steps_per_epoch": 5, "keep_optimizer": true, "validation": 0, "time_steps": 24, "stop_after": 2}') AS m;
SELECT rnn_train(rows_of(), net(), '{"keep_ridge": true}');
SELECT rnn_train(rows_of(), net(), '{"stop_after": -1}');
SELECT rnn_train(rows_of(), net(), '{"keep_optimizer": 1}');
SELECT rnn_train(rows_of(), rnn_init(net(), '{24,1}'), '{"keep_ridge": true}');
SELECT rnn_train(rows_of(), m, '{"optimizer": "sgd"}') FROM resume_m;
SELECT rnn_train(rows_of(), m, '{"epochs": 2}') FROM resume_m;
SELECT rnn_train(rows_of(), rnn_train(rows_of(), m)) FROM resume_m;
-- bytes that are not what was written
CREATE FUNCTION crc(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	crc bigint := 4294967295;
BEGIN
	FOR i IN 0 .. length(bytes) - 1 LOOP
		crc := crc # get_byte(bytes, i);
		FOR bit IN 1 .. 8 LOOP
			crc := CASE WHEN crc & 1 = 1 THEN (crc >> 1) # 2197175160 ELSE crc >> 1 END;
		END LOOP;
	END LOOP;
	RETURN lpad(to_hex(crc # 4294967295), 8, '0');
END $$;
-- number `at` of a tensor replaced, the checksum made right again
CREATE FUNCTION patch(bytes bytea, tensor text, at int, number bytea) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
	n int := get_byte(bytes, 0) + 256 * get_byte(bytes, 1) + 65536 * get_byte(bytes, 2);
	start int := (convert_from(substr(bytes, 9, n), 'UTF8')::jsonb #>> ARRAY[tensor, 'data_offsets', '0'])::int;
BEGIN
	bytes := overlay(bytes PLACING number FROM 9 + n + start + length(number) * at);
	RETURN overlay(bytes PLACING convert_to(crc(overlay(bytes PLACING '00000000' FROM 45)), 'UTF8') FROM 45);
END $$;
SELECT patch(m, 'optimizer.place', 0, '\x0000000000002440') = m AS unchanged FROM resume_m;
CREATE FUNCTION says(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN rnn_train(rows_of(), bytes) IS NOT NULL;
EXCEPTION WHEN OTHERS THEN
	RETURN sqlerrm;
END $$;
SELECT says(patch(m, 'optimizer.place', at, number)) FROM resume_m, (VALUES (0, '\x000000000000f0bf'::bytea), (0, '\x000000000000f83f'), (1, '\x000000000000f07f'),
	(2, '\x0000000000408f40'), (4, '\x0000000000002440'), (5, '\x0000c0ffffffdf41'), (8, '\x000000000000f87f')) x(at, number);
SELECT says(patch(m, 'optimizer.state', at, number)) FROM resume_m, (VALUES (3, '\x0000c07f'::bytea), (7, '\x0000807f')) x(at, number);
-- the second moments of Adam are squares
SELECT says(patch(m, 'optimizer.state', (rnn_model_info(m) ->> 'parameters')::int + 3, '\x000080bf')) FROM resume_m;

-- calls of some epochs give the bytes of one call: with a validation split, members, other optimizers and schedules
SELECT o, hops(o, n) = rnn_train(rows_of(), net(), o) AS same FROM (VALUES
	('{"epochs": 4, "steps_per_epoch": 5, "keep_optimizer": true, "validation": 0, "time_steps": 24}'::jsonb, 1),
	('{"epochs": 4, "steps_per_epoch": 5, "keep_optimizer": true, "time_steps": 24}', 3),
	('{"epochs": 3, "keep_optimizer": true, "time_steps": 24, "ensemble": 3, "batch_size": 64, "validation": 0}', 1),
	('{"epochs": 6, "keep_optimizer": true, "time_steps": 24, "schedule": {"name": "plateau", "patience": 1}, "batch_size": 256, "validation": 0}', 5),
	('{"epochs": 4, "keep_optimizer": true, "optimizer": "sgd", "batch_size": 256, "validation": 0}', 1),
	('{"epochs": 4, "keep_optimizer": true, "optimizer": {"name": "rmsprop", "momentum": 0.5}, "batch_size": 256, "validation": 0}', 2)) x(o, n);
-- with parallel workers, the same bytes
SELECT hops(o || '{"workers": 2}', 2) = rnn_train(rows_of(), net(), o) AS same
  FROM (VALUES ('{"epochs": 4, "keep_optimizer": true, "time_steps": 24, "ensemble": 3, "batch_size": 64, "validation": 0}'::jsonb)) x(o);
-- without the optimizer's state they differ; more epochs go on
SELECT rnn_train(rows_of(), m) = rnn_train(rows_of(), m, '{"keep_optimizer": false, "epochs": 2, "steps_per_epoch": 5}') AS same FROM resume_m;
SELECT count(*) AS epochs, max(epoch) AS last FROM resume_m, rnn_history(rnn_train(rows_of(), rnn_train(rows_of(), m), '{"epochs": 7}'));
SELECT x.name, count(*) AS tensors FROM resume_m, LATERAL (VALUES ('kept', m), ('dropped', rnn_train(rows_of(), m, '{"keep_optimizer": false, "epochs": 1}'))) x(name, m),
	LATERAL (SELECT jsonb_object_keys(convert_from(substr(x.m, 9, get_byte(x.m, 0) + 256 * get_byte(x.m, 1) + 65536 * get_byte(x.m, 2)), 'UTF8')::jsonb) AS tensor) t
  WHERE tensor ~ '^optimizer' GROUP BY 1 ORDER BY 1;
-- stop_after 0: the weights at their start, from which a training makes the same model
SELECT rnn_train(rows_of(), rnn_train(rows_of(), net(), o || '{"stop_after": 0}')) = rnn_train(rows_of(), net(), o) AS same, count(h.*) AS epochs
  FROM (VALUES ('{"epochs": 2, "keep_optimizer": true, "validation": 0, "batch_size": 256}'::jsonb)) x(o) LEFT JOIN LATERAL rnn_history(rnn_train(rows_of(), net(), o || '{"stop_after": 0}')) h ON true GROUP BY o;
-- keep_ridge: the weights of the ridge regression stay, and follow the rows without it
CREATE FUNCTION ridge_of(bytes bytea) RETURNS bytea LANGUAGE sql AS $$
	SELECT substr(bytes, 9 + n + (h #>> '{ridge.weight,data_offsets,0}')::int, (h #>> '{ridge.weight,data_offsets,1}')::int - (h #>> '{ridge.weight,data_offsets,0}')::int)
	FROM (SELECT n, convert_from(substr(bytes, 9, n), 'UTF8')::jsonb AS h FROM (SELECT get_byte(bytes, 0) + 256 * get_byte(bytes, 1) + 65536 * get_byte(bytes, 2) AS n) x) y $$;
SELECT ridge_of(rnn_train(rows_of(1), m, '{"keep_ridge": true}')) = ridge_of(m) AS kept, ridge_of(rnn_train(rows_of(1), m)) = ridge_of(m) AS fitted_again FROM resume_m;
-- each member starts from its own weights: nothing trained, nothing changed
SELECT bool_and(a."values" = b."values") AS same, count(*) > 10 AS members FROM (SELECT rnn_train(rows_of(), net(), '{"epochs": 1, "ensemble": 3, "validation": 0, "batch_size": 256}') AS m) x,
	rnn_weights(m) a JOIN LATERAL rnn_weights(rnn_train(rows_of(), m, '{"stop_after": 0}')) b USING (name);
-- a resumed training keeps the shares that the validation rows chose, and ends with the forecasts of one training
CREATE TABLE resume_w AS SELECT rnn_panel(s, t, v) AS p FROM (SELECT s, k::bigint AS t, (50 + sum(hashint4(s * 10000 + k) / 2147483648.0 * 3) OVER (PARTITION BY s ORDER BY k) +
	hashint4(s * 77777 + k * 31) / 2147483648.0 * 4)::float8 AS v FROM generate_series(1, 4) s, generate_series(0, 149) k) rows;
CREATE TABLE resume_part AS SELECT rnn_train(p, '{"horizon": 3, "keep_optimizer": true, "epochs": 3, "steps_per_epoch": 5, "stop_after": 1}'::jsonb) AS m FROM resume_w;
CREATE TABLE resume_whole AS SELECT rnn_train(p, m) AS m, rnn_train(p, '{"horizon": 3, "keep_optimizer": true, "epochs": 3, "steps_per_epoch": 5}'::jsonb) AS once FROM resume_part, resume_w;
SELECT (rnn_model_info(part.m) #>> '{weights,smoothed_level}')::float8 > 0 AS level, rnn_model_info(whole.m) -> 'weights' = rnn_model_info(part.m) -> 'weights' AS same
  FROM resume_part part, resume_whole whole;
SELECT bool_and(a = b) AS same, count(*) AS rows
  FROM resume_whole, rnn_forecast_index(m) a JOIN LATERAL rnn_forecast_index(once) b USING (series_id, step);
-- the card of a chosen network that was trained further does not tell that it was given
SELECT c.item, c.value FROM rnn_train(rows_of(), options => '{"epochs": 1, "ensemble": 1, "horizon": 3, "autoregression": 0}') m, rnn_model_card(rnn_train(rows_of(), m, '{"epochs": 1}')) c WHERE c.item IN ('layers', 'weight of the network');
