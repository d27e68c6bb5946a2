-- Training in rounds over shards, servers and distributed tables: the state of each, and the procedure.
--
-- Statements of nodes come with the call and run with the caller's rights and search_path; none is stored.

CREATE TABLE rnn_distributed (
	owner name NOT NULL DEFAULT current_user,
	name text NOT NULL CHECK (name <> ''),
	method text NOT NULL CHECK (method IN ('average', 'diloco', 'hopper')),
	rate float8 NOT NULL,
	momentum float8 NOT NULL,
	options jsonb NOT NULL,
	nodes text[] NOT NULL,
	rounds integer NOT NULL CHECK (rounds > 0),
	step text NOT NULL CHECK (step IN ('ridge', 'round', 'join', 'done')),
	round integer NOT NULL DEFAULT 0,
	visit integer NOT NULL DEFAULT 0,
	start_sha256 text NOT NULL,
	model bytea NOT NULL,
	failed_node text,
	error text,
	started_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	finished_at timestamptz,
	PRIMARY KEY (owner, name)
);
ALTER TABLE rnn_distributed ALTER model SET STORAGE EXTERNAL;
COMMENT ON TABLE rnn_distributed IS
'trainings by rnn_train_distributed: rounds done, the model of the last one, the node that failed and its error; a row is deleted to start again';
GRANT SELECT, INSERT, UPDATE, DELETE ON rnn_distributed TO PUBLIC;
ALTER TABLE rnn_distributed ENABLE ROW LEVEL SECURITY;
CREATE POLICY owner ON rnn_distributed USING (rnn_has_role(owner) AND owner <> 'public');
SELECT pg_catalog.pg_extension_config_dump('rnn_distributed', '');

-- Writes the row of a new training, or checks that the call fits the row of one that is resumed.
CREATE FUNCTION rnn_distributed_begin(name text, start bytea, nodes jsonb, rounds integer, method text, options jsonb, sums jsonb,
	gather text, rate float8, momentum float8) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
	each_call jsonb := '{"stop_after": 1, "keep_ridge": true}'::jsonb || coalesce(options, '{}');
	node_names text[];
	info jsonb;
	run @extschema@.rnn_distributed;
	epochs bigint;
BEGIN
	IF name IS NULL OR nodes IS NULL OR rounds IS NULL OR method IS NULL OR rate IS NULL OR momentum IS NULL THEN
		RAISE EXCEPTION 'name, nodes, rounds, method, rate and momentum of a distributed training must not be null'
			USING ERRCODE = 'null_value_not_allowed';
	ELSIF jsonb_typeof(nodes) <> 'object' OR nodes = '{}' OR EXISTS (SELECT FROM jsonb_each(nodes) n WHERE jsonb_typeof(n.value) <> 'string') THEN
		RAISE EXCEPTION 'nodes must be an object of statements by the name of their node' USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write for example ''{"north": "SELECT rnn_train(rnn_panel(s, t, v), $1, $2) AS model FROM north"}''.';
	ELSIF method NOT IN ('average', 'diloco', 'hopper') THEN
		RAISE EXCEPTION 'the method must be average, diloco or hopper, not "%"', method USING ERRCODE = 'invalid_parameter_value';
	ELSIF method = 'hopper' AND gather IS NOT NULL THEN
		RAISE EXCEPTION 'the hopper visits one node after another: it takes no statement that gathers' USING ERRCODE = 'invalid_parameter_value';
	ELSIF rounds < 1 THEN
		RAISE EXCEPTION 'a distributed training must have at least one round, not %', rounds USING ERRCODE = 'invalid_parameter_value';
	ELSIF NOT (rate > 0 AND rate <= 10 AND momentum >= 0 AND momentum < 1) THEN
		RAISE EXCEPTION 'the rate must be above 0 and at most 10, and the momentum at least 0 and below 1, not % and %', rate, momentum
			USING ERRCODE = 'invalid_parameter_value';
	END IF;
	SELECT array_agg(n.key ORDER BY n.key) INTO node_names FROM jsonb_each(nodes) n;
	IF sums IS NOT NULL AND (jsonb_typeof(sums) <> 'object'
		OR node_names IS DISTINCT FROM (SELECT array_agg(n.key ORDER BY n.key) FROM jsonb_each(sums) n)) THEN
		RAISE EXCEPTION 'sums must have a statement for each of the nodes' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	SELECT d.* INTO run FROM @extschema@.rnn_distributed d WHERE d.owner = current_user AND d.name = name;
	IF FOUND THEN
		IF run.step = 'done' THEN
			RAISE EXCEPTION 'distributed training "%" is complete', name USING ERRCODE = 'object_not_in_prerequisite_state',
				HINT = 'Delete its row in rnn_distributed to start again.';
		ELSIF run.method <> method OR run.rounds <> rounds OR run.nodes <> node_names OR run.options <> each_call OR run.rate <> rate
			OR run.momentum <> momentum OR start IS NOT NULL AND run.start_sha256 <> encode(sha256(start), 'hex') THEN
			RAISE EXCEPTION 'distributed training "%" was begun with other arguments', name USING ERRCODE = 'invalid_parameter_value',
				DETAIL = format('It has done %s of %s rounds of %s on %s.', run.round, run.rounds, run.method, array_to_string(run.nodes, ', ')),
				HINT = 'Resume it with the same arguments, or delete its row in rnn_distributed.';
		END IF;
		RETURN;
	END IF;
	IF start IS NULL THEN
		RAISE EXCEPTION 'a distributed training needs a model to start from' USING ERRCODE = 'null_value_not_allowed',
			HINT = 'Make one by rnn_train(panel, network, ''{"keep_optimizer": true, "stop_after": 0, ...}'').';
	END IF;
	info := @extschema@.rnn_model_info(start);
	IF (info #>> '{options,keep_optimizer}') IS DISTINCT FROM 'true' OR coalesce(info->>'members', '0') = '0' THEN
		RAISE EXCEPTION 'the model to start from must be a network trained with keep_optimizer' USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Make one by rnn_train(panel, network, ''{"keep_optimizer": true, "stop_after": 0, ...}'').';
	END IF;
	epochs := rounds::bigint * (each_call->>'stop_after')::bigint * CASE method WHEN 'hopper' THEN cardinality(node_names) ELSE 1 END;
	IF epochs > (info #>> '{recipe,epochs}')::bigint THEN
		RAISE EXCEPTION 'the rounds take % epochs, but the model to start from is planned for %', epochs, info #>> '{recipe,epochs}'
			USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Give it that many epochs: an epoch of a round, times the nodes that the hopper visits.';
	END IF;
	INSERT INTO @extschema@.rnn_distributed (owner, name, method, rate, momentum, options, nodes, rounds, step, start_sha256, model)
	VALUES (current_user, name, method, rate, momentum, each_call, node_names, rounds,
		CASE WHEN sums IS NULL THEN 'round' ELSE 'ridge' END, encode(sha256(start), 'hex'), start);
END $$;
COMMENT ON FUNCTION rnn_distributed_begin(text, bytea, jsonb, integer, text, jsonb, jsonb, text, float8, float8) IS
'begins or resumes a distributed training of the current role';

CREATE FUNCTION rnn_distributed_lock(name text) RETURNS rnn_distributed
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
	run @extschema@.rnn_distributed;
BEGIN
	SELECT d.* INTO run FROM @extschema@.rnn_distributed d WHERE d.owner = current_user AND d.name = name FOR UPDATE NOWAIT;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'distributed training "%" was deleted', name USING ERRCODE = 'undefined_object';
	END IF;
	RETURN run;
EXCEPTION WHEN lock_not_available THEN
	RAISE EXCEPTION 'distributed training "%" is run by another session', name USING ERRCODE = 'object_in_use';
END $$;
COMMENT ON FUNCTION rnn_distributed_lock(text) IS 'the state of a distributed training, locked until the end of the transaction';

-- The statements of the next step, in order: of the nodes, and last, with a null node, the one that gathers what they
-- trained; sums are not gathered.
CREATE FUNCTION rnn_distributed_tasks(run rnn_distributed, nodes jsonb, sums jsonb, gather text)
	RETURNS TABLE(node text, statement text, returns_models boolean)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
	SELECT t.node, CASE run.step WHEN 'ridge' THEN sums->>t.node ELSE nodes->>t.node END, gather IS NULL OR run.step = 'ridge'
	FROM unnest(run.nodes) WITH ORDINALITY t(node, n)
	WHERE NOT (run.method = 'hopper' AND run.step = 'round') OR t.n = run.visit + 1
	UNION ALL SELECT NULL, gather, true WHERE gather IS NOT NULL AND run.step <> 'ridge' ORDER BY 1
$$;
COMMENT ON FUNCTION rnn_distributed_tasks(rnn_distributed, jsonb, jsonb, text) IS
'the statements of the next step of a distributed training: of its nodes, and of the one that gathers, whose node is null';

-- What a node returned, checked here, where the node is known.
CREATE FUNCTION rnn_distributed_add(run rnn_distributed, models bytea[], model bytea, weight float8) RETURNS bytea[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF model IS NULL THEN
		RAISE EXCEPTION 'null was returned' USING ERRCODE = 'null_value_not_allowed';
	ELSIF NOT (weight > 0 AND weight < 'Infinity') THEN
		RAISE EXCEPTION 'the weight of a model must be a positive number, not %', weight USING ERRCODE = 'invalid_parameter_value';
	ELSIF run.step <> 'ridge' THEN
		PERFORM @extschema@.rnn_model_info(model);
	END IF;
	RETURN array_append(models, model);
END $$;
COMMENT ON FUNCTION rnn_distributed_add(rnn_distributed, bytea[], bytea, float8) IS 'adds what a node returned, after a check';

-- Joins what the nodes of a step returned, and moves to the next step.
CREATE FUNCTION rnn_distributed_done(run rnn_distributed, models bytea[], weights float8[]) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	joined bytea;
	visits integer := CASE run.method WHEN 'hopper' THEN cardinality(run.nodes) ELSE 1 END;
BEGIN
	IF run.step = 'ridge' THEN
		SELECT @extschema@.rnn_ridge_sums(m.sums) INTO joined FROM unnest(models) m(sums);
		run.model := @extschema@.rnn_ridge(run.model, joined);
		run.step := 'round';
	ELSIF run.step = 'round' AND run.method = 'hopper' THEN
		run.model := models[1];
		run.visit := run.visit + 1;
	ELSE
		SELECT @extschema@.rnn_average(m.model, m.weight) INTO joined FROM unnest(models, weights) m(model, weight);
		run.model := CASE WHEN run.method = 'diloco' THEN @extschema@.rnn_outer(run.model, joined, run.rate, run.momentum) ELSE joined END;
		IF run.step = 'join' THEN
			run.step := 'done';
		END IF;
		run.visit := 1;
	END IF;
	IF run.step = 'round' AND run.visit >= visits THEN
		run.visit := 0;
		run.round := run.round + 1;
		IF run.round >= run.rounds THEN
			run.step := CASE run.method WHEN 'hopper' THEN 'join' ELSE 'done' END;
		END IF;
	END IF;
	UPDATE @extschema@.rnn_distributed d SET model = run.model, step = run.step, round = run.round, visit = run.visit, failed_node = NULL,
		error = NULL, updated_at = clock_timestamp(), finished_at = CASE run.step WHEN 'done' THEN clock_timestamp() END
	WHERE d.owner = run.owner AND d.name = run.name;
END $$;
COMMENT ON FUNCTION rnn_distributed_done(rnn_distributed, bytea[], float8[]) IS
'joins the models of a step of a distributed training and stores the result';

CREATE FUNCTION rnn_distributed_failed(run rnn_distributed, node text, problem text) RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
	UPDATE @extschema@.rnn_distributed d SET failed_node = node, error = problem, updated_at = clock_timestamp()
	WHERE d.owner = run.owner AND d.name = run.name
$$;
COMMENT ON FUNCTION rnn_distributed_failed(rnn_distributed, text, text) IS 'stores the node that failed, and its error';

CREATE FUNCTION rnn_distributed_options(run rnn_distributed) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$ SELECT CASE run.step WHEN 'join' THEN run.options || '{"stop_after": 0}'::jsonb ELSE run.options END $$;
COMMENT ON FUNCTION rnn_distributed_options(rnn_distributed) IS 'the options of the next step of a distributed training';

CREATE FUNCTION rnn_distributed_raise(run rnn_distributed, node text, problem text, about text, code text) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	where_failed text;
	kept text;
BEGIN
	where_failed := CASE run.step WHEN 'round' THEN format('round %s', run.round + 1) WHEN 'ridge' THEN 'the sums' ELSE 'the last join' END
		|| CASE WHEN node IS NULL THEN ' of all nodes' ELSE format(' on node "%s"', node) END;
	kept := format('%s of %s rounds are kept: call again with the same arguments to resume.', run.round, run.rounds);
	IF about <> '' THEN
		RAISE EXCEPTION 'distributed training "%" failed in %: %', run.name, where_failed, problem USING ERRCODE = code, DETAIL = about, HINT = kept;
	END IF;
	RAISE EXCEPTION 'distributed training "%" failed in %: %', run.name, where_failed, problem USING ERRCODE = code, HINT = kept;
END $$;
COMMENT ON FUNCTION rnn_distributed_raise(rnn_distributed, text, text, text, text) IS 'raises the error of a node with its name';

-- Commits after each step, which a procedure with a SET clause cannot do.  Therefore every name is written in full, of types too.
-- The statements of the nodes run here, with the caller's search_path.
CREATE PROCEDURE rnn_train_distributed(name text, start bytea, nodes jsonb, rounds integer DEFAULT 10, method text DEFAULT 'diloco',
	options jsonb DEFAULT NULL, sums jsonb DEFAULT NULL, gather text DEFAULT NULL, rate float8 DEFAULT 0.7, momentum float8 DEFAULT 0.9)
LANGUAGE plpgsql
AS $$
DECLARE
	run @extschema@.rnn_distributed;
	task record;
	node pg_catalog.text;
	gathers pg_catalog.bool;
	call_options pg_catalog.jsonb;
	model pg_catalog.bytea;
	models pg_catalog.bytea[];
	weights pg_catalog.float8[];
	weight pg_catalog.float8;
	problem pg_catalog.text;
	about pg_catalog.text;
	code pg_catalog.text;
BEGIN
	PERFORM @extschema@.rnn_distributed_begin(name, start, nodes, rounds, method, options, sums, gather, rate, momentum);
	COMMIT;
	LOOP
		run := @extschema@.rnn_distributed_lock(name);
		EXIT WHEN run.finished_at IS NOT NULL;
		problem := NULL;
		models := '{}';
		weights := '{}';
		call_options := @extschema@.rnn_distributed_options(run);
		BEGIN
			FOR task IN SELECT t.* FROM @extschema@.rnn_distributed_tasks(run, nodes, sums, gather) t LOOP
				node := task.node;
				gathers := node IS NULL;
				IF NOT task.returns_models THEN
					EXECUTE task.statement USING run.model, call_options;
					CONTINUE;
				END IF;
				FOR model, weight IN EXECUTE task.statement USING run.model, call_options LOOP
					weight := COALESCE(weight, 1);
					models := @extschema@.rnn_distributed_add(run, models, model, weight);
					weights := pg_catalog.array_append(weights, weight);
				END LOOP;
				IF NOT FOUND THEN
					RAISE EXCEPTION 'no row was returned' USING ERRCODE = 'no_data_found';
				END IF;
			END LOOP;
			node := NULL;
			gathers := false;
			PERFORM @extschema@.rnn_distributed_done(run, models, weights);
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS problem = MESSAGE_TEXT, about = PG_EXCEPTION_DETAIL, code = RETURNED_SQLSTATE;
		END;
		IF problem IS NULL THEN
			COMMIT;
			CONTINUE;
		END IF;
		-- connections that were lost are given up at the end of the transaction
		ROLLBACK;
		-- a statement that gathers does not tell which node failed: the nodes' own statements do, or the row
		IF gathers THEN
			BEGIN
				FOR task IN SELECT t.* FROM @extschema@.rnn_distributed_tasks(run, nodes, sums, gather) t WHERE t.node IS NOT NULL LOOP
					node := task.node;
					EXECUTE task.statement USING run.model, call_options;
				END LOOP;
				node := NULL;
				problem := pg_catalog.format('row %s of the gather statement: %s', pg_catalog.cardinality(models) OPERATOR(pg_catalog.+) 1, problem);
			EXCEPTION WHEN OTHERS THEN
				problem := SQLERRM;
			END;
			ROLLBACK;
		END IF;
		PERFORM @extschema@.rnn_distributed_failed(run, node, problem);
		COMMIT;
		PERFORM @extschema@.rnn_distributed_raise(run, node, problem, about, code);
	END LOOP;
END $$;
COMMENT ON PROCEDURE rnn_train_distributed(text, bytea, jsonb, integer, text, jsonb, jsonb, text, float8, float8) IS
'trains in rounds on nodes: partitions, foreign servers or a distributed table; each node has a statement with the model ($1) and options ($2) '
'that returns a model and, if it likes, its weight. The model of the last round is in rnn_distributed; a call with the same arguments resumes';
