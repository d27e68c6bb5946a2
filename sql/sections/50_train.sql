-- The row level: from a panel to a model.

-- VOLATILE, so that no query plan trains twice where the text says once.
CREATE FUNCTION rnn_train(panel rnn_panel, network jsonb DEFAULT NULL, options jsonb DEFAULT NULL) RETURNS bytea
	AS 'MODULE_PATHNAME', 'rnn_train' LANGUAGE C VOLATILE PARALLEL SAFE COST 1000000;
COMMENT ON FUNCTION rnn_train(rnn_panel, jsonb, jsonb) IS
'trains a forecaster on a panel of time series; network: layers from rnn_sequential, "ridge", or NULL to have one chosen from the panel';

CREATE FUNCTION rnn_train(panel rnn_panel, model bytea, options jsonb DEFAULT NULL) RETURNS bytea
	AS 'MODULE_PATHNAME', 'rnn_train_warm' LANGUAGE C VOLATILE PARALLEL SAFE COST 1000000;
COMMENT ON FUNCTION rnn_train(rnn_panel, bytea, jsonb) IS
'goes on training a forecaster on a panel (warm start): same network and options, but for the options given';

