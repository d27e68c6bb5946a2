-- Models and forecasts of many series: the size of a model, models without series, forecasts in chunks.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE TEMP TABLE wide AS SELECT s, t, 50 + s % 10 + (t * 7 + s * 13) % 10 AS v FROM generate_series(1, 1200) s, generate_series(1, 30) t;
CREATE FUNCTION pg_temp.error(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text; hint text;
BEGIN
	EXECUTE statement;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(E'\n', SQLSTATE || ' ' || SQLERRM, nullif(detail, ''), nullif(hint, ''));
END $$;

-- a model beyond 1 GB is refused before its training: the panel is small, the seasons are not
SET maintenance_work_mem = '100GB';
CREATE TEMP TABLE few AS SELECT rnn_panel(s, t::bigint, (s * t) % 7) p FROM generate_series(1, 4200) s, generate_series(1, 5) t;
\set seasons '"seasonality": [16377, 16378, 16379, 16380, 16381, 16382, 16383, 16384]'
SELECT pg_temp.error(format('SELECT rnn_train(p, ''"ridge"'', ''{"horizon": 2, "time_steps": 4, %s}'') FROM few', :'seasons'));
SELECT pg_temp.error('SELECT rnn_train(p, rnn_sequential(rnn_lstm(8192), rnn_dense(2)), ''{"horizon": 2, "time_steps": 4, "ensemble": 2}'') FROM few');
SET maintenance_work_mem = '64MB';
SELECT pg_temp.error(format('SELECT rnn_train(p, ''"ridge"'', ''{"horizon": 2, "time_steps": 4, "keep_series": false, %s}'') FROM few', :'seasons')) ~ 'more than the .* that maintenance_work_mem allows' AS other;
RESET maintenance_work_mem;

-- keep_series
SELECT pg_temp.error('SELECT rnn_train(p, options => ''{"keep_series": 1}'') FROM few');
CREATE TEMP TABLE m AS
SELECT keep, rnn_train(rnn_panel(s, t::bigint, v::float8), '"ridge"', jsonb_build_object('horizon', 3, 'time_steps', 10, 'keep_series', keep)) model
FROM wide, (VALUES (true), (false)) k(keep) GROUP BY keep;
SELECT pg_temp.error('SELECT * FROM rnn_forecast_index((SELECT model FROM m WHERE NOT keep))');
SELECT pg_temp.error('SELECT rnn_state((SELECT model FROM m WHERE NOT keep))');
SELECT keep, length(model) / 1200 < 200 AS small, length(model) < 10000 AS pooled, i->>'series' AS series, i->>'series_kept' AS kept, i->>'history' AS history
FROM m, rnn_model_info(model) i ORDER BY keep;
SELECT item, value FROM m, rnn_model_card(model) WHERE NOT keep AND topic = 'data';
-- with a day's and a week's season of hours a series takes less than 600 bytes
SELECT length(rnn_train(rnn_panel(s, t::bigint, v::float8), '"ridge"', '{"horizon": 3, "time_steps": 10, "seasonality": [24, 168], "keep_history": false}')) / 1200 < 600 AS small FROM wide;
-- what a stored series would add to the forecast: nothing, all series have the same rows and no seasons
SELECT count(*), max(abs(a.forecast_value - b.forecast_value)) < 1e-9 AS same
FROM (SELECT rnn_panel(s, t::bigint, v::float8) p FROM wide) w, m a1, m b1, rnn_forecast_index(a1.model, p) a, rnn_forecast_index(b1.model, p) b
WHERE a1.keep AND NOT b1.keep AND a.series_id = b.series_id AND a.step = b.step;
-- intervals of a model without series hold as often as they say, on rows that it did not see
SELECT abs(avg((a BETWEEN l AND u)::int) - 0.9) < 0.05 AS covered
FROM (SELECT actual_value a, prediction_interval_lower_bound l, prediction_interval_upper_bound u
	FROM rnn_backtest((SELECT rnn_panel(s, t::bigint, v::float8 + s % 7 * random()) FROM wide), '"ridge"', '{"horizon": 3, "time_steps": 10, "keep_series": false}', folds => 1, confidence_level => 0.9)) b;
-- a warm start from it, and to it
SELECT i->>'series' AS series, i->>'series_kept' AS kept FROM m, few, rnn_model_info(rnn_train(p, model)) i WHERE NOT keep;
SELECT i->>'series' AS series, i->>'series_kept' AS kept FROM m, few, rnn_model_info(rnn_train(p, model, '{"keep_series": false}')) i WHERE keep;
SELECT i->>'series' AS series, i->>'series_kept' AS kept FROM m, few, rnn_model_info(rnn_train(p, model, '{"keep_series": true}')) i WHERE NOT keep;

-- averages of models without series count the rows of all; those of both kinds do not join
CREATE TEMP TABLE start AS SELECT rnn_train(p, rnn_sequential(rnn_gru(2), rnn_dense(2)), '{"horizon": 2, "time_steps": 3, "epochs": 1, "steps_per_epoch": 2, "validation": 0, "keep_series": false}') model FROM few;
CREATE TEMP TABLE part AS SELECT s % 3 AS node, rnn_train(rnn_panel(s, t::bigint, v::float8), (SELECT model FROM start)) model FROM wide WHERE s <= 90 GROUP BY node;
SELECT i->>'series' AS series, i->>'series_kept' AS kept FROM (SELECT rnn_average(model) model FROM part) a, rnn_model_info(model) i;
SELECT pg_temp.error('SELECT rnn_average(model) FROM (SELECT model FROM part WHERE node > 0 UNION ALL
	SELECT rnn_train(rnn_panel(s, t::bigint, v::float8), (SELECT model FROM start), ''{"keep_series": true}'') FROM wide WHERE s <= 90) x');
-- the values that a model keeps come back bit for bit, whatever their type
CREATE FUNCTION pg_temp.forecast_equal(p rnn_panel, options jsonb) RETURNS boolean LANGUAGE sql AS $$
	WITH m AS MATERIALIZED (SELECT rnn_train(p, '"ridge"', options) model),
	a AS (SELECT f.* FROM m, rnn_forecast_index(model) f), b AS (SELECT f.* FROM m, rnn_forecast_index(model, p) f)
	SELECT count(*) > 0 AND bool_and(a.forecast_value = b.forecast_value AND a.prediction_interval_upper_bound = b.prediction_interval_upper_bound)
	FROM a FULL JOIN b USING (series_id, step)
$$;
SELECT kind, pg_temp.forecast_equal(rnn_panel(s, t::bigint, CASE WHEN (s + t) % gap = 0 AND t < 30 THEN NULL ELSE v * factor END), '{"horizon": 2, "time_steps": 5, "seasonality": 4}') AS equal
FROM wide, (VALUES ('counts', 1::float8, 1000), ('cents', 0.01, 1000), ('cents with gaps', 0.01, 7), ('large counts', 1e6, 1000), ('floats', 1 / 1024.0::float4, 1000),
	('doubles', pi(), 1000), ('doubles with gaps', pi(), 5), ('huge', 1e100, 1000), ('tiny', 1e-100, 1000), ('negative', -0.1, 6)) f(kind, factor, gap)
GROUP BY kind ORDER BY kind;
-- and of few series, which are stored in doubles
SELECT pg_temp.forecast_equal(rnn_panel(s, t::bigint, v * pi()), '{"horizon": 2, "time_steps": 5, "seasonality": 4}') AS equal FROM wide WHERE s <= 1000;

-- ---- forecasts in chunks ----
CREATE TABLE chunk_source AS SELECT s AS store, date '2024-01-01' + t AS day, v FROM wide WHERE s <= 95;
CREATE TABLE chunk_target (series_id text, forecast_timestamp timestamp, step int, forecast_value float8, standard_error float8, confidence_level float8,
	prediction_interval_lower_bound float8, prediction_interval_upper_bound float8, forecast_status text);
\set source 'SELECT store AS series, day AS ts, v AS value FROM chunk_source'
\set options '{"time_steps": 7}'
CALL rnn_forecast_chunks(NULL, :'source', 'chunk_target');
CALL rnn_forecast_chunks('r', 'SELECT 1; SELECT 2', 'chunk_target');
CALL rnn_forecast_chunks('r', 'SELECT day AS ts, v AS value FROM chunk_source', 'chunk_target');
CALL rnn_forecast_chunks('r', 'SELECT row(store) AS series, day AS ts, v AS value FROM chunk_source', 'chunk_target');
CALL rnn_forecast_chunks('r', :'source' || ' WHERE false', 'chunk_target');
CALL rnn_forecast_chunks('r', 'SELECT nullif(store, 5) AS series, day AS ts, v AS value FROM chunk_source', 'chunk_target');
CALL rnn_forecast_chunks('r', :'source', 'chunk_source');
CALL rnn_forecast_chunks('r', :'source', 'chunk_target', chunk_series => 0);
CALL rnn_forecast_chunks('r', :'source', 'chunk_target', sample_series => 0);
CALL rnn_forecast_chunks('r', :'source', 'chunk_target', options => '{"no": 1}');
BEGIN;
CALL rnn_forecast_chunks('r', :'source', 'chunk_target');
ROLLBACK;
SELECT (SELECT count(*) FROM rnn_chunk_runs) AS runs, (SELECT count(*) FROM rnn_chunks) AS chunks, (SELECT count(*) FROM chunk_target) AS rows;
-- a chunk that fails keeps those before it; the same call resumes
CREATE FUNCTION chunk_fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'series % is refused', NEW.series_id; END $$;
CREATE TRIGGER fail BEFORE INSERT ON chunk_target FOR EACH ROW WHEN (NEW.series_id = '45') EXECUTE FUNCTION chunk_fail();
CALL rnn_forecast_chunks('r', :'source', 'chunk_target', 3, 40, 20, '"ridge"', :'options');
SELECT chunk, first_series, series, rows, finished_at IS NOT NULL AS finished FROM rnn_chunks ORDER BY chunk;
SELECT count(*), count(DISTINCT series_id) FROM chunk_target;
DROP TRIGGER fail ON chunk_target;
CALL rnn_forecast_chunks('r', :'source', 'chunk_target', 4, 40, 20, '"ridge"', :'options');
CALL rnn_forecast_chunks('r', :'source', 'chunk_target', 3, 40, 20, '"ridge"', :'options');
SELECT chunk, first_series, series, rows, series_with_status, finished_at IS NOT NULL AS finished FROM rnn_chunks ORDER BY chunk;
-- the same as one forecast of all series by the run's model
SELECT count(*), count(*) FILTER (WHERE (t.forecast_value, t.prediction_interval_upper_bound) IS DISTINCT FROM (f.forecast_value, f.prediction_interval_upper_bound)) AS other
FROM rnn_chunk_runs r, (SELECT rnn_panel(store, day, v) p FROM chunk_source) c, rnn_forecast_local(r.model, c.p) f
	FULL JOIN chunk_target t USING (series_id, forecast_timestamp, step) WHERE r.run = 'r';
-- all is done: nothing more; with a model: no training
CALL rnn_forecast_chunks('r', :'source', 'chunk_target', 3, 40, 20, '"ridge"', :'options');
TRUNCATE chunk_target;
SELECT model FROM rnn_chunk_runs WHERE run = 'r' \gset
CALL rnn_forecast_chunks('r', :'source', 'chunk_target', 3, 40, 20, NULL, :'options', model => '\x00');
CALL rnn_forecast_chunks('text', 'SELECT store::text AS series, day AS ts, v AS value FROM chunk_source', 'chunk_target', 3, chunk_series => 50, model => :'model');
SELECT count(*), count(DISTINCT series_id) FROM chunk_target;
SELECT run, chunk, series, rows FROM rnn_chunks WHERE run = 'text' ORDER BY chunk;
-- series named by dates, resumed by a session that reads and writes dates otherwise
TRUNCATE chunk_target;
CREATE TRIGGER fail BEFORE INSERT ON chunk_target FOR EACH ROW WHEN (NEW.series_id IN ('2024-01-22', '22/01/2024')) EXECUTE FUNCTION chunk_fail();
\set dated 'SELECT date \'2024-01-01\' + store AS series, day AS ts, v AS value FROM chunk_source WHERE store < 60'
SET datestyle = 'SQL, DMY';
CALL rnn_forecast_chunks('dated', :'dated', 'chunk_target', 3, chunk_series => 10, model => :'model');
DROP TRIGGER fail ON chunk_target;
SET datestyle = 'SQL, MDY';
CALL rnn_forecast_chunks('dated', :'dated', 'chunk_target', 3, chunk_series => 10, model => :'model');
RESET datestyle;
SELECT chunk, first_series, series, rows FROM rnn_chunks WHERE run = 'dated' ORDER BY chunk;
SELECT count(*), count(DISTINCT series_id), min(series_id), max(series_id) FROM chunk_target;
DELETE FROM rnn_chunk_runs;
SELECT count(*) FROM rnn_chunks;
DROP TABLE chunk_source, chunk_target;
DROP FUNCTION chunk_fail;

-- a run belongs to its owner: nobody makes, takes over, sees or continues that of another role; what a row holds is no statement
CREATE ROLE scale_mallory;
CREATE ROLE scale_bob;
CREATE SCHEMA scale_evil AUTHORIZATION scale_mallory;
SET ROLE scale_mallory;
CREATE TABLE scale_evil.src AS SELECT s, t::bigint, (s + t)::float8 AS v FROM generate_series(1, 9) s, generate_series(1, 20) t;
CREATE TABLE scale_evil.tgt (series_id text, forecast_index bigint, step int, forecast_value float8, standard_error float8, confidence_level float8,
	prediction_interval_lower_bound float8, prediction_interval_upper_bound float8, forecast_status text);
CALL rnn_forecast_chunks('m', 'SELECT s AS series, t AS ts, v AS value FROM scale_evil.src', 'scale_evil.tgt', 2, 5, 3, '"ridge"');
INSERT INTO rnn_chunk_runs (owner, run, query, search_path, target) VALUES (session_user, 'x', 'SELECT 1', 'public', 'pg_class');
UPDATE rnn_chunk_runs SET owner = session_user;
UPDATE rnn_chunks SET finished_at = NULL WHERE chunk = 1;
UPDATE rnn_chunk_runs SET target = 'scale_evil.tgt; DROP TABLE scale_evil.tgt';
SELECT rnn_managed_chunk_next('m');
UPDATE rnn_chunk_runs SET target = 'scale_evil.tgt';
UPDATE rnn_chunks SET first_series = '1''; DROP TABLE scale_evil.tgt; --' WHERE chunk = 1;
SELECT rnn_managed_chunk_next('m');
RESET ROLE;
SELECT rnn_managed_chunk_next('m');
SET ROLE scale_bob;
SELECT (SELECT count(*) FROM rnn_chunk_runs) + (SELECT count(*) FROM rnn_chunks) AS seen;
RESET ROLE;
SELECT count(*) FROM scale_evil.tgt;
DELETE FROM rnn_chunk_runs;
DROP SCHEMA scale_evil CASCADE;
DROP ROLE scale_mallory, scale_bob;
