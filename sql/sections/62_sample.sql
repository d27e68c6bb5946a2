-- Sample paths of the rows to come.

CREATE FUNCTION rnn_sample(model bytea, panel rnn_panel DEFAULT NULL, n integer DEFAULT 100,
	horizon integer DEFAULT NULL,
	seed bigint DEFAULT 0, options jsonb DEFAULT NULL)
	RETURNS TABLE(series_id text, sample integer, forecast_timestamp timestamptz, step integer, value float8,
	forecast_index bigint)
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 2400 SUPPORT rnn_planner_support;
COMMENT ON FUNCTION rnn_sample(bytea, rnn_panel, integer, integer, bigint, jsonb) IS
'n sample paths of each series, for quantiles of sums and other functions of several steps: each step is '
'distributed as its prediction intervals tell, and steps depend on each other as the model''s errors over past '
'origins did, of the series and of the panel';
