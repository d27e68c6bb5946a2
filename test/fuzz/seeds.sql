-- Real values as the first inputs of the fuzz targets: target, name and bytes as hex, separated by tabs.
-- test/fuzz/run makes them each time, so that they have the present formats.
CREATE EXTENSION IF NOT EXISTS forecast_rnn;
SET client_min_messages = error;
CREATE TEMP TABLE seed (target text, name text, bytes bytea);
CREATE TEMP TABLE day AS SELECT chr(96 + s) AS id, date '2024-01-01' + d AS day, 10 + s * sin(d) AS y, cos(d) AS c
	FROM generate_series(1, 2) s, generate_series(1, 24) d;

-- models: each kind of network and of forecaster, small
INSERT INTO seed VALUES
	('model', 'start', rnn_init(rnn_sequential(rnn_simple(1)), '{2,1}', 7)),
	('model', 'open', rnn_init(rnn_sequential(rnn_bidirectional(rnn_gru(1, return_sequences => true)), rnn_dropout(0.1), rnn_layer_norm(), rnn_dense(1)), '{NULL,1}')),
	('model', 'fitted', rnn_fit(rnn_sequential(rnn_lstm(1), rnn_dense(3)), '{{1,2,3},{2,3,4}}', '{1,2}', '{"epochs":2,"quantiles":[0.1,0.5,0.9]}', '{{3,4,5}}', '{3}'));
CREATE TEMP TABLE forecaster AS
	SELECT 'window' AS name, rnn_train(rnn_panel(d, 10 + sin(d)), rnn_sequential(rnn_gru(1), rnn_dense(2)),
		'{"horizon":2,"time_steps":3,"epochs":1,"seasonality":"none"}') AS model FROM generate_series(1::bigint, 20) d
	UNION ALL SELECT 'sequence', rnn_train(rnn_panel(id, day, y, ARRAY[c]), rnn_sequential(rnn_lstm(1, return_sequences => true), rnn_dense(1)),
		'{"horizon":1,"time_steps":4,"epochs":1,"mode":"sequence","seasonality":[5],"calendar":true}') FROM day
	UNION ALL SELECT 'linear', rnn_train(rnn_panel(day, y), '"ridge"', '{"horizon":2,"time_steps":4,"seasonality":"none"}') FROM day WHERE id = 'a'
	UNION ALL SELECT 'stamped', rnn_train(rnn_panel(id, day::timestamptz, y), '"ridge"', '{"horizon":1,"time_steps":3,"time_zone":"Europe/Berlin","ensemble":1}') FROM day
	UNION ALL SELECT 'counts', rnn_train(rnn_panel(day, round(5 + y)), rnn_sequential(rnn_lstm(1), rnn_dense(2)),
		'{"horizon":1,"time_steps":3,"epochs":1,"loss":"negative_binomial"}') FROM day WHERE id = 'a'
	UNION ALL SELECT 'business', rnn_train(rnn_panel(day, y), '"ridge"', '{"horizon":1,"time_steps":3,"frequency":"business_day","holidays":["2024-01-01"]}')
		FROM day WHERE id = 'b' AND extract(isodow FROM day) < 6
	UNION ALL SELECT 'autoregression', rnn_train(rnn_panel(id, day, y), options => '{"horizon":2,"time_steps":4,"ensemble":1,"epochs":1,"autoregression":5}') FROM day;
DO $$ BEGIN ASSERT (SELECT (rnn_model_info(model)->'weights'->>'autoregression')::float8 > 0 FROM forecaster WHERE name = 'autoregression'), 'the autoregression has no share'; END $$;
-- one of each kind of calendar, on dates that rnn_stamps gives
CREATE TEMP TABLE calendar AS SELECT name, start, jsonb_build_object('frequency', frequency) || CASE WHEN frequency ~ 'business' THEN '{"holidays":["2024-01-01","2024-03-25"]}' ELSE '{}' END::jsonb AS options
	FROM (VALUES ('payday', 'day 25 of month or previous business day', date '2024-01-25'), ('twice', 'semi monthly 15 and last or next business day', '2024-01-15'),
		('days', 'days 1 10 20 of month or nearest business day', '2024-01-10'), ('nth', 'business day 3 of month', '2024-01-04'),
		('before', 'business day 2 before last of month', '2024-01-29'), ('several', 'first and third wednesday of month', '2024-01-03'),
		('last', 'last monday of month', '2024-01-29'), ('composite', 'every 8 days from january 1', '2024-01-01'),
		('periods', '13 periods of 4 weeks to last saturday of december', '2023-12-30'),
		('weeks', '4 5 4 weeks to nearest saturday to january end plus 1 day', '2024-02-04'), ('two', 'business day tuesday friday', '2024-01-02')) c(name, frequency, start);
INSERT INTO seed SELECT 'model', name, rnn_train(rnn_panel(day, y), '"ridge"', options || '{"horizon":1,"time_steps":3,"seasonality":"none"}')
	FROM (SELECT name, options, local_timestamp::date AS day, step % 3 AS y FROM calendar,
		LATERAL (SELECT rnn_panel(s, 1) AS p FROM (SELECT start AS s) x) q, rnn_stamps(p, 12, options)) d GROUP BY name, options;
INSERT INTO seed SELECT 'options', 'calendar.' || name, convert_to(options::text, 'UTF8') FROM calendar;
INSERT INTO seed SELECT 'model', name, model FROM forecaster;

-- states, after the number of their model (targets.c), and those models
INSERT INTO seed SELECT 'state.' || name, 'model', model FROM forecaster WHERE name IN ('window', 'sequence', 'linear', 'autoregression');
INSERT INTO seed SELECT 'state', name, set_byte('\x00', 0, array_position(ARRAY['window', 'sequence', 'linear', 'autoregression'], name) - 1) || state
	FROM forecaster, LATERAL rnn_state(model) WHERE name IN ('window', 'sequence', 'linear', 'autoregression') AND series_id IS DISTINCT FROM 'b';

-- panels
CREATE TEMP TABLE panel AS
	SELECT 'plain' AS name, rnn_panel(day, y) AS p FROM day WHERE id = 'a' AND day < '2024-01-06'
	UNION ALL SELECT 'named', rnn_panel(id, day::timestamptz, CASE WHEN c > 0 THEN y END, ARRAY[c, NULL]) FROM day WHERE day < '2024-01-05'
	UNION ALL SELECT 'stamped', rnn_panel(day::timestamp + interval '0.5 s', y) FROM day WHERE id = 'a' AND day < '2024-01-05'
	UNION ALL SELECT 'counted', rnn_panel(k, k) FROM generate_series(-9223372036854775808, -9223372036854775803) k;
INSERT INTO seed SELECT 'panel_text', name, convert_to(p::text, 'UTF8') FROM panel;
INSERT INTO seed SELECT 'panel_text', name || '.spaced', convert_to(p::text::jsonb::text, 'UTF8') FROM panel;
INSERT INTO seed SELECT 'panel_binary', name, rnn_panel_send(p) FROM panel;

-- networks, ours and Keras's
INSERT INTO seed SELECT 'network', 'ours', convert_to(rnn_sequential(rnn_bidirectional(rnn_gru(3, true, false, 0.1, 0.2, 4), 'mul'), rnn_dropout(0.3),
	rnn_layer_norm(0.01), rnn_simple(2, 'relu'), rnn_dense(2, 'tanh'))::text, 'UTF8');
CREATE TEMP TABLE exchange AS SELECT name, rnn_to_keras(m) AS architecture, 
		(SELECT jsonb_agg(to_jsonb("values") ORDER BY n) FROM rnn_weights(m, 'keras') WITH ORDINALITY AS w(name, shape, "values", n)) AS weights
	FROM (SELECT 'gru' AS name, rnn_init(rnn_sequential(rnn_gru(2), rnn_dense(1)), '{3,1}', 7) AS m UNION ALL
		SELECT 'lstm', rnn_init(rnn_sequential(rnn_bidirectional(rnn_lstm(1, return_sequences => true)), rnn_layer_norm(), rnn_dense(1, 'relu')), '{NULL,2}', 7)) m;
INSERT INTO seed SELECT 'network', name, convert_to(architecture::text, 'UTF8') FROM exchange;
INSERT INTO seed SELECT 'keras', name, convert_to(jsonb_build_object('architecture', architecture, 'weights', weights, 'options', '{"loss":"mse"}'::jsonb)::text, 'UTF8') FROM exchange;
INSERT INTO seed SELECT 'keras', 'simple', convert_to('{"architecture":[{"layer":"simple","units":1},{"layer":"dense","units":1}],"weights":[[[1]],[[0.5]],[0],[[2]],[0.1]]}', 'UTF8');

-- options: all of them in few texts
INSERT INTO seed SELECT 'options', n::text, convert_to(o, 'UTF8') FROM unnest(ARRAY[
	'{"time_steps":4,"horizon":2,"stride":1,"loss":"huber","delta":1,"optimizer":{"name":"sgd","momentum":0.9,"nesterov":true},"learning_rate":0.01,"seed":7}',
	'{"quantiles":[0.1,0.5,0.9],"optimizer":"adamw","weight_decay":0.1,"schedule":{"name":"cosine","final":0.01,"warmup_steps":20},"clip_norm":1,"epochs":3,"steps_per_epoch":2}',
	'{"batch_size":32,"shuffle":true,"validation":0.2,"patience":3,"min_delta":0.1,"restore_best":true,"workers":0,"time_limit":1.5,"verbose":false,"schedule":"plateau"}',
	'{"scaler":"mean","transform":"log","seasonality":[7,365],"level":"last","mode":"window","highway":true,"mix":0.5,"calendar":true,"covariates":"both","ensemble":3,"segment":2}',
	'{"frequency":"business_day","holidays":["2024-12-25","2024-12-26"],"time_zone":"Europe/Berlin","on_gap":"linear","on_duplicate":"mean","on_error":"skip","intervals":"loss"}',
	'{"keep_history":false,"lower_limit":0,"upper_limit":1e6,"loss":{"name":"quantile","quantiles":[0.5]},"frequency":"auto","validation":12,"seasonality":"auto","schedule":"one_cycle"}'
	]) WITH ORDINALITY u(o, n);

-- files of others: a safetensors file's beginning, header and numbers, after the number of the network (targets.c)
CREATE FUNCTION pg_temp.file(header text, data bytea) RETURNS bytea LANGUAGE sql AS $$
	SELECT decode(substr(h, 15, 2) || substr(h, 13, 2) || substr(h, 11, 2) || substr(h, 9, 2) || '00000000', 'hex') || convert_to(padded, 'UTF8') || data
	FROM (SELECT rpad(header, (length(header) + 7) / 8 * 8) AS padded) p, LATERAL (SELECT lpad(to_hex(length(padded)), 16, '0') AS h) x $$;
INSERT INTO seed SELECT 'torch', 'model' || n, set_byte('\x00', 0, n) || m FROM (VALUES
	(0, rnn_init(rnn_sequential(rnn_lstm(2), rnn_dense(1)), '{3,1}', 7)),
	(1, rnn_init(rnn_sequential(rnn_gru(2, return_sequences => true), rnn_gru(2), rnn_dense(2)), '{3,1}', 7)),
	(2, rnn_init(rnn_sequential(rnn_bidirectional(rnn_simple(2)), rnn_layer_norm(), rnn_dense(1)), '{3,1}', 7))) x(n, m);
INSERT INTO seed VALUES ('torch', 'half', '\x00' || pg_temp.file('{"dense.weight":{"dtype":"F16","shape":[1,2],"data_offsets":[0,4]},"dense.bias":{"dtype":"BF16","shape":[1],"data_offsets":[4,6]},'
	'"rnn.weight_ih_l0":{"dtype":"F32","shape":[8,1],"data_offsets":[6,38]},"rnn.weight_hh_l0":{"dtype":"F64","shape":[8,2],"data_offsets":[38,166]},'
	'"rnn.bias_ih_l0":{"dtype":"F32","shape":[8],"data_offsets":[166,198]},"rnn.bias_hh_l0":{"dtype":"F32","shape":[8],"data_offsets":[198,230]}}', decode(repeat('00', 230), 'hex')));

SELECT target || E'\t' || name || E'\t' || encode(bytes, 'hex') FROM seed ORDER BY target COLLATE "C", name COLLATE "C";
