-- Models in and out: PyTorch, Keras, ONNX.

CREATE FUNCTION rnn_from_torch(network jsonb, state_dict bytea, options jsonb DEFAULT NULL) RETURNS bytea
    AS 'MODULE_PATHNAME', 'rnn_from_torch' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION rnn_from_torch(jsonb, bytea, jsonb) IS
    'a model from the layers of a PyTorch module and its state_dict as a safetensors file (F32, F16, BF16, F64); '
    'options: those of rnn_fit, and modules, the names of the modules in the order of the layers';

CREATE FUNCTION rnn_from_keras(architecture jsonb, weights jsonb, options jsonb DEFAULT NULL) RETURNS bytea
    AS 'MODULE_PATHNAME', 'rnn_from_keras' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION rnn_from_keras(jsonb, jsonb, jsonb) IS
    'a model from Keras''s model.to_json() (or layers) and the arrays of model.get_weights() as JSON';

CREATE FUNCTION rnn_to_keras(model bytea) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'rnn_to_keras' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION rnn_to_keras(bytea) IS
    'the network of a model as Keras''s model_from_json() reads it; rnn_weights(model, ''keras'') gives the weights';

CREATE FUNCTION rnn_weights(model bytea, format text) RETURNS TABLE(name text, shape int[], "values" float8[])
    AS 'MODULE_PATHNAME', 'rnn_weights_format' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 10;
COMMENT ON FUNCTION rnn_weights(bytea, text) IS
    'the weights of a model as torch.nn.Sequential (torch) or as Keras''s get_weights() (keras) orders and shapes them';

CREATE FUNCTION rnn_to_onnx(model bytea, member int DEFAULT 1) RETURNS bytea
    AS 'MODULE_PATHNAME', 'rnn_to_onnx' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION rnn_to_onnx(bytea, int) IS
    'the network of a model as an ONNX file of opset 14: input x (batch, time, features), output y; member: which network of an ensemble';
