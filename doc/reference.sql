-- Prints doc/reference.md from the catalog and from rnn_options():
-- `make manual` writes the page, test/t/manual.t compares the two.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS forecast_rnn;

CREATE TEMP VIEW public_function AS
SELECT p.proname AS name, s.short AS signature, r.short AS returns, p.prokind, p.provolatile,
       coalesce(obj_description(p.oid, 'pg_proc'), '') AS meaning,
       CASE
         WHEN p.proname ~ '^rnn_(create_model|drop_model|.*retrain.*|promote|rollback|cancel.*|.*_async|.*_background|grant|revoke|monitor.*|store.*|score.*|alter.*)$' OR p.prokind = 'p' THEN 7
         WHEN p.proname ~ '^rnn_(panel|describe|rows|stamps)' THEN 1
         WHEN p.proname ~ '^rnn_(train|average|outer|ridge|forecast|backtest|fitted|detect_anomalies|importance|explain|sample|tune|state|step|plot|sparkline)' THEN 2
         WHEN p.proname ~ '^rnn_(windows|dataset|shape|unstack)' THEN 3
         WHEN p.proname ~ '^rnn_(sequential|simple|lstm|gru|bidirectional|dense|dropout|layer_norm|time_distributed)' THEN 4
         WHEN p.proname ~ '^rnn_(init|fit|predict|evaluate|summary|history|weights|model)' THEN 5
         WHEN p.proname ~ '^rnn_(mae|rmse|mape|smape|mase|pinball|coverage)$' THEN 6
         ELSE 8 END AS topic
FROM pg_proc p
JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
     AND d.refclassid = 'pg_extension'::regclass
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'forecast_rnn',
LATERAL (SELECT format('%s(%s)', p.proname, pg_get_function_arguments(p.oid)), pg_get_function_result(p.oid)) t(args, result),
LATERAL (SELECT replace(replace(replace(replace(regexp_replace(regexp_replace(args, '::[a-z_ ]+(\[\])?', '', 'g'), '\mIN ', '', 'g'),
           'double precision', 'float8'), 'timestamp with time zone', 'timestamptz'),
           'timestamp without time zone', 'timestamp'), 'integer', 'int')) s(short),
LATERAL (SELECT replace(replace(replace(replace(result,
           'double precision', 'float8'), 'timestamp with time zone', 'timestamptz'),
           'timestamp without time zone', 'timestamp'), 'integer', 'int')) r(short)
-- not the pieces of aggregates, types and operators
WHERE NOT EXISTS (SELECT FROM pg_aggregate a WHERE p.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn))
  AND NOT EXISTS (SELECT FROM pg_type y WHERE p.oid IN (y.typinput, y.typoutput, y.typreceive, y.typsend, y.typmodin, y.typmodout))
  AND NOT EXISTS (SELECT FROM pg_operator o WHERE o.oprcode = p.oid)
  AND NOT EXISTS (SELECT FROM pg_proc f WHERE f.prosupport = p.oid)
  AND p.prorettype <> 'trigger'::regtype AND p.proname !~ '^rnn_((managed|keep|query|has|async|job|distributed)_|running$)';

\echo '# Reference'
\echo
\echo 'Made from the catalog by `doc/reference.sql`. Aggregates that take an order, such as `rnn_windows`, are'
\echo 'written `rnn_windows(value, 30 ORDER BY t)`.'

SELECT E'\n## ' || (ARRAY['Panels', 'Training and forecasting on rows', 'Tensors and windows', 'Networks', 'Models',
                          'Accuracy measures', 'Managed models', 'Other'])[topic] || E'\n\n'
       || string_agg(entry, E'\n' ORDER BY name COLLATE "C", least_length, entry COLLATE "C")
FROM (SELECT topic, name, min(length(signature)) AS least_length,
             string_agg(format('**`%s`**', signature), E'  \n' ORDER BY length(signature), signature COLLATE "C")
             || CASE prokind WHEN 'p' THEN ' (procedure)' ELSE format(' → `%s`', returns) || CASE prokind WHEN 'a' THEN ' (aggregate)' ELSE '' END END
             || format(E'  \n%s\n', meaning) AS entry
      FROM public_function GROUP BY topic, name, returns, prokind, meaning) e
GROUP BY topic ORDER BY topic;

\echo
\echo '## Tables and views'
\echo
SELECT format('- **`%s`**: %s', c.relname, obj_description(c.oid, 'pg_class'))
FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'forecast_rnn'
WHERE c.relkind IN ('r', 'v') ORDER BY c.relname COLLATE "C";

\echo
\echo '## Types'
\echo
SELECT format('- **`%s`**: %s', t.typname, coalesce(obj_description(t.oid, 'pg_type'), obj_description(t.typrelid, 'pg_class')))
FROM pg_type t JOIN pg_depend d ON d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'forecast_rnn'
LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE t.typcategory <> 'A' AND coalesce(c.relkind, 'c') = 'c' ORDER BY t.typname COLLATE "C";

\echo
\echo '## Options'
\echo
\echo '| option | values | default | what it does, and why the default | used by |'
\echo '|---|---|---|---|---|'
SELECT format('| `%s` | %s | %s | %s | %s |', name, replace(type, '|', '\|'), replace(default_value, '|', '\|'), replace(description, '|', '\|'), used_by) FROM rnn_options();
