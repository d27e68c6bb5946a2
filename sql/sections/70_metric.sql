-- Accuracy measures as aggregates over any table.

CREATE FUNCTION rnn_metric_absolute(float8[], float8, float8) RETURNS float8[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rnn_metric_absolute(float8[], float8, float8) IS
'transition function of accuracy aggregates (actual, forecast): adds the absolute error';

CREATE FUNCTION rnn_metric_squared(float8[], float8, float8) RETURNS float8[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rnn_metric_squared(float8[], float8, float8) IS
'transition function of accuracy aggregates (actual, forecast): adds the squared error';

CREATE FUNCTION rnn_metric_percentage(float8[], float8, float8) RETURNS float8[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rnn_metric_percentage(float8[], float8, float8) IS
'transition function of accuracy aggregates (actual, forecast): adds the absolute percentage error';

CREATE FUNCTION rnn_metric_symmetric(float8[], float8, float8) RETURNS float8[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rnn_metric_symmetric(float8[], float8, float8) IS
'transition function of accuracy aggregates (actual, forecast): adds the symmetric absolute percentage error';

CREATE FUNCTION rnn_metric_scaled(float8[], float8, float8, float8) RETURNS float8[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rnn_metric_scaled(float8[], float8, float8, float8) IS
'transition function of accuracy aggregates (actual, forecast, scale): adds the scaled absolute error';

CREATE FUNCTION rnn_metric_pinball(float8[], float8, float8, float8) RETURNS float8[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rnn_metric_pinball(float8[], float8, float8, float8) IS
'transition function of accuracy aggregates (actual, forecast, quantile): adds the pinball loss';

CREATE FUNCTION rnn_metric_covered(float8[], float8, float8, float8) RETURNS float8[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rnn_metric_covered(float8[], float8, float8, float8) IS
'transition function of accuracy aggregates (actual, lower, upper): counts values inside their interval';

CREATE FUNCTION rnn_metric_combine(float8[], float8[]) RETURNS float8[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rnn_metric_combine(float8[], float8[]) IS 'adds two states of an accuracy aggregate';

CREATE FUNCTION rnn_metric_mean(float8[]) RETURNS float8
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rnn_metric_mean(float8[]) IS 'mean of the errors in the state of an accuracy aggregate';

CREATE FUNCTION rnn_metric_root(float8[]) RETURNS float8
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rnn_metric_root(float8[]) IS 'root of the mean of the errors in the state of an accuracy aggregate';

CREATE AGGREGATE rnn_mae(actual float8, forecast float8) (
	SFUNC = rnn_metric_absolute, STYPE = float8[], INITCOND = '{0,0}',
	FINALFUNC = rnn_metric_mean, COMBINEFUNC = rnn_metric_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_mae(actual float8, forecast float8) IS 'mean absolute error';

CREATE AGGREGATE rnn_rmse(actual float8, forecast float8) (
	SFUNC = rnn_metric_squared, STYPE = float8[], INITCOND = '{0,0}',
	FINALFUNC = rnn_metric_root, COMBINEFUNC = rnn_metric_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_rmse(actual float8, forecast float8) IS 'root mean squared error';

CREATE AGGREGATE rnn_mape(actual float8, forecast float8) (
	SFUNC = rnn_metric_percentage, STYPE = float8[], INITCOND = '{0,0}',
	FINALFUNC = rnn_metric_mean, COMBINEFUNC = rnn_metric_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_mape(actual float8, forecast float8) IS
'mean absolute percentage error, in percent; rows whose actual value is 0 do not count';

CREATE AGGREGATE rnn_smape(actual float8, forecast float8) (
	SFUNC = rnn_metric_symmetric, STYPE = float8[], INITCOND = '{0,0}',
	FINALFUNC = rnn_metric_mean, COMBINEFUNC = rnn_metric_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_smape(actual float8, forecast float8) IS
'symmetric mean absolute percentage error, 200 |y-f| / (|y|+|f|), in percent';

CREATE AGGREGATE rnn_mase(actual float8, forecast float8, scale float8) (
	SFUNC = rnn_metric_scaled, STYPE = float8[], INITCOND = '{0,0}',
	FINALFUNC = rnn_metric_mean, COMBINEFUNC = rnn_metric_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_mase(actual float8, forecast float8, scale float8) IS
'mean absolute scaled error; scale is the naive forecast''s mean absolute error on the training rows';

CREATE AGGREGATE rnn_pinball(actual float8, forecast float8, quantile float8) (
	SFUNC = rnn_metric_pinball, STYPE = float8[], INITCOND = '{0,0}',
	FINALFUNC = rnn_metric_mean, COMBINEFUNC = rnn_metric_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_pinball(actual float8, forecast float8, quantile float8) IS
'mean pinball loss of a quantile forecast';

CREATE AGGREGATE rnn_coverage(actual float8, lower float8, upper float8) (
	SFUNC = rnn_metric_covered, STYPE = float8[], INITCOND = '{0,0}',
	FINALFUNC = rnn_metric_mean, COMBINEFUNC = rnn_metric_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_coverage(actual float8, lower float8, upper float8) IS 'share of values inside their interval';
