-- Training of forecasters on panels.

-- VOLATILE, so that no query plan evaluates a training twice.  For the costs see src/pg/forecast/planner.c.
CREATE FUNCTION rnn_train(panel rnn_panel, network jsonb DEFAULT NULL, options jsonb DEFAULT NULL) RETURNS bytea
	AS 'MODULE_PATHNAME', 'rnn_train' LANGUAGE C VOLATILE PARALLEL SAFE COST 100000 SUPPORT rnn_planner_support;
COMMENT ON FUNCTION rnn_train(rnn_panel, jsonb, jsonb) IS
'trains a forecaster on a panel of time series; network: layers from rnn_sequential, "ridge", or NULL to have one '
'chosen from the panel';

CREATE FUNCTION rnn_train(panel rnn_panel, model bytea, options jsonb DEFAULT NULL) RETURNS bytea
	AS 'MODULE_PATHNAME', 'rnn_train_warm' LANGUAGE C VOLATILE PARALLEL SAFE COST 100000 SUPPORT rnn_planner_support;
COMMENT ON FUNCTION rnn_train(rnn_panel, bytea, jsonb) IS
'resumes the training of a forecaster on a panel (warm start) with its network and options, except for the options given; '
'of a plain network, an imported one for example, the layers and weights are the start';

-- Resolves calls with an untyped literal, which would fit jsonb and bytea equally well.
CREATE FUNCTION rnn_train(panel rnn_panel, network text, options jsonb DEFAULT NULL) RETURNS bytea
	LANGUAGE sql VOLATILE PARALLEL SAFE COST 100000 SUPPORT rnn_planner_support
	AS $$ SELECT @extschema@.rnn_train(panel, CASE WHEN network OPERATOR(pg_catalog.~) '^[[:alpha:]_]+$' AND network OPERATOR(pg_catalog.<>) 'null'
		THEN ('"' OPERATOR(pg_catalog.||) network OPERATOR(pg_catalog.||) '"')::pg_catalog.jsonb ELSE network::pg_catalog.jsonb END, options) $$;
COMMENT ON FUNCTION rnn_train(rnn_panel, text, jsonb) IS
'rnn_train with the network as a literal: JSON text, or the name ridge';

