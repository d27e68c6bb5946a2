# Training with parallel workers: the same bytes with any number of them, in every place where a function may be
# called.  Cancel, errors and killed workers end a training without a hang, and nothing of it remains.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use FrnnTest;
use List::Util qw(min);
use Time::HiRes qw(time sleep);
use Test::More;

my $db = new_database();
sql($db, q{
	CREATE TABLE tensor AS
	SELECT rnn_windows(v, 40 ORDER BY t) AS x FROM (SELECT t, sin(t / 5.0) AS v FROM generate_series(1, 600) t) s;
	ALTER TABLE tensor ADD y float8[];
	UPDATE tensor SET y = (SELECT array_agg(ARRAY[i / 1000.0] ORDER BY i) FROM generate_series(1, (rnn_shape(x))[1]) i);
	CREATE TABLE series AS
	SELECT s, timestamp '2020-01-01' + t * interval '1 hour' AS ts, 100 + s + 10 * sin(t / 24.0 * 2 * pi()) + (t * 7919 % 101) / 50.0 AS v
	FROM generate_series(1, 3) s, generate_series(1, 300) t;
	CREATE TABLE model (name text, model bytea);
});

# batches of 128 are cut into sixteen shards, of 24 into two; 540 samples leave a last batch of 49
my $network = 'rnn_sequential(rnn_lstm(64, return_sequences => true), rnn_lstm(64, dropout => 0.1), rnn_dense(1))';
my %job = (
	'shards of rnn_fit' => sub { qq{rnn_fit($network, x, y, '{"batch_size": 128, "epochs": $_[1], "workers": $_[0]}') FROM tensor} },
	'members of rnn_train' => sub {
		qq{rnn_train(rnn_panel(s, ts, v, ARRAY[sin(extract(hour FROM ts))]), rnn_sequential(rnn_lstm(8), rnn_dense(4)),
			'{"horizon": 4, "time_steps": 24, "epochs": $_[1], "ensemble": 5, "workers": $_[0], "validation": @{[$_[2] // 0.2]}}') FROM series} },
	'shards of rnn_train' => sub {
		qq{rnn_train(rnn_panel(s, ts, v), rnn_sequential(rnn_lstm(64, return_sequences => true), rnn_lstm(64), rnn_dense(24)),
			'{"horizon": 24, "time_steps": 48, "epochs": $_[1], "batch_size": 24, "ensemble": 1, "workers": $_[0]}') FROM series} });

my %tasks = ('shards of rnn_fit' => 16, 'members of rnn_train' => 5, 'shards of rnn_train' => 2);

my $quiet = 'SET client_min_messages = error;';
my $most = 'SET max_parallel_workers = 8;';

# Returns the md5 of the model of a call, and the numbers of workers that were launched.
sub trained
{
	my ($settings, $call) = @_;
	my $session = start($db, "SET client_min_messages = debug1; $settings SELECT md5(m) FROM (SELECT $call) AS t(m);");
	my ($ok, $out, $err) = finish($session);
	diag($err) unless $ok;
	my @launched = $err =~ /training with (\d+) of \d+ parallel workers/g;
	return ($out, join ' ', sort { $a <=> $b } @launched);
}

my %serial;
for my $name (sort keys %job)
{
	my ($md5, $launched) = trained($most, $job{$name}->(0, 2));
	$serial{$name} = $md5;
	like($md5, qr/^[0-9a-f]{32}$/, "$name: trains alone");
	is($launched, '', "$name: workers 0 launches none");
	for my $workers (1, 2, 4)
	{
		($md5, $launched) = trained($most, $job{$name}->($workers, 2));
		is($md5, $serial{$name}, "$name: the same bytes with $workers");
		is($launched =~ s/.* //r, min($workers, $tasks{$name} - 1), "$name: they were there, but for those without a task");
	}
	($md5, $launched) = trained('SET max_parallel_workers = 1;', $job{$name}->(4, 2));
	is($md5, $serial{$name}, "$name: the same bytes when one is granted of those asked for");
	like($launched, qr/^1( 1)*$/, "$name: one was granted");
	($md5, $launched) = trained('SET max_parallel_workers = 0;', $job{$name}->(4, 2));
	is($md5, $serial{$name}, "$name: the same bytes when none is allowed");
	is($launched, '', "$name: none was tried");
	($md5) = trained("$most SET forecast_rnn.workers = 2;", $job{$name}->('null', 2));
	is($md5, $serial{$name}, "$name: the same bytes by the setting");
}

# three members: with two processes the third would train alone, so all are trained in shards; three processes train one each
{
	my $three = sub { $job{'shards of rnn_train'}->($_[0], 1) =~ s/"ensemble": 1/"ensemble": 3/r };
	my ($alone) = trained($most, $three->(0));
	for my $case ([1, '1 1 1 1'], [2, '1 2'])
	{
		my ($workers, $expected) = @$case;
		my ($md5, $launched) = trained($most, $three->($workers));
		is($md5, $alone, "three members: the same bytes with $workers");
		is($launched, $expected, "three members: how $workers share them");
	}
}

# the setting and the choice by the size of the job
my ($md5, $launched) = trained('SET forecast_rnn.workers = 3;', $job{'shards of rnn_fit'}->('null', 1));
is($launched, '3', 'the setting decides where the options do not');
($md5, $launched) = trained('SET forecast_rnn.workers = 3;', $job{'shards of rnn_fit'}->(0, 1));
is($launched, '', 'the options come first');
($md5, $launched) = trained('', q{rnn_fit(rnn_sequential(rnn_simple(4), rnn_dense(1)), x, y, '{"epochs": 2}') FROM tensor});
is($launched, '', 'a small job stays alone');
like(sql_fails($db, q{SELECT rnn_panel(now(), 1); SET forecast_rnn.workers = -2}), qr/-2 is outside the valid range/, 'the setting has a range');
is(sql($db, qq{SELECT rnn_model_info(m) -> 'options' ? 'workers' FROM (SELECT @{[$job{'shards of rnn_fit'}->(0, 1)]}) t(m)}), 'f',
	'the model does not tell how many there were');

# in a worker of a parallel plan, which may not launch workers
my $force = sql($db, 'SHOW server_version_num') < 160000 ? 'force_parallel_mode' : 'debug_parallel_query';
($md5, $launched) = trained("SET $force = on;", $job{'shards of rnn_fit'}->(2, 2));
is($md5, $serial{'shards of rnn_fit'}, 'the same bytes in a worker of a parallel plan');
is($launched, '', 'where training stays alone');

# wherever a function may be called
my $call = $job{'members of rnn_train'}->(2, 2);
is(sql($db, qq{$quiet
	BEGIN;
	INSERT INTO model VALUES ('written before', '\\x00');
	UPDATE model SET name = 'changed before';
	INSERT INTO model SELECT 'trained', $call;
	SAVEPOINT s;
	INSERT INTO model SELECT 'in a subtransaction', $call;
	RELEASE s;
	COMMIT;
	SELECT count(DISTINCT model), max(md5(model)) FROM model WHERE name IN ('trained', 'in a subtransaction')}),
	"1|$serial{'members of rnn_train'}", 'INSERT ... SELECT after rows were written in the transaction');
is(sql($db, qq{$quiet
	DO \$\$
	DECLARE m bytea;
	BEGIN
		BEGIN
			INSERT INTO model VALUES ('lost', '');
			SELECT * INTO m FROM (SELECT @{[$job{'members of rnn_train'}->(2, 1)]}) t;
			PERFORM 1 / 0;
		EXCEPTION WHEN division_by_zero THEN
			SELECT * INTO m FROM (SELECT $call) t;
			INSERT INTO model VALUES ('caught', m);
		END;
	END \$\$;
	SELECT name, md5(model) FROM model WHERE name IN ('lost', 'caught')}),
	"caught|$serial{'members of rnn_train'}", 'in PL/pgSQL and its exception blocks');

# ---- cancel ----

my $workers_gone = q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'parallel worker'};

for my $name (sort keys %job)
{
	my @late;
	for (1 .. 5)
	{
		my ($ok, $out, $err) = finish(start($db, qq{$quiet $most SET statement_timeout = '700ms';
			SELECT 'start ' || extract(epoch FROM clock_timestamp());
			DO \$\$
			BEGIN
				PERFORM octet_length(m) FROM (SELECT @{[$job{$name}->(2, 100000, 0)]}) t(m);
				RAISE 'ended by itself';
			EXCEPTION WHEN query_canceled THEN
				PERFORM set_config('test.ended', extract(epoch FROM clock_timestamp())::text, false);
			END \$\$;
			SELECT 'ended ' || current_setting('test.ended');
			SELECT 'workers ' || count(*) FROM pg_stat_activity WHERE leader_pid = pg_backend_pid();}));
		diag($err) unless $ok;
		my ($start) = $out =~ /start ([0-9.]+)/;
		my ($ended) = $out =~ /ended ([0-9.]+)/;
		push @late, ($ended // 1e12) - ($start // 0) - 0.7;
		like($out, qr/^workers 0$/m, "$name: the workers have gone when the session goes on") if $_ == 1;
	}
	note("$name: cancel took " . join(', ', map { sprintf '%.0f ms', $_ * 1000 } @late));
	# the shortest of five: other work on the machine only adds
	cmp_ok(min(@late), '<', 0.1, "$name: cancel is answered within 100 ms");
}

# ---- a worker that ends ----

# Returns the shared segments among a process's mappings.  Where /dev/shm is no file system of its own, its files are
# mapped under another path, so only the name counts.
sub segments
{
	my %found = map { $_ => 1 } $_[0] =~ m{/(PostgreSQL\.\d+)}g;
	return map { "/dev/shm/$_" } sort keys %found;
}

# Returns those of a worker, without those that every session has.
sub own_segments
{
	my ($pid) = @_;
	my %everybodys = map { $_ => 1 } segments(sql($db, q{SELECT count(*) FROM pg_stat_activity; SELECT pg_read_file('/proc/self/maps')}));
	return grep { !$everybodys{$_} } segments(sql($db, "SELECT pg_read_file('/proc/$pid/maps')"));
}

# Starts a long training.  Returns its session, its process and its worker's.
sub long_training
{
	my ($name) = @_;
	my $session = start($db, "$quiet $most SET application_name = 'leader'; SELECT 1; SELECT octet_length(m) FROM (SELECT @{[$job{$name}->(1, 100000, 0)]}) t(m);");
	ok(wait_until($db, q{SELECT count(*) > 0 FROM pg_stat_activity WHERE backend_type = 'parallel worker' AND application_name = 'leader'}, 60), "$name: a worker is there");
	sleep 0.5;
	my ($worker, $leader) = split /\|/, sql($db, q{SELECT pid, leader_pid FROM pg_stat_activity WHERE backend_type = 'parallel worker' AND application_name = 'leader' LIMIT 1});
	return ($session, $leader, $worker);
}

for my $name (sort keys %job)
{
	my ($session, $leader, $worker) = long_training($name);
	my @own = own_segments($worker);
	isnt(scalar(@own), 0, "$name: it shares a segment with its leader");
	my $asked = time;
	is(sql($db, "SELECT pg_terminate_backend($worker)"), 't', "$name: its worker is terminated");
	my ($ok, $out, $err) = finish($session);
	my $took = time - $asked;
	like($err, qr/terminating .*due to administrator command/, "$name: its leader reports that");
	cmp_ok($took, '<', 5, "$name: and does not wait");
	ok(wait_until($db, $workers_gone, 10), "$name: no worker is left");
	is(scalar(grep { -e } @own), 0, "$name: no segment is left");
	next if $name eq 'shards of rnn_train';

	($session, $leader, $worker) = long_training($name);
	@own = own_segments($worker);
	is(sql($db, "SELECT pg_terminate_backend($leader)"), 't', "$name: the leader is terminated");
	($ok) = finish($session);
	ok(!$ok, "$name: its client is told");
	ok(wait_until($db, $workers_gone, 10), "$name: its workers go with it");
	is(scalar(grep { -e } @own), 0, "$name: no segment is left of it");
}

my ($session, $leader, $worker) = long_training('shards of rnn_fit');
my @own = own_segments($worker);
is(kill('KILL', $worker), 1, 'a worker is killed');
my ($ok) = finish($session);
ok(!$ok, 'the client is told');
ok(wait_until($db, 'SELECT true', 60), 'the server is back');
is(scalar(grep { -e } @own), 0, 'no segment of the crashed server is left');
is((trained($most, $job{'shards of rnn_fit'}->(2, 2)))[0], $serial{'shards of rnn_fit'}, 'and trains to the same bytes again');

done_testing();
