-- networks: builders, our jsonb form, Keras's form; bad input first

-- ---- builders check their arguments at once ----
SELECT rnn_lstm(0);
SELECT rnn_lstm(8193);
SELECT rnn_lstm(NULL);
SELECT rnn_gru(-3, dropout => 0.5);
SELECT rnn_simple(3, 'tnah');
SELECT rnn_simple(3, 'sigmoid');
SELECT rnn_simple(3, dropout => 1);
SELECT rnn_simple(3, dropout => -0.1);
SELECT rnn_simple(3, dropout => 'NaN');
SELECT rnn_simple(3, recurrent_dropout => 'Infinity');
SELECT rnn_simple(3, dilation => 0);
SELECT rnn_simple(3, dilation => 4097);
SELECT rnn_dense(0);
SELECT rnn_dense(1, 'softmax');
SELECT rnn_dense(1, 'Relu');
SELECT rnn_dropout(1);
SELECT rnn_dropout(NULL);
SELECT rnn_layer_norm(0);
SELECT rnn_bidirectional(NULL);
SELECT rnn_bidirectional('[]');
SELECT rnn_bidirectional(rnn_dense(1));
SELECT rnn_bidirectional(rnn_lstm(1), 'add');
SELECT rnn_bidirectional(rnn_bidirectional(rnn_lstm(1)));
SELECT rnn_time_distributed(rnn_gru(1));
SELECT rnn_sequential(VARIADIC '{}');
SELECT rnn_sequential(VARIADIC NULL);
SELECT rnn_sequential(rnn_lstm(1), NULL);
SELECT rnn_sequential(rnn_lstm(1), '7');
SELECT rnn_sequential(rnn_sequential(rnn_lstm(1)), rnn_dense(1));
SELECT rnn_sequential(VARIADIC array_fill(rnn_dense(1), ARRAY[65]));

-- ---- layers as jsonb ----
SELECT rnn_network('7');
SELECT rnn_network('[]');
SELECT rnn_network('["lstm"]');
SELECT rnn_network('[{}]');
SELECT rnn_network('[{"layer": 3}]');
SELECT rnn_network('[{"layer": "ltsm", "units": 3}]');
SELECT rnn_network('[{"layer": "transformer"}]');
SELECT rnn_network('[{"layer": "lstm", "units": 3}, {"layer": "dense", "unit": 1}]');
SELECT rnn_network('[{"layer": "lstm", "activation": "tanh"}]');
SELECT rnn_network('[{"layer": "lstm"}]');
SELECT rnn_network('[{"layer": "lstm", "units": 3.5}]');
SELECT rnn_network('[{"layer": "lstm", "units": "3"}]');
SELECT rnn_network('[{"layer": "lstm", "units": 1e400}]');
SELECT rnn_network('[{"layer": "lstm", "units": [3]}]');
SELECT rnn_network('[{"layer": "lstm", "units": 3, "return_sequences": 1}]');
SELECT rnn_network('[{"layer": "lstm", "units": 3, "merge_mode": "sum"}]');

-- every key, defaults left out
SELECT rnn_simple(20), rnn_simple(3, 'relu', true, false, 0.1, 0.25, 2);
SELECT rnn_lstm(64, return_sequences => true), rnn_gru(1, use_bias => false, dropout => NULL);
SELECT rnn_dense(1), rnn_dense(24, 'softplus', false), rnn_dropout(0), rnn_layer_norm(), rnn_layer_norm(1e-5);
SELECT rnn_bidirectional(rnn_lstm(8)), rnn_bidirectional(rnn_lstm(8, true), 'ave'), rnn_time_distributed(rnn_dense(2));
SELECT jsonb_pretty(rnn_sequential(rnn_simple(20, return_sequences => true), rnn_simple(20), rnn_dense(1)));
SELECT rnn_network(n) = n AS canonical, rnn_network('{"layer": "dense", "units": 1, "use_bias": true, "activation": null}') AS one_layer
FROM rnn_sequential(rnn_bidirectional(rnn_gru(3, true, false, 0.1, 0.2, 4), 'mul'), rnn_dropout(0.3), rnn_layer_norm(0.01), rnn_dense(2, 'tanh')) n;

-- ---- Keras 3 ----
CREATE TEMP TABLE keras (name text, model jsonb);
INSERT INTO keras VALUES ('keras 3', '{"module": "keras", "class_name": "Sequential", "config": {"name": "sequential", "trainable": true,
 "dtype": {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": null}, "layers": [
 {"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [null, null, 1], "dtype": "float32", "sparse": false, "ragged": false, "name": "input_layer"}, "registered_name": null},
 {"module": "keras.layers", "class_name": "Bidirectional", "config": {"name": "bidirectional", "trainable": true, "merge_mode": "sum",
  "layer": {"module": "keras.layers", "class_name": "LSTM", "config": {"name": "forward_lstm", "trainable": true, "return_sequences": true, "return_state": false, "go_backwards": false,
   "stateful": false, "unroll": false, "zero_output_for_mask": true, "units": 20, "activation": "tanh", "recurrent_activation": "sigmoid", "use_bias": true,
   "kernel_initializer": {"module": "keras.initializers", "class_name": "GlorotUniform", "config": {"seed": null}, "registered_name": null},
   "recurrent_initializer": {"module": "keras.initializers", "class_name": "Orthogonal", "config": {"seed": null, "gain": 1.0}, "registered_name": null},
   "bias_initializer": {"module": "keras.initializers", "class_name": "Zeros", "config": {}, "registered_name": null}, "unit_forget_bias": true,
   "kernel_regularizer": null, "recurrent_regularizer": null, "bias_regularizer": null, "activity_regularizer": null, "kernel_constraint": null, "recurrent_constraint": null,
   "bias_constraint": null, "dropout": 0.1, "recurrent_dropout": 0.0, "seed": null}, "registered_name": null, "build_config": {"input_shape": [null, null, 1]}},
  "backward_layer": {"module": "keras.layers", "class_name": "LSTM", "config": {"name": "backward_lstm", "units": 20, "return_sequences": true, "dropout": 0.1, "go_backwards": true}}}, "registered_name": null},
 {"module": "keras.layers", "class_name": "LayerNormalization", "config": {"name": "layer_normalization", "trainable": true, "axis": -1, "epsilon": 0.001, "center": true, "scale": true,
   "rms_scaling": false, "beta_initializer": {"class_name": "Zeros", "config": {}}, "gamma_initializer": {"class_name": "Ones", "config": {}}, "beta_regularizer": null, "gamma_regularizer": null,
   "beta_constraint": null, "gamma_constraint": null}, "registered_name": null},
 {"module": "keras.layers", "class_name": "GRU", "config": {"name": "gru", "units": 8, "activation": "tanh", "recurrent_activation": "sigmoid", "reset_after": true, "seed": null}},
 {"module": "keras.layers", "class_name": "Dropout", "config": {"name": "dropout", "trainable": true, "rate": 0.2, "seed": null, "noise_shape": null}, "registered_name": null},
 {"module": "keras.layers", "class_name": "Dense", "config": {"name": "dense", "trainable": true, "units": 14, "activation": "linear", "use_bias": true,
   "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": null}}, "bias_initializer": {"class_name": "Zeros", "config": {}}, "kernel_regularizer": null, "bias_regularizer": null,
   "kernel_constraint": null, "bias_constraint": null}, "registered_name": null}], "build_input_shape": [null, null, 1]}, "registered_name": null}');
-- ---- Keras 2 ----
INSERT INTO keras VALUES ('keras 2', '{"class_name": "Sequential", "config": {"name": "sequential", "layers": [
 {"class_name": "InputLayer", "config": {"batch_input_shape": [null, 50, 1], "dtype": "float32", "sparse": false, "ragged": false, "name": "simple_rnn_input"}},
 {"class_name": "SimpleRNN", "config": {"name": "simple_rnn", "trainable": true, "batch_input_shape": [null, 50, 1], "dtype": "float32", "return_sequences": true, "return_state": false,
   "go_backwards": false, "stateful": false, "unroll": false, "time_major": false, "units": 20, "activation": "tanh", "use_bias": true,
   "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": null}}, "recurrent_initializer": {"class_name": "Orthogonal", "config": {"gain": 1.0, "seed": null}},
   "bias_initializer": {"class_name": "Zeros", "config": {}}, "kernel_regularizer": null, "recurrent_regularizer": null, "bias_regularizer": null, "activity_regularizer": null,
   "kernel_constraint": null, "recurrent_constraint": null, "bias_constraint": null, "dropout": 0.0, "recurrent_dropout": 0.0}},
 {"class_name": "TimeDistributed", "config": {"name": "time_distributed", "trainable": true, "dtype": "float32", "layer": {"class_name": "Dense", "config": {"name": "dense", "units": 10, "activation": "relu"}}}}]},
 "keras_version": "2.9.0", "backend": "tensorflow"}');
SELECT name, rnn_network(model) FROM keras;
SELECT rnn_network('{"class_name": "Sequential", "config": [{"class_name": "Dense", "config": {"units": 1}}]}') AS first_keras_2;

-- what cannot be honoured is named
CREATE FUNCTION pg_temp.with(class text, config jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT rnn_network(jsonb_build_object('class_name', 'Sequential', 'config', jsonb_build_object('layers',
		jsonb_build_array(jsonb_build_object('class_name', class, 'config', '{"units": 3}' || config)))))
$$;
SELECT rnn_network('{"class_name": "Functional", "config": {}}');
SELECT rnn_network('{"class_name": "Sequential"}');
SELECT rnn_network('{"class_name": "Sequential", "config": {"layers": []}}');
SELECT rnn_network('{"class_name": "Sequential", "config": {"layers": [3]}}');
SELECT rnn_network('{"class_name": "Sequential", "config": {"layers": [{"class_name": "LSTM"}]}}');
SELECT rnn_network('{"class_name": "Sequential", "config": {"layers": [{"config": {}}]}}');
SELECT pg_temp.with('Conv1D', '{}');
SELECT pg_temp.with('Lstm', '{}');
SELECT pg_temp.with('LSTM', '{"go_backwards": true}');
SELECT pg_temp.with('LSTM', '{"stateful": true}');
SELECT pg_temp.with('LSTM', '{"activation": "relu"}');
SELECT pg_temp.with('LSTM', '{"recurrent_activation": "hard_sigmoid"}');
SELECT pg_temp.with('LSTM', '{"unit_forget_bias": false}');
SELECT pg_temp.with('GRU', '{"reset_after": false}');
SELECT pg_temp.with('SimpleRNN', '{"activation": "elu"}');
SELECT pg_temp.with('SimpleRNN', '{"return_state": true}');
SELECT pg_temp.with('SimpleRNN', '{"kernel_initializer": {"class_name": "HeNormal", "config": {}}}');
SELECT pg_temp.with('Dense', '{"kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.01}}}');
SELECT pg_temp.with('Dense', '{"trainable": false}');
SELECT pg_temp.with('Dense', '{"lora_rank": 4}');
SELECT pg_temp.with('Dense', '{"unts": 4}');
SELECT pg_temp.with('Dense', '{"some_new_setting": null, "another": false}');
SELECT pg_temp.with('Bidirectional', '{"merge_mode": "concat"}');
SELECT pg_temp.with('Bidirectional', '{"layer": {"class_name": "Dense", "config": {"units": 1}}}');
SELECT pg_temp.with('Bidirectional', '{"layer": {"class_name": "LSTM", "config": {"units": 1}}, "merge_mode": null}');
SELECT pg_temp.with('Bidirectional', '{"layer": {"class_name": "Bidirectional", "config": {}}}');
SELECT pg_temp.with('TimeDistributed', '{"layer": {"class_name": "LSTM", "config": {"units": 1}}}');
