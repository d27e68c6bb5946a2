-- Tensors: plain float8[] of (batch, time, feature).

CREATE FUNCTION rnn_shape(tensor float8[]) RETURNS int[]
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rnn_shape(float8[]) IS
	'dimensions of a tensor: {batch,time,feature}';

CREATE FUNCTION rnn_unstack(tensor float8[], axis int DEFAULT 2, OUT index int, OUT slice float8[]) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rnn_unstack(float8[], int) IS
	'slices of a tensor along an axis, counted from 1; the default is time';
