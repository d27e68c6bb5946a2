-- rnn_train_distributed over partitions of one server
CREATE SCHEMA distributed;
SET search_path = distributed, public;
\set VERBOSITY terse
CREATE TABLE part_d AS SELECT s, k::bigint AS t, 10 + s + 3 * sin(k / 7.0 * 2 * pi()) + (k * 7919 * s % 101) / 40.0 AS v, s % 3 AS node
  FROM generate_series(1, 9) s, generate_series(0, 149) k;
CREATE FUNCTION start(epochs int) RETURNS bytea LANGUAGE sql AS $$
	SELECT rnn_train(rnn_panel(s, t, v), rnn_sequential(rnn_gru(3), rnn_dense(7)), jsonb_build_object('epochs', epochs, 'steps_per_epoch', 3, 'keep_optimizer', true, 'validation', 0,
		'time_steps', 14, 'seasonality', ARRAY[7], 'stop_after', 0)) FROM part_d WHERE node = 0 $$;
CREATE FUNCTION nodes(what text DEFAULT 'rnn_train(rnn_panel(s, t, v), $1, $2)') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_object_agg('n' || k, format('SELECT %s AS model FROM part_d WHERE node = %s', what, k)) FROM generate_series(0, 2) k $$;
CREATE FUNCTION sums() RETURNS jsonb LANGUAGE sql AS $$ SELECT nodes('rnn_ridge_sums(rnn_panel(s, t, v), $1)') $$;
CREATE FUNCTION linear() RETURNS bytea LANGUAGE sql AS $$ SELECT rnn_train(rnn_panel(s, t, v), 'ridge') FROM part_d $$;
CREATE FUNCTION forgetful() RETURNS bytea LANGUAGE sql AS $$ SELECT rnn_train(rnn_panel(s, t, v), rnn_sequential(rnn_gru(3), rnn_dense(7)), '{"epochs": 1, "validation": 0}') FROM part_d $$;
CREATE VIEW runs AS SELECT name, method, step, round, visit, failed_node, error, (SELECT count(DISTINCT series_id) FROM rnn_forecast_index(model, horizon => 2)) AS series
  FROM rnn_distributed;
-- arguments
CALL rnn_train_distributed('x', start(3), NULL, 3);
CALL rnn_train_distributed(NULL, start(3), nodes(), 3);
CALL rnn_train_distributed('', start(3), nodes(), 3);
CALL rnn_train_distributed('x', start(3), '{}', 3);
CALL rnn_train_distributed('x', start(3), '["SELECT 1"]', 3);
CALL rnn_train_distributed('x', start(3), '{"n": 1}', 3);
CALL rnn_train_distributed('x', start(3), nodes(), 0);
CALL rnn_train_distributed('x', start(3), nodes(), 4);
CALL rnn_train_distributed('x', start(3), nodes(), 3, 'hopper');
CALL rnn_train_distributed('x', start(9), nodes(), 3, 'hopper', gather => 'SELECT 1');
CALL rnn_train_distributed('x', start(3), nodes(), 3, 'gossip');
CALL rnn_train_distributed('x', start(3), nodes(), 3, rate => 0);
CALL rnn_train_distributed('x', start(3), nodes(), 3, momentum => 1);
CALL rnn_train_distributed('x', start(3), nodes(), 3, sums => '{"n0": "SELECT 1"}');
CALL rnn_train_distributed('x', NULL, nodes(), 3);
CALL rnn_train_distributed('x', '\x00', nodes(), 3);
CALL rnn_train_distributed('x', rnn_init(rnn_sequential(rnn_gru(3), rnn_dense(7)), '{14,1}'), nodes(), 3);
CALL rnn_train_distributed('x', linear(), nodes(), 3);
CALL rnn_train_distributed('x', forgetful(), nodes(), 3);
SELECT count(*) AS runs FROM rnn_distributed;
-- in a transaction nothing can be kept
BEGIN;
CALL rnn_train_distributed('x', start(3), nodes(), 3);
ROLLBACK;
-- nodes that fail: named, the rounds before kept, nothing half done
CREATE FUNCTION fail_after(int) RETURNS text LANGUAGE sql AS $$ SELECT format('SELECT CASE WHEN (SELECT round FROM rnn_distributed WHERE name = ''x'') < %s THEN rnn_train(rnn_panel(s, t, v), $1, $2) END AS model FROM part_d WHERE node = 1', $1) $$;
CALL rnn_train_distributed('x', start(3), nodes() || jsonb_build_object('n1', fail_after(1)), 3);
SELECT * FROM runs;
CALL rnn_train_distributed('x', NULL, nodes() || '{"n1": "SELECT 1 AS model"}', 3);
CALL rnn_train_distributed('x', NULL, nodes() || '{"n1": "SELECT ''a'' || $1"}', 3);
CALL rnn_train_distributed('x', NULL, nodes() || '{"n1": "SELECT $1 AS model WHERE false"}', 3);
CALL rnn_train_distributed('x', NULL, nodes() || '{"n1": "SELECT ''\\x00''::bytea AS model"}', 3);
CALL rnn_train_distributed('x', NULL, nodes() || '{"n1": "SELECT rnn_train(rnn_panel(s, t, v), $1, $2) AS model FROM part_d WHERE node = 7"}', 3);
CALL rnn_train_distributed('x', NULL, nodes() || '{"n1": "SELECT rnn_train(rnn_panel(s, t, v), $1, $2) AS model, -1.0 AS weight FROM part_d WHERE node = 1"}', 3);
CALL rnn_train_distributed('x', NULL, nodes() || '{"n1": "COMMIT"}', 3);
-- a model as a later version would write it: the format version 1 more, the checksum made right again
CREATE FUNCTION newer(bytes bytea) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
	n int := get_byte(bytes, 0) + 256 * get_byte(bytes, 1) + 65536 * get_byte(bytes, 2);
	header text := convert_from(substr(bytes, 9, n), 'UTF8');
	version int := substring(header FROM '"format_version":"(\d+)"');
	crc bigint := 4294967295;
BEGIN
	bytes := substr(bytes, 1, 8) || convert_to(replace(header, format('"format_version":"%s"', version), format('"format_version":"%s"', version + 1)), 'UTF8') || substr(bytes, 9 + n);
	bytes := overlay(bytes PLACING '00000000'::bytea FROM 45);
	FOR i IN 0 .. length(bytes) - 1 LOOP
		crc := crc # get_byte(bytes, i);
		FOR bit IN 1 .. 8 LOOP
			crc := CASE WHEN crc & 1 = 1 THEN (crc >> 1) # 2197175160 ELSE crc >> 1 END;
		END LOOP;
	END LOOP;
	RETURN overlay(bytes PLACING convert_to(lpad(to_hex(crc # 4294967295), 8, '0'), 'UTF8') FROM 45);
END $$;
CALL rnn_train_distributed('x', NULL, nodes() || '{"n1": "SELECT distributed.newer(rnn_train(rnn_panel(s, t, v), $1, $2)) AS model FROM part_d WHERE node = 1"}', 3);
CALL rnn_train_distributed('z', newer(start(3)), nodes(), 3);
SELECT * FROM runs WHERE name <> 'x';
-- other arguments do not resume
CALL rnn_train_distributed('x', NULL, nodes(), 2);
CALL rnn_train_distributed('x', NULL, nodes(), 3, 'average');
CALL rnn_train_distributed('x', NULL, nodes() || '{"n4": "SELECT $1 AS model"}', 3);
CALL rnn_train_distributed('x', NULL, nodes(), 3, options => '{"keep_ridge": false}');
CALL rnn_train_distributed('x', start(4), nodes(), 3);
SELECT * FROM runs;
-- resumed, it is the training that did not fail
CALL rnn_train_distributed('x', NULL, nodes(), 3);
CALL rnn_train_distributed('x', NULL, nodes(), 3);
CALL rnn_train_distributed('y', start(3), nodes(), 3);
SELECT * FROM runs ORDER BY name;
SELECT count(DISTINCT model) AS models FROM rnn_distributed;
-- one statement for all shards, as of a distributed table; a statement that gathers
CALL rnn_train_distributed('all', start(3), '{"table": "SELECT rnn_train(rnn_panel(s, t, v), $1, $2) AS model FROM part_d GROUP BY node"}', 3);
CREATE TABLE task (node text PRIMARY KEY, model bytea, options jsonb);
INSERT INTO task VALUES ('n0'), ('n1'), ('n2');
CREATE VIEW trained AS SELECT k.node, rnn_train(p.p, k.model, k.options) AS model FROM task k JOIN (SELECT 'n' || node AS node, rnn_panel(s, t, v) AS p FROM part_d GROUP BY 1) p USING (node);
CREATE FUNCTION sends() RETURNS jsonb LANGUAGE sql AS $f$ SELECT jsonb_object_agg(node, format('UPDATE task SET model = $1, options = $2 WHERE node = %L', node)) FROM task $f$;
CALL rnn_train_distributed('gathered', start(3), sends(), 3, gather => 'SELECT model FROM trained');
CALL rnn_train_distributed('broken', start(3), sends(), 3, gather => 'SELECT NULL::bytea AS model');
CALL rnn_train_distributed('broken', NULL, sends(), 3, gather => 'SELECT CASE node WHEN ''n1'' THEN distributed.newer(model) ELSE model END AS model FROM distributed.trained ORDER BY node');
CALL rnn_train_distributed('broken', NULL, sends(), 3, gather => 'SELECT model FROM distributed.trained WHERE false');
SELECT * FROM runs WHERE name = 'broken';
SELECT count(DISTINCT model) AS models FROM rnn_distributed WHERE name IN ('y', 'all', 'gathered');
-- average, hopper; a common ridge regression first; a weighted node
CALL rnn_train_distributed('average', start(3), nodes() || '{"n1": "SELECT rnn_train(rnn_panel(s, t, v), $1, $2) AS model, 3 AS weight FROM part_d WHERE node = 1"}', 3, 'average', sums => sums());
CALL rnn_train_distributed('hopper', start(9), nodes() || '{"n1": "SELECT 1 / 0 AS model"}', 3, 'hopper', sums => sums());
SELECT * FROM runs WHERE name = 'hopper';
CALL rnn_train_distributed('hopper', NULL, nodes(), 3, 'hopper');
SELECT * FROM runs WHERE name IN ('average', 'hopper') ORDER BY name;
-- the hopper's model is that of its visits one after another
CREATE FUNCTION visits() RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
	m bytea := start(9);
BEGIN
	m := (SELECT rnn_ridge(m, rnn_ridge_sums(s)) FROM (SELECT rnn_ridge_sums(rnn_panel(s, t, v), m) AS s FROM part_d GROUP BY node) x);
	FOR i IN 0 .. 8 LOOP
		m := (SELECT rnn_train(rnn_panel(s, t, v), m, '{"stop_after": 1, "keep_ridge": true}') FROM part_d WHERE node = i % 3);
	END LOOP;
	RETURN m;
END $$;
SELECT bool_and(a."values" = b."values") AS same FROM rnn_distributed d, rnn_weights(d.model) a JOIN LATERAL rnn_weights(visits()) b USING (name) WHERE d.name = 'hopper';
-- a row deleted starts again; rows of others are not seen
DELETE FROM rnn_distributed WHERE name = 'y';
CALL rnn_train_distributed('y', start(1), nodes(), 1);
CREATE ROLE regress_stranger;
SET ROLE regress_stranger;
SELECT count(*) AS seen FROM rnn_distributed;
INSERT INTO rnn_distributed SELECT 'postgres', 'z', 'average', 1, 0, '{}', '{a}', 1, 'round', 0, 0, '', '\x';
RESET ROLE;
DROP ROLE regress_stranger;
DROP SCHEMA distributed CASCADE;
DELETE FROM rnn_distributed;
