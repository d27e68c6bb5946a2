# Every aggregate that can be combined, taken from the catalog, run as an engine such as Citus runs it on its shards:
# the transition function is called without an expression (test/citus/contract.c), states travel as text, and are
# combined in random trees.  The result is that of one call, byte for byte.  (With Citus itself: `make citus`.)
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use File::Temp qw(tempdir);
use FrnnTest;
use IPC::Run;
use Test::More;

my $libraries = tempdir(CLEANUP => 1);
chmod 0755, $libraries;
my $include = `pg_config --includedir-server` =~ s/\s+$//r;
IPC::Run::run([ 'gcc', '-O1', '-shared', '-fPIC', '-I', $include, "$FindBin::Bin/../citus/contract.c", '-o', "$libraries/contract.so" ]) or die 'cannot build contract.c';
my $db = new_database();
my $functions = join ";\n", map { "CREATE FUNCTION $_ LANGUAGE c AS '$libraries/contract.so'" }
	('piece_add(internal, oid, VARIADIC "any") RETURNS internal', 'pieces_add(internal, oid, text) RETURNS internal', 'piece_text(internal) RETURNS text', 'whole_text(internal) RETURNS text');

# times differ between series too; the numbers of metrics are such that their sums are exact in any order
sql($db, qq{
	$functions;
	CREATE AGGREGATE piece(oid, VARIADIC "any") (SFUNC = piece_add, STYPE = internal, FINALFUNC = piece_text);
	CREATE AGGREGATE pieces(oid, text) (SFUNC = pieces_add, STYPE = internal, FINALFUNC = piece_text);
	CREATE AGGREGATE whole(oid, text) (SFUNC = pieces_add, STYPE = internal, FINALFUNC = whole_text);
	CREATE TABLE data AS SELECT (s * 31 + k / 7) % 6 AS cut, s::smallint AS s2, s AS s4, s::bigint AS s8, 'series ' || s AS name, date '2024-01-01' + (k * 3 + s) AS d,
		timestamp '2024-01-01 06:00' + (k * 3 + s) * interval '1 day' AS ts, (timestamp '2024-01-01 06:00' + (k * 3 + s) * interval '1 day') AT TIME ZONE 'UTC' AS tz, (k * 3 + s)::bigint AS n,
		CASE WHEN k % 11 > 0 THEN round(100 * (10 + s + 3 * sin(k * 0.9) + (k * 7919 % 101) / 40.0)) / 100 END::float8 AS v, ARRAY[k % 5, s]::float8[] AS c, jsonb_build_object('load', k % 5, 'size', s) AS j,
		power(2, k % 4)::float8 AS actual, power(2, k % 4)::float8 * (1 + 2 * (k % 2)) AS forecast
	FROM generate_series(1, 3) s, generate_series(0, 39) k;
	CREATE TABLE shard AS SELECT cut, rnn_panel(s4, n, v) AS p FROM data GROUP BY cut;
	CREATE TABLE start AS SELECT rnn_train(rnn_panel(s4, n, v), rnn_sequential(rnn_gru(2), rnn_dense(3)), '{"epochs": 2, "steps_per_epoch": 2, "keep_optimizer": true, "validation": 0, "time_steps": 4, "seasonality": "none", "stop_after": 0}') AS m FROM data;
	CREATE TABLE trained AS SELECT s4 % 3 AS cut, rnn_train(rnn_panel(s4, n, v), m, '{"stop_after": 1, "keep_ridge": true}') AS m, (0.1 + s4)::float8 AS weight, rnn_ridge_sums(rnn_panel(s4, n, v), m) AS sums FROM data, start GROUP BY s4, m;
	CREATE TABLE call (aggregate oid, arguments text, source text);
	-- one state as text of the states between two places, combined two by two at random
	CREATE FUNCTION tree(aggregate oid, states text[], seed int) RETURNS text LANGUAGE plpgsql AS \$\$
	DECLARE
		cut int;
	BEGIN
		IF cardinality(states) = 1 THEN RETURN states[1]; END IF;
		cut := 1 + abs(hashint4(seed)) % (cardinality(states) - 1);
		RETURN (SELECT pieces(aggregate, x) FROM unnest(ARRAY[tree(aggregate, states[:cut], seed * 2 + 1), tree(aggregate, states[cut + 1:], seed * 2 + 2)]) x);
	END \$\$;
	CREATE FUNCTION results(aggregate oid, arguments text, source text, OUT pieces bigint, OUT alone text, OUT apart text[]) LANGUAGE plpgsql AS \$\$
	DECLARE
		states text[];
	BEGIN
		EXECUTE format('SELECT md5(%s(%s)::text) FROM %s', aggregate::regproc, arguments, source) INTO alone;
		EXECUTE format('SELECT array_agg(x ORDER BY md5(x)) FROM (SELECT piece(%s, %s) AS x FROM %s GROUP BY cut) y', aggregate, arguments, source) INTO states;
		pieces := cardinality(states);
		-- a shard without rows has no state
		states := states[:2] || NULL::text || states[3:];
		SELECT array_agg(DISTINCT md5(t)) INTO apart FROM (
			SELECT (SELECT whole(aggregate, x) FROM unnest(ARRAY[tree(aggregate, states[:cut], seed), tree(aggregate, states[cut + 1:], -seed)]) x) AS t
			FROM generate_series(1, 8) seed, LATERAL (SELECT 1 + seed % (cardinality(states) - 1) AS cut) c) y;
	END \$\$;
});

# aggregates with a combine function; expressions of their arguments' types
my @aggregates = map { [ split /\t/ ] } split /\n/, sql($db, q{
	SELECT p.oid || E'\t' || p.oid::regprocedure || E'\t' || array_to_string(ARRAY(SELECT t::regtype FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY u(t, n) ORDER BY n), '|')
	FROM pg_proc p JOIN pg_aggregate a ON a.aggfnoid = p.oid JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e' JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'forecast_rnn'
	WHERE a.aggcombinefn <> 0 ORDER BY p.oid::regprocedure::text});
my %time = ('timestamp with time zone' => 'tz', 'timestamp without time zone' => 'ts', 'date' => 'd', 'bigint' => 'n');
my %series = ('smallint' => 's2', 'integer' => 's4', 'bigint' => 's8', 'text' => 'name', '"any"' => 'name');
my %extra = ('double precision[]' => 'c', 'jsonb' => 'j');
my %other = ('rnn_panel(rnn_panel)' => [ 'p', 'shard' ], 'rnn_average(bytea)' => [ 'm', 'trained' ], 'rnn_average(bytea,double precision)' => [ 'm, weight', 'trained' ],
	'rnn_ridge_sums(bytea)' => [ 'sums', 'trained' ], 'rnn_pinball(double precision,double precision,double precision)' => [ 'actual, forecast, 0.25::float8', 'data' ],
	'rnn_mase(double precision,double precision,double precision)' => [ 'actual, forecast, 4::float8', 'data' ],
	'rnn_coverage(double precision,double precision,double precision)' => [ 'actual, actual, forecast', 'data' ]);

sub arguments
{
	my ($signature, @types) = @_;
	return @{ $other{$signature} } if $other{$signature};
	return ('actual, forecast', 'data') if $signature !~ /^rnn_panel/;
	my ($value) = grep { $types[$_] eq 'double precision' } 0 .. $#types;
	my @expressions = map { $_ == $value ? 'v' : $_ > $value ? $extra{ $types[$_] } : $_ == $value - 1 ? $time{ $types[$_] } : $series{ $types[$_] } } 0 .. $#types;
	return (join(', ', @expressions), 'data');
}

# types that only the call has: an error that tells what to do, never a guess
my ($any, $time_as_text) = (0, 0);
my (@wrong, @same);
for (@aggregates)
{
	my ($oid, $signature, $types) = @$_;
	my @types = split /\|/, $types;
	# text in place of a time is refused by the aggregate itself, with a hint
	if ($signature =~ /^rnn_panel\((?:text|"any",text),double precision\)$/) { $time_as_text++; next; }
	# as are arguments that fit no form
	if ($signature eq 'rnn_panel("any")')
	{
		my $error = sql_fails($db, "SELECT rnn_panel(v, d) FROM data");
		push @wrong, "$signature: $error" unless $error =~ /rnn_panel takes no arguments of the types double precision, date/;
		next;
	}
	my ($arguments, $source) = arguments($signature, @types);
	if (!defined $arguments || grep { !defined } split /, /, $arguments, -1) { push @wrong, "no arguments known for $signature"; next; }
	if ($signature =~ /"any"/)
	{
		$any++;
		my $error = sql_fails($db, "SELECT piece($oid, $arguments) FROM $source");
		push @wrong, "$signature: $error" unless $error =~ /could not determine the type of argument 2 of rnn_panel_add_series\w*\n.*HINT:  Cast the series to integer, bigint or text/s;
		next;
	}
	push @same, [ $signature, "results($oid, \$\$$arguments\$\$, '$source')" ];
}
is(join("\n", @wrong), '', "the series of $any aggregates of \"any\" has no type: refused");
cmp_ok($any, '>=', 12, '  these are panels of all kinds of time and covariates');
is($time_as_text, 2, '  two more aggregates only explain that a time is not a text');

my @lines = split /\n/, sql($db, join(' UNION ALL ', map { "SELECT '$_->[0]', r.pieces > 2, r.alone IS NOT NULL, r.apart = ARRAY[r.alone] FROM $_->[1] r" } @same));
is(join("\n", grep { !/\|t\|t\|t$/ } @lines), '', 'states as text, combined in 8 random trees with one that is null: the bytes of one call');
cmp_ok(scalar @lines, '>=', 70, '  of ' . @lines . ' aggregates');
like(join("\n", @lines), qr/^\Q$_\E\|/m, "  $_ is among them") for sort keys %other;

# the metrics do not depend on their numbers being exact by much
is(sql($db, q{SELECT (whole('rnn_rmse'::regproc, x))::float8 BETWEEN r * (1 - 1e-14) AND r * (1 + 1e-14) FROM (SELECT piece('rnn_rmse'::regproc::oid, v, forecast) AS x, rnn_rmse(v, forecast) AS r0 FROM data GROUP BY cut) y,
	(SELECT rnn_rmse(v, forecast) AS r FROM data) z GROUP BY r}), 't', 'a metric of numbers that are not exact');

done_testing();
