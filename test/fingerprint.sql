-- The md5 of the models of a fixed list of trainings: every cell, mode, mix, loss and kind of axis.
-- `make fingerprint` prints the list.  Compare it before and after a change that must not change any model byte.
-- The rows come from arithmetic that is exact everywhere, not from the math library, so processors with fused
-- multiply-add, compilers and server versions must agree (test/same-numbers); a processor without it differs.
SET client_min_messages = error;
SET timezone = 'UTC';
CREATE EXTENSION IF NOT EXISTS forecast_rnn;
CREATE TEMP TABLE rows AS
SELECT 's' || s AS id, i, date '2020-01-01' + i AS d, timestamp '2024-01-01' + i * interval '1 hour' AS h,
	timestamptz '2024-01-01' + i * interval '15 minutes' AS q, (date '2000-01-31' + make_interval(months => i))::date AS m,
	10 * s + 12 * abs(i % 7 / 7.0::float8 - 0.5) + 8 * abs(i % 24 / 24.0::float8 - 0.5) + 0.02::float8 * i
		+ (s * 7919 + i * 104729) * 31 % 1009 / 1009.0::float8 AS v,
	(i % 7 = 0)::int::float8 AS c
FROM generate_series(1, 4) s, generate_series(0, 139) i;

CREATE TEMP TABLE fingerprint (n serial, work text, model bytea);
-- forecasters: options over the same daily panel
INSERT INTO fingerprint(work, model)
SELECT work, (SELECT rnn_train(rnn_panel(id, d, v), options => ('{"horizon":7,"ensemble":2,"epochs":3,"seed":3}'::jsonb || o::jsonb)) FROM rows)
FROM (VALUES ('default network', '{}'), ('window mode', '{"mode":"window","time_steps":21}'), ('sequence mode', '{"mode":"sequence"}'),
	('network alone', '{"mix":1}'), ('even mix', '{"mix":0.5}'), ('log', '{"transform":"log"}'), ('asinh, no level', '{"transform":"asinh","level":"none"}'),
	('mean level, robust', '{"level":"mean","scaler":"robust"}'), ('gaussian', '{"loss":"gaussian","intervals":"loss"}'),
	('student t', '{"loss":"student_t"}'), ('negative binomial', '{"loss":"negative_binomial"}'), ('quantiles', '{"loss":"quantile","quantiles":[0.1,0.5,0.9]}'),
	('huber, rmsprop', '{"loss":"huber","optimizer":"rmsprop"}'), ('no seasons', '{"seasonality":"none"}'), ('no history', '{"keep_history":false}')) t(work, o);
-- networks of every cell
INSERT INTO fingerprint(work, model)
SELECT work, (SELECT rnn_train(rnn_panel(id, d, v), net, '{"horizon":7,"epochs":3,"ensemble":1,"seed":5}') FROM rows)
FROM (VALUES ('simple', rnn_sequential(rnn_simple(8), rnn_dense(7))), ('lstm', rnn_sequential(rnn_lstm(8, return_sequences => true), rnn_lstm(8), rnn_dense(7))),
	('gru', rnn_sequential(rnn_gru(8), rnn_dropout(0.1), rnn_dense(7))), ('bidirectional', rnn_sequential(rnn_bidirectional(rnn_lstm(4)), rnn_layer_norm(), rnn_dense(7))),
	('recursive', rnn_sequential(rnn_gru(8), rnn_dense(1)))) t(work, net);
-- axes and covariates
INSERT INTO fingerprint(work, model) SELECT 'ridge, integer axis', rnn_train(rnn_panel(id, i::bigint, v), 'ridge', '{"horizon":7}') FROM rows;
INSERT INTO fingerprint(work, model) SELECT 'ridge, hourly timestamp', rnn_train(rnn_panel(id, h, v), 'ridge', '{"horizon":12}') FROM rows;
INSERT INTO fingerprint(work, model) SELECT 'ridge, quarter hours timestamptz', rnn_train(rnn_panel(id, q, v), 'ridge', '{"horizon":12}') FROM rows;
INSERT INTO fingerprint(work, model) SELECT 'default, months, one series', rnn_train(rnn_panel(m, v), options => '{"horizon":12,"epochs":3,"ensemble":2}') FROM rows WHERE id = 's1';
INSERT INTO fingerprint(work, model) SELECT 'known covariates', rnn_train(rnn_panel(id, d, v, ARRAY[c]), options => '{"horizon":7,"epochs":3,"ensemble":1,"calendar":true}') FROM rows;
INSERT INTO fingerprint(work, model) SELECT 'gaps', rnn_train(rnn_panel(id, d, CASE WHEN i % 11 <> 3 THEN v END), options => '{"horizon":7,"epochs":2,"ensemble":1}') FROM rows WHERE i % 13 <> 5;
-- so many windows that the sums of the ridge regression are made of products of lagged rows
INSERT INTO fingerprint(work, model)
SELECT 'ridge, integer axis, by lags', rnn_train(rnn_panel(i::bigint, abs(i % 60 / 60.0::float8 - 0.5) + i * 104729 % 1009 / 1009.0::float8), 'ridge',
	'{"horizon":12,"time_steps":360,"stride":1}')
FROM generate_series(0, 20000) i;
-- tensors
INSERT INTO fingerprint(work, model)
SELECT work, (SELECT rnn_fit(net, (t).x, (t).y, '{"epochs":3,"seed":1}') FROM (SELECT rnn_dataset(v, 20, 2 ORDER BY i) t FROM rows WHERE id = 's1') s)
FROM (VALUES ('fit simple', rnn_sequential(rnn_simple(5, return_sequences => true), rnn_simple(5), rnn_dense(2))), ('fit lstm', rnn_sequential(rnn_lstm(6), rnn_dense(2))),
	('fit gru', rnn_sequential(rnn_gru(6), rnn_dense(2)))) t(work, net);
INSERT INTO fingerprint(work, model) SELECT 'init', rnn_init(rnn_sequential(rnn_lstm(16, return_sequences => true), rnn_gru(8), rnn_dense(3)), '{10,2}', 42);
-- row by row from the states of those models
CREATE TEMP TABLE stepped AS
SELECT n, s.series_id, x.*
FROM fingerprint, rnn_state(model) s, rnn_step(model, state, date '2020-05-20', 20.5, on_late => 'ignore') x
WHERE work IN ('default network', 'sequence mode', 'gaussian', 'gru', 'lstm', 'simple', 'recursive');
CREATE TEMP TABLE forecast AS
SELECT n, work, f.*
FROM fingerprint, rnn_forecast(model, horizon => 9, confidence_levels => '{0.8,0.95}') f
WHERE work !~ '^(fit|init|known covariates|no history|ridge, integer)';

SELECT rpad(work, 34) || md5(model) FROM fingerprint ORDER BY n;
SELECT rpad('forecasts of all of them', 34) || md5(string_agg(f::text, ',' ORDER BY n, series_id, step, confidence_level)) FROM forecast f;
-- a line a kind of work, for test/same-numbers
SELECT rpad('all: fit', 34) || md5(string_agg(md5(model), ',' ORDER BY n)) FROM fingerprint WHERE work ~ '^(fit|init)';
SELECT rpad('all: train', 34) || md5(string_agg(md5(model), ',' ORDER BY n)) FROM fingerprint WHERE work !~ '^(fit|init)';
SELECT rpad('all: step', 34) || md5(string_agg(s::text, ',' ORDER BY n, series_id)) FROM stepped s;
SELECT rpad('all: forecast', 34) || md5(string_agg(f::text, ',' ORDER BY n, series_id, step, confidence_level)) FROM forecast f;
