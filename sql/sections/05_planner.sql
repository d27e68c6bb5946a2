-- Rows and cost of functions for the planner.

CREATE FUNCTION rnn_planner_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rnn_planner_support(internal) IS
'planner support: rows and cost of a training or a forecast, from its constant arguments';

