-- Searching options by rolling origins.

CREATE FUNCTION rnn_tune_grid(grid jsonb) RETURNS SETOF jsonb
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
	AS $$
DECLARE
	keys text[];
	counts integer[];
	combinations bigint := 1;
	options jsonb;
	rest bigint;
BEGIN
	IF grid IS NULL OR jsonb_typeof(grid) NOT IN ('object', 'array') THEN
		RAISE EXCEPTION 'the grid must be an object of options with lists of values, or a list of objects'
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Write for example ''{"time_steps": [24, 48], "mix": [0, 1]}''.';
	END IF;
	IF jsonb_typeof(grid) = 'array' THEN
		FOR options IN SELECT value FROM jsonb_array_elements(grid) LOOP
			IF jsonb_typeof(options) <> 'object' THEN
				RAISE EXCEPTION 'each element of the grid must be an object of options, not %', options USING ERRCODE = 'invalid_parameter_value';
			END IF;
			RETURN NEXT options;
		END LOOP;
		RETURN;
	END IF;
	-- a value that is no list is taken by all combinations
	SELECT array_agg(key ORDER BY key), array_agg(CASE WHEN jsonb_typeof(value) = 'array' THEN jsonb_array_length(value) ELSE 1 END ORDER BY key)
	INTO keys, counts FROM jsonb_each(grid);
	FOR i IN 1 .. COALESCE(array_length(keys, 1), 0) LOOP
		combinations := combinations * counts[i];
		IF combinations > 10000 THEN
			RAISE EXCEPTION 'the grid has more than 10000 combinations' USING ERRCODE = 'program_limit_exceeded',
				HINT = 'Give fewer values, or a list of objects.';
		END IF;
	END LOOP;
	FOR k IN 0 .. combinations - 1 LOOP
		options := '{}';
		rest := k;
		FOR i IN REVERSE COALESCE(array_length(keys, 1), 0) .. 1 LOOP
			options := options || jsonb_build_object(keys[i],
				CASE WHEN jsonb_typeof(grid -> keys[i]) = 'array' THEN grid -> keys[i] -> (rest % counts[i])::integer ELSE grid -> keys[i] END);
			rest := rest / counts[i];
		END LOOP;
		RETURN NEXT options;
	END LOOP;
END $$;
COMMENT ON FUNCTION rnn_tune_grid(jsonb) IS
'the combinations of a grid: of an object of options with lists of values, or the elements of a list of objects; a '
'list as a value of an option stands in a list of lists';

-- Unsafe in parallel plans, whose processes may not start the subtransaction of an exception block.
CREATE FUNCTION rnn_tune(panel rnn_panel, grid jsonb, folds integer DEFAULT NULL, horizon integer DEFAULT NULL,
	stride integer DEFAULT NULL, time_limit float8 DEFAULT NULL)
	RETURNS TABLE(options jsonb, mean_absolute_error float8, naive_mean_absolute_error float8, skill_score float8,
	n bigint, seconds float8, status text)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 20 SET search_path = pg_catalog, pg_temp
	AS $$
#variable_conflict use_column
DECLARE
	started timestamptz := clock_timestamp();
	first timestamptz;
	choice jsonb;
	network jsonb;
	message text;
	hint text;
BEGIN
	IF time_limit <= 0 THEN
		RAISE EXCEPTION 'the time limit must be positive, not %', time_limit USING ERRCODE = 'invalid_parameter_value';
	END IF;
	FOR choice IN SELECT g FROM @extschema@.rnn_tune_grid(grid) g LOOP
		first := clock_timestamp();
		options := choice;
		mean_absolute_error := NULL;
		naive_mean_absolute_error := NULL;
		skill_score := NULL;
		n := NULL;
		seconds := NULL;
		status := NULL;
		IF extract(epoch FROM first - started) >= time_limit THEN
			status := 'not tried: the time limit is reached';
			RETURN NEXT;
			CONTINUE;
		END IF;
		network := choice -> 'network';
		BEGIN
			SELECT avg(abs(b.actual_value - b.forecast_value)), avg(abs(b.actual_value - b.naive_value)), count(*)
			INTO mean_absolute_error, naive_mean_absolute_error, n
			FROM @extschema@.rnn_backtest(panel, network, choice - 'network', folds, horizon, stride) b
			WHERE b.actual_value IS NOT NULL AND b.forecast_value IS NOT NULL;
			skill_score := 1 - mean_absolute_error / NULLIF(naive_mean_absolute_error, 0);
		EXCEPTION
			-- a cancel ends the search; what does not fit the panel is told in its row
			WHEN query_canceled OR admin_shutdown OR insufficient_resources THEN RAISE;
			WHEN OTHERS THEN
				GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
				status := message || CASE WHEN hint <> '' THEN '. ' || hint ELSE '' END;
		END;
		seconds := extract(epoch FROM clock_timestamp() - first);
		RETURN NEXT;
	END LOOP;
END $$;
COMMENT ON FUNCTION rnn_tune(rnn_panel, jsonb, integer, integer, integer, float8) IS
'errors of each combination of options over rolling origins (3 folds by default), beside the better naive '
'forecast''s; grid: an object of options with lists of values, which may include "network", or a list of objects; '
'time_limit in seconds: combinations that would start later are not tried';
