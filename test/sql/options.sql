-- options: one table of keys, its errors, its defaults
SELECT rnn_check_options('[]');
SELECT rnn_check_options('7');
SELECT rnn_check_options('{}', 'rows');

-- unknown keys: all known ones, and the closest
SELECT rnn_check_options('{"epoch": 3}');
\set VERBOSITY terse
SELECT rnn_check_options('{"": 3}');
SELECT rnn_check_options('{"EPOCHS": 3}');
\set VERBOSITY default
DO $$
DECLARE
	hint text;
	word text;
BEGIN
	FOREACH word IN ARRAY ARRAY['lerning_rate', 'batchsize', 'Horizon', 'on_gaps', 'zzzzzzzz'] LOOP
		BEGIN
			PERFORM rnn_check_options(jsonb_build_object(word, 1));
		EXCEPTION WHEN invalid_parameter_value THEN
			GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
			RAISE INFO '%: %', word, hint;
		END;
	END LOOP;
END $$;

-- options of panel functions given to tensor functions
SELECT rnn_check_options('{"horizon": 3}', 'tensor');
SELECT count(*) AS refused FROM rnn_options() o WHERE o.used_by = 'panel functions';
DO $$
DECLARE
	name text;
	refused int := 0;
BEGIN
	FOR name IN SELECT o.name FROM rnn_options() o WHERE o.used_by = 'panel functions' LOOP
		BEGIN
			PERFORM rnn_check_options(jsonb_build_object(name, 1), 'tensor');
		EXCEPTION WHEN invalid_parameter_value THEN
			refused := refused + (SQLERRM = format('option "%s" has no meaning for tensors', name))::int;
		END;
	END LOOP;
	RAISE INFO 'refused %', refused;
END $$;

-- each option, given a value of the wrong type, names itself
DO $$
DECLARE
	name text;
	unnamed text[] := '{}';
BEGIN
	FOR name IN SELECT o.name FROM rnn_options() o LOOP
		BEGIN
			PERFORM rnn_check_options(jsonb_build_object(name, '{"a": [1]}'::jsonb));
			unnamed := unnamed || name;
		EXCEPTION WHEN invalid_parameter_value THEN
			IF SQLERRM NOT LIKE format('%%option "%s" %%', name) THEN
				unnamed := unnamed || SQLERRM;
			END IF;
		END;
	END LOOP;
	RAISE INFO 'unnamed: %', unnamed;
END $$;

-- ranges and types
SELECT rnn_check_options('{"epochs": 0}');
SELECT rnn_check_options('{"epochs": 1000001}');
SELECT rnn_check_options('{"epochs": 2.5}');
SELECT rnn_check_options('{"epochs": 1e999}');
SELECT rnn_check_options('{"epochs": "20"}');
SELECT rnn_check_options('{"epochs": true}');
SELECT rnn_check_options('{"epochs": [20]}');
SELECT rnn_check_options('{"epochs": {"a": "a long text that goes on and on and on and on and on and on"}}');
SELECT rnn_check_options('{"time_steps": 0}');
SELECT rnn_check_options('{"time_steps": 1048577}');
SELECT rnn_check_options('{"horizon": -1}');
SELECT rnn_check_options('{"stride": 0}');
SELECT rnn_check_options('{"learning_rate": 0}');
SELECT rnn_check_options('{"learning_rate": 101}');
SELECT rnn_check_options('{"weight_decay": -0.1}');
SELECT rnn_check_options('{"clip_norm": -1}');
SELECT rnn_check_options('{"batch_size": 0}');
SELECT rnn_check_options('{"seed": -1}');
SELECT rnn_check_options('{"seed": 9007199254740993}');
SELECT rnn_check_options('{"validation": -0.5}');
SELECT rnn_check_options('{"validation": 1.5}');
SELECT rnn_check_options('{"patience": -1}');
SELECT rnn_check_options('{"min_delta": -1}');
SELECT rnn_check_options('{"mix": 1.1}');
SELECT rnn_check_options('{"mix": "automatic"}');
SELECT rnn_check_options('{"ensemble": 0}');
SELECT rnn_check_options('{"ensemble": 65}');
SELECT rnn_check_options('{"segment": 0}');
SELECT rnn_check_options('{"workers": 1025}');
SELECT rnn_check_options('{"time_limit": -1}');
SELECT rnn_check_options('{"shuffle": 1}');
SELECT rnn_check_options('{"highway": "yes"}');
SELECT rnn_check_options('{"frequency": ""}');
SELECT rnn_check_options('{"time_zone": 1}');
-- words
SELECT rnn_check_options('{"scaler": "standart"}');
SELECT rnn_check_options('{"on_gap": "interpolate"}');
SELECT rnn_check_options('{"mode": 1}');
SELECT rnn_check_options('{"loss": "mes"}');
SELECT rnn_check_options('{"optimizer": "adamax"}');
SELECT rnn_check_options('{"schedule": "cosin"}');
-- names with settings
SELECT rnn_check_options('{"loss": ["mse"]}');
SELECT rnn_check_options('{"loss": {}}');
SELECT rnn_check_options('{"loss": {"name": 3}}');
SELECT rnn_check_options('{"loss": {"name": "mse", "delta": 1}}');
SELECT rnn_check_options('{"loss": {"name": "huber", "detla": 1}}');
SELECT rnn_check_options('{"loss": {"name": "huber", "delta": 0}}');
SELECT rnn_check_options('{"loss": "mse", "delta": 1}');
SELECT rnn_check_options('{"loss": {"name": "huber", "delta": 1}, "delta": 2}');
SELECT rnn_check_options('{"optimizer": {"name": "sgd", "beta1": 0.9}}');
SELECT rnn_check_options('{"optimizer": {"name": "sgd", "momentum": 1}}');
SELECT rnn_check_options('{"optimizer": {"name": "sgd", "nesterov": true}}');
SELECT rnn_check_options('{"optimizer": "adam", "momentum": 0.9}');
SELECT rnn_check_options('{"optimizer": "rmsprop", "nesterov": true, "momentum": 0.9}');
SELECT rnn_check_options('{"optimizer": {"name": "adam", "learning_rate": 0.1}, "learning_rate": 0.1}');
SELECT rnn_check_options('{"schedule": {"name": "cosine", "gamma": 0.1}}');
SELECT rnn_check_options('{"schedule": {"name": "cosine", "final": 2}}');
SELECT rnn_check_options('{"schedule": {"name": "step", "step_size": 0}}');
-- lists
SELECT rnn_check_options('{"quantiles": []}');
SELECT rnn_check_options('{"quantiles": 0.5}');
SELECT rnn_check_options('{"quantiles": [0.5, 0.1]}');
SELECT rnn_check_options('{"quantiles": [0.5, 0.5]}');
SELECT rnn_check_options('{"quantiles": [0, 0.5]}');
SELECT rnn_check_options('{"quantiles": [0.5, 1]}');
SELECT rnn_check_options('{"quantiles": [0.5, 0.9999999999]}');
SELECT rnn_check_options('{"quantiles": [0.5, null]}');
SELECT rnn_check_options('{"quantiles": [0.5], "loss": "mae"}');
SELECT rnn_check_options(jsonb_build_object('quantiles', (SELECT jsonb_agg(i / 200.0) FROM generate_series(1, 100) i)));
SELECT rnn_check_options('{"seasonality": "weekly"}');
SELECT rnn_check_options('{"seasonality": 1}');
SELECT rnn_check_options('{"seasonality": 7.5}');
SELECT rnn_check_options('{"seasonality": []}');
SELECT rnn_check_options('{"seasonality": [7, "365"]}');
SELECT rnn_check_options('{"seasonality": [7, 24, 7]}');
SELECT rnn_check_options('{"seasonality": [2, 3, 4, 5, 6, 7, 8, 9, 10]}');

-- ---- what is right ----
SELECT jsonb_pretty(rnn_check_options('{}')) AS row_level, jsonb_pretty(rnn_check_options('{}', 'tensor')) AS tensor_level;
CREATE FUNCTION pg_temp.changed(options jsonb, level text DEFAULT 'row') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_object_agg(a.key, a.value) FROM jsonb_each(rnn_check_options(options, level)) a
	JOIN jsonb_each(rnn_check_options('{}', level)) b USING (key) WHERE a.value <> b.value
$$;
-- null and auto ask for the default, in every option that has it
SELECT pg_temp.changed((SELECT jsonb_object_agg(name, null) FROM rnn_options())) IS NULL AS all_null,
	pg_temp.changed((SELECT jsonb_object_agg(name, 'auto'::text) FROM rnn_options() WHERE default_value LIKE '%auto%')) IS NULL AS all_auto;
SELECT pg_temp.changed('{"time_steps": 56, "horizon": 14, "epochs": 50, "seed": 7, "stride": 2, "batch_size": 1048576, "seed": 9007199254740991}');
SELECT pg_temp.changed('{"scaler": "robust", "transform": "log", "level": "mean", "mode": "window", "highway": false, "mix": 0, "calendar": true, "ensemble": 3}');
SELECT pg_temp.changed('{"frequency": "15 minutes", "time_zone": "Europe/Berlin", "on_gap": "linear", "on_duplicate": "sum", "on_error": "skip", "intervals": "none", "keep_history": false}');
SELECT pg_temp.changed('{"workers": 0, "time_limit": 1.5, "verbose": true, "validation": 0.2, "patience": 5, "min_delta": 0.001, "restore_best": false, "shuffle": false}');
SELECT pg_temp.changed('{"validation": 12, "clip_norm": 0, "steps_per_epoch": 100, "segment": 24}');
SELECT pg_temp.changed('{"loss": "huber"}'), pg_temp.changed('{"loss": "huber", "delta": 2}'), pg_temp.changed('{"loss": {"name": "huber", "delta": 0.5}}');
SELECT pg_temp.changed('{"quantiles": [0.05, 0.5, 0.95]}'), pg_temp.changed('{"loss": "quantile"}'), pg_temp.changed('{"loss": {"name": "quantile", "quantiles": [0.5]}}');
SELECT pg_temp.changed('{"loss": "mae"}', 'tensor'), pg_temp.changed('{"loss": "negative_binomial"}', 'tensor');
SELECT pg_temp.changed('{"optimizer": {"name": "sgd", "momentum": 0.9, "nesterov": true}}'), pg_temp.changed('{"optimizer": "sgd"}', 'tensor');
SELECT pg_temp.changed('{"optimizer": {"name": "adamw", "beta2": 0.99, "weight_decay": 0.5, "learning_rate": 0.25}}', 'tensor'), pg_temp.changed('{"optimizer": "rmsprop", "momentum": 0.5}', 'tensor');
SELECT pg_temp.changed('{"schedule": "one_cycle"}'), pg_temp.changed('{"schedule": {"name": "cosine", "final": 0.01, "warmup_steps": 20}}'),
	pg_temp.changed('{"schedule": {"name": "plateau", "patience": 3, "gamma": 0.5, "min_rate": 1e-6}}');
SELECT pg_temp.changed('{"seasonality": "none"}'), pg_temp.changed('{"seasonality": 24}'), pg_temp.changed('{"seasonality": [168, 24]}');

-- the manual's list: every option has a type, a default and a reason
SELECT name, type, default_value, used_by FROM rnn_options();
SELECT count(*) AS options, count(DISTINCT name) AS names, bool_and(description ~ '\.$') AS described FROM rnn_options();
