# What a server goes through: no workers, shared memory of each kind and too little of it, a full disk, a fast and an
# immediate shutdown, the postmaster's death, workers that are ended, roles and databases dropped under a job.
# After each, nothing has to be repaired by hand: what was committed is there, the next training has the same bytes.
#
# FRNN_FULL = 1 takes all of them; otherwise those that take seconds.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use FrnnTest;
use Time::HiRes qw(time sleep);
use Test::More;

my $rows = q{CREATE TABLE series AS SELECT s, timestamp '2020-01-01' + t * interval '1 hour' AS ts, 100 + s + 10 * sin(t / 24.0 * 2 * pi()) + (t * 7919 % 101) / 50.0 AS v
	FROM generate_series(1, 3) s, generate_series(1, 300) t; CREATE TABLE model (name text, model bytea)};
my $call = sub { my ($workers, $epochs) = @_; return qq{rnn_train(rnn_panel(s, ts, v), rnn_sequential(rnn_lstm(32), rnn_dense(24)),
	'{"horizon": 24, "time_steps": 48, "epochs": $epochs, "ensemble": 3, "workers": $workers, "validation": 0}') FROM series} };
my $quiet = 'SET client_min_messages = error; SET max_parallel_workers = 8; ';
my $short = sub { my ($db, $workers) = @_; return sql($db, "$quiet SELECT md5(m) FROM (SELECT " . $call->($workers, 2) . ') t(m)') };
my $points = 0;
my $full = $ENV{FRNN_FULL};

# A training of the session that goes on for long, with a worker; returns the session when the worker is there.
sub long_training
{
	my ($db, $name) = @_;
	my $session = start($db, "$quiet SET application_name = '$name'; INSERT INTO model SELECT '$name', " . $call->(2, 100000) . ';');
	ok(wait_until($db, qq{SELECT count(*) > 0 FROM pg_stat_activity WHERE backend_type = 'parallel worker' AND application_name = '$name'}, 60), "$name: training is under way");
	return $session;
}

sub processes { my ($db) = @_; return split /\n/, sql($db, q{SELECT pid FROM pg_stat_activity WHERE backend_type IN ('client backend', 'parallel worker', 'forecast_rnn training') AND pid <> pg_backend_pid()}) }
# true when none of these processes is left within so many seconds
sub gone
{
	my ($seconds, @pids) = @_;
	my $end = time + $seconds;
	while (time < $end) { return 1 unless grep { kill 0, $_ } @pids; sleep 0.05; }
	return 0;
}
sub recovered { my ($db, $expected, $what) = @_; is($short->($db, 2), $expected, "$what: the next training has the same bytes"); $points++; }

# ---- workers and shared memory ----

my ($folder, $stop, $start_again) = new_server("max_worker_processes = 0");
my $db = "host=$folder dbname=postgres";
sql($db, "CREATE EXTENSION forecast_rnn; $rows");
my $expected = $short->($db, 0);
like($expected, qr/^[0-9a-f]{32}$/, 'trains alone');
recovered($db, $expected, 'max_worker_processes = 0');
sql($db, q{SET client_min_messages = error; CREATE TABLE fleet AS SELECT s AS series, ts, v AS value FROM series; CALL rnn_create_model('m', 'SELECT * FROM fleet', '"ridge"', '{"horizon": 2, "time_steps": 4}')});
my ($ok, $out, $err) = finish(start($db, q{SELECT rnn_train_async('m');}));
like($err, qr/WARNING:  the job was not started: no background worker is free/, 'a job without a worker is told');
sql($db, q{SET client_min_messages = error; CALL rnn_retrain('m', promote => 'always')});
is(sql($db, q{SELECT active_version FROM rnn_models}), 2, 'which keeps nobody from training in the session');
$stop->();

for my $type ($full ? qw(posix sysv mmap) : 'sysv')
{
	my ($folder, $stop) = new_server("dynamic_shared_memory_type = $type" . ($type eq 'sysv' ? "\nshared_memory_type = sysv" : ''));
	my $db = "host=$folder dbname=postgres";
	sql($db, "CREATE EXTENSION forecast_rnn; $rows");
	recovered($db, $expected, "$type shared memory");
	my $session = long_training($db, "$type worker");
	sql($db, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'parallel worker'});
	my ($ok, $out, $err) = finish($session);
	like($err, qr/terminating .*due to administrator command/, "$type: a worker is terminated");
	recovered($db, $expected, "$type: after that");
	$stop->();
}

# ---- immediate shutdown, fast shutdown, postmaster's death ----

($folder, $stop, $start_again) = new_server('');
$db = "host=$folder dbname=postgres";
sql($db, "CREATE EXTENSION forecast_rnn; $rows; INSERT INTO model SELECT 'before', " . $call->(0, 2));
my $before = sql($db, 'SELECT md5(model) FROM model');
for my $mode ($full ? 'fast' : (), 'immediate')
{
	my $session = long_training($db, $mode);
	my @pids = processes($db);
	my $asked = time;
	ok($stop->($mode), "$mode shutdown in the middle of a training");
	cmp_ok(time - $asked, '<', 10, "$mode: does not wait for it");
	ok(!(finish($session))[0], "$mode: the client is told");
	ok(gone(5, @pids), "$mode: no process is left");
	ok($start_again->(), "$mode: the server starts");
	is(sql($db, q{SELECT string_agg(name || md5(model), ',') FROM model}), "before$before", "$mode: what was committed is there, and no more");
	recovered($db, $expected, "$mode shutdown");
}
{
	my $session = long_training($db, 'orphans');
	my @pids = processes($db);
	my ($postmaster) = do { local @ARGV = "$folder/data/postmaster.pid"; <> } =~ /(\d+)/;
	is(kill('KILL', $postmaster), 1, 'the postmaster is killed in the middle of a training');
	ok(gone(10, @pids), 'its processes end: no training goes on without it') or kill 'KILL', @pids;
	finish($session);
	ok($start_again->(), 'the server starts');
	is(sql($db, q{SELECT string_agg(name || md5(model), ',') FROM model}), "before$before", 'what was committed is there, and no more');
	recovered($db, $expected, "the postmaster's death");
}

# ---- background jobs: worker terminated and killed, role and database dropped ----

my $big = q{network => rnn_sequential(rnn_gru(32), rnn_dense(7)), options => '{"horizon": 7, "time_steps": 48, "epochs": 100000}', promote => 'always'};
sub job_starts
{
	my ($db, $role, $what) = @_;
	sql($db, "SET ROLE $role; SELECT rnn_train_async('m', $big)");
	ok(wait_until($db, q{SELECT count(*) = 1 FROM rnn_jobs j JOIN pg_stat_activity a ON a.pid = j.pid AND a.backend_type ~ 'forecast_rnn' WHERE j.state = 'running'}, 30), "$what: a job runs");
	return sql($db, q{SELECT pid FROM rnn_jobs WHERE state = 'running'});
}
sql($db, q{CREATE ROLE owner LOGIN; SET client_min_messages = error;
	CREATE TABLE fleet AS SELECT 1 AS series, date '2024-01-01' + k AS ts, sin(k) AS value FROM generate_series(0, 199) k;
	GRANT SELECT ON fleet TO PUBLIC; SET ROLE owner;
	CALL rnn_create_model('m', 'SELECT * FROM fleet', '"ridge"', '{"horizon": 7, "time_steps": 14}')});
my $active = sql($db, q{SELECT md5(rnn_model('m'))});
my $whole = sub {
	my ($db, $what) = @_;
	is(sql($db, q{SELECT md5(rnn_model('m')) || (SELECT count(*) FROM rnn_model_versions v FULL JOIN rnn_model_bytes b USING (name, version) WHERE v.name IS NULL OR b.name IS NULL)}), "${active}0", "$what: the active version is the one before");
	$points++;
};
my $pid = job_starts($db, 'owner', 'terminated');
sql($db, "SELECT pg_terminate_backend($pid)");
ok(wait_until($db, q{SELECT bool_and(state <> 'running') FROM rnn_jobs}, 10), 'terminated: the job is not shown as running');
note(sql($db, 'SELECT state, error FROM rnn_jobs ORDER BY queued_at DESC LIMIT 1'));
$whole->($db, 'terminated');
if ($full)
{
	$pid = job_starts($db, 'owner', 'killed');
	kill 'KILL', $pid;
	sleep 0.3;
	ok(wait_until($db, 'SELECT true', 60), 'killed: the server is back');
	is(sql($db, q{SELECT count(*) FROM rnn_jobs WHERE state = 'running'}), 0, 'killed: the job is not shown as running');
	$whole->($db, 'killed');
}

$pid = job_starts($db, 'owner', 'role dropped');
is(sql($db, q{DROP ROLE owner; SELECT 'dropped'}), 'dropped', 'role dropped: it is gone while its job runs');
sql($db, "SELECT pg_cancel_backend($pid)");
ok(wait_until($db, "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid", 30), 'role dropped: the job ends when it is canceled');
is(sql($db, q{SELECT count(*) FROM rnn_jobs WHERE state = 'running'}), 0, 'role dropped: no job is shown as running');
is(sql($db, q{SELECT count(*) FROM rnn_models}), 1, 'role dropped: its model is there for a superuser');
# nor for a role that reads and writes all data, which PostgreSQL 13 does not have
sql($db, q{CREATE ROLE nobody;
	DO $$ BEGIN IF current_setting('server_version_num')::int >= 140000 THEN GRANT pg_read_all_data, pg_write_all_data TO nobody; END IF; END $$});
like(sql_fails($db, q{SET ROLE nobody; CALL rnn_drop_model('m')}), qr/there is no model "m"/, 'role dropped: but for nobody else');
like(sql_fails($db, q{CALL rnn_retrain('m')}), qr/role "owner", the owner of the model, does not exist/, 'role dropped: nobody trains it');
sql($db, q{SET client_min_messages = error; CALL rnn_drop_model('m')});
is(sql($db, q{SELECT count(*) FROM rnn_models}), 0, 'role dropped: a superuser can drop it');
$points++;

sql($db, 'CREATE DATABASE leaving');
my $leaving = "host=$folder dbname=leaving";
sql($leaving, q{CREATE EXTENSION forecast_rnn; SET client_min_messages = error;
	CREATE TABLE fleet AS SELECT 1 AS series, date '2024-01-01' + k AS ts, sin(k) AS value FROM generate_series(0, 199) k;
	CALL rnn_create_model('m', 'SELECT * FROM fleet', '"ridge"', '{"horizon": 7, "time_steps": 14}')});
$pid = job_starts($leaving, 'postgres', 'database dropped');
like(sql_fails($db, 'DROP DATABASE leaving'), qr/is being accessed by other users/, 'database dropped: refused while a job runs');
sql($db, 'DROP DATABASE leaving WITH (FORCE)');
ok(gone(5, $pid), 'database dropped: by force, and the job ends');
recovered($db, $expected, 'database dropped');
$stop->('fast');

# ---- disks and shared memory that are full: file systems of their own, in a name space of the server ----

SKIP:
{
	last SKIP unless $full;
	my $mount = 'mount -t tmpfs -o size=3m,mode=1777 full /dev/shm && mkdir -p $FOLDER/small && mount -t tmpfs -o size=6m,mode=700,uid=$(stat -c %u $FOLDER) full $FOLDER/small';
	skip 'full disks need root and a name space', 1 if $> != 0 || system("FOLDER=/tmp unshare --mount sh -c 'mount -t tmpfs full /mnt' 2>/dev/null") != 0;
	my ($folder, $stop) = new_server('', MOUNT => $mount);
	my $db = "host=$folder dbname=postgres";
	sql($db, "CREATE EXTENSION forecast_rnn; $rows");
	# 3 MB are enough for a small network
	like(sql_fails($db, "$quiet SET maintenance_work_mem = '1GB'; SELECT rnn_train(rnn_panel(s, ts, v), rnn_sequential(rnn_lstm(512), rnn_dense(24)), '{\"horizon\": 24, \"time_steps\": 48, \"epochs\": 1, \"ensemble\": 3, \"workers\": 2}') FROM series"),
		qr/could not resize shared memory segment .*No space left on device/, 'shared memory is full: an error that tells it');
	recovered($db, $expected, 'shared memory is full');

	sql($db, "CREATE TABLESPACE small LOCATION '$folder/small'");
	sql($db, 'DROP EXTENSION forecast_rnn; SET default_tablespace = small; CREATE EXTENSION forecast_rnn;
		CREATE TABLE filler AS SELECT repeat(md5(i::text), 40) FROM generate_series(1, 1500) i');
	sql($db, q{SET client_min_messages = error; CREATE TABLE fleet AS SELECT s AS series, ts, v AS value FROM series;
		CALL rnn_create_model('m', 'SELECT * FROM fleet', rnn_sequential(rnn_lstm(64), rnn_dense(24)), '{"horizon": 24, "time_steps": 48, "epochs": 1, "ensemble": 4}')});
	my ($stored, $error) = (1, '');
	while (!$error && $stored < 100)
	{
		$error = sql_fails($db, q{SET client_min_messages = error; CALL rnn_retrain('m', promote => 'always')});
		$stored++ unless $error;
	}
	like($error, qr/could not extend file .*No space left on device/, "the disk is full after $stored models: an error that tells it");
	is(sql($db, q{SELECT count(*) || ' ' || count(b.model) || ' ' || count(DISTINCT md5(rnn_model('m', version))) FROM rnn_model_versions JOIN rnn_model_bytes b USING (name, version)}), join(' ', $stored < 5 ? ($stored, $stored) : (5, 5), 1), 'each model stored before is whole');
	is(sql($db, q{SELECT active_version FROM rnn_models}), $stored, 'the last of them is the active version');
	is(sql($db, q{SELECT count(*) FROM rnn_forecast('m', 3)}), 9, 'and forecasts');
	sql($db, q{DROP TABLE filler; CHECKPOINT; SET client_min_messages = error; CALL rnn_retrain('m', promote => 'always')});
	is(sql($db, q{SELECT active_version FROM rnn_models}), $stored + 1, 'when there is room again, it is trained and stored');
	$points++;
	$stop->();
}

note("figure: faults of the server: recovered\t$points\tall, nothing repaired by hand");
done_testing();
