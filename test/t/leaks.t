# Nothing is left of a call: the memory contexts of a session are as large after many calls as after the first, and its
# resident memory is flat.  Calls that succeed, fail and are canceled; of training, forecasts, steps and the aggregates.
#
# FRNN_FULL = 1 runs 1000 rounds; otherwise 100.  FRNN_LEAKS_ONLY is a pattern of calls.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use FrnnTest;
use Test::More;

my $rounds = $ENV{FRNN_FULL} ? 1000 : 100;
my $only = $ENV{FRNN_LEAKS_ONLY} || ".";
plan skip_all => 'PostgreSQL 13 has no pg_backend_memory_contexts' if `pg_config --version` =~ / 13/;

my $db = new_database();
sql($db, q{
	CREATE TABLE series AS SELECT s, date '2024-01-01' + k AS d, 10 + s + 3 * sin(k * 0.9) AS v, k
		FROM generate_series(1, 3) s, generate_series(0, 59) k;
	CREATE TABLE kept AS SELECT rnn_train(rnn_panel(s, d, v), rnn_sequential(rnn_gru(2), rnn_dense(3)),
		'{"horizon": 3, "time_steps": 6, "epochs": 2, "mix": 0.5, "workers": 0}') AS m, rnn_panel(s, d, v) AS p FROM series;
	ALTER TABLE kept ADD s bytea;
	UPDATE kept SET s = (SELECT state FROM rnn_state(m) LIMIT 1);
	ALTER TABLE kept ADD first bytea, ADD apart bytea, ADD sums bytea;
	UPDATE kept SET first = rnn_train(p, rnn_sequential(rnn_gru(2), rnn_dense(3)), '{"horizon": 3, "time_steps": 6, "epochs": 2, "keep_optimizer": true, "validation": 0, "stop_after": 0, "workers": 0}');
	UPDATE kept SET apart = rnn_train(p, first, '{"stop_after": 1, "keep_ridge": true}'), sums = rnn_ridge_sums(p, first);
	CREATE TABLE arrays AS SELECT array_fill(0.5::float8, ARRAY[6, 4, 1]) AS x, array_fill(0.25::float8, ARRAY[6, 1]) AS y;
	-- runs a call; one that is canceled is tried with a timeout that ends in it
	CREATE FUNCTION run(call text) RETURNS text LANGUAGE plpgsql AS $$
	BEGIN
		EXECUTE call;
		RETURN 'done';
	EXCEPTION WHEN query_canceled THEN
		RETURN 'canceled';
	WHEN OTHERS THEN
		RETURN 'failed';
	END $$;
	CREATE FUNCTION held() RETURNS bigint LANGUAGE sql AS 'SELECT sum(total_bytes)::bigint FROM pg_backend_memory_contexts';
	-- the extension's own contexts, of which only the cache of models lives longer than a call
	CREATE FUNCTION own() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM pg_backend_memory_contexts WHERE name ~ 'forecast_rnn' $$;
	CREATE FUNCTION resident() RETURNS bigint LANGUAGE sql AS
		$$ SELECT substring(pg_read_file('/proc/self/status', 0, 4000) FROM 'VmRSS:\s*(\d+) kB')::bigint $$;
});
my $options = '"horizon": 3, "time_steps": 6, "epochs": 1, "workers": 0';
my $network = 'rnn_sequential(rnn_gru(2), rnn_dense(3))';
my %call = (
	train => [ 'done', "SELECT rnn_train(rnn_panel(s, d, v), $network, '{$options}') FROM series" ],
	'train, chosen' => [ 'done', qq{SELECT rnn_train(rnn_panel(d, v), '"ridge"', '{"horizon": 3, "time_steps": 6}') FROM series WHERE s = 1} ],
	'failing train: options' => [ 'failed', "SELECT rnn_train(rnn_panel(s, d, v), $network, '{$options, \"epoch\": 1}') FROM series" ],
	'failing train: rows' => [ 'failed', "SELECT rnn_train(rnn_panel(s, d, CASE WHEN k = 59 AND s = 3 THEN 'NaN' ELSE v END), $network, '{$options}') FROM series" ],
	'failing train: memory' => [ 'failed', qq{SELECT set_config('maintenance_work_mem', '1MB', true); SELECT rnn_train(rnn_panel(s, d, v), rnn_sequential(rnn_lstm(256), rnn_dense(3)), '{$options}') FROM series} ],
	'canceled train' => [ 'canceled', "SELECT rnn_train(rnn_panel(s, d, v), $network, '{\"horizon\": 3, \"time_steps\": 6, \"epochs\": 100000, \"workers\": 0}') FROM series" ],
	'canceled train with a worker' => [ 'canceled', "SELECT rnn_train(rnn_panel(s, d, v), $network, '{\"horizon\": 3, \"time_steps\": 6, \"epochs\": 100000, \"workers\": 1, \"ensemble\": 2}') FROM series" ],
	fit => [ 'done', q{SELECT rnn_fit('[{"layer": "lstm", "units": 2}, {"layer": "dense", "units": 1}]', x, y, '{"epochs": 1}') FROM arrays} ],
	forecast => [ 'done', 'SELECT count(*) FROM kept, rnn_forecast(m)' ],
	'forecast of a panel' => [ 'done', 'SELECT count(*) FROM kept, rnn_forecast(m, p, 5)' ],
	'forecast of a new model' => [ 'done', "SELECT count(*) FROM rnn_forecast((SELECT rnn_train(rnn_panel(s, d, v + random()), '\"ridge\"', '{\"horizon\": 3, \"time_steps\": 6}') FROM series))" ],
	'forecast since a training with autoregressions' => [ 'done', q{SELECT count(*) FROM rnn_forecast((SELECT rnn_train(rnn_panel(s, d, v + 10 * sin(k * (1 + s))), options => '{"horizon": 2, "time_steps": 4, "epochs": 1, "ensemble": 1, "autoregression": 4, "seasonality": "none", "workers": 0}') FROM series WHERE k < 18), (SELECT rnn_panel(s, d, v + 10 * sin(k * (1 + s))) FROM series)) f} ],
	'failing forecast' => [ 'failed', q{SELECT count(*) FROM kept, rnn_forecast(m || '\x00')} ],
	'forecast that is left' => [ 'done', 'SELECT * FROM kept, rnn_forecast(m) LIMIT 1' ],
	step => [ 'done', q{SELECT count(*) FROM kept, rnn_step(m, s, date '2024-03-01', 11.5)} ],
	'failing step' => [ 'failed', q{SELECT count(*) FROM kept, rnn_step(m, s, date '2023-03-01', 11.5)} ],
	average => [ 'done', 'SELECT rnn_average(x) FROM kept, LATERAL (VALUES (apart), (apart)) v(x)' ],
	'failing average' => [ 'failed', 'SELECT rnn_average(x) FROM kept, LATERAL (VALUES (apart), (m)) v(x)' ],
	'outer step' => [ 'done', 'SELECT rnn_outer(first, apart) FROM kept' ],
	'ridge of shards' => [ 'done', 'SELECT rnn_ridge(first, (SELECT rnn_ridge_sums(x) FROM (VALUES (sums), (sums)) v(x))) FROM kept' ],
	'sums of a shard' => [ 'done', 'SELECT rnn_ridge_sums(p, first) FROM kept' ],
	'covariates by name' => [ 'done', q{SELECT rnn_train(rnn_panel(s, d, v, jsonb_build_object('kind', s::text, 'phase', k % 7)), 'ridge', '{"horizon": 3, "time_steps": 6}') FROM series} ],
	'failing covariates by name' => [ 'failed', q{SELECT rnn_panel(s, d, v, CASE WHEN k < 59 THEN '{"a": 1}'::jsonb ELSE '{"a": []}' END) FROM series} ],
	backtest => [ 'done', 'SELECT count(*) FROM kept, rnn_backtest(m, p, hold_out => 6)' ],
	'panel and its text' => [ 'done', 'SELECT rnn_panel(p)::text::rnn_panel FROM (SELECT s, rnn_panel(s, d, v ORDER BY v) p FROM series GROUP BY s) q' ],
	'windows of a panel' => [ 'done', 'SELECT rnn_panel(d, v) OVER (ORDER BY d ROWS 5 PRECEDING) FROM series WHERE s = 1' ],
	plot => [ 'done', 'SELECT rnn_plot(m) FROM kept' ],
);

# Runs a call until it is warm, then the rounds: [bytes in contexts, contexts of its own, resident kB] before and after, and how calls ended.
sub rounds
{
	my ($name, $expected, $call, $warm) = @_;
	my $timeout = $expected eq 'canceled' ? 50 : 0;
	my $once = "SELECT 'ended', run(\$call\$$call\$call\$);\n";
	my $limit = "SET statement_timeout = $timeout;\n";
	my $report = "RESET statement_timeout;\nSELECT 'held', held(), own(), resident();\n";
	my ($ok, $out, $err) = finish(start($db, "\\set ON_ERROR_STOP 0\nSET client_min_messages = error; SET max_parallel_workers_per_gather = 0; SELECT held() > 0, own(), resident() > 0;\n"
		. $limit . $once x $warm . $report x 2 . $limit . $once x $rounds . $report));
	my %ended;
	$ended{$_}++ for $out =~ /^ended\|(\w+)/mg;
	# on a busy machine the timeout may end the statement before the call has begun
	$ended{canceled} += () = $err =~ /canceling statement due to statement timeout/g if $expected eq 'canceled';
	my @held = map { [ split /\|/ ] } $out =~ /^held\|(.*)/mg;
	die "$name: $err" if @held < 3;
	return ($held[1], $held[2], \%ended);
}

# leaks that are planted are found: a plan that is kept, a setting outside the contexts
my $kb = $rounds >= 1000 ? 2 : 20;
my ($before, $after) = rounds('planted', 'done', q{DO $x$ BEGIN EXECUTE 'PREPARE planted' || (1e15 * random())::bigint || ' AS SELECT 1'; END $x$}, 20);
cmp_ok($after->[0] - $before->[0], '>', 512 * $rounds, "a plan left by each call is found: contexts hold $before->[0] bytes before and $after->[0] after $rounds");
($before, $after) = rounds('planted', 'done', qq{SELECT set_config('planted.x' || (1e15 * random())::bigint, repeat('x', 1024 * $kb), false)}, 20);
cmp_ok($after->[2] - $before->[2], '>', 512, "memory outside the contexts that each call leaves is found: the session has $before->[2] kB before and $after->[2] kB after");

my ($most_bytes, $most_kb) = (0, 0);
for my $name (sort grep { /$only/ } keys %call)
{
	my ($expected, $call) = @{ $call{$name} };
	# the model cache takes up to 64 models
	my $warm = $name =~ /new model/ ? 70 : 20;
	my ($before, $after, $ended) = rounds($name, $expected, $call, $warm);
	is(join(',', %$ended), "$expected," . ($rounds + $warm), "$name: each of " . ($rounds + $warm) . " is $expected");
	# new models differ in the length of their metadata
	cmp_ok($after->[0] - $before->[0], '<=', $name =~ /new model/ ? 65536 : 0, "$name: contexts hold $before->[0] bytes before and $after->[0] after $rounds");
	$most_bytes = $after->[0] - $before->[0] if $name !~ /new model/ && $after->[0] - $before->[0] > $most_bytes;
	$most_kb = $after->[2] - $before->[2] if $after->[2] - $before->[2] > $most_kb;
	is($after->[1], $before->[1], "$name: as many contexts of its own");
	cmp_ok($after->[2] - $before->[2], '<=', 512, "$name: the session has $before->[2] kB before and $after->[2] kB after");
}
note("figure: leaks: growth of memory contexts over $rounds rounds\t$most_bytes bytes\t0");
note("figure: leaks: growth of resident memory over $rounds rounds\t$most_kb kB\tat most 512 kB");
done_testing();
