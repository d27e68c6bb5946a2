-- What every object of the extension must have: a comment, a parallel
-- label, a fixed prefix, no SECURITY DEFINER; and objects come and go with the extension.
BEGIN;
SELECT no_plan();

CREATE TEMP VIEW member AS
SELECT d.classid, d.objid
FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
WHERE e.extname = 'forecast_rnn' AND d.deptype = 'e';

-- 13 has no prosqlbody
CREATE TEMP VIEW fn AS
SELECT p.*, p.oid::regprocedure::text AS signature, to_jsonb(p) ->> 'prosqlbody' AS body
FROM pg_proc p JOIN member m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid;

SELECT isnt_empty('SELECT 1 FROM fn', 'the extension has functions');
SELECT is_empty($$SELECT signature FROM fn WHERE obj_description(oid, 'pg_proc') IS NULL$$,
                'every function has a comment');
-- the rows of tables and views are types too, and members in their own right from 17 on
SELECT is_empty($$SELECT t.oid::regtype FROM pg_type t JOIN member m ON m.classid = 'pg_type'::regclass AND m.objid = t.oid
                  LEFT JOIN pg_class r ON r.oid = t.typrelid
                  WHERE t.typcategory <> 'A' AND r.relkind IS DISTINCT FROM 'r' AND r.relkind IS DISTINCT FROM 'v' AND obj_description(t.oid, 'pg_type') IS NULL$$,
                'every type has a comment');
SELECT is_empty($$SELECT o.oid::regoperator FROM pg_operator o JOIN member m ON m.classid = 'pg_operator'::regclass AND m.objid = o.oid
                  WHERE obj_description(o.oid, 'pg_operator') IS NULL$$,
                'every operator has a comment');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c JOIN member m ON m.classid = 'pg_class'::regclass AND m.objid = c.oid
                  WHERE obj_description(c.oid, 'pg_class') IS NULL$$,
                'every relation has a comment');
SELECT isnt(obj_description(oid, 'pg_extension'), NULL, 'the extension has a comment')
FROM pg_extension WHERE extname = 'forecast_rnn';

SELECT is_empty($$SELECT signature FROM fn WHERE proname !~ '^rnn_'$$, 'every function is named rnn_...');
SELECT is_empty($$SELECT signature FROM fn WHERE prosecdef$$, 'no function is SECURITY DEFINER');
SELECT is_empty($$SELECT signature FROM fn WHERE prokind <> 'p' AND provolatile <> 'v' AND proparallel <> 's'$$,
                'what is immutable or stable is parallel safe');
SELECT is_empty($$SELECT signature FROM fn WHERE prosrc = '' AND body IS NULL$$, 'every function has a body');
SELECT is_empty($$SELECT signature FROM fn WHERE 'internal'::regtype = ANY (proargtypes) AND NOT EXISTS (
                    SELECT FROM pg_aggregate a WHERE fn.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn))
                    AND NOT EXISTS (SELECT FROM pg_type t WHERE t.typreceive = fn.oid)
                    AND NOT EXISTS (SELECT FROM pg_proc p WHERE p.prosupport = fn.oid)$$,
                'what takes internal belongs to an aggregate, a type or the planner: nobody can call it by hand');
-- order-free aggregates are combined by parallel workers, partition-wise and by other nodes
SELECT is_empty($$SELECT f.signature FROM fn f JOIN pg_aggregate a ON a.aggfnoid = f.oid
                  WHERE f.proname !~ '^rnn_(windows|dataset|plot|plot_backtest|sparkline)$' AND (a.aggtranstype = 'internal'::regtype OR a.aggcombinefn = 0)$$,
                'aggregates that need no order have a combine function and a state that can travel as text');
-- search_path is fixed, or (if the planner is to inline the function, or it commits) the body names the schema;
-- test/t/security.t looks closer
SELECT is_empty($$SELECT f.signature FROM fn f
                  WHERE f.prolang IN (SELECT oid FROM pg_language WHERE lanname IN ('sql', 'plpgsql')) AND f.body IS NULL
                    AND NOT EXISTS (SELECT FROM unnest(f.proconfig) c WHERE c LIKE 'search_path=%')
                    AND (f.prosrc ~ '(^|[^.[:alnum:]_])rnn_\w+\s*\(' OR f.prosrc ~ '(FROM|JOIN|INTO|UPDATE)\s+rnn_')$$,
                'no function can be misled by a search_path');

SELECT * FROM finish();
ROLLBACK;
