# Every function and aggregate of the extension, called with odd arguments and with panels in every state.
# The catalog gives the calls.  A call may fail, but not with an internal error (XX000), not by ending the
# session, and not later than a second after its timeout.  Each call is rolled back.
#
# FRNN_GARDEN (1) is the number of calls per function, FRNN_GARDEN_SEED (1) chooses them; the same seed gives
# the same calls.  FRNN_GARDEN_ONLY is a pattern of function names, FRNN_GARDEN_SHOW one of SQLSTATEs to be shown.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use FrnnTest;
use IPC::Run;
use Test::More;

my $calls = $ENV{FRNN_GARDEN} || 1;
my $seed = $ENV{FRNN_GARDEN_SEED} || 1;
my $only = $ENV{FRNN_GARDEN_ONLY} || '';
my $timeout = 300;    # ms
my $db = new_database();

sql($db, q{
	CREATE ROLE gardener;
	GRANT CREATE ON SCHEMA public TO gardener;
	SET ROLE gardener;
	SET client_min_messages = warning;
	CREATE TABLE plot AS SELECT s, date '2024-01-01' + k AS d, 10 + s + sin(k)::float8 AS v, cos(k)::float8 AS c, k
		FROM generate_series(1, 3) s, generate_series(0, 39) k;
	CREATE TABLE field AS SELECT s, date '2024-01-01' + k AS d, (s + k)::float8 AS v
		FROM generate_series(0, 199) k, generate_series(1, 50) s;
	ANALYZE plot, field;
	CREATE TABLE shed (name text, p rnn_panel, m bytea);
	INSERT INTO shed SELECT 'one', rnn_panel(d, v) FROM plot WHERE s = 1;
	INSERT INTO shed SELECT 'named', rnn_panel(s, d, v) FROM plot;
	INSERT INTO shed SELECT 'covariates', rnn_panel(s, d, v, ARRAY[c]) FROM plot;
	INSERT INTO shed SELECT 'stamped', rnn_panel(s::text, d::timestamptz, v) FROM plot;
	INSERT INTO shed SELECT 'counted', rnn_panel(k::bigint, v) FROM plot WHERE s = 2;
	UPDATE shed SET m = rnn_train(p, '"ridge"', '{"horizon": 3, "time_steps": 6}');
	INSERT INTO shed SELECT 'state', NULL, state FROM shed, rnn_state(m) WHERE name = 'one';
	INSERT INTO shed VALUES ('network', NULL, rnn_init(rnn_sequential(rnn_gru(2), rnn_dense(1)), '{4,1}')),
		('fitted', NULL, rnn_fit(rnn_sequential(rnn_lstm(2), rnn_dense(1)), '{{{1},{2}},{{2},{3}}}', '{{3},{4}}', '{"epochs": 1}'));

	-- a user's own aggregates of our functions
	CREATE AGGREGATE own_join(rnn_panel) (sfunc = rnn_panel_combine, stype = rnn_panel, parallel = safe);
	CREATE AGGREGATE own_parallel(rnn_panel) (sfunc = rnn_panel_combine, stype = rnn_panel, combinefunc = rnn_panel_combine, parallel = safe);
	CREATE AGGREGATE own_moving(rnn_panel) (sfunc = rnn_panel_combine, stype = rnn_panel,
		msfunc = rnn_panel_combine, minvfunc = rnn_panel_combine, mstype = rnn_panel);
	CREATE AGGREGATE own_rows(date, float8) (sfunc = rnn_panel_add, stype = rnn_panel, combinefunc = rnn_panel_combine, parallel = safe);
	CREATE AGGREGATE own_start(rnn_panel) (sfunc = rnn_panel_combine, stype = rnn_panel,
		initcond = '{"time":"date","series":[{"id":null,"rows":[["2024-01-01",1]]}]}');
	CREATE FUNCTION keep_last(rnn_panel, rnn_panel) RETURNS rnn_panel LANGUAGE plpgsql PARALLEL SAFE AS 'BEGIN RETURN coalesce($2, $1); END';
	CREATE AGGREGATE own_combine(date, float8) (sfunc = rnn_panel_add, stype = rnn_panel, combinefunc = keep_last, parallel = safe);

	CREATE TABLE odd (type text, expression text);
	INSERT INTO odd SELECT 'rnn_panel', format('(SELECT p FROM shed WHERE name = %L)', name) FROM shed WHERE p IS NOT NULL;
	INSERT INTO odd SELECT 'bytea', format('(SELECT m FROM shed WHERE name = %L)', name) FROM shed;
	INSERT INTO odd VALUES
		('rnn_panel', '(SELECT rnn_panel(s, d, v ORDER BY v) FROM plot)'),
		('rnn_panel', '(SELECT rnn_panel(s, d, v) FROM field)'),
		('rnn_panel', '(SELECT own_join(p) FROM (SELECT s, rnn_panel(s, d, v) p FROM field GROUP BY s) q)'),
		('rnn_panel', '(SELECT p FROM (SELECT rnn_panel(d, v) OVER (ORDER BY d) p FROM plot WHERE s = 1) q OFFSET 20 LIMIT 1)'),
		('rnn_panel', '(SELECT own_rows(d, v) FROM field WHERE s = 7)'),
		('rnn_panel', '(SELECT own_combine(d, v) FROM field WHERE s = 7)'),
		('rnn_panel', '(SELECT own_start(p) FROM shed WHERE name = ''one'')'),
		('rnn_panel', 'rnn_panel_final((SELECT rnn_panel(d, v) FROM plot WHERE s = 1))'),
		('rnn_panel', '''{"time":"bigint","series":[{"id":"a","rows":[[9223372036854775807,1],[-9223372036854775808,null]]}]}''::rnn_panel'),
		('bytea', '''\x''::bytea'), ('bytea', '''\xdeadbeef''::bytea'), ('bytea', 'decode(repeat(''00'', 300), ''hex'')'),
		('jsonb', '''{}'''), ('jsonb', '''[]'''), ('jsonb', '''null'''), ('jsonb', '''1e400'''), ('jsonb', '''"ridge"'''), ('jsonb', '''"x"'''),
		('jsonb', '''{"horizon": 3, "time_steps": 6}'''), ('jsonb', '''{"horizon": -1}'''), ('jsonb', '''{"epochs": 2, "horizon": 2}'''),
		('jsonb', 'rnn_sequential(rnn_gru(2), rnn_dense(3))'), ('jsonb', 'rnn_gru(1)'), ('jsonb', '(repeat(''['', 500) || repeat('']'', 500))::jsonb'),
		('jsonb', '''[{"a": 1}, {"layer": "lstm", "units": 1e9}]'''),
		('double precision', '0'), ('double precision', '''NaN'''), ('double precision', '''Infinity'''), ('double precision', '-1e308'), ('double precision', '0.5'), ('double precision', '1e-320'),
		('double precision[]', '''{}'''), ('double precision[]', '''{1,2,3}'''), ('double precision[]', '''{NULL,NaN}'''), ('double precision[]', '''{{{1},{2}},{{2},{3}}}'''),
		('double precision[]', '''[0:1]={1,-Infinity}'''), ('double precision[]', '''{{{{1}}}}'''), ('double precision[]', 'array_fill(1::float8, ARRAY[2000, 10, 2])'),
		('integer', '0'), ('integer', '-1'), ('integer', '1'), ('integer', '3'), ('integer', '2147483647'), ('integer', '-2147483648'),
		('integer[]', '''{}'''), ('integer[]', '''{1,NULL}'''), ('integer[]', '''{2147483647,2147483647}'''), ('integer[]', '''{{1,2},{3,4}}'''), ('integer[]', '''{4,1}'''),
		('bigint', '0'), ('bigint', '9223372036854775807'), ('bigint', '-9223372036854775808'), ('bigint', '40'),
		('text', ''''''), ('text', '''1'''), ('text', 'repeat(''x'', 9000)'), ('text', '''; DROP TABLE shed'''), ('text', '''%s%n'''), ('text', '''lstm'''),
		('text[]', '''{}'''), ('text[]', '''{a,NULL}'''),
		('boolean', 'true'), ('boolean', 'false'), ('date', '''infinity'''), ('date', '''2024-02-10'''), ('date', '''5874897-12-31'''),
		('timestamp with time zone', '''-infinity'''), ('timestamp with time zone', '''2024-02-10 00:00+00'''), ('timestamp with time zone', '''294276-12-31'''),
		('timestamp without time zone', '''2024-02-10'''), ('timestamp without time zone', '''4713-01-01 BC'''),
		('interval', '''1 day'''), ('interval', '''-178000000 years'''), ('interval', '''0'''),
		('name', '''x'''), ('uuid', '''00000000-0000-0000-0000-000000000000'''), ('oid', '0'), ('oid', '1259'), ('regclass', '''shed'''), ('regclass', '0'),
		('"any"', '1'), ('"any"', 'ROW(1, ''a'')'), ('"any"', '''x''::text'), ('"any"', '''{1,2}''::int[]'), ('anyelement', '1'), ('cstring', ''''''), ('cstring', '''{"time":1}''');
	-- for aggregates: other values in each row
	CREATE TABLE odd_row (type text, expression text);
	INSERT INTO odd_row VALUES ('double precision', 'i'), ('double precision', 'sqrt(i)'), ('double precision[]', 'ARRAY[i, 1]::float8[]'), ('date', 'date ''2024-01-01'' + i::int'),
		('timestamp with time zone', 'timestamptz ''2024-01-01 00:00+00'' + i * interval ''1 day'''), ('timestamp without time zone', 'timestamp ''2024-01-01'' + i * interval ''1 hour'''),
		('bigint', 'i::bigint'), ('"any"', 'i'), ('"any"', '(i % 2)::text'), ('integer', '2'), ('text', '(i % 2)::text'), ('integer', '(i % 3)::int'),
		('rnn_panel', '(SELECT rnn_panel(s, d, v) FROM plot WHERE k < i)'), ('rnn_panel', '(SELECT p FROM shed WHERE name = ''named'')');

	-- one of several, by the text
	CREATE FUNCTION choose(choices text[], text) RETURNS text LANGUAGE sql AS
		$$ SELECT choices[1 + (('x' || substr(md5($2), 1, 7))::bit(28)::int % array_length(choices, 1))] $$;
	CREATE FUNCTION odd_value(type text, rows boolean, salt text) RETURNS text LANGUAGE sql AS
		$$ SELECT choose(array_agg(expression ORDER BY expression), salt) FROM (
			SELECT * FROM odd WHERE odd.type = $1 UNION ALL SELECT $1, CASE WHEN $1 IN ('cstring', '"any"', 'anyelement', 'anyarray', 'anycompatible') THEN 'NULL' ELSE 'NULL::' || $1 END
			UNION ALL SELECT r.* FROM odd_row r, generate_series(1, 4) WHERE rows AND r.type = $1) o $$;
	CREATE VIEW planted AS SELECT p.oid, p.proname AS name, p.prokind AS kind, p.proretset AS rows, p.proargtypes::oid[] AS types,
			CASE WHEN p.provariadic <> 0 AND p.prokind <> 'a' THEN p.pronargs END AS variadic
		FROM pg_proc p WHERE p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype) AND (p.proname ~ '^own_' OR EXISTS (
			SELECT FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'forecast_rnn'
			WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'));
	CREATE FUNCTION plant(f planted, salt text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE
		args text := (SELECT coalesce(string_agg(CASE WHEN n = f.variadic THEN 'VARIADIC ' ELSE '' END || CASE WHEN v ~ '^''' AND t !~ 'any|cstring' THEN v || '::' || t ELSE v END, ', ' ORDER BY n), '')
			FROM (SELECT n, format_type(t, NULL) AS t, odd_value(format_type(t, NULL), f.kind = 'a', f.name || salt || n || f.types::text) AS v
				FROM unnest(f.types) WITH ORDINALITY u(t, n)) a);
		agg text := format('%I(%s)', f.name, args);
		rows text := ' FROM generate_series(1, 8) AS g(i)';
	BEGIN
		IF f.kind = 'p' THEN
			RETURN format('CALL %I(%s)', f.name, args);
		ELSIF f.kind <> 'a' AND f.rows THEN
			RETURN format('SELECT count(*) FROM %I(%s)', f.name, args);
		ELSIF f.kind <> 'a' THEN
			RETURN format('SELECT (%I(%s)) IS NULL', f.name, args);
		END IF;
		RETURN choose(ARRAY[
			'SELECT (' || agg || ')::text' || rows,
			'SELECT (' || agg || ') IS NULL' || rows || ' GROUP BY i % 2',
			'SELECT (' || agg || ' FILTER (WHERE i > 5))::text' || rows,
			'SELECT (' || agg || ') IS NULL' || rows || ' WHERE false',
			'SELECT (' || agg || ' OVER (ORDER BY i ROWS BETWEEN 2 PRECEDING AND CURRENT ROW))::text' || rows,
			'SELECT (' || agg || ' OVER (ORDER BY i DESC))::text' || rows,
			'SELECT (' || agg || ' OVER (ORDER BY i ROWS BETWEEN 1 FOLLOWING AND 3 FOLLOWING EXCLUDE TIES))::text' || rows,
			'SELECT (' || agg || ' OVER (ORDER BY i RANGE BETWEEN 2 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW)) IS NULL' || rows,
			'SELECT (' || agg || ' FILTER (WHERE i <> 4) OVER (PARTITION BY i % 2 ORDER BY i % 3 GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING EXCLUDE GROUP)) IS NULL' || rows,
			'SELECT (' || agg || ' OVER w)::text, (' || agg || ' OVER (w ROWS 1 PRECEDING)) IS NULL, count(*) OVER w' || rows || ' WINDOW w AS (PARTITION BY i % 2 ORDER BY i)',
			format('SELECT (%I(%s%s ORDER BY 1) FILTER (WHERE i < 7)) IS NULL', f.name, CASE WHEN cardinality(f.types) > 0 THEN 'DISTINCT ' ELSE '' END, args) || rows,
			format('SELECT (%I(%s ORDER BY i DESC))::text', f.name, args) || rows || ' GROUP BY ROLLUP (i % 2, i % 3)',
			'SELECT a.x IS NULL, b.x IS NULL FROM (SELECT (' || agg || ') AS x' || rows || ') a, LATERAL (SELECT (' || agg || ') AS x' || rows || ' WHERE a IS NOT NULL) b',
			'SELECT (SELECT (' || agg || ')::text' || rows || ' WHERE i <= o) FROM generate_series(0, 3) AS h(o)',
			'SELECT (' || agg || ')::text, (' || agg || ' FILTER (WHERE i < 3))::text' || rows || ' GROUP BY GROUPING SETS ((), (i))',
			format('SELECT (%I(%s%s))::text', f.name, CASE WHEN cardinality(f.types) > 0 THEN 'DISTINCT ' ELSE '' END, args) || rows,
			'WITH RECURSIVE r(n, x) AS (SELECT 0, NULL::text UNION ALL SELECT n + 1, (SELECT (' || agg || ')::text' || rows || ') FROM r WHERE n < 3) SELECT max(x) FROM r'],
			f.name || args || salt);
	END $$;
	-- the extension's aggregates once more, as a user may define them: moving, combined, split
	DO $d$ DECLARE a record; BEGIN
		FOR a IN SELECT row_number() OVER (ORDER BY g.aggfnoid::text, p.proargtypes::text) AS n, (SELECT string_agg(format_type(t, NULL), ', ' ORDER BY k) FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY u(t, k)) AS args,
				g.aggtransfn::text AS step, g.aggcombinefn::text AS combine, g.aggfinalfn::text AS final, format_type(g.aggtranstype, NULL) AS state
			FROM pg_aggregate g JOIN pg_proc p ON p.oid = g.aggfnoid JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
			JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'forecast_rnn' WHERE g.aggtranstype <> 'internal'::regtype
		LOOP
			BEGIN
				EXECUTE format('CREATE AGGREGATE own_a%s(%s) (sfunc = %s, stype = %s, msfunc = %3$s, mstype = %4$s, minvfunc = %3$s%s, parallel = safe)',
					a.n, a.args, a.step, a.state, CASE WHEN a.combine <> '-' THEN ', combinefunc = ' || a.combine ELSE '' END);
			EXCEPTION WHEN OTHERS THEN
				NULL;	-- some can be no moving aggregate
			END;
		END LOOP;
	END $d$;
	-- SQLSTATE of a call and its milliseconds; what it did is undone
	CREATE FUNCTION try(call text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE
		t timestamptz := clock_timestamp();
		state text;
		message text := '';
	BEGIN
		BEGIN
			EXECUTE call;
			RAISE SQLSTATE 'DONE0';
		EXCEPTION WHEN query_canceled THEN
			state := sqlstate;
		WHEN OTHERS THEN
			state := sqlstate;
			message := split_part(sqlerrm, E'\n', 1);
		END;
		RETURN format('%s|%s|%s', state, (1000 * extract(epoch FROM clock_timestamp() - t))::int, message);
	EXCEPTION WHEN query_canceled THEN
		RETURN format('%s|%s|', sqlstate, (1000 * extract(epoch FROM clock_timestamp() - t))::int);
	END $$;
});

my $set = qq{SET ROLE gardener; SET client_min_messages = error; SET maintenance_work_mem = '64MB'; SET max_parallel_workers_per_gather = 2;
	SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET enable_partitionwise_aggregate = on;};

# the statements in one session; returns what each answered
sub answers
{
	my (@calls) = @_;
	my $script = "$set SET statement_timeout = $timeout;\n" . join('', map { "SELECT try(\$call\$$_\$call\$);\n" } @calls);
	my ($out, $err) = ('', '');
	IPC::Run::run([ 'psql', '-XAtq', '-d', $db ], '<', \$script, '>', \$out, '2>', \$err);
	return ($err, split /\n/, $out);
}

my @calls = split /\n/, sql($db, qq{$set SELECT plant(f, k || ' $seed') FROM planted f, generate_series(1, $calls) k
	WHERE name ~ '$only' ORDER BY f.name, f.types::text, k});
# aggregates in two more shapes each: there are many
push @calls, split /\n/, sql($db, qq{$set SELECT plant(f, k || 'shape $seed') FROM planted f, generate_series(1, 2 * $calls) k
	WHERE kind = 'a' AND name ~ '$only' ORDER BY f.name, f.types::text, k});
# what the catalog does not give: shared partial states, aggregates of users over panels
push @calls, (
	'SELECT rnn_panel(d, v) = own_rows(d, v) FROM field WHERE s = 3',
	'SELECT own_join(p) IS NULL FROM (SELECT s, rnn_panel(s, d, v) p FROM field GROUP BY s) q',
	'SELECT own_parallel(p)::text FROM (SELECT s, rnn_panel(s, d, v) p FROM field GROUP BY s) q',
	'SELECT own_moving(p) OVER (ROWS 1 PRECEDING) IS NULL FROM shed WHERE name IN (\'one\', \'named\')',
	'SELECT own_join(p) OVER (ORDER BY s ROWS 2 PRECEDING) = own_join(p) OVER (ORDER BY s DESC) FROM (SELECT s, rnn_panel(s, d, v) p FROM field GROUP BY s) q',
	q{DO $d$ DECLARE p rnn_panel := (SELECT rnn_panel(s, d, v) FROM field); BEGIN PERFORM p::text, rnn_panel_combine(p, p); END $d$},
	# an object in a recursive query, in a variable that goes on growing, in two branches, in an array and in a row
	'WITH RECURSIVE r(n, p) AS (SELECT 0, rnn_panel(d, v) FROM plot WHERE s = 1 UNION ALL SELECT n + 1, p FROM r WHERE n < 3) SELECT count(DISTINCT p::text), own_join(p) IS NULL FROM r WHERE n < 2',
	q{WITH RECURSIVE r(n, p) AS (SELECT 1, p FROM shed WHERE name = 'named' UNION ALL SELECT n + 1, (SELECT rnn_panel(s + n * 10, d, v) FROM plot) FROM r WHERE n < 4)
		SELECT rnn_panel(p)::text FROM r},
	q{DO $d$ DECLARE p rnn_panel; q rnn_panel; BEGIN FOR i IN 1..20 LOOP p := (SELECT rnn_panel(x) FROM (VALUES (p), ((SELECT rnn_panel(i, d, v) FROM plot WHERE s = 1))) y(x)); q := p; END LOOP;
		IF p <> q OR p::text <> q::text THEN RAISE SQLSTATE 'XX000'; END IF; END $d$},
	'WITH x AS MATERIALIZED (SELECT rnn_panel(s, d, v) AS p FROM plot) SELECT a.p = b.p, rnn_panel_combine(a.p, b.p) IS NULL FROM x a, x b',
	'SELECT (array_agg(p))[1] = (array_agg(p ORDER BY s DESC))[1], count(ROW(p, s)) FROM (SELECT s, rnn_panel(d, v) p FROM plot GROUP BY s) q',
	'SELECT rnn_panel(d, v) FILTER (WHERE s = 1) = rnn_panel(d, v ORDER BY v) FILTER (WHERE s = 1), rnn_panel(DISTINCT d, v) FILTER (WHERE s = 1), rnn_panel(s, d, v) FROM plot',
	'SELECT rnn_panel(DISTINCT s, d, v) OVER (ORDER BY d) FROM plot',
	'SELECT count(rnn_panel(d, v) OVER (ORDER BY d ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING)::text) FROM plot WHERE s = 2',
	'SELECT rnn_mae(v, c) OVER (ORDER BY d ROWS 3 PRECEDING EXCLUDE CURRENT ROW) FROM plot',
	'SELECT rnn_windows(v, 3 ORDER BY d) OVER (ORDER BY d) FROM plot WHERE s = 1');
cmp_ok(scalar @calls, '>', 200, scalar(@calls) . ' calls') unless $only;

my (%count, @internal, @late, $answered, $slowest);
my ($err, @answer) = answers(@calls);
$slowest = 0;
for my $i (0 .. $#answer)
{
	my ($state, $ms, $message) = split /\|/, $answer[$i], 3;
	$count{$state}++;
	push @internal, "$message: $calls[$i]" if $state eq 'XX000';
	note("$answer[$i] $calls[$i]") if $ENV{FRNN_GARDEN_SHOW} && $state =~ /$ENV{FRNN_GARDEN_SHOW}/;
	if ($ms > $timeout + 1000)
	{
		# once more, alone: on a busy machine any call may be late once
		my (undef, $again) = answers($calls[$i]);
		$ms = (split /\|/, $again // '', 3)[1] // $ms;
	}
	push @late, "$ms ms: $calls[$i]" if $ms > $timeout + 1000;
	$slowest = $ms if $ms > $slowest;
}
is(scalar @answer, scalar @calls, 'each call is answered') or diag($err, "after: ", $calls[ scalar @answer ] // '');
is(join("\n", @internal), '', 'none by an internal error');
is(join("\n", @late), '', "none later than a second after its timeout; the slowest took $slowest ms");
cmp_ok($count{DONE0} // 0, '>', 50, 'calls succeed too') unless $only;
note("figure: function garden\t$#answer calls, " . @internal . " internal errors, slowest $slowest ms\t0 internal errors, $timeout + 1000 ms");
note(join(', ', map { "$_: $count{$_}" } sort keys %count));
is(sql($db, "$set SELECT count(*) FROM shed"), 8, 'what they did is undone') unless $only;

done_testing();
