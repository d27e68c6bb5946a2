-- Training in rounds on several shards or servers: averages of models, the outer step, one ridge regression of all.
--
-- States are bytea, so that they travel as text; arguments have concrete types, so that engines that call the pieces of
-- an aggregate on their nodes find them.

CREATE FUNCTION rnn_average_add(bytea, bytea) RETURNS bytea
	AS 'MODULE_PATHNAME', 'rnn_average_add' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION rnn_average_add(bytea, bytea) IS 'transition function of aggregate rnn_average(bytea)';
CREATE FUNCTION rnn_average_add(bytea, bytea, float8) RETURNS bytea
	AS 'MODULE_PATHNAME', 'rnn_average_add' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION rnn_average_add(bytea, bytea, float8) IS 'transition function of aggregate rnn_average(bytea, float8)';
CREATE FUNCTION rnn_average_combine(bytea, bytea) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION rnn_average_combine(bytea, bytea) IS 'combine function of the aggregates rnn_average';
CREATE FUNCTION rnn_average_final(bytea) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION rnn_average_final(bytea) IS 'final function of the aggregates rnn_average';

CREATE AGGREGATE rnn_average(model bytea) (
	SFUNC = rnn_average_add, STYPE = bytea, SSPACE = 65536, FINALFUNC = rnn_average_final, COMBINEFUNC = rnn_average_combine,
	PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_average(bytea) IS
'the average of models that were trained apart from one start, as on shards: weights are averaged member by member, '
'and the result has the series of all; nulls are ignored';

CREATE AGGREGATE rnn_average(model bytea, weight float8) (
	SFUNC = rnn_average_add, STYPE = bytea, SSPACE = 65536, FINALFUNC = rnn_average_final, COMBINEFUNC = rnn_average_combine,
	PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_average(bytea, float8) IS
'the average of models by positive weights, such as the rows of each shard';

CREATE FUNCTION rnn_outer(base bytea, average bytea, rate float8 DEFAULT 0.7, momentum float8 DEFAULT 0.9) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION rnn_outer(bytea, bytea, float8, float8) IS
'the outer step of DiLoCo (arXiv 2311.08105): from the base of a round beyond the average of its models, with Nesterov''s momentum, '
'whose velocity is kept in the model';

-- ---- ridge regression ----

CREATE FUNCTION rnn_ridge_sums(panel rnn_panel, model bytea) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION rnn_ridge_sums(rnn_panel, bytea) IS
'the sums of a panel''s rows for one ridge regression of several shards, prepared as the model prepares them';

CREATE FUNCTION rnn_ridge_sums_add(bytea, bytea) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION rnn_ridge_sums_add(bytea, bytea) IS 'transition function of aggregate rnn_ridge_sums(bytea)';
CREATE FUNCTION rnn_ridge_sums_combine(bytea, bytea) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION rnn_ridge_sums_combine(bytea, bytea) IS 'combine function of aggregate rnn_ridge_sums(bytea)';
CREATE FUNCTION rnn_ridge_sums_final(bytea) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION rnn_ridge_sums_final(bytea) IS 'final function of aggregate rnn_ridge_sums(bytea)';

CREATE AGGREGATE rnn_ridge_sums(sums bytea) (
	SFUNC = rnn_ridge_sums_add, STYPE = bytea, SSPACE = 65536, FINALFUNC = rnn_ridge_sums_final,
	COMBINEFUNC = rnn_ridge_sums_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_ridge_sums(bytea) IS 'the sum of sums of several panels by one model; nulls are ignored';

CREATE FUNCTION rnn_ridge(model bytea, sums bytea) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION rnn_ridge(bytea, bytea) IS
'the model that the sums were made with, with the exact ridge regression of all their rows; '
'a network of it that has not been trained yet (stop_after 0) starts there';
