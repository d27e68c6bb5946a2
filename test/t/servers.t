# Panels of three servers joined by postgres_fdw: the same panel and the same model as from all rows on one; and
# training in rounds on the three, one of which is stopped in the middle of a round.
# Each server is a cluster of its own, on a socket in a temporary folder.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use File::Temp qw(tempdir);
use FrnnTest;
use Test::More;

plan skip_all => 'postgres_fdw is not installed' unless -e (`pg_config --sharedir` =~ s/\s+$//r) . '/extension/postgres_fdw.control';

my $db = new_database();
my $folder = tempdir(CLEANUP => 1);
my @as = $> == 0 ? ('runuser', '-u', $ENV{SERVER_USER} || 'postgres', '--') : ();
chmod 0755, $folder;
if (@as) { my @user = getpwnam($ENV{SERVER_USER} || 'postgres'); chown @user[ 2, 3 ], $folder; }
my @started;
END { my $status = $?; run_quietly(@as, 'pg_ctl', '-D', $_, '-m', 'immediate', '-w', 'stop') for @started; $? = $status; }

sub run_quietly { my $log = ''; return IPC::Run::run([@_], '<', '/dev/null', '>&', '/dev/null'); }

my $rows = q{SELECT s, timestamptz '2024-01-01 00:00+00' + k * interval '1 hour' AS t, 10 + s + 3 * sin(k / 24.0 * 2 * pi()) + (k * 7919 % 101) / 40.0 AS v
	FROM generate_series(1, 9) s, generate_series(0, 299) k};
sql($db, "CREATE EXTENSION postgres_fdw; CREATE TABLE alone AS $rows");
for my $node (0 .. 2)
{
	my $data = "$folder/$node";
	run_quietly(@as, 'initdb', '-D', $data, '-A', 'trust', '-U', $ENV{PGUSER}, '--no-sync', '-E', 'UTF8', '--locale=C') or die 'initdb failed';
	open my $conf, '>>', "$data/postgresql.conf" or die $!;
	print $conf "listen_addresses = ''\nunix_socket_directories = '$data'\nfsync = off\nshared_buffers = '16MB'\ntimezone = 'UTC'\n";
	close $conf;
	run_quietly(@as, 'pg_ctl', '-D', $data, '-l', "$data/log", '-w', 'start') or die 'start failed';
	push @started, $data;
	# sessions of postgres_fdw have GMT; the function that makes the panel sets its own zone
	my $shard = "host=$data dbname=postgres";
	sql($shard, qq{CREATE EXTENSION forecast_rnn; CREATE TABLE part AS SELECT * FROM ($rows) r WHERE s % 3 = $node;
		CREATE FUNCTION part_panel() RETURNS rnn_panel LANGUAGE sql STABLE SET TimeZone = 'UTC' SET search_path = public AS 'SELECT rnn_panel(s, t, v) FROM part';
		CREATE VIEW panel AS SELECT part_panel() AS p; CREATE VIEW panel_gmt AS SELECT rnn_panel(s, t, v) AS p FROM part});
	sql($db, qq{CREATE SERVER node$node FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '$data', dbname 'postgres');
		CREATE USER MAPPING FOR CURRENT_USER SERVER node$node OPTIONS (user '$ENV{PGUSER}', password_required 'false');
		CREATE FOREIGN TABLE panel$node (p rnn_panel) SERVER node$node OPTIONS (table_name 'panel');
		CREATE FOREIGN TABLE gmt$node (p rnn_panel) SERVER node$node OPTIONS (table_name 'panel_gmt');
		CREATE FOREIGN TABLE part$node (s int, t timestamptz, v float8) SERVER node$node OPTIONS (table_name 'part')});
}
my $panels = join ' UNION ALL ', map { "SELECT p FROM panel$_" } 0 .. 2;
my $parts = join ' UNION ALL ', map { "SELECT * FROM part$_" } 0 .. 2;
my $train = q{md5(rnn_train(%s, '"ridge"', '{"horizon": 12, "time_steps": 24}'))};

my $alone = sql($db, 'SELECT md5(rnn_panel(s, t, v)::text) FROM alone');
is(sql($db, "SELECT md5(rnn_panel(p)::text) FROM ($panels) x"), $alone, 'panels of three servers are the panel of all rows');
is(sql($db, "SELECT md5(rnn_panel(s, t, v)::text) FROM ($parts) x"), $alone, 'and so are their rows');
is(sql($db, 'SELECT ' . sprintf($train, 'rnn_panel(p)') . " FROM ($panels) x"), sql($db, 'SELECT ' . sprintf($train, 'rnn_panel(s, t, v)') . ' FROM alone'), 'one model');
like(sql_fails($db, 'SELECT rnn_panel(p) IS NULL FROM (SELECT p FROM gmt0 UNION ALL SELECT p FROM panel1) x'),
	qr/must have one time zone, not "GMT" and "UTC".*postgres_fdw/s, 'panels cut in different zones are refused');

# ---- training in rounds: each server trains where its rows are, from PostgreSQL 14 all at the same time ----
my $async = sql($db, 'SHOW server_version_num') >= 140000 ? ", async_capable 'true'" : '';
for my $node (0 .. 2)
{
	# the second time, server 1 waits to be stopped
	sql("host=$started[$node] dbname=postgres", q{CREATE TABLE task (model bytea, options jsonb, n int); INSERT INTO task VALUES (NULL, NULL, 0);
		CREATE VIEW trained AS SELECT rnn_train(part_panel(), model, options) AS model FROM task WHERE CASE WHEN n = 2 AND } . ($node == 1 ? 'true' : 'false') . q{ THEN pg_sleep(60) IS NOT NULL ELSE true END});
	sql($db, qq{CREATE FOREIGN TABLE task$node (model bytea, options jsonb, n int) SERVER node$node OPTIONS (table_name 'task');
		CREATE FOREIGN TABLE trained$node (model bytea) SERVER node$node OPTIONS (table_name 'trained'$async)});
}
sql($db, q{CREATE FUNCTION start() RETURNS bytea LANGUAGE sql AS $$ SELECT rnn_train(rnn_panel(s, t, v), rnn_sequential(rnn_gru(3), rnn_dense(6)),
	'{"epochs": 3, "steps_per_epoch": 4, "keep_optimizer": true, "validation": 0, "time_steps": 24, "seasonality": [24], "stop_after": 0}') FROM alone WHERE s % 3 = 0 $$});
my $gather = join ' UNION ALL ', map { "SELECT model FROM trained$_" } 0 .. 2;
my $sends = join ', ', map { qq{"node$_": "UPDATE task$_ SET model = \$1, options = \$2, n = n + 1"} } 0 .. 2;
my $call = qq{CALL rnn_train_distributed('fdw', start(), '{$sends}', 3, gather => '$gather')};
like(sql($db, "EXPLAIN (COSTS off) $gather"), $async ? qr/(?:Async Foreign Scan.*){3}/s : qr/(?:Foreign Scan.*){3}/s,
	$async ? 'the servers train at the same time' : 'the servers train one after the other');
my $session = start($db, $call);
ok(wait_until("host=$started[1] dbname=postgres", q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}, 120), 'server 1 is in the second round');
run_quietly(@as, 'pg_ctl', '-D', $started[1], '-m', 'immediate', '-w', 'stop');
my (undef, undef, $error) = finish($session);
like($error, qr/distributed training "fdw" failed in round 2 on node "node1": .*HINT:  1 of 3 rounds are kept/s, 'a server stopped in a round is named');
is(sql($db, q{SELECT step, round, failed_node, model IS NOT NULL FROM rnn_distributed}), 'round|1|node1|t', '  the round before is kept');
like(sql_fails($db, $call), qr/round 2 on node "node1": could not connect to server "node1"/, '  it is named again while it is gone');
run_quietly(@as, 'pg_ctl', '-D', $started[1], '-l', "$started[1]/log", '-w', 'start') or die 'start failed';
sql("host=$started[1] dbname=postgres", 'UPDATE task SET n = 5');
sql($db, $call);
my $parts_call = join ', ', map { qq{"node$_": "SELECT rnn_train(rnn_panel(s, t, v), \$1, \$2) FROM alone WHERE s % 3 = $_"} } 0 .. 2;
sql($db, "CALL rnn_train_distributed('alone', start(), '{$parts_call}', 3)");
is(sql($db, q{SELECT string_agg(step || round, ' '), count(DISTINCT model) FROM rnn_distributed}), 'done3 done3|1', '  resumed, the model is that of partitions of one server');
sql("host=$started[2] dbname=postgres", 'DROP TABLE task CASCADE');
like(sql_fails($db, $call =~ s/'fdw'/'missing'/r), qr/round 1 on node "node2": relation "public.task" does not exist/, 'a table missing on one server is named');

# a server without rows, and one that is gone
sql("host=$started[2] dbname=postgres", 'DELETE FROM part');
is(sql($db, "SELECT rnn_panel(p) = (SELECT rnn_panel(s, t, v) FROM alone WHERE s % 3 < 2) FROM ($panels) x"), 't', 'a server without rows adds none');
run_quietly(@as, 'pg_ctl', '-D', $started[1], '-m', 'immediate', '-w', 'stop');
like(sql_fails($db, "SELECT rnn_panel(p) IS NULL FROM ($panels) x"), qr/node1/, 'a server that is gone is named');

done_testing();
