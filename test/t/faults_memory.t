# Out of memory at the k-th allocation: of a training, a forecast, a step and of everything else that holds memory.  Each
# failure is an error of SQLSTATE 53200, the session goes on, and the next call gives the same bytes as before.
# (The calls compare text: the server's md5() reports its own lack of memory as XX000.)  Three levels fail: the k-th chunk of any memory context, and the k-th malloc(), the k-th chunk in a worker (test/fault).
#
# FRNN_FULL = 1 takes every k of every call; otherwise each k up to 40 and about 60 more of a call.  FRNN_FAULT_ONLY is
# a pattern of calls.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use File::Temp qw(tempdir);
use FrnnTest;
use IPC::Run;
use Test::More;

my $full = $ENV{FRNN_FULL};
my $only = $ENV{FRNN_FAULT_ONLY} || '.';
my ($version) = `pg_config --version` =~ /(\d+)/;
plan skip_all => 'PostgreSQL 16 keeps the functions of memory contexts elsewhere' if $version > 15;

my $libraries = tempdir(CLEANUP => 1);
chmod 0755, $libraries;
my $include = `pg_config --includedir-server` =~ s/\s+$//r;
for my $name ('fault', 'fault_malloc')
{
	IPC::Run::run([ 'gcc', '-O1', '-shared', '-fPIC', '-I', $include, "$FindBin::Bin/../fault/$name.c", '-o', "$libraries/$name.so", '-ldl' ]) or die "cannot build $name";
}
my ($host) = new_server('', LD_PRELOAD => "$libraries/fault_malloc.so");
my $db = "host=$host dbname=postgres";

sql($db, qq{
	CREATE FUNCTION fault_arm(text, bigint) RETURNS void LANGUAGE c AS '$libraries/fault.so';
	CREATE FUNCTION fault_left() RETURNS bigint LANGUAGE c AS '$libraries/fault.so';
	CREATE EXTENSION forecast_rnn;
	CREATE TABLE series AS SELECT s, date '2024-01-01' + k AS d, 10 + s + 3 * sin(k * 0.9) AS v, cos(k)::float8 AS c, k
		FROM generate_series(1, 2) s, generate_series(0, 24) k WHERE k <> 7;
	-- not in TOAST tables: a server that finds no memory for the lock of such a table or its index crashes when the transaction takes that lock again
	CREATE TABLE kept (name text, p rnn_panel, m bytea, s bytea);
	ALTER TABLE kept ALTER p SET STORAGE MAIN, ALTER m SET STORAGE MAIN, ALTER s SET STORAGE MAIN;
	INSERT INTO kept SELECT 'ridge', rnn_panel(s, d, v) FROM series;
	INSERT INTO kept SELECT 'covariates', rnn_panel(s, d, v, ARRAY[c]) FROM series;
	UPDATE kept SET m = rnn_train(p, rnn_sequential(rnn_gru(1), rnn_dense(3)), '{"horizon": 3, "time_steps": 6, "epochs": 2, "mix": 0.5, "workers": 0}');
	UPDATE kept SET s = (SELECT state FROM rnn_state(m) LIMIT 1);
	CREATE TABLE apart (name text, b bytea);
	ALTER TABLE apart ALTER b SET STORAGE MAIN;
	INSERT INTO apart SELECT 'first', rnn_train(p, rnn_sequential(rnn_gru(2), rnn_dense(3)),
		'{"horizon": 3, "time_steps": 6, "epochs": 2, "keep_optimizer": true, "validation": 0, "stop_after": 0, "keep_history": false, "workers": 0}') FROM kept WHERE name = 'ridge';
	INSERT INTO apart SELECT 'one', rnn_train(p, b, '{"stop_after": 1, "keep_ridge": true, "workers": 0}') FROM kept, apart WHERE kept.name = 'ridge';
	INSERT INTO apart SELECT 'sums', rnn_ridge_sums(p, b) FROM kept, apart WHERE kept.name = 'ridge' AND apart.name = 'first';
	CREATE SEQUENCE seed CACHE 1000;
	CREATE TABLE tensor AS SELECT rnn_init(rnn_sequential(rnn_lstm(2), rnn_dense(1)), '{4,1}') AS m,
		array_fill(0.5::float8, ARRAY[6, 4, 1]) AS x, array_fill(0.25::float8, ARRAY[6, 1]) AS y;
	-- one call with the k-th allocation failing, for k = first, first + stride, ...; returns what went wrong
	CREATE FUNCTION exhaust(call text, level text, dense int, points int, OUT tried int, OUT failed int, OUT last bigint, OUT wrong text[]) LANGUAGE plpgsql AS \$\$
	DECLARE
		expected text;
		got text;
		remaining bigint;
		k bigint := 1;
		stride bigint;
	BEGIN
		wrong := '{}'; tried := 0; failed := 0;
		-- twice: what a session sets up once is there
		EXECUTE call INTO expected;
		PERFORM fault_arm(level, 100000000);
		EXECUTE call INTO got;
		last := 100000000 - fault_left() + 30;
		stride := greatest(1, last / points);
		IF got IS DISTINCT FROM expected THEN wrong := wrong || ('not repeatable: ' || coalesce(got, 'null')); END IF;
		LOOP
			remaining := NULL;
			BEGIN
				PERFORM fault_arm(level, k);
				EXECUTE call INTO got;
				remaining := fault_left();
				IF got IS DISTINCT FROM expected THEN wrong := wrong || format('k %s: %s', k, got); END IF;
			EXCEPTION WHEN out_of_memory THEN
				failed := failed + 1;
			WHEN OTHERS THEN
				wrong := wrong || format('k %s: %s %s', k, sqlstate, sqlerrm);
			END;
			PERFORM fault_left();
			tried := tried + 1;
			EXIT WHEN remaining >= 0;
			EXECUTE call INTO got;
			IF got IS DISTINCT FROM expected THEN wrong := wrong || format('after k %s: %s', k, got); END IF;
			k := k + CASE WHEN k < dense THEN 1 ELSE stride END;
		END LOOP;
	END \$\$;
});
is(sql($db, q{SELECT sum(pg_relation_size(reltoastrelid)) FROM pg_class WHERE relname IN ('apart', 'kept')}), 0, 'models are not in a TOAST table');
my $options = '"horizon": 3, "time_steps": 6, "epochs": 2';
my $all = q{string_agg(f::text, ',' ORDER BY f::text)};
my %call = (
	'rnn_train, network' => qq{rnn_train(rnn_panel(s, d, v), rnn_sequential(rnn_gru(2), rnn_dense(3)), '{$options, "workers": 0}')::text FROM series},
	'rnn_train, covariates' => qq{rnn_train(rnn_panel(s, d, v, ARRAY[c]), '"ridge"', '{"horizon": 3, "time_steps": 6, "calendar": true}')::text FROM series},
	'rnn_train, chosen' => qq{rnn_train(rnn_panel(d, v), options => '{"horizon": 2, "time_steps": 5, "epochs": 1, "ensemble": 1}')::text FROM series WHERE s = 1},
	'rnn_train, warm' => qq{rnn_train(p, m, '{"epochs": 1}')::text FROM kept WHERE name = 'ridge'},
	'rnn_train, named covariates' => qq{rnn_train(rnn_panel(s, d, v, jsonb_build_object('kind', s::text, 'phase', c)), '"ridge"', '{"horizon": 3, "time_steps": 6}')::text FROM series},
	'rnn_train, resumed' => q{rnn_train(p, b, '{"stop_after": 1, "keep_ridge": true, "workers": 0}')::text FROM kept, apart WHERE kept.name = 'ridge' AND apart.name = 'one'},
	'rnn_average' => q{rnn_average(b, w)::text FROM apart, (VALUES (1.0), (2.0)) v(w) WHERE name = 'one'},
	'rnn_outer' => q{rnn_outer(f.b, o.b)::text FROM apart f, apart o WHERE f.name = 'first' AND o.name = 'one'},
	'rnn_ridge_sums' => q{rnn_ridge_sums(p, b)::text FROM kept, apart WHERE kept.name = 'ridge' AND apart.name = 'first'},
	'rnn_ridge' => q{rnn_ridge(b, (SELECT rnn_ridge_sums(b) FROM apart, generate_series(1, 2) WHERE name = 'sums'))::text FROM apart WHERE name = 'first'},
	'rnn_fit' => q{rnn_fit(m, x, y, '{"epochs": 2}')::text FROM tensor},
	'rnn_predict' => q{rnn_predict(m, x)::text FROM tensor},
	'rnn_forecast' => qq{$all FROM kept, rnn_forecast(m) f},
	'rnn_forecast, panel' => qq{$all FROM kept, rnn_forecast(m, p, 5) f WHERE name = 'ridge'},
	# a model that no cache holds: a ridge regression takes no notice of its seed
	'rnn_forecast, read anew' => qq{$all FROM (SELECT rnn_train(rnn_panel(s, d, v), '"ridge"', ('{"horizon": 3, "time_steps": 6, "seed": ' || nextval('seed') || '}')::jsonb) m FROM series) t, rnn_forecast(m) f},
	'rnn_step, read anew' => qq{string_agg((to_jsonb(f) - 'new_state')::text, ',') FROM (SELECT rnn_train(rnn_panel(d, v), '"ridge"', ('{"horizon": 3, "time_steps": 6, "seed": ' || nextval('seed') || '}')::jsonb) m FROM series WHERE s = 1) t,
		rnn_state(m) a, rnn_step(m, a.state, date '2024-01-31', 11.5) f},
	# of autoregressions, with intervals by the errors since the training
	'rnn_forecast, since the training' => qq{$all FROM rnn_forecast((SELECT rnn_train(rnn_panel(s, d, v + 10 * sin(k * (1 + s))), options => '{"horizon": 2, "time_steps": 4, "epochs": 1, "ensemble": 1, "autoregression": 4, "seasonality": "none", "workers": 0}') FROM series WHERE k < 18), (SELECT rnn_panel(s, d, v + 10 * sin(k * (1 + s))) FROM series)) f},
	'rnn_explain' => qq{$all FROM kept, rnn_explain(m) f WHERE kept.name = 'covariates'},
	'rnn_sample' => qq{$all FROM kept, rnn_sample(m, n => 3) f WHERE name = 'ridge'},
	'rnn_state' => qq{$all FROM kept, rnn_state(m) f WHERE name = 'ridge'},
	'rnn_step' => qq{$all FROM kept, rnn_step(m, s, date '2024-01-31', 11.5) f WHERE name = 'ridge'},
	'rnn_backtest' => qq{$all FROM kept, rnn_backtest(m, p, hold_out => 6) f WHERE name = 'ridge'},
	'rnn_backtest, refit' => qq{$all FROM kept, rnn_backtest(p, 'ridge', '{"horizon": 2, "time_steps": 4}', folds => 2) f WHERE name = 'ridge'},
	'rnn_evaluate' => qq{$all FROM kept, rnn_evaluate(m, p, hold_out => 6) f WHERE name = 'ridge'},
	'rnn_detect_anomalies' => qq{$all FROM kept, rnn_detect_anomalies(m, p) f WHERE name = 'ridge'},
	'rnn_importance' => qq{$all FROM kept, rnn_importance(m, p, hold_out => 6) f WHERE kept.name = 'covariates'},
	'rnn_tune' => qq{string_agg((to_jsonb(f) - 'seconds')::text, ',' ORDER BY f::text) FROM kept, rnn_tune(p, '{"network": "ridge", "horizon": 2, "time_steps": [3, 4]}') f WHERE name = 'ridge'},
	'rnn_describe' => qq{$all FROM kept, rnn_describe(p) f},
	'rnn_rows' => qq{$all FROM kept, rnn_rows(p) f},
	'rnn_panel, text' => q{rnn_panel(d::text::timestamptz, v ORDER BY v)::text::rnn_panel::text FROM series WHERE s = 1},
	'rnn_panel, binary' => q{rnn_panel_send(rnn_panel(s::text, d, v ORDER BY v DESC))::text FROM series},
	'rnn_panel, joined' => q{rnn_panel(p)::text FROM (SELECT rnn_panel(s, d, v) p FROM series GROUP BY s) q},
	'rnn_windows' => q{rnn_windows(v, 4 ORDER BY k)::text || rnn_dataset(v, 4, 2 ORDER BY k)::text FROM series WHERE s = 1},
	'rnn_plot' => q{rnn_plot(m)::text || rnn_plot_history(m)::text FROM kept WHERE name = 'ridge'},
	'rnn_sparkline' => q{rnn_sparkline(v ORDER BY k) FROM series WHERE s = 1},
	'rnn_model_info' => q{rnn_model_info(m)::text FROM kept},
	'rnn_model_card' => qq{$all FROM kept, rnn_model_card(m) f},
	'rnn_weights' => qq{$all FROM kept, rnn_weights(m) f},
	'rnn_to_keras' => q{rnn_to_keras(m)::text FROM tensor},
	'rnn_to_onnx' => q{rnn_to_onnx(m)::text FROM tensor},
	'rnn_from_torch' => q{rnn_from_torch('[{"layer": "lstm", "units": 2}, {"layer": "dense", "units": 1}]', m)::text FROM tensor},
	'rnn_from_keras' => q{rnn_from_keras(k -> 'model', k -> 'weights')::text FROM (SELECT rnn_to_keras(m) k FROM tensor) t},
	'rnn_options' => qq{$all FROM rnn_options() f},
	'a bad option' => q{CASE WHEN (SELECT rnn_check_options('{"epochs": 3, "horizon": 4}')) IS NULL THEN 'x' ELSE 'y' END},
);

my ($points, $failures, $unsound) = (0, 0, 0);
for my $name (sort grep { /$only/ } keys %call)
{
	for my $level ('palloc', 'malloc')
	{
		# a function with a SET clause: the server ends a session that has no memory to read the clause
		next if $level eq 'malloc' && $name eq 'rnn_tune';
		my $call = "SELECT $call{$name}";
		# a function with an exception block, within one: the server ends a session that has no memory to begin the inner one, which few k meet
		my $every = $full && $name ne 'rnn_tune';
		my ($tried, $failed, $last, $wrong) = split /\|/, sql($db, sprintf(q{SET client_min_messages = error; SET jit = off; SET max_parallel_workers_per_gather = 0; SELECT * FROM exhaust($call$%s$call$, '%s', %d, %d)},
			$call, $level, $every ? 1e9 : 40, $every ? 1e9 : 60)), 4;
		is(substr($wrong, 0, 500), '{}', "$name: memory out at $tried of $last $level: $failed errors, and the session goes on");
		cmp_ok($failed, '>', 0, "$name, $level: it was out") if $level eq 'palloc';
		$unsound++ if $wrong ne '{}';
		$points += $tried; $failures += $failed;
	}
}
# in a worker: the leader reports the error, or does without the worker
if ('worker' =~ /$only/)
{
	my $train = q{rnn_train(rnn_panel(s, d, v), rnn_sequential(rnn_gru(2), rnn_dense(3)), '{"horizon": 3, "time_steps": 6, "epochs": 2, "ensemble": 2, "workers": %d}') FROM series};
	my $script = "SET client_min_messages = error; SET max_parallel_workers = 8; SELECT 'expected', md5(" . sprintf($train, 0) =~ s/ FROM series/) FROM series;\n/r;
	for (my $k = 1; $k <= ($full ? 800 : 600); $k += $full ? 1 : 25)
	{
		$script .= "SET fault.worker = $k; SELECT 'got', md5(" . sprintf($train, 1) =~ s/ FROM series/) FROM series;\n/r;
		$script .= "SET fault.worker = 0; SELECT 'after', md5(" . sprintf($train, 1) =~ s/ FROM series/) FROM series;\n/r;
	}
	my ($out, $err) = ('', '');
	$script = "LOAD '$libraries/fault.so';\n$script";
	IPC::Run::run([ 'psql', '-XAtq', '-v', 'VERBOSITY=sqlstate', '-d', $db ], '<', \$script, '>', \$out, '2>', \$err);
	my ($expected) = $out =~ /^expected\|(\w+)/m;
	my @after = $out =~ /^after\|(\w+)/mg;
	my @got = $out =~ /^got\|(\w+)/mg;
	my @states = $err =~ /ERROR:\s+(\w+)/g;
	is(scalar(@after), ($full ? 800 : 24), 'in a worker: the session goes on each time');
	is(scalar(grep { $_ ne $expected } @after, @got), 0, 'in a worker: each model that was made is the same');
	is(scalar(grep { $_ ne '53200' } @states), 0, 'in a worker: ' . @states . ' errors, each of SQLSTATE 53200') or diag($err);
	cmp_ok(scalar(@states), '>', 0, 'in a worker: it was out');
	$points += @after; $failures += @states;
}
is(sql($db, 'SELECT count(*) FROM rnn_running()'), 0, 'no training that failed is shown as running');
note("figure: memory out: points, and errors of SQLSTATE 53200\t$points, $failures\t");
note("figure: memory out: calls that did not recover\t$unsound\t0");
done_testing();
