# Cancel and statement_timeout are answered within 200 ms wherever training is, and the session goes on.
# Times are of one clock: of the signal here, of the caught error in the server.  Where other processes share the
# processors, the limit is stretched by as much as a plain loop takes longer than its processor time.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use FrnnTest;
use Time::HiRes qw(time sleep);
use Test::More;

my $limit = 0.2;
my $db = new_database();
sql($db, q{
	CREATE TABLE tensor AS
	SELECT rnn_windows(v, 60 ORDER BY t) AS x FROM (SELECT t, sin(t / 5.0) AS v FROM generate_series(1, 6000) t) s;
	ALTER TABLE tensor ADD y float8[];
	UPDATE tensor SET y = (SELECT array_agg(ARRAY[i / 1000.0] ORDER BY i)
	                       FROM generate_series(1, (rnn_shape(x))[1]) i);
	CREATE TABLE series AS
	SELECT s, timestamp '2020-01-01' + t * interval '1 hour' AS ts, 100 + s + 10 * sin(t / 24.0 * 2 * pi()) + (t * t % 101) / 25.0 AS v
	FROM generate_series(1, 20) s, generate_series(1, 3000) t;
});

my %job = (
	'rnn_fit, LSTM' => q{rnn_fit(rnn_sequential(rnn_lstm(128, return_sequences => true), rnn_lstm(128), rnn_dense(1)),
		x, y, '{"epochs": 100000, "batch_size": 256}') FROM tensor},
	'rnn_fit, one large batch' => q{rnn_fit(rnn_sequential(rnn_gru(64), rnn_dense(1)),
		x, y, '{"epochs": 100000, "batch_size": 4096}') FROM tensor},
	'rnn_train, own network' => q{rnn_train(rnn_panel(s, ts, v),
		rnn_sequential(rnn_lstm(64, return_sequences => true), rnn_lstm(64), rnn_dense(24)),
		'{"time_steps": 96, "horizon": 24, "epochs": 100000}') FROM series},
	'rnn_train, chosen network' => q{rnn_train(rnn_panel(s, ts, v), options => '{"horizon": 24, "ensemble": 64}') FROM series});

sub caught
{
	my ($call) = @_;
	return qq{DO \$\$
BEGIN
	PERFORM octet_length(model) FROM (SELECT $call) AS t(model);
	RAISE EXCEPTION 'training ended by itself';
EXCEPTION WHEN query_canceled THEN
	PERFORM set_config('test.ended', extract(epoch FROM clock_timestamp())::text, false);
END \$\$;
SELECT 'ended ' || current_setting('test.ended');};
}

# wall clock over processor time of a plain loop, at least 1
sub stretch
{
	my ($wall, $cpu) = (time, (times)[0]);
	my $sum = 0;
	while ((times)[0] - $cpu < 0.2) { $sum += $_ for 1 .. 10000; }
	my $stretch = (time - $wall) / ((times)[0] - $cpu);
	return $stretch > 1 ? $stretch : 1;
}

sub median { my @s = sort { $a <=> $b } @_; return $s[ @s / 2 ] }

for my $name (sort keys %job)
{
	my (@took, @usable);
	my $limit = $limit * stretch();
	for my $after (0.1, 0.5, 1.2)
	{
		my $session = start($db, "SET application_name = 'victim'; SET maintenance_work_mem = '1GB';" . caught($job{$name}) . 'SELECT 6 * 7;');
		wait_until($db, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'victim' AND backend_type = 'client backend' AND query LIKE 'DO%'}, 10);
		my $pid = sql($db, q{SELECT pid FROM pg_stat_activity WHERE application_name = 'victim' AND backend_type = 'client backend'});
		if (!$pid)
		{
			diag("$name ended by itself: " . (finish($session))[2]);
			push @took, 99;
			next;
		}
		sleep $after;
		my $asked = time;
		kill 'INT', $pid;
		my ($ok, $out, $err) = finish($session);
		diag($err) unless $ok;
		my ($ended) = $out =~ /ended ([0-9.]+)/;
		push @took, ($ended // $asked + 99) - $asked;
		push @usable, $ok && $out =~ /^42$/m ? 1 : 0;
		wait_until($db, q{SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'victim' AND backend_type = 'client backend'}, 10);
	}
	note("$name: cancel took " . join(', ', map { sprintf '%.0f ms', $_ * 1000 } @took) . sprintf '; limit %.0f ms', $limit * 1000);
	ok(median(@took) < $limit, "$name: cancel is answered within 200 ms");
	is("@usable", '1 1 1', "$name: the session goes on after it");

	my $timeout = 0.7;
	my ($ok, $out, $err) = finish(start($db, "SET maintenance_work_mem = '1GB'; SET statement_timeout = '${timeout}s'; SELECT 'start ' || extract(epoch FROM clock_timestamp());"
		  . caught($job{$name}) . 'SELECT 6 * 7;'));
	diag($err) unless $ok;
	my ($start) = $out =~ /start ([0-9.]+)/;
	my ($ended) = $out =~ /ended ([0-9.]+)/;
	my $late = ($ended // 1e12) - ($start // 0) - $timeout;
	note(sprintf '%s: statement_timeout %.0f ms late', $name, $late * 1000);
	ok($late > -0.05 && $late < $limit, "$name: statement_timeout is answered within 200 ms");
	like($out, qr/^42$/m, "$name: the session goes on after it");
}

# functions on long panels: evaluation, anomalies, importance, many series, pictures, paths
sql($db, q{
	CREATE TABLE long AS
	SELECT rnn_panel(s, t, 100 + 10 * sin(t / 24.0 * 2 * pi()) + (t * t % 101) / 25.0) AS p,
		rnn_panel(s, t, 100 + 10 * sin(t / 24.0 * 2 * pi()) + (t * t % 101) / 25.0, ARRAY[(t % 7)::float8, t % 3]) AS c
	FROM generate_series(1, 3) s, generate_series(1::bigint, 100000) t;
	CREATE TABLE many AS SELECT rnn_panel(s, t, 100 + 10 * sin(t / 24.0 * 2 * pi()) + s % 17) AS p
	FROM generate_series(1, 20000) s, generate_series(1::bigint, 60) t;
	CREATE TABLE network AS
	SELECT rnn_train(rnn_panel(s, t, 100 + 10 * sin(t / 24.0 * 2 * pi()) + (t * t % 101) / 25.0), rnn_sequential(rnn_lstm(32), rnn_dense(24)),
			'{"time_steps": 48, "horizon": 24, "epochs": 2, "mix": 0.5}') AS m,
		rnn_train(rnn_panel(s, t, 100 + 10 * sin(t / 24.0 * 2 * pi()) + (t * t % 101) / 25.0, ARRAY[(t % 7)::float8, t % 3]), rnn_sequential(rnn_lstm(32), rnn_dense(24)),
			'{"time_steps": 48, "horizon": 24, "epochs": 2, "mix": 0.5}') AS c
	FROM generate_series(1, 3) s, generate_series(1::bigint, 600) t;
	-- models of 20000 series to be averaged; sums of 1000 and of 3000 inputs
	SET maintenance_work_mem = '1GB';
	CREATE TABLE apart AS SELECT rnn_train(p, rnn_sequential(rnn_gru(2), rnn_dense(2)), '{"time_steps": 4, "epochs": 1, "steps_per_epoch": 1, "validation": 0, "seasonality": "none"}') AS m FROM many;
	CREATE TABLE wide AS SELECT steps, m, rnn_ridge_sums(p, m) AS sums FROM (SELECT steps, p, rnn_train(p, 'ridge', format('{"horizon": 2, "time_steps": %s, "stride": 50}', steps)::jsonb) AS m
		FROM (SELECT rnn_panel(g, sin(g)) AS p FROM generate_series(1, 4000::bigint) g) x, unnest(ARRAY[1000, 3000]) steps) y;
});
my %read = (
	'rnn_average' => 'SELECT length(rnn_average(m, w::float8)) FROM apart, generate_series(1, 200) w',
	'rnn_ridge_sums(panel, model)' => 'SELECT length(rnn_ridge_sums(l.c, n.c)) FROM network n, long l',
	'rnn_ridge_sums(sums)' => 'SELECT length(rnn_ridge_sums(sums)) FROM wide, generate_series(1, 40) WHERE steps = 1000',
	'rnn_ridge of 3000 steps' => 'SELECT length(rnn_ridge(m, sums)) FROM wide WHERE steps = 3000',
	rnn_backtest => 'SELECT count(*) FROM network, long, rnn_backtest(m, p, hold_out => 90000, stride => 1)',
	'rnn_backtest with refit' => q{SELECT count(*) FROM long, rnn_backtest(p, 'ridge', '{"time_steps": 48, "horizon": 24}', folds => 10)},
	'rnn_train, ridge of 7000 steps' => q{SELECT length(rnn_train(rnn_panel(g, sin(g)), 'ridge', '{"horizon": 24, "time_steps": 7000}')) FROM generate_series(1, 7600::bigint) g},
	rnn_evaluate => 'SELECT count(*) FROM network, long, rnn_evaluate(m, p, hold_out => 90000, stride => 1)',
	rnn_fitted => 'SELECT count(*) FROM network, long, rnn_fitted(m, p)',
	rnn_detect_anomalies => 'SELECT count(*) FROM network, long, rnn_detect_anomalies(m, p)',
	rnn_importance => 'SELECT count(*) FROM network n, long l, rnn_importance(n.c, l.c, hold_out => 90000)',
	'rnn_forecast of many series' => 'SELECT count(*) FROM network, many, rnn_forecast_index(m, p, horizon => 200)',
	'rnn_state of many series' => 'SELECT count(*) FROM network, many, rnn_state(m, p), generate_series(1, 3)',
	'rnn_explain' => 'SELECT count(*) FROM network n, long l, rnn_explain(n.c, l.c, horizon => 100000)',
	'rnn_sample' => 'SELECT count(*) FROM network, many, rnn_sample(m, p, n => 100)',
	'rnn_plot' => 'SELECT rnn_plot(k::bigint, k * 7919 % 1000, NULL, NULL, NULL) FROM generate_series(1, 6000000::bigint) k',
	rnn_tune => q{SELECT count(*) FROM long, rnn_tune(p, '{"network": "ridge", "horizon": 24, "time_steps": [48, 96, 168]}')});
for my $name (sort keys %read)
{
	my $limit = $limit * stretch();
	my @late;
	for my $timeout (0.25, 0.6, 1.1)
	{
		my ($ok, $out, $err) = finish(start($db, "SET maintenance_work_mem = '1GB'; SET statement_timeout = '${timeout}s'; SELECT 'start ' || extract(epoch FROM clock_timestamp());
			DO \$\$ BEGIN EXECUTE \$q\$$read{$name}\$q\$; EXCEPTION WHEN query_canceled THEN NULL; END \$\$; SELECT 'ended ' || extract(epoch FROM clock_timestamp());"));
		diag($err) unless $ok;
		my ($start) = $out =~ /start ([0-9.]+)/;
		my ($ended) = $out =~ /ended ([0-9.]+)/;
		# a call that is done before its time is not late
		push @late, ($ended // 1e12) - ($start // 0) - $timeout;
	}
	note("$name: statement_timeout " . join(', ', map { sprintf '%.0f ms', $_ * 1000 } @late) . ' late');
	ok(median(@late) < $limit, "$name: statement_timeout is answered within 200 ms");
}

# training in rounds: a call that is not in a transaction of its caller; the rounds before are kept, and the same call goes on
sql($db, q{CREATE FUNCTION start() RETURNS bytea LANGUAGE sql AS $$ SELECT rnn_train(rnn_panel(s, ts, v), rnn_sequential(rnn_lstm(48), rnn_dense(24)),
	'{"time_steps": 48, "epochs": 30, "steps_per_epoch": 300, "batch_size": 256, "keep_optimizer": true, "validation": 0, "stop_after": 0}') FROM series WHERE s < 4 $$});
my $nodes = join ', ', map { qq{"n$_": "SELECT rnn_train(rnn_panel(s, ts, v), \$1, \$2) FROM series WHERE s % 2 = $_"} } 0, 1;
my @late;
my $stretched = $limit * stretch();
for my $timeout (2.3, 2.7, 3.1)
{
	my ($ok, $out, $err) = finish(start($db, "\\set ON_ERROR_STOP 0\nSET maintenance_work_mem = '1GB'; SET statement_timeout = '${timeout}s'; SELECT 'start ' || extract(epoch FROM clock_timestamp());
		CALL rnn_train_distributed('cut', start(), '{$nodes}', 30); SELECT 'ended ' || extract(epoch FROM clock_timestamp());"));
	like($err, qr/canceling statement due to statement timeout/, "rnn_train_distributed: a timeout of $timeout s");
	my ($start) = $out =~ /start ([0-9.]+)/;
	my ($ended) = $out =~ /ended ([0-9.]+)/;
	push @late, ($ended // 1e12) - ($start // 0) - $timeout;
	like(sql($db, q{SELECT format('%s rounds, %s', count(*), max(round)) FROM (SELECT round FROM rnn_distributed WHERE failed_node IS NULL AND error IS NULL) x}), qr/^[01] rounds, \d*$/, '  nothing is half done');
}
note('rnn_train_distributed: statement_timeout ' . join(', ', map { sprintf '%.0f ms', $_ * 1000 } @late) . ' late');
ok(median(@late) < $stretched, 'rnn_train_distributed: statement_timeout is answered within 200 ms');

done_testing();
