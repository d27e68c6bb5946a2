-- Pictures: SVG text, and a line of characters for psql.

CREATE FUNCTION rnn_plot_final(internal) RETURNS text
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_plot_final(internal) IS 'final function of aggregates rnn_plot and rnn_plot_backtest';

CREATE FUNCTION rnn_plot_add(internal, timestamptz, float8, float8, float8, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_plot_add(internal, timestamptz, float8, float8, float8, float8) IS
'transition function of aggregate rnn_plot(timestamptz, float8, float8, float8, float8)';
CREATE AGGREGATE rnn_plot(ts timestamptz, value float8, forecast float8, lower float8, upper float8) (
	SFUNC = rnn_plot_add, STYPE = internal, FINALFUNC = rnn_plot_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_plot(timestamptz, float8, float8, float8, float8) IS
'a picture (SVG) of a series, its forecast and interval';

CREATE FUNCTION rnn_plot_add_series(internal, "any", timestamptz, float8, float8, float8, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_plot_add_series(internal, "any", timestamptz, float8, float8, float8, float8) IS
'transition function of aggregate rnn_plot("any", timestamptz, float8, float8, float8, float8)';
CREATE AGGREGATE rnn_plot(series "any", ts timestamptz, value float8, forecast float8, lower float8, upper float8) (
	SFUNC = rnn_plot_add_series, STYPE = internal, FINALFUNC = rnn_plot_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_plot("any", timestamptz, float8, float8, float8, float8) IS
'a picture (SVG) of many series, a chart per series, with forecasts and intervals';

CREATE FUNCTION rnn_plot_add(internal, timestamptz, float8, float8, float8, float8, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_plot_add(internal, timestamptz, float8, float8, float8, float8, jsonb) IS
'transition function of aggregate rnn_plot(timestamptz, float8, float8, float8, float8, jsonb)';
CREATE AGGREGATE rnn_plot(ts timestamptz, value float8, forecast float8, lower float8, upper float8, options jsonb) (
	SFUNC = rnn_plot_add, STYPE = internal, FINALFUNC = rnn_plot_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_plot(timestamptz, float8, float8, float8, float8, jsonb) IS
'a picture (SVG) of a series, its forecast and interval; options: title, width, height, actual_label, '
'forecast_label, interval_label';

CREATE FUNCTION rnn_plot_add_series(internal, "any", timestamptz, float8, float8, float8, float8,
	jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_plot_add_series(internal, "any", timestamptz, float8, float8, float8, float8, jsonb) IS
'transition function of aggregate rnn_plot("any", timestamptz, float8, float8, float8, float8, jsonb)';
CREATE AGGREGATE rnn_plot(series "any", ts timestamptz, value float8, forecast float8, lower float8, upper float8,
	options jsonb) (
	SFUNC = rnn_plot_add_series, STYPE = internal, FINALFUNC = rnn_plot_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_plot("any", timestamptz, float8, float8, float8, float8, jsonb) IS
'a picture (SVG) of many series, a chart per series, with forecasts and intervals; options: title, width, height, '
'columns, max_series, shared_scale, actual_label, forecast_label, interval_label';

CREATE FUNCTION rnn_plot_add(internal, bigint, float8, float8, float8, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_plot_add(internal, bigint, float8, float8, float8, float8) IS
'transition function of aggregate rnn_plot(bigint, float8, float8, float8, float8)';
CREATE AGGREGATE rnn_plot(ts bigint, value float8, forecast float8, lower float8, upper float8) (
	SFUNC = rnn_plot_add, STYPE = internal, FINALFUNC = rnn_plot_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_plot(bigint, float8, float8, float8, float8) IS
'a picture (SVG) of a series, its forecast and interval';

CREATE FUNCTION rnn_plot_add_series(internal, "any", bigint, float8, float8, float8, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_plot_add_series(internal, "any", bigint, float8, float8, float8, float8) IS
'transition function of aggregate rnn_plot("any", bigint, float8, float8, float8, float8)';
CREATE AGGREGATE rnn_plot(series "any", ts bigint, value float8, forecast float8, lower float8, upper float8) (
	SFUNC = rnn_plot_add_series, STYPE = internal, FINALFUNC = rnn_plot_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_plot("any", bigint, float8, float8, float8, float8) IS
'a picture (SVG) of many series, a chart per series, with forecasts and intervals';

CREATE FUNCTION rnn_plot_add(internal, bigint, float8, float8, float8, float8, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_plot_add(internal, bigint, float8, float8, float8, float8, jsonb) IS
'transition function of aggregate rnn_plot(bigint, float8, float8, float8, float8, jsonb)';
CREATE AGGREGATE rnn_plot(ts bigint, value float8, forecast float8, lower float8, upper float8, options jsonb) (
	SFUNC = rnn_plot_add, STYPE = internal, FINALFUNC = rnn_plot_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_plot(bigint, float8, float8, float8, float8, jsonb) IS
'a picture (SVG) of a series, its forecast and interval; options: title, width, height, actual_label, '
'forecast_label, interval_label';

CREATE FUNCTION rnn_plot_add_series(internal, "any", bigint, float8, float8, float8, float8, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_plot_add_series(internal, "any", bigint, float8, float8, float8, float8, jsonb) IS
'transition function of aggregate rnn_plot("any", bigint, float8, float8, float8, float8, jsonb)';
CREATE AGGREGATE rnn_plot(series "any", ts bigint, value float8, forecast float8, lower float8, upper float8,
	options jsonb) (
	SFUNC = rnn_plot_add_series, STYPE = internal, FINALFUNC = rnn_plot_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_plot("any", bigint, float8, float8, float8, float8, jsonb) IS
'a picture (SVG) of many series, a chart per series, with forecasts and intervals; options: title, width, height, '
'columns, max_series, shared_scale, actual_label, forecast_label, interval_label';

CREATE FUNCTION rnn_plot_add_backtest(internal, text, integer, timestamptz, float8, float8, float8, float8,
	float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_plot_add_backtest(internal, text, integer, timestamptz, float8, float8, float8, float8, float8) IS 'transition function of aggregate rnn_plot_backtest(text, integer, timestamptz, float8, float8, float8, float8, float8)';
CREATE AGGREGATE rnn_plot_backtest(series text, fold integer, ts timestamptz, actual float8, forecast float8,
	naive float8, lower float8, upper float8) (
	SFUNC = rnn_plot_add_backtest, STYPE = internal, FINALFUNC = rnn_plot_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_plot_backtest(text, integer, timestamptz, float8, float8, float8, float8, float8) IS
'a picture (SVG) of the rows of rnn_backtest, a chart per series';

CREATE FUNCTION rnn_plot_add_backtest(internal, text, integer, timestamptz, float8, float8, float8, float8,
	float8, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_plot_add_backtest(internal, text, integer, timestamptz, float8, float8, float8, float8, float8, jsonb) IS 'transition function of aggregate rnn_plot_backtest(text, integer, timestamptz, float8, float8, float8, float8, float8, jsonb)';
CREATE AGGREGATE rnn_plot_backtest(series text, fold integer, ts timestamptz, actual float8, forecast float8,
	naive float8, lower float8, upper float8, options jsonb) (
	SFUNC = rnn_plot_add_backtest, STYPE = internal, FINALFUNC = rnn_plot_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_plot_backtest(text, integer, timestamptz, float8, float8, float8, float8, float8, jsonb) IS
'a picture (SVG) of the rows of rnn_backtest, a chart per series; options: those of rnn_plot, naive_label';

CREATE FUNCTION rnn_plot_add_backtest(internal, text, integer, bigint, float8, float8, float8, float8,
	float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_plot_add_backtest(internal, text, integer, bigint, float8, float8, float8, float8, float8) IS
'transition function of aggregate rnn_plot_backtest(text, integer, bigint, float8, float8, float8, float8, float8)';
CREATE AGGREGATE rnn_plot_backtest(series text, fold integer, ts bigint, actual float8, forecast float8,
	naive float8, lower float8, upper float8) (
	SFUNC = rnn_plot_add_backtest, STYPE = internal, FINALFUNC = rnn_plot_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_plot_backtest(text, integer, bigint, float8, float8, float8, float8, float8) IS
'a picture (SVG) of the rows of rnn_backtest, a chart per series';

CREATE FUNCTION rnn_plot_add_backtest(internal, text, integer, bigint, float8, float8, float8, float8, float8,
	jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_plot_add_backtest(internal, text, integer, bigint, float8, float8, float8, float8, float8, jsonb) IS 'transition function of aggregate rnn_plot_backtest(text, integer, bigint, float8, float8, float8, float8, float8, jsonb)';
CREATE AGGREGATE rnn_plot_backtest(series text, fold integer, ts bigint, actual float8, forecast float8,
	naive float8, lower float8, upper float8, options jsonb) (
	SFUNC = rnn_plot_add_backtest, STYPE = internal, FINALFUNC = rnn_plot_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_plot_backtest(text, integer, bigint, float8, float8, float8, float8, float8, jsonb) IS
'a picture (SVG) of the rows of rnn_backtest, a chart per series; options: those of rnn_plot, naive_label';

CREATE FUNCTION rnn_plot(model bytea, panel rnn_panel DEFAULT NULL, horizon integer DEFAULT NULL,
	confidence_level float8 DEFAULT NULL, options jsonb DEFAULT NULL) RETURNS text
	AS 'MODULE_PATHNAME', 'rnn_plot_model' LANGUAGE C STABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION rnn_plot(bytea, rnn_panel, integer, float8, jsonb) IS
'a picture (SVG) of a forecaster''s last rows, or of a fresh panel''s, and their forecasts; options: title, width, '
'height, columns, max_series, shared_scale and labels';

CREATE FUNCTION rnn_plot_history(model bytea, options jsonb DEFAULT NULL) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE COST 1000
	AS $$ SELECT @extschema@.rnn_plot(epoch::pg_catalog.int8, loss, val_loss, NULL, NULL,
		pg_catalog.jsonb_build_object('title', 'Losses by epoch', 'actual_label', 'training loss', 'forecast_label', 'validation loss')
		OPERATOR(pg_catalog.||) COALESCE(options, '{}')) FROM @extschema@.rnn_history(model) $$;
COMMENT ON FUNCTION rnn_plot_history(bytea, jsonb) IS
'a picture (SVG) of the losses of each epoch of a model''s last training; NULL if it has none';

CREATE FUNCTION rnn_sparkline_add(internal, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_sparkline_add(internal, float8) IS 'transition function of aggregate rnn_sparkline';
CREATE FUNCTION rnn_sparkline_final(internal) RETURNS text
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_sparkline_final(internal) IS 'final function of aggregate rnn_sparkline';
CREATE AGGREGATE rnn_sparkline(value float8) (
	SFUNC = rnn_sparkline_add, STYPE = internal, FINALFUNC = rnn_sparkline_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_sparkline(float8) IS
'the values as a line of up to 60 block characters, for terminals: rnn_sparkline(value ORDER BY ts)';
