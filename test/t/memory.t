# Training's declared memory: the peak keeps to it, and a limit below it is an error before anything is taken.
# The figure is the one of the DEBUG1 message; the peak is the backend's resident memory, Linux only.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use FrnnTest;
use Test::More;

plan skip_all => 'no /proc/self/clear_refs' unless -e '/proc/self/clear_refs';

my $db = new_database();
sql($db, q{
	CREATE TABLE row AS
	SELECT i % 10 AS ten, i / 100 AS many, timestamptz '2000-01-01 00:00+00' + (i / 10) * interval '1 hour' AS hour,
		timestamptz '2000-01-01 00:00+00' + i % 100 * interval '1 day' AS day, 100 + 20 * sin(i / 10 * 2 * pi() / 24) + i % 7 AS v, i
	FROM generate_series(0, 399999) i;
	VACUUM ANALYZE row;
	CREATE TABLE stored AS SELECT array_fill(0.5::float8, ARRAY[20000, 50, 4]) AS x, array_fill(0.25::float8, ARRAY[20000, 1]) AS y;
});
my $ridge = q{'"ridge"'::jsonb, '{"horizon": 24, "time_steps": 168}'};
my $lstm = q{rnn_sequential(rnn_lstm(256), rnn_dense(12)), '{"horizon": 12, "time_steps": 48, "mode": "window", "segment": 1,
	"epochs": 1, "steps_per_epoch": 4, "validation": 0, "mix": 1, "workers": 0}'};
my %job = (
	'regular rows' => [ 'rnn_panel(ten, hour, v)', "rnn_train(%s, $ridge)", 'row' ],
	'rows with gaps' => [ 'rnn_panel(ten, hour, v)', "rnn_train(%s, $ridge)", 'row WHERE i % 37 <> 0' ],
	'rows with covariates and a calendar' =>
		[ 'rnn_panel(ten, hour, v, ARRAY[i % 5]::float8[])', q{rnn_train(%s, '"ridge"'::jsonb, '{"horizon": 12, "time_steps": 24, "calendar": true}')}, 'row WHERE i < 200000' ],
	'many series' => [ 'rnn_panel(many, day, v)', q{rnn_train(%s, '"ridge"'::jsonb, '{"horizon": 12, "time_steps": 24}')}, 'row' ],
	'many series that are not kept' =>
		[ 'rnn_panel(many, day, v)', q{rnn_train(%s, '"ridge"'::jsonb, '{"horizon": 12, "time_steps": 24, "keep_series": false}')}, 'row' ],
	'a wide network' => [ 'rnn_panel(ten, hour, v)', "rnn_train(%s, $lstm)", 'row WHERE i < 20000' ],
	'arrays' => [ 'x IS NULL', q{rnn_fit(rnn_sequential(rnn_lstm(128), rnn_dense(1)), x, y,
		'{"epochs": 1, "steps_per_epoch": 4, "workers": 0}')}, 'stored' ],
);
my $status = q{SELECT substring(pg_read_file('/proc/self/status', 0, 4000) FROM '%s:\s*(\d+) kB');};
my $warm = q{SELECT length(rnn_train(rnn_panel(v::bigint, v::float8), '"ridge"'::jsonb, '{"horizon":2}')) FROM generate_series(1, 50) v;};

# The compiler of expressions is off: loading it takes 50 MB, and the cost of a training may start it.
# kilobytes that a session's memory rises above what it had before the statement, and what the session said
sub rise
{
	my ($set, $expression, $from) = @_;
	my $session = start($db, "SET max_parallel_workers_per_gather = 0; SET jit = off; SELECT count(*) FROM $from; $warm
		SET client_min_messages = debug1; $set;
		SELECT 'base', s FROM (" . sprintf($status, 'VmRSS') =~ s/;$//r . ") AS t(s);
		COPY (SELECT 5) TO '/proc/self/clear_refs';
		DO \$\$ BEGIN PERFORM length(m::text) FROM (SELECT ($expression) IS NULL FROM $from) AS t(m);
		EXCEPTION WHEN program_limit_exceeded OR invalid_parameter_value THEN RAISE NOTICE 'refused: %', SQLERRM; END \$\$;
		SELECT 'peak', s FROM (" . sprintf($status, 'VmHWM') =~ s/;$//r . ") AS t(s);");
	my ($ok, $out, $err) = finish($session);
	die $err unless $ok;
	my ($base) = $out =~ /base\|(\d+)/;
	my ($peak) = $out =~ /peak\|(\d+)/;
	return ($peak - $base, $err);
}

for my $name (sort keys %job)
{
	my ($panel, $call, $from) = @{ $job{$name} };
	my $train = $call =~ s/%s/$panel/r;
	my ($held) = rise('SET maintenance_work_mem = 65536', $panel, $from);
	my ($peak, $said) = rise(q{SET maintenance_work_mem = '1GB'}, $train, $from);
	my ($declared) = $said =~ /training needs ([\d.]+) MB of memory/;
	die "$name: no figure in $said" unless defined $declared;
	my $grown = ($peak - $held) / 1024;
	cmp_ok($grown, '<=', 1.1 * $declared, sprintf('%s: the memory grows by %.1f MB, declared are %.1f', $name, $grown, $declared));
	cmp_ok($grown, '>=', 0.5 * $declared, "$name: and not by far less");

	my $limit = int($declared * 0.9);
	($peak, $said) = rise("SET maintenance_work_mem = '${limit}MB'", $train, $from);
	like($said, qr/refused: .* needs \d+ MB of memory, more than the $limit MB that maintenance_work_mem allows/, "$name: a limit of $limit MB is an error");
	cmp_ok(($peak - $held) / 1024, '<', $limit, sprintf('%s: when the memory had grown by %.1f MB', $name, ($peak - $held) / 1024));

	$limit = int($declared * 1024) + 110;
	(undef, $said) = rise("SET maintenance_work_mem = '${limit}kB'", $train, $from);
	unlike($said, qr/refused/, "$name: the figure as the limit is enough");
}

# the limit of a panel holds while rows are added, also where the names of the series take more than the rows
for my $panel ('rnn_panel(many, day, v)', q{rnn_panel(repeat('x', 4000) || i, day, v)}, q{rnn_panel(i, day, v)})
{
	my ($peak, $said) = rise(q{SET forecast_rnn.max_panel_memory = '4MB'; SET maintenance_work_mem = '1GB'}, $panel, 'row');
	like($said, qr/refused: a panel of more than \d+ rows needs more than the 4.0 MB/, "$panel: a limit of 4 MB is an error");
	cmp_ok($peak / 1024, '<=', 8, sprintf('%s: when the memory had grown by %.1f MB', $panel, $peak / 1024));
}

# rows that break a rule: one is told, the others take no memory
{
	my $panel = q{rnn_panel(i::bigint, v, jsonb_build_object('a', i % 2))};
	my $from = 'row WHERE i < 200000';
	my ($held) = rise(q{SET maintenance_work_mem = '1GB'}, $panel, $from);
	my ($peak, $said) = rise(q{SET maintenance_work_mem = '1GB'},
		qq{rnn_train($panel, '"ridge"'::jsonb, '{"horizon": 2, "covariates": {"a": "static"}}')}, $from);
	like($said, qr/refused: .*static covariate "a" is not the same in all rows/, 'a static covariate that changes with each row is an error');
	cmp_ok(($peak - $held) / 1024, '<=', 8, sprintf('when the memory had grown by %.1f MB', ($peak - $held) / 1024));
}
done_testing();
