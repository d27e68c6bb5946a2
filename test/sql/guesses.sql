-- calls that a new user tries first: they work, or their error leads to the call that does
SET client_min_messages = warning;
\set SHOW_CONTEXT never
CREATE TABLE guess AS SELECT s, date '2024-01-01' + i AS ts, 10 * s + sin(i) AS value FROM generate_series(1, 2) s, generate_series(0, 59) i;
CREATE VIEW one AS SELECT ts, value FROM guess WHERE s = 1;

-- ---- an object of options in the network's place ----
CREATE TABLE guessed AS SELECT rnn_train(rnn_panel(ts, value), '{"horizon": 5, "mix": 0}') AS m FROM one;
SELECT rnn_model_info(m) -> 'options' AS options FROM guessed;
SELECT rnn_train(rnn_panel(ts, value), '{"horizon": 5}', '{"mix": 0}') IS NULL FROM one;
\set VERBOSITY terse
SELECT rnn_train(rnn_panel(ts, value), '{"horizons": 5}') IS NULL FROM one;
\set VERBOSITY default
SELECT rnn_train(rnn_panel(ts, value), '{}'::jsonb) IS NOT NULL AS no_options FROM one;
CALL rnn_create_model('guess', 'SELECT ts, value FROM one', '{"horizon": 4, "mix": 0}');
CALL rnn_create_model('both', 'SELECT ts, value FROM one', '{"horizon": 4}', '{"mix": 0}');

-- ---- the horizon as second argument, whatever its type ----
SELECT (SELECT count(*) FROM rnn_forecast(m, 12)) AS number, (SELECT count(*) FROM rnn_forecast(m, '12')) AS literal,
	(SELECT count(*) FROM rnn_forecast(m, NULL)) AS "null", (SELECT count(*) FROM rnn_forecast(m)) AS none,
	(SELECT count(*) FROM rnn_forecast(m, horizon => 12)) AS named, (SELECT count(*) FROM rnn_forecast(m, NULL, 12)) AS third,
	(SELECT count(*) FROM rnn_forecast_local(m, 12)) AS local
FROM guessed;
SELECT count(*) FROM guessed, rnn_forecast(m, 'twelve');
SELECT count(*) FROM guessed, rnn_forecast(m, 0);
PREPARE parameters AS SELECT count(*) FROM guessed, rnn_forecast(m, $1);
EXECUTE parameters(3);
EXECUTE parameters(NULL);
SELECT count(*) FROM rnn_forecast_index((SELECT rnn_train(rnn_panel((ts - '2024-01-01')::bigint, value), 'ridge') FROM one), 3);

-- ---- arguments that fit no form: the error shows the forms, also without a row ----
SELECT rnn_panel(value, ts) FROM one;
SELECT rnn_panel(ts, value, s) FROM guess;
SELECT rnn_panel(s, ts, value > 5) FROM guess;
SELECT rnn_panel(s, ts, value, value > 5) FROM guess WHERE false;
SELECT rnn_panel(s, ts, value, ARRAY[value > 5]) FROM guess;
SELECT rnn_panel(s, extract(epoch FROM ts)::numeric, value) FROM guess;
SELECT rnn_panel(guess) FROM guess;
SELECT rnn_train(rnn_panel(value::numeric, ts, s)) IS NULL FROM guess;
SELECT rnn_train(rnn_panel(ts, s, value)) IS NULL FROM guess;
SELECT rnn_train(ts, value) FROM one;
SELECT rnn_train(rnn_panel(ts, value), 5) FROM one;
SELECT series_id FROM rnn_forecast((SELECT rnn_panel(ts, value) FROM one), 5);
SELECT step FROM guessed, rnn_explain(m, 5);
SELECT sample FROM guessed, rnn_sample(m, 5);
SELECT rnn_plot(m, 5) FROM guessed;
SELECT rnn_plot(ts, value) FROM one;
SELECT rnn_panel(VARIADIC ARRAY[1, 2]);
-- a whole query or a word in place of JSON
CALL rnn_create_model('word', 'SELECT ts, value FROM one', 'ridge', '{"horizon": 4}');
SELECT rnn_model_info('word') #>> '{recipe,horizon}' AS horizon, network FROM rnn_models WHERE name = 'word';
CALL rnn_drop_model('word');
CALL rnn_create_model('word', 'SELECT ts, value FROM one', 'lstm');
CALL rnn_create_model('word', 'one');
CALL rnn_create_model('word', 'SELECT ts, value, ts AS day FROM one', 'ridge');

-- ---- layers joined by || ----
SELECT rnn_lstm(8) || rnn_dense(7) = rnn_sequential(rnn_lstm(8), rnn_dense(7)) AS same, rnn_lstm(8) || rnn_dense(7) AS joined;
SELECT rnn_sequential(rnn_lstm(8, true) || rnn_gru(4), '{"layer": "dense", "units": 2}') AS nested;
SELECT rnn_bidirectional(rnn_lstm(8) || rnn_dense(7));
SELECT rnn_shape(rnn_predict(rnn_fit(rnn_gru(2) || rnn_dense(1), '{{{1}},{{2}}}', '{{1},{2}}', '{"epochs": 1}'), '{{{1}}}')) AS fitted;
SELECT rnn_model_info(rnn_train(rnn_panel(ts, value), rnn_lstm(8) || rnn_dense(7), '{"epochs": 1}')) -> 'layers' AS trained FROM one;

-- ---- a network that ends in a recurrent layer gets its dense layer ----
SELECT o ->> 'loss' AS loss, rnn_model_info(rnn_train(rnn_panel(ts, value), rnn_lstm(8) || rnn_dropout(0.1), '{"horizon": 3, "epochs": 1, "ensemble": 1}' || o)) -> 'layers' -> 2 AS head
FROM one, unnest(ARRAY['{"loss": "mae"}', '{"loss": "gaussian"}', '{"loss": "quantile"}']::jsonb[]) o GROUP BY o ORDER BY 1;
SELECT rnn_model_info(rnn_train(rnn_panel(ts, value), rnn_gru(4, true), '{"horizon": 3, "epochs": 1}')) #> '{recipe,mode}' AS sequences FROM one;

-- ---- a managed model's name where a model is taken ----
SELECT (SELECT count(*) FROM rnn_forecast('guess', 12)) AS number, (SELECT count(*) FROM rnn_forecast('guess', '12')) AS literal,
	(SELECT count(*) FROM rnn_forecast('guess', NULL)) AS "null", (SELECT count(*) FROM rnn_forecast('guess', horizon => 12)) AS named,
	(SELECT count(*) FROM rnn_forecast_local('guess', 12)) AS local;
SELECT rnn_model_info('guess') = rnn_model_info(rnn_model('guess')) AS info, rnn_model('guess') = rnn_model('guess', 1) AS bytes,
	(SELECT count(*) FROM rnn_model_card('guess')) = (SELECT count(*) FROM rnn_model_card(rnn_model('guess'))) AS card,
	(SELECT count(*) FROM rnn_weights('guess')) AS weights, (SELECT count(*) FROM rnn_summary('guess')) AS layers,
	(SELECT count(*) FROM rnn_history('guess')) > 0 AS history;
SELECT n, mean_absolute_error IS NOT NULL AS error FROM rnn_evaluate('guess', hold_out => 4);
SELECT count(*) AS fitted FROM rnn_fitted('guess');
SELECT count(*) FROM rnn_importance('guess');
SELECT (SELECT count(*) FROM rnn_sample('guess', n => 2, horizon => 3)) AS sampled, (SELECT count(*) FROM rnn_state('guess')) AS states,
	rnn_plot('guess') LIKE '<svg%' AS plot, rnn_plot('guess', fresh => false) = rnn_plot(rnn_model('guess')) AS same_plot,
	(SELECT count(*) FROM rnn_weights('guess', 'keras')) AS keras_weights, rnn_plot_history('guess') = rnn_plot_history(rnn_model('guess')) AS losses;
SELECT bool_and(abs(e.total - f.forecast_value) < 1e-9) AS explained FROM rnn_forecast('guess') f JOIN (SELECT step, sum(value) AS total FROM rnn_explain('guess') GROUP BY 1) e USING (step);
-- each function of the catalog whose first argument is a model: an overload takes the name, or the error leads to rnn_model
CREATE FUNCTION types_of(function oid) RETURNS regtype[] LANGUAGE sql AS 'SELECT array_agg(t::regtype ORDER BY i) FROM pg_proc, unnest(proargtypes::oid[]) WITH ORDINALITY u(t, i) WHERE oid = function';
CREATE FUNCTION by_name(function oid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	types regtype[] := types_of(function);
	value jsonb := '{"double precision[]": "{{{1}}}", "jsonb": "{}", "text": "1", "bigint": "1", "integer": "1", "double precision": "0.5"}'
		|| (SELECT jsonb_build_object('bytea', state) FROM rnn_state('guess'));
	hint text;
BEGIN
	IF EXISTS (SELECT FROM pg_proc o WHERE o.proname = (SELECT proname FROM pg_proc WHERE oid = function)
			AND 'text'::regtype || types[2:] = (types_of(o.oid))[:cardinality(types)] AND o.proargnames[1] IN ('name', 'model')) THEN
		RETURN 'overload';
	END IF;
	EXECUTE (SELECT format('SELECT * FROM %s(''nobody''::bytea%s)', function::regproc::text,
		string_agg(format(', %L::%s', coalesce(value ->> t::text, '2024-01-01'), t), '' ORDER BY i)) FROM unnest(types[2:]) WITH ORDINALITY u(t, i));
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN CASE WHEN hint LIKE '%rnn_model(''nobody'')%' THEN 'hint' ELSE SQLERRM || ' ' || hint END;
END $$;
SELECT by_name(p.oid), string_agg(DISTINCT p.proname, ', ' ORDER BY p.proname) AS functions
FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e' JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'forecast_rnn'
WHERE p.prokind = 'f' AND p.proargtypes[0] = 'bytea'::regtype AND p.proargnames[1] = 'model' AND p.proname !~ '^rnn_managed' GROUP BY 1 ORDER BY 1;
DROP FUNCTION by_name, types_of;
SELECT count(*) FROM rnn_predict('it''s', '{{{1}}}');
SELECT rnn_model_info('nobody');
SELECT rnn_model('guess', 7);
-- forecasts by name and stored forecasts start after the same row
INSERT INTO guess SELECT 1, date '2024-03-01' + i, 10 FROM generate_series(0, 2) i;
CALL rnn_store_forecast('guess');
SELECT min(f.forecast_timestamp) = min(s.forecast_time::timestamptz) AS same_start, min(f.forecast_timestamp)::date AS start
FROM rnn_forecast('guess') f, rnn_forecasts s WHERE s.name = 'guess';
SELECT min(forecast_timestamp)::date AS remembered FROM rnn_forecast('guess', fresh => false);

-- ---- one covariate, flags, numbers of any type, times as text ----
CREATE TABLE promotion AS SELECT s, ts, extract(day FROM ts)::int AS n, value, extract(day FROM ts)::int % 5 = 0 AS promo, (extract(day FROM ts)::int % 5)::float8 AS price, ts::text AS txt FROM guess;
SELECT rnn_covariates(true, 1::smallint, 2, 3::bigint, 4.5, 5.5::real, 6.5::float8, NULL, NULL::boolean, ARRAY[true, NULL], ARRAY[1, 2]) AS covariates, rnn_covariates(ARRAY[promo]) AS flags,
	rnn_covariates(VARIADIC ARRAY[1, 2]) AS variadic FROM promotion LIMIT 1;
SELECT rnn_panel(ts, value, rnn_covariates(promo)) = rnn_panel(ts, value, ARRAY[promo::int]) AS flag,
	rnn_panel(s, ts, value, rnn_covariates(promo, price)) = rnn_panel(s, ts, value, ARRAY[promo::int, price]) AS flag_and_number FROM promotion WHERE s = 1;
SELECT rnn_covariates('a');
SELECT rnn_covariates(date '2024-01-01');
SELECT rnn_covariates(NULL::int[]) IS NULL AS null_array;
SELECT rnn_panel(txt, value) FROM promotion;
SELECT rnn_panel(s, txt, value) FROM promotion;
SELECT rnn_panel('all', '2024-01-01', 1);
DROP TABLE promotion;

-- ---- the series in its own type again ----
SELECT id, rnn_series_key(id) AS key, jsonb_typeof(rnn_series_key(id)) AS type
FROM unnest(ARRAY['7', '-12', '3.50', '007', '1e5', '.5', '5.', '', 'store 7', '(1,north)', '(1,)', '("a, b","say ""x""")', '(1', '(1)x', '()', '("\\")', repeat('9', 1001)]) WITH ORDINALITY t(id, n) WHERE length(id) < 100 ORDER BY n;
SELECT jsonb_typeof(rnn_series_key(repeat('9', 1000))) AS number, jsonb_typeof(rnn_series_key(repeat('9', 1001))) AS text, rnn_series_key(NULL) IS NULL AS none;
CREATE TABLE place AS SELECT s AS id, 'place ' || s AS name FROM generate_series(1, 2) s;
SELECT DISTINCT p.name, f.series_id FROM rnn_forecast((SELECT rnn_train(rnn_panel(s, ts, value), 'ridge', '{"horizon": 3}') FROM guess)) f JOIN place p ON to_jsonb(p.id) = rnn_series_key(f.series_id) ORDER BY 1;
SELECT DISTINCT (key ->> 0)::int AS id, key ->> 1 AS region FROM rnn_forecast((SELECT rnn_train(rnn_panel(ROW(s, 'north, ' || s), ts, value), 'ridge', '{"horizon": 3}') FROM guess)) f, rnn_series_key(f.series_id) key ORDER BY 1;
DROP TABLE place;

-- ---- words of other programs lead to ours ----
DO $$
DECLARE
	hint text;
	word text;
BEGIN
	FOREACH word IN ARRAY ARRAY['h', 'input_size', 'max_steps', 'forecast_horizon', 'input_chunk_length', 'n_epochs', 'random_state', 'freq', 'season_length', 'data_frequency', 'Lookback'] LOOP
		BEGIN
			PERFORM rnn_check_options(jsonb_build_object(word, 1));
		EXCEPTION WHEN invalid_parameter_value THEN
			GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
			RAISE INFO '%: %', word, hint;
		END;
	END LOOP;
	FOREACH word IN ARRAY ARRAY['D', 'W', 'MS', 'M', 'QE', 'Y', 'H', 'h', 'DAILY', 'HOURLY'] LOOP
		BEGIN
			PERFORM rnn_train(rnn_panel(ts, value), jsonb_build_object('frequency', word)) FROM one;
		EXCEPTION WHEN invalid_parameter_value THEN
			GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
			RAISE INFO '%: %', word, hint;
		END;
	END LOOP;
END $$;
SELECT rnn_check_options('{"loss": "pinball"}');
SELECT rnn_network('[{"layer": "SimpleRNN", "units": 3}]');

-- ---- a forgotten series column ----
SELECT rnn_train(rnn_panel(ts, value)) IS NULL FROM guess;

-- ---- row by row: a literal is read as the model's type of time; late rows need not stop an INSERT ----
CREATE TABLE axes AS
SELECT 'date' AS type, (SELECT rnn_train(rnn_panel(ts, value), 'ridge', '{"horizon": 3}') FROM one) AS m
UNION ALL SELECT 'timestamptz', (SELECT rnn_train(rnn_panel(ts::timestamptz, value), 'ridge', '{"horizon": 3}') FROM one)
UNION ALL SELECT 'timestamp', (SELECT rnn_train(rnn_panel(ts::timestamp, value), 'ridge', '{"horizon": 3}') FROM one);
SELECT type, forecast_timestamp::date AS next, expected_lower_bound < expected_upper_bound AS bounds, step_status FROM axes, rnn_state(m) s, rnn_step(m, s.state, '2024-03-05', 10);
SELECT count(*) FROM axes, rnn_state(m) s, rnn_step(m, s.state, 'soon', 10);
SELECT count(*) FROM axes, rnn_state(m) s, rnn_step(m, s.state, '2024-02-01', 10);
SELECT type, new_state = s.state AS unchanged, forecast_timestamp::date AS next, forecast_value IS NOT NULL AS forecast, is_anomaly, step_status
FROM axes, rnn_state(m) s, rnn_step(m, s.state, '2024-02-01', 10, on_late => 'ignore');
SELECT type, count(*) FROM axes, rnn_state(m) s, rnn_step(m, s.state, '2024-03-05', 10, on_late => 'ignore') a, rnn_step(m, a.new_state, '2024-03-05', 10, on_late => 'ignore') b
WHERE b.new_state = a.new_state GROUP BY type ORDER BY type;
SELECT count(*) FROM axes, rnn_state(m) s, rnn_step(m, s.state, '2024-02-01', 10, on_late => 'later');

DROP TABLE axes;
CALL rnn_drop_model('guess');
DROP TABLE guessed;
DROP VIEW one;
DROP TABLE guess;
