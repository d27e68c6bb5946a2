-- ---------------------------------------------------------------------------
-- Models for tensors: initialize, train, predict, inspect
-- ---------------------------------------------------------------------------

CREATE FUNCTION rnn_init(network jsonb, input_shape int[], seed bigint DEFAULT 0) RETURNS bytea
    AS 'MODULE_PATHNAME', 'rnn_init' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION rnn_init(jsonb, int[], bigint) IS
    'returns a model with initial weights; input_shape is {time steps, features}, NULL time steps for any number';

-- Costs are kept low enough that a table of models does not look like work for the
-- JIT compiler, which would take longer than most calls; see src/pg/forecast/planner.c.

-- VOLATILE though it reads nothing: else the planner may flatten a sub-select
-- whose model is used twice, and train twice.
CREATE FUNCTION rnn_fit(network jsonb, x float8[], y float8[], options jsonb DEFAULT '{}',
                        x_val float8[] DEFAULT NULL, y_val float8[] DEFAULT NULL) RETURNS bytea
    AS 'MODULE_PATHNAME', 'rnn_fit_network' LANGUAGE C VOLATILE PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION rnn_fit(jsonb, float8[], float8[], jsonb, float8[], float8[]) IS
    'trains a network on x (batch, time, feature) and y (batch, outputs) or (batch, time, outputs)';

CREATE FUNCTION rnn_fit(model bytea, x float8[], y float8[], options jsonb DEFAULT '{}',
                        x_val float8[] DEFAULT NULL, y_val float8[] DEFAULT NULL) RETURNS bytea
    AS 'MODULE_PATHNAME', 'rnn_fit_model' LANGUAGE C VOLATILE PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION rnn_fit(bytea, float8[], float8[], jsonb, float8[], float8[]) IS
    'trains a model further from its weights (warm start), with its own options if none are given';

CREATE FUNCTION rnn_predict(model bytea, x float8[]) RETURNS float8[]
    AS 'MODULE_PATHNAME', 'rnn_predict' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION rnn_predict(bytea, float8[]) IS
    'the outputs of a model for x (batch, time, feature): (batch, outputs), or (batch, time, outputs) for sequences';

CREATE FUNCTION rnn_evaluate(model bytea, x float8[], y float8[])
    RETURNS TABLE(loss float8, mean_squared_error float8, mean_absolute_error float8)
    AS 'MODULE_PATHNAME', 'rnn_evaluate' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 1;
COMMENT ON FUNCTION rnn_evaluate(bytea, float8[], float8[]) IS
    'loss and errors of a model on x and y; unknown targets (NULL or NaN) are left out';

CREATE FUNCTION rnn_weights(model bytea) RETURNS TABLE(name text, shape int[], "values" float8[])
    AS 'MODULE_PATHNAME', 'rnn_weights' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 10;
COMMENT ON FUNCTION rnn_weights(bytea) IS
    'the weights of a model, named and shaped as those of torch.nn.Sequential';

CREATE FUNCTION rnn_history(model bytea)
    RETURNS TABLE(epoch int, loss float8, val_loss float8, learning_rate float8, is_best boolean)
    AS 'MODULE_PATHNAME', 'rnn_history' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 20;
COMMENT ON FUNCTION rnn_history(bytea) IS
    'the losses of each epoch of a model''s last training';

CREATE FUNCTION rnn_model_info(model bytea) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'rnn_model_info' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION rnn_model_info(bytea) IS
    'a model for programs: layers, sizes, options, loss, best epoch, and of a forecaster data, '
    'recipe in the options'' own names and validation errors; stored metadata as it is under debug';

CREATE FUNCTION rnn_model_card(model bytea) RETURNS TABLE(topic text, item text, value text)
    AS 'MODULE_PATHNAME', 'rnn_model_card' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 100 ROWS 30;
COMMENT ON FUNCTION rnn_model_card(bytea) IS
    'a model for people: data, what was chosen and why, errors beside the naive forecast''s, basis of the intervals';

CREATE FUNCTION rnn_summary(model bytea) RETURNS TABLE(layer text, output_shape text, parameters bigint)
    AS 'MODULE_PATHNAME', 'rnn_summary_model' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 10;
COMMENT ON FUNCTION rnn_summary(bytea) IS
    'the layers of a model with output shapes and numbers of parameters, as Keras prints them';

CREATE FUNCTION rnn_summary(network jsonb, input_shape int[])
    RETURNS TABLE(layer text, output_shape text, parameters bigint)
    AS 'MODULE_PATHNAME', 'rnn_summary_network' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 10;
COMMENT ON FUNCTION rnn_summary(jsonb, int[]) IS
    'the layers that a network would have on inputs of {time steps, features}';


-- An untyped literal resolves to text; without this overload jsonb and bytea would be ambiguous.
CREATE FUNCTION rnn_fit(network text, x float8[], y float8[], options jsonb DEFAULT '{}',
    x_val float8[] DEFAULT NULL, y_val float8[] DEFAULT NULL) RETURNS bytea
    LANGUAGE sql VOLATILE PARALLEL SAFE COST 10000
    AS $$ SELECT @extschema@.rnn_fit(network::pg_catalog.jsonb, x, y, options, x_val, y_val) $$;
COMMENT ON FUNCTION rnn_fit(text, float8[], float8[], jsonb, float8[], float8[]) IS
'rnn_fit with the network as a literal of JSON text';
