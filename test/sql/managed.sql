-- Managed models: names, versions, evaluation, forecasts by name.  Numbers are rounded or compared.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';

CREATE FUNCTION smooth(t integer) RETURNS float8 LANGUAGE sql IMMUTABLE AS
	$$ SELECT round((100 + 10 * sin(t / 7.0 * 2 * pi()) + t * 0.1 + 0.5 * sin(t * t))::numeric, 3)::float8 $$;
CREATE TABLE sales (day date, units float8);
INSERT INTO sales SELECT date '2023-01-01' + t, smooth(t) FROM generate_series(1, 200) t;

-- ---- bad input: nothing is made ----
CALL rnn_create_model(NULL, 'SELECT 1');
CALL rnn_create_model('m', 'SELECT day AS ts, units AS value FROM sales; SELECT 1');
CALL rnn_create_model('m', 'DELETE FROM sales');
CALL rnn_create_model('m', 'SELECT day AS ts, units AS value INTO x FROM sales');
CALL rnn_create_model('m', 'SELECT day, units FROM sales');
CALL rnn_create_model('m', 'SELECT 1 AS series_id, day AS ts, units AS value FROM sales');
CALL rnn_create_model('m', 'SELECT day AS ts, units AS value FROM nowhere');
CALL rnn_create_model('m', 'SELECT day::text AS ts, units AS value FROM sales');
CALL rnn_create_model('m', 'SELECT day AS ts, units::text AS value FROM sales');
CALL rnn_create_model('m', 'SELECT day AS ts, units AS value, date ''2024-01-01'' AS note FROM sales');
CALL rnn_create_model('m', 'SELECT day AS ts, units AS value FROM sales WHERE false');
CALL rnn_create_model('m', 'SELECT day AS ts, NULL::float8 AS value FROM sales');
CALL rnn_create_model('m', 'SELECT day AS ts, 1 / (units - units) AS value FROM sales');
CALL rnn_create_model('m', 'SELECT day AS ts, units AS value FROM', '"ridge"');
CALL rnn_create_model('m', 'SELECT day AS ts, units AS value FROM sales', '"ridges"');
-- terse: the list of options is tested elsewhere
\set VERBOSITY terse
CALL rnn_create_model('m', 'SELECT day AS ts, units AS value FROM sales', options => '{"horzon": 7}');
\set VERBOSITY default
CALL rnn_create_model('m', 'SELECT day AS ts, units AS value FROM sales', keep_versions => 1);
-- a function that writes
CREATE FUNCTION writes() RETURNS float8 LANGUAGE plpgsql AS $$ BEGIN DELETE FROM sales; RETURN 1; END $$;
CALL rnn_create_model('m', 'SELECT day AS ts, writes() AS value FROM sales');
WITH x AS (SELECT count(*) FROM rnn_models) SELECT x.count AS models, (SELECT count(*) FROM sales) AS rows FROM x;
CALL rnn_retrain('m');
CALL rnn_drop_model('m');
SELECT * FROM rnn_forecast('m');

-- ---- a model ----
CALL rnn_create_model('demand', 'SELECT day AS ts, units AS value FROM sales;', '"ridge"', '{"horizon": 7, "time_steps": 1, "seasonality": "none"}', keep_versions => 3);
CALL rnn_create_model('demand', 'SELECT day AS ts, units AS value FROM sales', '"ridge"');
SELECT name, owner = current_user AS mine, query, network, options, active_version FROM rnn_models;
SELECT version, rows, series, first_time, last_time, judged_by, skill BETWEEN -2 AND 1 AS has_skill, trained_by = current_user AS by_me,
	champion, warm_start, sha256 = encode(sha256(rnn_managed_bytes('demand')), 'hex') AS right_sum
FROM rnn_model_versions;
-- a forecast by name is the model's forecast
SELECT count(*) AS rows, bool_and(a = b) AS equal
FROM rnn_forecast('demand', horizon => 3) WITH ORDINALITY a JOIN rnn_forecast(rnn_managed_bytes('demand'), horizon => 3) WITH ORDINALITY b USING (ordinality);
SELECT step, forecast_timestamp::date, abs(forecast_value - smooth(200 + step)) < 20 AS close FROM rnn_forecast('demand', horizon => 3);
SELECT count(*) FROM rnn_forecast_local('demand');
SELECT count(*) FROM rnn_forecast_index('demand');
SELECT * FROM rnn_forecast('demand', version => 9);
SELECT count(*) FROM rnn_forecast('demand', (SELECT rnn_panel(day, units) FROM sales WHERE day < '2023-05-01'), horizon => 2);
SELECT count(*) FROM rnn_forecast('demand', (SELECT rnn_panel(day, units) FROM sales), fresh => true);

-- ---- retraining ----
SET client_min_messages = notice;
CALL rnn_retrain('demand', promote => 'maybe');
CALL rnn_retrain('demand', min_new_rows => 0);
CALL rnn_retrain('demand');
CALL rnn_retrain('demand', min_new_rows => 5);
CALL rnn_retrain('demand', max_age => '1 day');
INSERT INTO sales SELECT date '2023-01-01' + t, smooth(t) FROM generate_series(201, 205) t;
-- from the rows as they are now, without training
SELECT min(forecast_timestamp)::date FROM rnn_forecast('demand', fresh => true);
SELECT min(forecast_timestamp)::date FROM rnn_forecast('demand');
SELECT min(forecast_timestamp)::date FROM rnn_forecast('demand', fresh => false);
SET client_min_messages = warning;
CALL rnn_retrain('demand', min_new_rows => 5);
SELECT active_version FROM rnn_models;
INSERT INTO sales SELECT date '2023-01-01' + t, smooth(t) FROM generate_series(206, 230) t;
-- a better challenger is promoted, a worse one is not: both are evaluated on the same rows
CALL rnn_retrain('demand', options => '{"time_steps": 14, "seasonality": "auto"}');
INSERT INTO sales SELECT date '2023-01-01' + t, smooth(t) FROM generate_series(231, 250) t;
CALL rnn_retrain('demand');
SELECT version, judged_by, judged_rows, loss < champion_loss AS better, champion, activated_at IS NOT NULL AS was_active
FROM rnn_model_versions WHERE version IN (3, 4) ORDER BY version;
SELECT active_version FROM rnn_models;
SELECT string_agg(version::text, ',' ORDER BY version) AS kept FROM rnn_model_versions;
-- another network, promoted in any case; a warm start from it
CALL rnn_retrain('demand', promote => 'always', network => rnn_sequential(rnn_gru(4), rnn_dense(7)), options => '{"epochs": 4, "ensemble": 1}');
SELECT version, network->0->>'type' IS NOT NULL OR jsonb_typeof(network) <> 'string' AS is_network, jsonb_array_length(history) > 0 AS has_history, judged_by
FROM rnn_model_versions WHERE version = 5;
CALL rnn_retrain('demand', warm_start => true, promote => 'never');
SELECT version, warm_start, judged_by, champion, activated_at IS NULL AS never_active FROM rnn_model_versions WHERE version = 6;
SELECT active_version FROM rnn_models;

-- ---- rollback and promotion ----
CREATE TEMP TABLE was AS SELECT md5(string_agg(f::text, ',' ORDER BY step)) AS md5 FROM rnn_forecast('demand', version => 3) f;
CALL rnn_rollback('demand');
SELECT m.active_version, (SELECT md5 FROM was) = (SELECT md5(string_agg(f::text, ',' ORDER BY step)) FROM rnn_forecast('demand') f) AS same FROM rnn_models m;
CALL rnn_promote('demand', 6);
CALL rnn_promote('demand', 77);
CALL rnn_promote('demand', NULL);
SELECT active_version FROM rnn_models;
CALL rnn_rollback('demand');
SELECT active_version FROM rnn_models;
UPDATE rnn_model_versions SET loss = 0 WHERE version = 3;
UPDATE rnn_model_bytes SET model = '';

-- ---- compared with the actual values ----
CALL rnn_store_forecast('demand', horizon => 10);
INSERT INTO sales SELECT date '2023-01-01' + t, smooth(t) FROM generate_series(251, 265) t;
SELECT count(*) AS rows, count(DISTINCT fold_id) AS folds, rnn_mae(actual_value, forecast_value) < rnn_mae(actual_value, naive_value) AS better FROM rnn_backtest('demand');
SELECT count(*) > 200 AS rows, count(*) FILTER (WHERE is_anomaly) < 60 AS few FROM rnn_detect_anomalies('demand');
SELECT new_rows, stored_forecasts, mean_absolute_error < 8 AS close, coverage BETWEEN 0 AND 1 AS covers, outside_range BETWEEN 0 AND 1 AS outside,
	drift > 0.3 AS drifts, retrain_due, reason FROM rnn_monitor('demand');
UPDATE rnn_models SET min_new_rows = 10;
SELECT retrain_due, reason FROM rnn_monitor('demand');
CALL rnn_retrain_due();
SELECT max(version) FROM rnn_model_versions;
SELECT retrain_due FROM rnn_monitor('demand');
BEGIN;
UPDATE rnn_models SET min_new_rows = 1;
CALL rnn_retrain_due();
ROLLBACK;

-- ---- the source changes, or is dropped ----
CREATE TABLE other AS SELECT 1 AS store, day, units FROM sales;
CREATE VIEW source AS SELECT day AS ts, units AS value FROM other;
CALL rnn_create_model('viewed', 'SELECT * FROM source', '"ridge"', '{"horizon": 7}');
CREATE OR REPLACE VIEW source AS SELECT day AS ts, units AS value, store FROM other;
CALL rnn_retrain('viewed');
DROP VIEW source;
CALL rnn_retrain('viewed');
-- it still forecasts
SELECT count(*) FROM rnn_forecast('viewed', fresh => false);
UPDATE rnn_models SET max_age = '1 microsecond' WHERE name = 'viewed';
CALL rnn_retrain_due();
SELECT name, active_version, (SELECT count(*) FROM rnn_model_versions v WHERE v.name = m.name) AS versions FROM rnn_models m ORDER BY name;

-- ---- several series, an integer axis, covariates, a search_path of its own ----
CREATE SCHEMA shop;
CREATE TABLE shop.tills AS SELECT s AS store, t::smallint AS hour, smooth(t + s) * s AS v, t % 7 = 0 AS closed, t % 3 AS k FROM generate_series(1, 3) s, generate_series(1, 150) t;
INSERT INTO shop.tills SELECT s, t, NULL, t % 7 = 0, t % 3 FROM generate_series(1, 3) s, generate_series(151, 154) t;
SET search_path = shop, public;
CALL rnn_create_model('tills', 'SELECT store AS series, hour AS ts, v AS value, closed, k FROM tills', '"ridge"', '{"horizon": 4}');
RESET search_path;
SELECT columns FROM rnn_models WHERE name = 'tills';
SELECT series_id, forecast_index, step FROM rnn_forecast_index('tills') ORDER BY 1, 2 LIMIT 5;
CALL rnn_store_forecast('tills');
UPDATE shop.tills SET v = smooth(hour + store) * store WHERE v IS NULL;
INSERT INTO shop.tills SELECT s, t, smooth(t + s) * s, t % 7 = 0, t % 3 FROM generate_series(1, 3) s, generate_series(155, 160) t;
SELECT new_rows, stored_forecasts, skill_on_new_rows IS NOT NULL AS judged FROM rnn_monitor('tills');
CALL rnn_retrain('tills');
SELECT version, series, rows, judged_by, judged_rows BETWEEN 12 AND 60 AS judged, first_time, last_time FROM rnn_model_versions WHERE name = 'tills' ORDER BY 1;

-- ---- a version whose bytes are of an unknown format ----
INSERT INTO rnn_model_versions SELECT (jsonb_populate_record(v, '{"version": 99}')).* FROM rnn_model_versions v WHERE name = 'tills' AND version = 1;
INSERT INTO rnn_model_bytes SELECT name, 99, decode(replace(encode(model, 'hex'), encode('"format_version":"1"', 'hex'), encode('"format_version":"9"', 'hex')), 'hex')
FROM rnn_model_bytes WHERE name = 'tills' AND version = 1;
SELECT count(*) FROM rnn_forecast_index('tills', version => 99);

CALL rnn_drop_model('tills');
CALL rnn_drop_model('viewed');
CALL rnn_drop_model('demand');
SELECT (SELECT count(*) FROM rnn_models) + (SELECT count(*) FROM rnn_model_versions) + (SELECT count(*) FROM rnn_model_bytes) + (SELECT count(*) FROM rnn_forecasts) AS left_over;
DROP SCHEMA shop CASCADE;
DROP TABLE sales, other;
DROP FUNCTION smooth, writes;
