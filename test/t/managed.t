# Managed models on a server: scheduled by pg_cron, used from other sessions and by other roles, dumped, on a standby,
# and with the training process killed.  The test has a cluster of its own, since pg_cron must be loaded when the server
# starts; other checks run while cron waits for its minute.
use strict;
use warnings;
use File::Temp;
use FindBin;
use IPC::Run;
use lib $FindBin::Bin;
use FrnnTest;
use Time::HiRes qw(sleep time);
use Test::More;

my $root = "$FindBin::Bin/../..";
if (!$ENV{MANAGED_SOCKET})
{
	# pg_cron connects like any client: it must know the socket's folder before the server starts
	my $socket = File::Temp::tempdir('frnn_cron.XXXXXX', TMPDIR => 1, CLEANUP => 1);
	chmod 0777, $socket;
	local $ENV{MANAGED_SOCKET} = $socket;
	local $ENV{CLUSTER_CONF} = join "\n", "unix_socket_directories = '$socket'", "shared_preload_libraries = 'pg_cron'",
		"cron.host = '$socket'", 'max_worker_processes = 20', 'wal_level = logical';
	exit(system("$root/test/cluster", $^X, $0) >> 8);
}
$ENV{PGHOST} = $ENV{MANAGED_SOCKET};

# runs a program of the server as the server's user
my $user = getpwuid((stat $ENV{CLUSTER_DATA})[4]);
sub as_server { return ($> == 0 ? ('runuser', '-u', $user, '--') : (), @_); }

my $rows = q{round((100 + 10 * sin(t / 7.0 * 2 * pi()) + t * 0.1 + 0.5 * sin(t * t))::numeric, 3)::float8};
my $lots = q{'{"horizon": 7, "time_steps": 56, "epochs": 100000}'};
my $forecast = q{SELECT md5(string_agg(f::text, ',' ORDER BY step)) FROM rnn_forecast('demand', fresh => false) f};

# ---- scheduled: the recipes of doc/managed.md, every minute ----

my $cron = 'postgres';
sql($cron, qq{CREATE EXTENSION forecast_rnn; CREATE EXTENSION pg_cron;
	CREATE TABLE sales AS SELECT date '2023-01-01' + t AS day, $rows AS units FROM generate_series(1, 200) t;
	CALL rnn_create_model('demand', 'SELECT day AS ts, units AS value FROM sales', '"ridge"',
		'{"horizon": 7, "time_steps": 14}', min_new_rows => 1);
	INSERT INTO sales SELECT date '2023-01-01' + t, $rows FROM generate_series(201, 205) t;});
my @recipes = do
{
	open(my $doc, '<', "$root/doc/managed.md") or die;
	local $/;
	<$doc> =~ /^```postgresql\n(.*?)^```/msg;
};
is(scalar @recipes, 1, 'the manual has its recipes');
for my $recipe (@recipes)
{
	$recipe =~ s/'[\d*]+ [\d*]+ [\d*]+ [\d*]+ [\d*]+'/'* * * * *'/g;
	sql($cron, $recipe);
}
is(sql($cron, q{SELECT count(*) FROM cron.job WHERE schedule = '* * * * *'}), 2, 'a retrain and a forecast are scheduled');
my $versions = 'SELECT count(*) FROM rnn_model_versions';

# ---- who may do what ----

my $db = new_database();
sql($db, qq{CREATE ROLE alice LOGIN; CREATE ROLE reader; CREATE ROLE runner; CREATE ROLE other; CREATE ROLE team LOGIN; GRANT alice TO team;
	CREATE TABLE sales AS SELECT who, date '2023-01-01' + t AS day, $rows + CASE who WHEN 'alice' THEN 0 ELSE 1000 END AS units
	FROM generate_series(1, 200) t, unnest(ARRAY['alice', 'other']) who;
	ALTER TABLE sales ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON sales USING (who = current_user); GRANT SELECT ON sales TO PUBLIC;
	SET ROLE alice;
	CALL rnn_create_model('demand', 'SELECT day AS ts, units AS value FROM sales', '"ridge"', '{"horizon": 7}');
	CALL rnn_grant('demand', 'reader', 'read'); CALL rnn_grant('demand', 'runner', 'run');});
my %done = (
	view => q{SELECT 1 / count(*) FROM rnn_models m JOIN rnn_model_versions USING (name) WHERE m.name = 'demand'},
	forecast => q{SELECT count(*) FROM rnn_forecast('demand')},
	fresh => q{SELECT count(*) FROM rnn_forecast('demand', fresh => true)},
	retrain => q{CALL rnn_retrain('demand', promote => 'always')},
	async => q{SELECT rnn_train_async('demand')},
	drop => q{CALL rnn_drop_model('demand')});
my %may = (
	alice => 'view forecast fresh retrain async drop', team => 'view forecast fresh retrain async drop',
	postgres => 'view forecast fresh retrain async drop',
	runner => 'view forecast', reader => 'view', other => '');
for my $role (sort keys %may)
{
	for my $action (sort keys %done)
	{
		my $error = sql_fails($db, "BEGIN; SET ROLE $role; $done{$action}; ROLLBACK;");
		if ($may{$role} =~ /\b$action\b/) { is($error, '', "$role may $action"); }
		else { like($error, qr/permission denied|there is no model|division by zero/, "$role may not $action"); }
	}
}
like(sql_fails($db, q{SET ROLE other; UPDATE rnn_models SET query = 'SELECT 1'; INSERT INTO rnn_models (name, owner, query, search_path, columns) VALUES ('x', 'alice', '', '', '{}')}),
	qr/row-level security/, 'nobody makes models in another\'s name');
is(sql($db, q{SELECT query FROM rnn_models}), 'SELECT day AS ts, units AS value FROM sales', 'nor changes those of others');
like(sql_fails($db, q{SET ROLE runner; SELECT * FROM rnn_query_as('alice', 'public', 'SELECT 1') AS t(x integer)}), qr/permission denied/, 'nor runs queries as another');
sql($db, q{CALL rnn_retrain('demand', promote => 'always')});
is(sql($db, q{SELECT string_agg(rows::text || ' by ' || trained_by, ', ' ORDER BY version) FROM rnn_model_versions}), '200 by alice, 200 by postgres',
	'row security of the source holds, for a superuser who retrains it too');
# a query cannot use the rights of a superuser who runs it
sql($db, q{GRANT CREATE ON SCHEMA public TO alice; SET ROLE alice;
	CREATE FUNCTION bad() RETURNS float8 LANGUAGE plpgsql AS $$ BEGIN RESET ROLE; RETURN 1; END $$;
	CREATE FUNCTION mean() RETURNS float8 LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_read_file('PG_VERSION'); RETURN 1; END $$;
	CALL rnn_create_model('bad', 'SELECT day AS ts, bad() AS value FROM sales', train => false);
	CALL rnn_create_model('mean', 'SELECT day AS ts, mean() AS value FROM sales', train => false);});
like(sql_fails($db, q{CALL rnn_retrain('bad')}), qr/cannot set parameter "role" within security/, 'the owner\'s query cannot leave its role');
like(sql_fails($db, q{CALL rnn_retrain('mean')}), qr/permission denied for function pg_read_file/, 'nor do more than the owner may');
# nor can a row that its owner has changed by hand
sql($db, q{SET ROLE alice; UPDATE rnn_models SET columns = jsonb_set(columns, '{ts}', '"date) AS x, (SELECT 1 / 0"') WHERE name = 'demand'});
is(sql_fails($db, q{CALL rnn_store_forecast('demand', fresh => false)}) =~ /division by zero/ ? 'runs' : '', '', 'no text of a row becomes part of a statement');
like(sql_fails($db, q{CALL rnn_retrain('demand')}), qr/returns other columns/, 'and retraining finds that it was changed');
sql($db, q{UPDATE rnn_models SET columns = jsonb_set(columns, '{ts}', '"date"') WHERE name = 'demand'; DELETE FROM rnn_forecasts});
sql($db, q{CALL rnn_drop_model('bad'); CALL rnn_drop_model('mean')});

# ---- two at once; progress; cancel ----

my $long = "CALL rnn_retrain('demand', promote => 'always', network => rnn_sequential(rnn_gru(16), rnn_dense(7)), options => $lots)";
my $trainer = start($db, "SET ROLE alice; SET forecast_rnn.progress_interval = 1; $long;");
ok(wait_until($db, 'SELECT count(*) = 1 FROM rnn_progress WHERE epoch > 0', 20), 'another session sees the training');
my @epochs;
for (1 .. 8) { push @epochs, sql($db, 'SELECT epoch FROM rnn_progress'); sleep 0.15; }
ok(!(grep { $epochs[ $_ - 1 ] > $epochs[$_] } 1 .. $#epochs) && $epochs[-1] > $epochs[0], "its epochs grow: @epochs");
is(sql($db, q{SELECT model, role <> '', phase, epochs >= 100000, loss > 0, eta > now(), started < now(), workers >= 0 FROM rnn_progress}),
	'demand|t|without held-back rows|t|t|t|t|t', 'and all that is known of it');
is(sql($db, q{SET ROLE other; SELECT count(*) FROM rnn_progress}), 0, 'a role without the right to see it does not');
my ($ok, $out, $err) = finish(start($db, q{SET ROLE alice; CALL rnn_retrain('demand');}));
ok($ok && $err =~ /is being trained or changed by process \d+: nothing done/, 'a second retrain says so and returns');
like(sql_fails($db, q{CALL rnn_drop_model('demand')}), qr/is being trained or changed by process/, 'a model in use is not dropped');
like(sql_fails($db, q{SET ROLE runner; SELECT rnn_cancel('demand')}), qr/permission denied/, 'cancelled by its owner only');
is(sql($db, q{SELECT rnn_cancel('demand')}), 1, 'it is cancelled by name');
($ok, $out, $err) = finish($trainer);
ok(!$ok && $err =~ /canceling statement due to user request/, 'and ends');
like($err, qr/NOTICE:  model "demand": epoch \d+ of \d+, loss [\d.e-]+, .*best [\d.e-]+, \d+ s elapsed, about .* left/, 'with notices to its client on the way');
is(sql($db, 'SELECT count(*) FROM rnn_progress'), 0, 'its progress is gone');
my $error = sql_fails($db, "SET statement_timeout = '700ms'; $long");
ok($error =~ /statement timeout/ && $error !~ /NOTICE:  model/, 'a short training says nothing');
is(sql($db, "SELECT count(*) FROM rnn_progress"), 0, 'nothing is left of it after an error');
is(sql($db, $versions), 2, 'nor is there another version');

# two sessions create the same model
my $create = q{CALL rnn_create_model('twice', 'SELECT day AS ts, units AS value FROM sales WHERE who = ''alice''', '"ridge"', '{"horizon": 7}');};
my @both = map { start($db, "BEGIN; $create SELECT pg_sleep(0.3); COMMIT;") } 1 .. 2;
is(scalar(grep { $_ } map { (finish($_))[0] } @both), 1, 'of two creates at once one succeeds');
sql($db, q{CALL rnn_drop_model('twice')});

# ---- in the background ----

is(sql($db, q{SET ROLE alice; SELECT rnn_train_async('demand', promote => 'always') IS NOT NULL}), 't', 'training in the background');
ok(wait_until($db, q{SELECT state = 'succeeded' FROM rnn_jobs}, 20), 'succeeds');
is(sql($db, q{SELECT role, result, (SELECT trained_by FROM rnn_model_versions WHERE version = 3) FROM rnn_jobs}), 'alice|version 3, active|alice', 'as the caller');
sql($db, q{BEGIN; SELECT rnn_train_async('demand'); ROLLBACK});
sql($db, q{SELECT rnn_train_async('demand', options => '{"horzon": 3}')});
ok(wait_until($db, q{SELECT count(*) = 1 FROM rnn_jobs WHERE state = 'failed' AND error = 'unknown option "horzon"'}, 20), 'an error is recorded');
sql($db, q{SELECT rnn_train_async('demand', network => rnn_sequential(rnn_gru(16), rnn_dense(7)), promote => 'always', options => } . "$lots)");
ok(wait_until($db, q{SELECT count(*) = 1 FROM rnn_jobs j JOIN rnn_progress p ON p.pid = j.pid AND p.model = j.name WHERE state = 'running'}, 20), 'a running job shows its progress');
is(sql($db, q{SELECT rnn_cancel('demand')}), 1, 'and is cancelled by name');
ok(wait_until($db, q{SELECT count(*) = 1 FROM rnn_jobs WHERE state = 'cancelled'}, 20), 'which is recorded');
is(sql($db, q{SELECT count(*) FROM rnn_jobs}), 3, 'a call that was rolled back left no job');
is(sql($db, q{SET ROLE other; SELECT count(*) FROM rnn_jobs}), 0, 'others do not see jobs');

# ---- dumped and restored into a fresh cluster, where the roles do not exist ----

my $before = sql($db, $forecast);
my $dir = File::Temp->newdir();
chmod 0755, $dir;
sql($db, q{CALL rnn_store_forecast('demand')});
ok(IPC::Run::run([ 'pg_dump', '--no-owner', '--no-privileges', '--file', "$dir/dump.sql", $db ]), 'pg_dump');
{
	local $ENV{CLUSTER_CONF} = '';
	my $restored = '';
	IPC::Run::run([ "$root/test/cluster", 'bash', '-c',
		qq{createdb copy && psql -Xq -v ON_ERROR_STOP=1 -d copy -f $dir/dump.sql >/dev/null && psql -XAtq -d copy} ],
		\"$forecast; SELECT string_agg(name || ' ' || owner, ','), (SELECT count(*) FROM rnn_model_versions), (SELECT count(*) FROM rnn_forecasts) FROM rnn_models;
		SELECT bool_and(sha256 = encode(sha256(model), 'hex')) FROM rnn_model_versions JOIN rnn_model_bytes USING (name, version);", \$restored);
	is($restored, "$before\ndemand alice|3|7\nt\n", 'in a fresh cluster the same models give the same forecasts');
}

# ---- on a standby ----

my $standby = File::Temp->newdir();
chmod 0755, $standby;
mkdir "$standby/data";
if ($> == 0) { chown((getpwnam $user)[2], -1, "$standby/data"); }
chmod 0700, "$standby/data";
ok(IPC::Run::run([ as_server('pg_basebackup', '-h', $ENV{PGHOST}, '-U', 'postgres', '-D', "$standby/data", '-R', '-X', 'stream', '-c', 'fast') ]), 'pg_basebackup');
system(as_server('pg_ctl', '-D', "$standby/data", '-l', "$standby/data/log", '-o', '-p 5433', '-w', '-s', 'start'));
{
	local $ENV{PGPORT} = 5433;
	ok(wait_until($db, 'SELECT pg_is_in_recovery()', 20), 'a streaming replica is up');
	is(sql($db, $forecast), $before, 'and gives the same forecasts');
	like(sql($db, q{SELECT count(*) FROM rnn_forecast('demand', fresh => true)}), qr/^7$/, 'also from fresh rows');
	like(sql_fails($db, q{CALL rnn_retrain('demand', promote => 'always')}), qr/cannot execute DELETE in a read-only transaction/, 'training is refused there');
	like(sql_fails($db, q{SELECT rnn_train_async('demand')}), qr/in a read-only transaction/, 'in the background as well');
}
sql($db, q{SET ROLE alice; CALL rnn_retrain('demand', promote => 'always', options => '{"time_steps": 9}')});
$before = sql($db, $forecast);
{
	local $ENV{PGPORT} = 5433;
	ok(wait_until($db, q{SELECT active_version = 4 FROM rnn_models}, 20), 'a version trained meanwhile arrives');
	is(sql($db, $forecast), $before, 'and forecasts the same');
}
system(as_server('pg_ctl', '-D', "$standby/data", '-m', 'immediate', '-w', '-s', 'stop'));

# ---- logical replication of the models alone ----

my $subscriber = new_database();
sql($db, q{CREATE PUBLICATION models FOR TABLE rnn_models, rnn_model_versions, rnn_model_bytes});
sql($db, q{SELECT pg_create_logical_replication_slot('models', 'pgoutput')});
sql($subscriber, qq{CREATE SUBSCRIPTION models CONNECTION 'host=$ENV{PGHOST} dbname=$db user=postgres' PUBLICATION models WITH (create_slot = false, slot_name = 'models')});
# the tables arrive one by one, in any order
ok(wait_until($subscriber, q{SELECT count(*) = 3 AND bool_and(srsubstate = 'r') AND (SELECT count(*) FROM rnn_model_bytes) = 4 FROM pg_subscription_rel}, 30),
	'models are replicated logically');
is(sql($subscriber, $forecast), $before, 'and forecast the same');
sql($db, q{CALL rnn_rollback('demand')});
ok(wait_until($subscriber, 'SELECT active_version = 3 FROM rnn_models', 20), 'a rollback arrives');
sql($subscriber, 'DROP SUBSCRIPTION models');
sql($db, q{CALL rnn_promote('demand', 4)});

# ---- what cron has done ----

ok(wait_until($cron, q{SELECT count(*) >= 1 FROM cron.job_run_details WHERE status = 'succeeded' AND command ~ 'retrain'}, 75), 'cron has run a retrain');
ok(wait_until($cron, "SELECT ($versions) >= 2", 5), 'which has made a version');
sql($cron, qq{INSERT INTO sales SELECT date '2023-01-01' + t, $rows FROM generate_series(206, 210) t});
ok(wait_until($cron, "SELECT ($versions) >= 3", 75), 'and another one when there were new rows');
ok(wait_until($cron, 'SELECT count(DISTINCT made_at) >= 2 FROM rnn_forecasts', 10), 'forecasts have landed in their table');
is(sql($cron, q{SELECT count(*) FROM cron.job_run_details WHERE status = 'failed'}), 0, 'no scheduled run has failed');
sql($cron, 'SELECT cron.unschedule(jobid) FROM cron.job');
ok(wait_until($cron, q{SELECT count(*) = 0 FROM cron.job_run_details WHERE status IN ('starting', 'running')}, 10), 'none is under way');
my $good = sql($cron, $forecast);
my $active = sql($cron, 'SELECT active_version FROM rnn_models');
sql($cron, qq{INSERT INTO sales SELECT date '2023-01-01' + t, $rows FROM generate_series(211, 231) t;
	CALL rnn_retrain('demand', options => '{"time_steps": 1, "seasonality": "none"}')});
is(sql($cron, 'SELECT active_version FROM rnn_models'), $active, 'a worse challenger is not promoted');
is(sql($cron, $forecast), $good, 'the forecasts are those of before');
sql($cron, q{CALL rnn_retrain('demand', promote => 'always')});
isnt(sql($cron, $forecast), $good, 'a promoted one forecasts anew');
sql($cron, q{CALL rnn_rollback('demand')});
is(sql($cron, $forecast), $good, 'rolled back, the forecasts are byte for byte those of before');

# ---- the training process is killed, at ten points ----

my $trains = q{network => rnn_sequential(rnn_gru(16), rnn_dense(7)), promote => 'always', options => '{"horizon": 7, "time_steps": 56, "epochs": 100000, "ensemble": 1, "workers": 0}'};
my $sound = q{SELECT count(*) = (SELECT count(*) FROM rnn_model_bytes) AND bool_and(v.sha256 = encode(sha256(b.model), 'hex'))
	AND bool_or(v.version = (SELECT active_version FROM rnn_models)) AND (SELECT count(*) FROM rnn_progress) = 0
	AND (SELECT count(*) FROM rnn_jobs WHERE state IN ('running')) = 0 FROM rnn_model_versions v JOIN rnn_model_bytes b USING (name, version)};
my $killed = 0;
for my $point (1 .. 10)
{
	my $background = $point % 2 == 0;
	my $session = $background ? undef : start($db, "SET application_name = 'victim'; CALL rnn_retrain('demand', $trains);");
	sql($db, "SELECT rnn_train_async('demand', $trains)") if $background;
	my $who = $background ? q{backend_type = 'forecast_rnn training'} : q{application_name = 'victim' AND query LIKE '%rnn_retrain%'};
	wait_until($db, "SELECT count(*) > 0 FROM pg_stat_activity WHERE $who", 10);
	my $pid = sql($db, "SELECT pid FROM pg_stat_activity WHERE $who LIMIT 1");
	sleep 0.12 * ($point - 1);
	if ($pid && kill('KILL', $pid)) { $killed++; }
	finish($session) if $session;
	# until the server has restarted
	sleep 0.1;
	ok(wait_until($db, 'SELECT true', 60) && wait_until($db, $sound, 10), "killed at point $point: the registry is consistent, nothing runs");
}
is($killed, 10, 'all ten were at it when they were killed');
sql($db, q{CALL rnn_retrain('demand', promote => 'always')});
ok(sql($db, $sound), 'the next retrain succeeds');
is(sql($db, q{SELECT count(*) FROM rnn_jobs WHERE state NOT IN ('succeeded', 'failed', 'cancelled', 'interrupted')}), 0, 'every job has an end');
is(sql($db, 'SELECT count(*) FROM pg_ls_tmpdir()'), 0, 'no temporary file is left');

done_testing();
