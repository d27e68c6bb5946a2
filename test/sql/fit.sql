-- Training, prediction and evaluation of tensors: bad input first.
SET maintenance_work_mem = '64MB';
CREATE TABLE net AS
SELECT rnn_sequential(rnn_simple(4), rnn_dense(1)) AS vector,
	rnn_sequential(rnn_simple(4, return_sequences => true), rnn_dense(1)) AS sequence,
	rnn_sequential(rnn_simple(4), rnn_dense(3)) AS three;
-- six windows of five steps, one feature
CREATE TABLE data AS
SELECT array_agg(ARRAY[s, s + 1, s + 2, s + 3, s + 4]::float8[] ORDER BY s) AS x, array_agg(s / 6.0::float8 ORDER BY s) AS y
  FROM generate_series(1, 6) s;
-- without statistics the planner thinks of a million pairs, and compiles
ANALYZE net, data;

-- ---- arguments ---------------------------------------------------------------
SELECT rnn_fit(NULL::jsonb, x, y) FROM data;
SELECT rnn_fit(NULL::bytea, x, y) FROM data;
SELECT rnn_fit(vector, NULL, y) FROM net, data;
SELECT rnn_fit(vector, x, NULL) FROM net, data;
SELECT rnn_fit(vector, (SELECT rnn_windows(1.0::float8, 5) FROM data WHERE false), y) FROM net, data;
SELECT rnn_fit(vector, '{}', '{}') FROM net;
SELECT rnn_fit(vector, x, '{}') FROM net, data;
SELECT rnn_fit(vector, '{{1,NULL},{3,4}}', '{1,2}') FROM net;
SELECT rnn_fit(vector, '{{1,2},{3,NaN}}', '{1,2}') FROM net;
SELECT rnn_fit(vector, '{{1,2},{-Infinity,4}}', '{1,2}') FROM net;
SELECT rnn_fit(vector, '{{1,2},{3,1e39}}', '{1,2}') FROM net;
SELECT rnn_fit(vector, '{{1,2},{3,4}}', '{1,Infinity}') FROM net;
SELECT rnn_fit(vector, '{{1,2},{3,4}}', '{NULL,NaN}') FROM net;
SELECT rnn_fit(vector, '{{{{1}}}}', '{1}') FROM net;
SELECT rnn_fit(vector, x, '{1,2,3}') FROM net, data;
SELECT rnn_fit(vector, x, '{{1,1},{2,2},{3,3},{4,4},{5,5},{6,6}}') FROM net, data;
SELECT rnn_fit(three, x, y) FROM net, data;
SELECT rnn_fit(sequence, x, y) FROM net, data;
SELECT rnn_fit(sequence, x, '{{1,2},{1,2},{1,2},{1,2},{1,2},{1,2}}') FROM net, data;
SELECT rnn_fit(vector, x, y, x_val => x) FROM net, data;
SELECT rnn_fit(vector, x, y, x_val => '{{1,2}}', y_val => '{1}') FROM net, data;
SELECT rnn_fit(vector, x, y, x_val => x, y_val => '{1}') FROM net, data;
SELECT rnn_fit(vector, x, y, x_val => x, y_val => '{NULL,NULL,NULL,NULL,NULL,NULL}') FROM net, data;

-- ---- options -------------------------------------------------------------------
SELECT rnn_fit(vector, x, y, '[]') FROM net, data;
SELECT rnn_fit(vector, x, y, '{"epoch":3}') FROM net, data;
SELECT rnn_fit(vector, x, y, '{"horizon":3}') FROM net, data;
SELECT rnn_fit(vector, x, y, '{"epochs":0}') FROM net, data;
SELECT rnn_fit(vector, x, y, '{"validation":6}') FROM net, data;
SELECT rnn_fit(vector, x, y, '{"validation":0.01}') FROM net, data;
SELECT rnn_fit(vector, x, '{1,2,3,4,5,NULL}', '{"validation":1}') FROM net, data;
-- outputs and loss: one output is no median with two others
SELECT rnn_fit(vector, x, y, '{"quantiles":[0.1,0.5,0.9]}') FROM net, data;
SELECT rnn_fit(vector, x, y, '{"loss":"gaussian"}') FROM net, data;

-- ---- networks and sizes ----------------------------------------------------------
SELECT rnn_fit('[{"layer":"dense"}]'::jsonb, x, y) FROM data;
SELECT rnn_fit(rnn_sequential(rnn_simple(2), rnn_lstm(2), rnn_dense(1)), x, y) FROM data;
-- refused before allocation, with the figure
SELECT rnn_fit(rnn_sequential(rnn_lstm(1000), rnn_dense(1)), x, y, '{"batch_size":6}') FROM data;

-- ---- divergence says the epoch; the session goes on --------------------------------
SELECT rnn_fit(vector, x, y, '{"optimizer":"sgd","learning_rate":100,"epochs":200}') IS NOT NULL FROM
	(SELECT rnn_sequential(rnn_simple(4, activation => 'linear'), rnn_dense(1)) AS vector) n, data;
SELECT 1 AS session_usable;

-- ---- models that do not take the input ----------------------------------------------
CREATE TABLE fitted AS SELECT rnn_fit(vector, x, y, '{"epochs":3}') AS m FROM net, data;
ANALYZE fitted;
SELECT rnn_predict(m, '{}') FROM fitted;
SELECT rnn_predict(m, '{{1,2,3,4,NULL}}') FROM fitted;
SELECT rnn_predict(m, '{{1,2,3,4,NaN}}') FROM fitted;
SELECT rnn_predict(m, '{{1,2,3,4,1e300}}') FROM fitted;
SELECT rnn_predict(m, '{{1,2,3,4}}') FROM fitted;
SELECT rnn_predict(m, '{{{1,1},{2,2},{3,3},{4,4},{5,5}}}') FROM fitted;
SELECT rnn_predict('\x1234', x) FROM data;
SELECT rnn_predict(m, NULL) IS NULL AS null_in_null_out FROM fitted;
SELECT rnn_evaluate(m, x, '{1,2}') FROM fitted, data;
SELECT rnn_evaluate(m, x, '{NaN,NaN,NaN,NaN,NaN,NaN}') FROM fitted, data;
SELECT rnn_fit(m, '{{1,2}}', '{1}') FROM fitted;
SELECT rnn_fit(m, x, y, '{"epoch":3}') FROM fitted, data;

-- ---- a time limit, and statement_timeout while training ------------------------------
CREATE TABLE big AS
SELECT (SELECT array_agg(w ORDER BY s) FROM (SELECT s, array_agg(sin(s * t) ORDER BY t) w FROM generate_series(1, 512) s, generate_series(1, 100) t GROUP BY s) q) AS x,
	(SELECT array_agg(s / 512.0::float8 ORDER BY s) FROM generate_series(1, 512) s) AS y,
	rnn_sequential(rnn_lstm(64, return_sequences => true), rnn_lstm(64), rnn_dense(1)) AS network;
CREATE TABLE clock AS SELECT clock_timestamp() AS began;
SET statement_timeout = '300ms';
SELECT rnn_fit(network, x, y, '{"epochs":1000}') FROM big;
-- making the initial weights of a large layer takes seconds, and is interrupted too
SELECT length(rnn_init(rnn_sequential(rnn_simple(2000)), '{4,1}'));
RESET statement_timeout;
SELECT clock_timestamp() - began BETWEEN '600 ms' AND '5 s' AS answered FROM clock;
SET client_min_messages = warning;
SELECT (rnn_model_info(rnn_fit(network, x, y, '{"epochs":1000,"time_limit":0.2,"batch_size":64}')) ->> 'epochs')::int < 1000 AS stopped_in_time FROM big;
RESET client_min_messages;

-- ---- the seed example: 33 rows, windows of 30 -----------------------------------------
CREATE TABLE wave AS SELECT t, sin(t / 5.0) AS v FROM generate_series(1, 33) t;
CREATE TABLE seed AS
SELECT x, rnn_init(rnn_sequential(rnn_simple(3, return_sequences => true)), '{30,1}', 42) AS m
  FROM (SELECT rnn_windows(v, 30 ORDER BY t) AS x FROM wave) w;
SELECT rnn_shape(x) AS windows, rnn_shape(rnn_predict(m, x)) AS outputs FROM seed;
-- at one time step the layer sees (4, 1) and gives (4, 3)
SELECT i.index AS time_step, rnn_shape(i.slice) AS sees, rnn_shape(o.slice) AS gives
  FROM seed, rnn_unstack(x) i JOIN LATERAL rnn_unstack(rnn_predict(m, x)) o USING (index) WHERE index = 17;
-- the state is the previous output: each output from the one before, by hand
WITH weight AS (SELECT name, values FROM seed, rnn_weights(m)),
	output AS (SELECT rnn_predict(m, x) AS h, x FROM seed),
	hand AS (
		SELECT b, t, j, h[b][t][j] AS given, tanh(
			(SELECT values[j][1] FROM weight WHERE name = '0.weight_ih_l0') * x[b][t][1]
			+ (SELECT values[j] FROM weight WHERE name = '0.bias_ih_l0')
			+ (SELECT values[j] FROM weight WHERE name = '0.bias_hh_l0')
			+ (SELECT coalesce(sum(values[j][k] * h[b][t - 1][k]), 0)
				 FROM weight, generate_series(1, 3) k WHERE name = '0.weight_hh_l0')) AS computed
		  FROM output, generate_series(1, 4) b, generate_series(1, 30) t, generate_series(1, 3) j)
SELECT count(*), max(abs(given - computed)) < 1e-6 AS equal, max(abs(given)) > 0.1 AS not_zero FROM hand;

-- ---- sequence to vector, sequence to sequence, open time steps -----------------------------
SELECT rnn_shape(rnn_predict(rnn_init(n, '{30,1}'), x)) AS one_value_a_window FROM seed,
	rnn_sequential(rnn_simple(20, return_sequences => true), rnn_simple(20), rnn_dense(1)) n;
SELECT rnn_shape(rnn_predict(rnn_init(n, '{30,1}'), x)) AS one_value_a_step FROM seed,
	rnn_sequential(rnn_simple(20, return_sequences => true), rnn_simple(20, return_sequences => true), rnn_dense(1)) n;
SELECT rnn_predict(rnn_init(n, '{30,1}'), x) FROM (SELECT rnn_windows(v, 10 ORDER BY t) AS x FROM wave) w,
	rnn_sequential(rnn_simple(20), rnn_dense(1)) n;
WITH open AS (SELECT rnn_init(rnn_sequential(rnn_simple(20, return_sequences => true), rnn_simple(20, return_sequences => true), rnn_dense(1)),
		'{NULL,1}', 3) AS m),
	long AS (SELECT rnn_windows(sin(t / 5.0), 300 ORDER BY t) AS x, rnn_windows(sin(t / 5.0), 10 ORDER BY t) AS x10 FROM generate_series(1, 300) t)
SELECT rnn_shape(rnn_predict(m, x10[1:1])) AS ten, rnn_shape(rnn_predict(m, x)) AS three_hundred,
	-- causal: the first ten outputs do not depend on what follows
	(SELECT max(abs(a.slice[1][1] - b.slice[1][1])) < 1e-6 FROM rnn_unstack(rnn_predict(m, x10[1:1])) a JOIN LATERAL rnn_unstack(rnn_predict(m, x)) b USING (index)) AS same_start
  FROM open, long;
-- a network without a recurrent layer, several features, layers that do nothing in prediction
SELECT rnn_shape(rnn_predict(rnn_init(rnn_sequential(rnn_dense(4), rnn_dropout(0.5), rnn_layer_norm()), '{2,3}'),
	'{{{1,2,3},{4,5,6}}}'));
-- batches: a sample's outputs do not depend on its neighbours
WITH many AS (SELECT rnn_windows(sin(t / 7.0), 8 ORDER BY t) AS x FROM generate_series(1, 600) t),
	model AS (SELECT rnn_init(rnn_sequential(rnn_gru(5), rnn_dense(2)), '{8,1}', 1) AS m),
	whole AS (SELECT x, m, rnn_predict(m, x) AS p FROM many, model)
SELECT rnn_shape(p) AS shape, bool_and(abs(p[s][2] - (rnn_predict(m, x[s:s]))[1][2]) < 1e-6) AS same
  FROM whole, unnest('{1,255,256,257,300,593}'::int[]) s GROUP BY p;

-- ---- what training leaves behind ---------------------------------------------------------------
SELECT rnn_model_info(m) - '{version,bytes,best_loss}'::text[] FROM fitted;
SELECT epoch, loss > 0 AS has_loss, val_loss, learning_rate::numeric(10,6), is_best FROM fitted, rnn_history(m);
-- same seed, same bytes; another seed, other bytes
SELECT md5(rnn_fit(vector, x, y, '{"epochs":3}')) = md5(m) AS same, md5(rnn_fit(vector, x, y, '{"epochs":3,"seed":1}')) = md5(m) AS other
  FROM net, data, fitted;
SELECT md5(rnn_fit(n, x, y, o)) = md5(rnn_fit(n, x, y, o)) AS same_with_dropout
  FROM data, rnn_sequential(rnn_lstm(4, dropout => 0.2, recurrent_dropout => 0.2), rnn_dropout(0.3), rnn_dense(1)) n,
	(VALUES ('{"epochs":4,"batch_size":2,"seed":9}'::jsonb)) v(o);
-- the loss of the history is the loss of the model: no update after the last measure with validation data
SELECT abs(e.loss - h.val_loss) < 1e-6 AS validated
  FROM (SELECT rnn_fit(vector, x[1:4], y[1:4], '{"epochs":5,"batch_size":2}', x[5:6], y[5:6]) AS m, x, y FROM net, data) f,
	LATERAL rnn_evaluate(m, x[5:6], y[5:6]) e, LATERAL (SELECT val_loss FROM rnn_history(m) WHERE is_best ORDER BY epoch DESC LIMIT 1) h;
-- `validation` holds back the last samples: the same as giving them
SELECT (SELECT array_agg(val_loss ORDER BY epoch) FROM rnn_history(rnn_fit(vector, x, y, '{"epochs":3,"validation":2}')))
	 = (SELECT array_agg(val_loss ORDER BY epoch) FROM rnn_history(rnn_fit(vector, x[1:4], y[1:4], '{"epochs":3}', x[5:6], y[5:6]))) AS same,
	(SELECT array_agg(val_loss ORDER BY epoch) FROM rnn_history(rnn_fit(vector, x, y, '{"epochs":3,"validation":0.34}')))
	 = (SELECT array_agg(val_loss ORDER BY epoch) FROM rnn_history(rnn_fit(vector, x[1:4], y[1:4], '{"epochs":3}', x[5:6], y[5:6]))) AS share
  FROM net, data;
SELECT count(*) < 1000 AS stopped_early FROM net, data, rnn_history(rnn_fit(vector, x, y, '{"epochs":1000,"patience":2,"validation":2,"learning_rate":0.05}'));
-- y as (N) and as (N, 1) are the same; NULL and NaN targets are left out
SELECT rnn_fit(vector, x, y, '{"epochs":3}') = rnn_fit(vector, x, (SELECT array_agg(ARRAY[v] ORDER BY v) FROM unnest(y) v), '{"epochs":3}') AS same_shape,
	rnn_fit(vector, x, '{1,2,3,4,5,NULL}', '{"epochs":3}') = rnn_fit(vector, x, '{1,2,3,4,5,NaN}', '{"epochs":3}') AS same_missing
  FROM net, data;
SELECT abs(all_but_one.loss - left_out.loss) < 1e-6 AS missing_has_no_weight
  FROM fitted, data, rnn_evaluate(m, x[1:5], '{1,2,3,4,5}') all_but_one, rnn_evaluate(m, x, '{1,2,3,4,5,NULL}') left_out;
-- errors of rnn_evaluate are those of the predictions
SELECT abs(e.mean_squared_error - avg((p[s][1] - y[s]) ^ 2)) < 1e-6 AS mse, abs(e.mean_absolute_error - avg(abs(p[s][1] - y[s]))) < 1e-6 AS mae,
	abs(e.loss - e.mean_squared_error) < 1e-6 AS loss
  FROM fitted, data, LATERAL rnn_predict(m, x) p, generate_series(1, 6) s, LATERAL rnn_evaluate(m, x, y) e GROUP BY e.loss, e.mean_squared_error, e.mean_absolute_error;
-- several outputs a target: the middle quantile is the point; the loss is not the squared error
SELECT rnn_shape(rnn_predict(m, x)) AS shape, rnn_model_info(m) ->> 'targets' AS targets, rnn_model_info(m) ->> 'loss' AS loss,
	abs(e.mean_absolute_error - (SELECT avg(abs(p[s][2] - y[s])) FROM generate_series(1, 6) s)) < 1e-6 AS median_is_point
  FROM (SELECT rnn_fit(three, x, y, '{"quantiles":[0.1,0.5,0.9]}') AS m, x, y FROM net, data) f, LATERAL rnn_predict(m, x) p, LATERAL rnn_evaluate(m, x, y) e;
SELECT rnn_model_info(m) ->> 'loss' AS loss, rnn_shape(rnn_predict(m, x)) AS shape
  FROM (SELECT rnn_fit(rnn_sequential(rnn_simple(3), rnn_dense(width)), x, y, options) AS m, x
	FROM data, (VALUES (1, '{"loss":"huber","delta":0.3}'::jsonb), (1, '{"loss":"mae"}'), (2, '{"loss":"gaussian"}'),
		(3, '{"loss":"student_t"}'), (2, '{"loss":"negative_binomial"}')) v(width, options)) f;

-- ---- further from a model -------------------------------------------------------------------------
-- no gradient, no change: what was read is written as it was
CREATE TABLE still AS SELECT rnn_fit(rnn_init(rnn_sequential(rnn_lstm(3), rnn_layer_norm(), rnn_dense(2)), '{2,1}', 5), '{{0,0}}', '{{0,0}}',
	'{"optimizer":"sgd","epochs":2,"loss":"huber","delta":0.3}') AS m;
SELECT rnn_fit(m, '{{0,0}}', '{{0,0}}') = m AS written_as_read FROM still;
-- training goes on from the weights, with the options of before
SELECT b.loss < a.loss AS better, rnn_model_info(second) -> 'options' AS options, rnn_model_info(second) ->> 'epochs' AS epochs
  FROM (SELECT m AS first, rnn_fit(m, x, y, '{"epochs":30}') AS second, x, y FROM fitted, data) f,
	LATERAL rnn_evaluate(first, x, y) a, LATERAL rnn_evaluate(second, x, y) b;
-- a new loss drops the settings of the old one
SELECT rnn_model_info(rnn_fit(m, '{{0,0}}', '{{0,0}}', '{"loss":"mae"}')) -> 'options' AS options FROM still;
-- open time steps stay open
SELECT rnn_model_info(rnn_fit(rnn_init(sequence, '{NULL,1}'), '{{1,2,3}}', '{{2,3,4}}', '{"epochs":1}')) -> 'time_steps' AS time_steps FROM net;
SELECT rnn_fit(vector, x, y, '{"epochs":1,"verbose":true}') IS NOT NULL AS told FROM net, (SELECT '{{0,0}}'::float8[] AS x, '{0}'::float8[] AS y) zero;

-- ---- textbook task at small scale: waves with noise, the next value ---------------------------------------
-- uniform numbers from a hash, so that they are the same everywhere
CREATE FUNCTION pg_temp.uniform(series int, what text) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
	SELECT ('x' || substr(md5(series || '/' || what), 1, 8))::bit(32)::bigint::float8 / 4294967296 $$;
CREATE TABLE waves AS
SELECT s, array_agg(0.5 * sin((i / 50.0 - o1) * (f1 * 10 + 10)) + 0.2 * sin((i / 50.0 - o2) * (f2 * 20 + 20))
		+ 0.1 * (pg_temp.uniform(s, i::text) - 0.5) ORDER BY i) AS v
  FROM (SELECT s, pg_temp.uniform(s, 'o1') o1, pg_temp.uniform(s, 'o2') o2, pg_temp.uniform(s, 'f1') f1, pg_temp.uniform(s, 'f2') f2
	FROM generate_series(1, 600) s) w, generate_series(0, 50) i GROUP BY s;
WITH part AS (SELECT array_agg(v[1:50] ORDER BY s) FILTER (WHERE s <= 500) AS x, array_agg(v[51] ORDER BY s) FILTER (WHERE s <= 500) AS y,
		array_agg(v[1:50] ORDER BY s) FILTER (WHERE s > 500) AS x_val, array_agg(v[51] ORDER BY s) FILTER (WHERE s > 500) AS y_val FROM waves),
	model AS MATERIALIZED (SELECT rnn_fit(rnn_sequential(rnn_simple(20, return_sequences => true), rnn_simple(20), rnn_dense(1)),
		x, y, '{"epochs":20,"seed":1,"learning_rate":0.005}', x_val, y_val) AS m FROM part),
	naive AS (SELECT avg((v[51] - v[50]) ^ 2) AS mse FROM waves WHERE s > 500)
SELECT (SELECT count(*) FROM rnn_history(m)) AS epochs, e.mean_squared_error < 0.5 * naive.mse AS beats_naive, e.mean_squared_error < 0.008 AS good
  FROM part, model, naive, LATERAL rnn_evaluate(m, x_val, y_val) e;

DROP TABLE net, data, fitted, big, clock, wave, seed, still, waves;
RESET maintenance_work_mem;
