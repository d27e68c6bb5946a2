-- Rows and cost that the planner assumes of a training or a forecast.
\set ON_ERROR_STOP 0
SET client_min_messages = warning;
SET jit = on;

-- the rows of a query, whether the server would compile it, and whether its plan runs in parallel
CREATE FUNCTION planned(query text, out rows float8, out compiled boolean, out parallel boolean) LANGUAGE plpgsql AS $$
DECLARE tree json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO tree;
	rows := jsonb_path_query_first(tree::jsonb, '$.**."Plan Rows"');
	compiled := (tree #>> '{0,Plan,Total Cost}')::float8 > current_setting('jit_above_cost')::float8;
	parallel := tree #>> '{0,Plan,Node Type}' LIKE 'Gather%';
END $$;

CREATE TABLE sale AS SELECT s, date '2024-01-01' + k AS day, 50 + s + 10 * sin(k / 7.0 * 2 * pi()) AS units
	FROM generate_series(1, 7) s, generate_series(0, 59) k;
CREATE TABLE model AS SELECT rnn_train(rnn_panel(s, day, units), 'ridge', '{"horizon": 14, "time_steps": 14}') AS m FROM sale;
SELECT m AS model FROM model \gset
SELECT rnn_panel(s, day, units) AS panel FROM sale WHERE s <= 3 \gset

-- bad input
-- (the server's error depends on its version)
CREATE FUNCTION refused(statement text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN false;
EXCEPTION WHEN undefined_function OR cannot_coerce OR feature_not_supported THEN
	RETURN true;
END $$;
SELECT refused('SELECT rnn_planner_support(NULL)') AS null_argument, refused($$SELECT rnn_planner_support('x'::internal)$$) AS text_argument;
EXPLAIN (COSTS off) SELECT * FROM rnn_forecast('\x00'::bytea);
EXPLAIN (COSTS off) SELECT * FROM rnn_forecast(:'model'::bytea, 'no panel'::rnn_panel);
SELECT rows FROM planned('SELECT * FROM rnn_forecast(NULL::bytea, -5)');
SELECT rows FROM planned('SELECT * FROM rnn_forecast(NULL::bytea, 2147483647)');
SELECT rows FROM planned('SELECT * FROM rnn_sample(NULL::bytea, n => -1, horizon => 0)');
SELECT rows FROM planned('SELECT * FROM rnn_backtest(NULL::rnn_panel, folds => NULL)');

-- constant arguments: series of the model or of the panel, times the horizon
SELECT rows FROM planned(format('SELECT * FROM rnn_forecast(%L::bytea)', :'model'));
SELECT rows FROM planned(format('SELECT * FROM rnn_forecast(%L::bytea, 3)', :'model'));
SELECT rows FROM planned(format('SELECT * FROM rnn_forecast(%L::bytea, horizon => 3, confidence_levels => ''{0.5,0.9}'')', :'model'));
SELECT rows FROM planned(format('SELECT * FROM rnn_forecast(%L::bytea, %L::rnn_panel)', :'model', :'panel'));
SELECT rows FROM planned(format('SELECT * FROM rnn_forecast_local(%L::bytea, %L::rnn_panel, 5)', :'model', :'panel'));
SELECT rows FROM planned(format('SELECT * FROM rnn_sample(%L::bytea, n => 10)', :'model'));
SELECT rows FROM planned(format('SELECT * FROM rnn_explain(%L::bytea, horizon => 3)', :'model'));
SELECT rows FROM planned(format('SELECT * FROM rnn_state(%L::bytea)', :'model'));
SELECT rows FROM planned(format('SELECT * FROM rnn_evaluate(%L::bytea, %L::rnn_panel)', :'model', :'panel'));
SELECT rows FROM planned(format('SELECT * FROM rnn_fitted(%L::bytea, %L::rnn_panel)', :'model', :'panel'));
SELECT rows FROM planned(format('SELECT * FROM rnn_detect_anomalies(%L::bytea, %L::rnn_panel)', :'model', :'panel'));
SELECT rows FROM planned(format('SELECT * FROM rnn_backtest(%L::bytea, %L::rnn_panel, hold_out => 20)', :'model', :'panel'));
SELECT rows FROM planned(format('SELECT * FROM rnn_backtest(%L::rnn_panel, ''ridge'', folds => 2, horizon => 5)', :'panel'));

-- a panel that is still an object of the aggregate: a variable of PL/pgSQL
DO $$
DECLARE panel rnn_panel; model bytea; line text;
BEGIN
	SELECT rnn_panel(s, day, units) INTO panel FROM sale WHERE s <= 2;
	SELECT m INTO model FROM model;
	FOR line IN EXECUTE 'EXPLAIN SELECT * FROM rnn_forecast($1, $2)' USING model, panel LOOP
		IF line LIKE '%rows=28%' THEN RAISE WARNING 'two series of 14 steps'; END IF;
	END LOOP;
END $$;

-- models of a table: one series each
SELECT rows / 24 = (SELECT rows FROM planned('SELECT FROM model')) AS one_series FROM planned('SELECT * FROM model, rnn_forecast(m) f');
SELECT rows / 5 = (SELECT rows FROM planned('SELECT FROM model')) AS one_series FROM planned('SELECT * FROM model, rnn_forecast(m, 5) f');

-- neither the forecast of the README nor the trainings of a table without statistics are compiled
SELECT compiled FROM planned('SELECT to_char(f.forecast_timestamp, ''YYYY-MM''), a.units, round(f.forecast_value::numeric, 1)
	FROM model, rnn_forecast(m, confidence_level => 0.8) f JOIN sale a ON a.day = f.forecast_timestamp::date ORDER BY f.step');
SELECT compiled FROM planned('SELECT s, rnn_train(rnn_panel(day, units)) FROM sale GROUP BY s');
SELECT compiled FROM planned('SELECT s, rnn_train(rnn_panel(day, units), ''ridge'') FROM sale GROUP BY s');
-- nor are those of a table of panels without statistics, of which the planner assumes ten pages
CREATE TABLE shelf (s int, panel rnn_panel) WITH (autovacuum_enabled = off);
INSERT INTO shelf SELECT s, rnn_panel(day, units) FROM sale GROUP BY s;
SELECT rows > 1000 AS assumed, compiled FROM planned('SELECT s, rnn_train(panel) FROM shelf');
SELECT compiled FROM planned('SELECT rnn_train(p, ''ridge'') FROM (SELECT panel AS p FROM shelf OFFSET 0) q');
SELECT compiled FROM planned('SELECT rnn_train(p) FROM (SELECT panel AS p FROM (SELECT * FROM shelf) r OFFSET 0) q');
SELECT compiled FROM planned('WITH q AS MATERIALIZED (SELECT * FROM shelf) SELECT s, rnn_train(panel) FROM shelf WHERE s IN (SELECT s FROM q)');
SELECT compiled FROM planned('SELECT * FROM shelf, rnn_backtest(panel, folds => 3)');
-- with statistics a training counts as before
ANALYZE shelf;
SELECT rows, compiled FROM planned('SELECT s, rnn_train(panel) FROM shelf');
SELECT compiled FROM planned('SELECT rnn_train(panel) FROM shelf, generate_series(1, 1000)');
-- a plan that handles millions of rows is
SELECT compiled FROM planned('SELECT sum(f.forecast_value) FROM generate_series(1, 1000000) g, rnn_forecast((SELECT m FROM model), g % 5) f');

-- networks of groups that belong to one process each are trained by workers, with the default costs
CREATE TABLE part (s int, day date, units float8) PARTITION BY HASH (s);
CREATE TABLE part_0 PARTITION OF part FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE part_1 PARTITION OF part FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE part_2 PARTITION OF part FOR VALUES WITH (MODULUS 4, REMAINDER 2);
CREATE TABLE part_3 PARTITION OF part FOR VALUES WITH (MODULUS 4, REMAINDER 3);
INSERT INTO part SELECT s, date '2024-01-01' + k, 50 + s + 10 * sin(k) FROM generate_series(1, 40) s, generate_series(0, 59) k;
ANALYZE part;
SET enable_partitionwise_aggregate = on;
SELECT parallel FROM planned('SELECT s, rnn_train(rnn_panel(day, units)) FROM part GROUP BY s');
-- forty ridge regressions take less time than workers need to start
SELECT parallel FROM planned('SELECT s, rnn_train(rnn_panel(day, units), ''ridge'') FROM part GROUP BY s');
SELECT parallel FROM planned('SELECT count(*) FROM part');

DROP TABLE sale, model, part, shelf;
DROP FUNCTION planned;
