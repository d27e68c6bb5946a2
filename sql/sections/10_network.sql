-- Networks: layer builders with Keras's names, defaults and meanings.  Not strict: a
-- number of units that is missing must be an error, not a network that is NULL.

CREATE FUNCTION rnn_simple(units int, activation text DEFAULT 'tanh', return_sequences bool DEFAULT false, use_bias bool DEFAULT true,
	dropout float8 DEFAULT 0, recurrent_dropout float8 DEFAULT 0, dilation int DEFAULT 1) RETURNS jsonb
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rnn_simple(int, text, bool, bool, float8, float8, int) IS
	'layer of simple recurrent units, whose state is the previous output; activation tanh, relu or linear';

CREATE FUNCTION rnn_lstm(units int, return_sequences bool DEFAULT false, use_bias bool DEFAULT true,
	dropout float8 DEFAULT 0, recurrent_dropout float8 DEFAULT 0, dilation int DEFAULT 1) RETURNS jsonb
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rnn_lstm(int, bool, bool, float8, float8, int) IS
	'layer of long short-term memory cells';

CREATE FUNCTION rnn_gru(units int, return_sequences bool DEFAULT false, use_bias bool DEFAULT true,
	dropout float8 DEFAULT 0, recurrent_dropout float8 DEFAULT 0, dilation int DEFAULT 1) RETURNS jsonb
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rnn_gru(int, bool, bool, float8, float8, int) IS
	'layer of gated recurrent units (the reset_after form)';

CREATE FUNCTION rnn_bidirectional(layer jsonb, merge_mode text DEFAULT 'concat') RETURNS jsonb
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rnn_bidirectional(jsonb, text) IS
	'a recurrent layer run over time in both directions; merge_mode concat, sum, ave or mul';

CREATE FUNCTION rnn_dense(units int, activation text DEFAULT 'linear', use_bias bool DEFAULT true) RETURNS jsonb
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rnn_dense(int, text, bool) IS
	'fully connected layer, at each time step of a sequence; activation linear, tanh, relu, sigmoid or softplus';

CREATE FUNCTION rnn_dropout(rate float8) RETURNS jsonb
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rnn_dropout(float8) IS
	'sets a share of its inputs to zero in training';

CREATE FUNCTION rnn_layer_norm(epsilon float8 DEFAULT 0.001) RETURNS jsonb
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rnn_layer_norm(float8) IS
	'layer normalization over the features';

CREATE FUNCTION rnn_time_distributed(layer jsonb) RETURNS jsonb
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rnn_time_distributed(jsonb) IS
	'applies a layer at each time step, which dense, dropout and layer_norm do in any case';

CREATE FUNCTION rnn_sequential(VARIADIC layers jsonb[]) RETURNS jsonb
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rnn_sequential(jsonb[]) IS
	'returns a network of the layers in order, checked and in canonical form';

CREATE FUNCTION rnn_network(network jsonb) RETURNS jsonb
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rnn_network(jsonb) IS
	'checks a network, also the JSON of Keras''s model.to_json(), and returns its canonical form';
