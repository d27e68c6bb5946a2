# The escalation matrix: what a hostile role (mallory) tries against the extension, a line per cell.  Every trap
# that mallory sets makes mallory a superuser if it ever runs with other rights than mallory's, and every cell
# checks that it has not.
use strict;
use warnings;
use File::Temp;
use FindBin;
use IPC::Run;
use lib $FindBin::Bin;
use FrnnTest;
use Time::HiRes qw(sleep time);
use Test::More;

my $db = new_database();
my $workers = q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'forecast_rnn training'};

# the cell is passed if mallory has gained nothing
sub safe
{
	my ($cell) = @_;
	wait_until($db, "SELECT ($workers) = 0", 10) if $cell !~ /^a query|^planted/;
	my $super = sql($db, q{SELECT rolsuper FROM pg_roles WHERE rolname = 'mallory'});
	is($super, 'f', $cell);
	sql($db, 'ALTER ROLE mallory NOSUPERUSER') if $super eq 't';
}

# statements of mallory's own session, as psql -U mallory would run them
sub mallory { my ($sql) = @_; local $ENV{PGUSER} = 'mallory'; return sql($db, $sql); }
sub mallory_fails { my ($sql) = @_; local $ENV{PGUSER} = 'mallory'; return sql_fails($db, $sql); }

# all that they print, errors too
sub runs { my ($sql) = @_; my (undef, $out, $err) = finish(start($db, "\\set ON_ERROR_STOP 0\n$sql")); return "$out\n$err"; }

my $rows = q{SELECT g::bigint AS ts, g::float8 AS value FROM pg_catalog.generate_series(1, 60) g};
my $ridge = q{'"ridge"', '{"horizon": 2, "time_steps": 4}'};
my $job = q{'00000000-0000-0000-0000-000000000001'};

sql($db, q{CREATE ROLE mallory LOGIN; CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN; CREATE SCHEMA evil AUTHORIZATION mallory;
	GRANT CREATE ON SCHEMA public TO mallory; GRANT TEMPORARY ON DATABASE } . $db . q{ TO mallory; GRANT USAGE ON SCHEMA evil TO PUBLIC});
mallory(q{
	CREATE FUNCTION evil.trap() RETURNS boolean LANGUAGE plpgsql AS $$
	BEGIN
		IF current_user <> 'mallory' THEN ALTER ROLE mallory SUPERUSER; END IF;
		RETURN true;
	END $$;
	CREATE FUNCTION evil.fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.trap(); RETURN NULL; END $$;
	CREATE TABLE evil.deferred (x int);
	CREATE CONSTRAINT TRIGGER t AFTER INSERT ON evil.deferred DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION evil.fire();
	-- a shadow of an operator that the worker uses: plants deferred work
	CREATE FUNCTION evil.get(jsonb, text) RETURNS text LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO evil.deferred VALUES (1);
		RETURN pg_catalog.jsonb_object_field_text($1, $2);
	END $$;
	CREATE OPERATOR evil.->> (LEFTARG = jsonb, RIGHTARG = text, FUNCTION = evil.get);});

# a model of mallory's whose query calls a function of mallory's
sub model
{
	my ($name, $value) = @_;
	mallory("INSERT INTO rnn_models (name, query, search_path, columns, network, options) VALUES ('$name', \$q\$SELECT g::bigint AS ts, "
		. "g::float8 + CASE WHEN $value THEN 0 ELSE 1 END AS value FROM pg_catalog.generate_series(1, 60) g\$q\$, 'public', "
		. q{'{"ts": "bigint", "value": "double precision", "series": null, "covariates": []}', } . "$ridge)");
}

# a job with the shadow in its settings, as mallory may write it; and a function that starts it
mallory(qq{CREATE FUNCTION evil.plant() RETURNS void LANGUAGE sql AS \$\$
		DELETE FROM public.rnn_job_log;
		INSERT INTO public.rnn_job_log (job, name, arguments, settings) VALUES ($job, 'launches', '{"promote": "always"}', '{"search_path": "evil, pg_catalog, public"}') \$\$;
	CREATE FUNCTION evil.launch(x integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS \$\$
	BEGIN
		IF x = 1 AND session_user <> current_user THEN PERFORM public.rnn_async_launch($job); END IF;
		RETURN x;
	END \$\$;
	CREATE TABLE evil.bait (x integer); CREATE INDEX ON evil.bait (evil.launch(x)); INSERT INTO evil.bait SELECT generate_series(1, 100);
	CREATE MATERIALIZED VIEW evil.view AS SELECT evil.launch(x) FROM evil.bait WITH NO DATA;});
model('launches', 'evil.launch(1) = 1');
my $refused = qr/background training cannot be started here/;

# ---- security-restricted operations: a worker is started in the role of somebody else ----

for my $cell (
	[ 'a superuser retrains a model whose query starts a worker', q{CALL rnn_retrain('launches')} ],
	[ 'a superuser reads what a model\'s query returns', q{SELECT rnn_managed_panel(m) FROM rnn_models m WHERE name = 'launches'} ],
	[ 'a superuser analyzes a table with an index expression', q{ANALYZE evil.bait} ],
	[ 'a superuser refreshes a materialized view', q{REFRESH MATERIALIZED VIEW evil.view} ],
	[ 'a superuser rebuilds an index', q{REINDEX TABLE evil.bait} ])
{
	mallory('SELECT evil.plant()');
	my $said = runs($cell->[1]);
	safe($cell->[0]);
	like($said, $refused, '  refused');
}

# no superuser does anything
mallory('SELECT evil.plant()');
sql($db, q{ALTER SYSTEM SET autovacuum_naptime = '1s'});
sql($db, q{ALTER TABLE evil.bait SET (autovacuum_analyze_threshold = 5, autovacuum_analyze_scale_factor = 0); SELECT pg_reload_conf()});
mallory('INSERT INTO evil.bait SELECT generate_series(1, 100)');
my $log = sub { open(my $file, '<', $ENV{CLUSTER_LOG}) or return ''; local $/; return <$file>; };
my $end = time + 20;
sleep 0.1 until $log->() =~ /automatic analyze of table "$db\.evil\.bait"/ || time > $end;
safe('autovacuum analyzes a table whose index expression starts a worker');
like($log->(), qr/ERROR:  background training cannot be started here.*?CONTEXT:.*?automatic analyze of table "$db\.evil\.bait"/s, '  refused');
sql($db, 'ALTER SYSTEM RESET autovacuum_naptime');
sql($db, 'SELECT pg_reload_conf(); DROP TABLE evil.bait CASCADE');

# the owner of the function decides whose role it is, its caller does not
sql($db, qq{CREATE FUNCTION lends() RETURNS uuid LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS \$\$ SELECT public.rnn_train_async('launches') \$\$});
like(mallory_fails('SELECT lends()'), $refused, 'a SECURITY DEFINER function starts no worker');

# ---- the worker: its session is the job's role ----

mallory('SELECT evil.plant()');
runs("SET ROLE mallory; SELECT rnn_async_launch($job)");
safe('deferred triggers of a job that a superuser starts as mallory run as mallory');
mallory(q{CREATE FUNCTION evil.who() RETURNS boolean LANGUAGE plpgsql AS $$
	BEGIN RAISE EXCEPTION 'session %, current %', session_user, current_user; END $$;
	CREATE FUNCTION evil.back(how text) RETURNS boolean LANGUAGE plpgsql AS $$
	BEGIN
		EXECUTE how;
		RETURN evil.trap();
	END $$;});
model('who', 'evil.who()');
model('back', q{evil.back('SET ROLE postgres')});
sql($db, q{SET ROLE mallory; SELECT rnn_train_async('who')});
ok(wait_until($db, q{SELECT count(*) = 1 FROM rnn_jobs WHERE name = 'who' AND error = 'session mallory, current mallory'}, 10), 'a worker has no other role than the job\'s');
for my $how ('RESET ROLE', 'SET ROLE postgres', 'SET SESSION AUTHORIZATION postgres', 'RESET SESSION AUTHORIZATION')
{
	sql($db, qq{UPDATE rnn_models SET query = replace(query, 'SET ROLE postgres', '$how') WHERE name = 'back'; SET ROLE mallory; SELECT rnn_train_async('back')});
	ok(wait_until($db, q{SELECT bool_and(finished_at IS NOT NULL) FROM rnn_jobs WHERE name = 'back'}, 10), "  the job has ended: $how");
	safe("a job cannot leave its role by $how");
	sql($db, qq{UPDATE rnn_models SET query = replace(query, '$how', 'SET ROLE postgres') WHERE name = 'back'});
}
like(mallory_fails(q{SELECT rnn_train_async('who', settings => '{"search_path": "evil"}')}), qr/setting search_path cannot be given/, 'a job takes no search_path along');
like(mallory_fails(q{SELECT rnn_train_async('who', settings => '{"role": "postgres"}')}), qr/setting role cannot be given/, 'nor a role');
like(mallory_fails(q{SELECT rnn_train_async('who', settings => '{"work_mem": "lots"}')}), qr/invalid value for parameter "work_mem"/, 'values are checked');
SKIP:
{
	skip 'this server lets workers act for roles that may not log in', 1 if sql($db, 'SHOW server_version_num') >= 170000;
	sql($db, 'CREATE ROLE team; GRANT mallory TO team');
	like(sql_fails($db, q{SET ROLE team; SELECT rnn_train_async('who')}), qr/role "team" is not permitted to log in/, 'a role that may not log in has no worker');
	sql($db, 'DROP ROLE team');
}
sql($db, qq{REVOKE CONNECT ON DATABASE $db FROM PUBLIC});
like(sql_fails($db, q{SET ROLE mallory; SELECT rnn_train_async('who')}), qr/role "mallory" is not permitted to connect/, 'nor one that may not connect');
sql($db, qq{GRANT CONNECT ON DATABASE $db TO PUBLIC});

# ---- deferred work and objects of a model's query, which a superuser runs ----

mallory('CREATE FUNCTION evil.later() RETURNS boolean LANGUAGE sql AS $$ SELECT true $$');
model('later', 'evil.later()');
for my $cell (
	[ 'a deferred trigger', 'INSERT INTO evil.deferred VALUES (1)', qr/cannot execute INSERT in a read-only transaction/ ],
	[ 'a cursor WITH HOLD', 'DECLARE c CURSOR WITH HOLD FOR SELECT evil.trap()', qr/WITH HOLD within security-restricted operation/ ],
	[ 'a temporary table', 'CREATE TEMP TABLE format (x int)', qr/read-only transaction|within security-restricted operation/ ],
	[ 'a temporary function', 'CREATE FUNCTION pg_temp.format(text, text) RETURNS text LANGUAGE sql AS $$ SELECT evil.trap()::text $$', qr/read-only transaction|within security-restricted operation/ ],
	[ 'a way to write', 'SET transaction_read_only = off', qr/cannot set transaction read-write mode|transaction_read_only/ ],
	[ 'another role', 'SET ROLE postgres', qr/within security-(restricted|definer)/ ],
	[ 'another session', 'SET SESSION AUTHORIZATION postgres', qr/within security-(restricted|definer)/ ],
	[ 'a channel', 'LISTEN evil', qr/within security-restricted operation/ ])
{
	my ($name, $statement, $error) = @$cell;
	mallory('CREATE OR REPLACE FUNCTION evil.later() RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN '
		. "EXECUTE \$s\$$statement\$s\$; RETURN evil.trap(); END \$f\$");
	my $said = runs(q{CALL rnn_retrain('later')});
	safe("a query leaves nothing for later: $name");
	like($said, $error, '  refused');
}

# ---- rows written by hand: texts that become part of statements ----

my @planted = (
	[ 'two statements', q{SELECT 1::bigint AS ts, 1.0 AS value; SELECT evil.trap()} ],
	[ 'a closing parenthesis', q{SELECT 1::bigint AS ts, 1.0::float8 AS value) AS x, (SELECT evil.trap()} ],
	[ 'an INTO that ends the statement', q{SELECT 1::bigint AS ts, 1 AS value) AS source INTO foo; SELECT * FROM (SELECT 1} ],
	[ 'a comment that is open', q{SELECT 1::bigint AS ts, 1 AS value /*} ],
	[ 'a common table expression that writes', q{WITH d AS (INSERT INTO evil.deferred VALUES (1) RETURNING 1) SELECT 1::bigint AS ts, 1.0 AS value FROM d} ],
	[ 'a role by set_config', q{SELECT g::bigint AS ts, CASE WHEN pg_catalog.set_config('role', 'postgres', false) IS NULL THEN 1 ELSE 1 END AS value FROM pg_catalog.generate_series(1, 60) g} ],
	[ 'a session by set_config', q{SELECT g::bigint AS ts, CASE WHEN pg_catalog.set_config('session_authorization', 'postgres', false) IS NULL THEN 1 ELSE 1 END AS value FROM pg_catalog.generate_series(1, 60) g} ],
	[ 'a search_path without an end', $rows, '"unterminated' ],
	[ 'a search_path that is long', $rows, join(', ', map { "s$_" } 1 .. 20000) ],
	[ 'nothing', '' ]);
for my $cell (@planted)
{
	my ($name, $query, $path) = @$cell;
	$path //= 'evil, public';
	mallory(qq{DELETE FROM rnn_models WHERE name = 'planted';
		INSERT INTO rnn_models (name, query, search_path, columns, network, options)
		VALUES ('planted', \$q\$$query\$q\$, \$q\$$path\$q\$, '{"ts": "bigint", "value": "double precision", "series": null, "covariates": []}', $ridge)});
	my $said = runs(q{CALL rnn_retrain('planted'); SELECT 'then ' || session_user || ' ' || current_user});
	safe("planted in rnn_models: $name");
	like($said, qr/then postgres postgres/, '  the session goes on as it was');
}
# the column list is part of statements too
mallory(qq{DELETE FROM rnn_models WHERE name = 'planted';
	INSERT INTO rnn_models (name, query, search_path, columns, network, options) VALUES ('planted', '$rows', 'public',
	'{"ts": "bigint", "value": "double precision", "series": null, "covariates": [{"name": "a\\"::text, evil.trap() --", "type": "integer"}]}', $ridge)});
like(runs(q{CALL rnn_retrain('planted')}), qr/returns other columns/, 'planted in rnn_models: columns are compared with the query');
safe('planted in rnn_models: columns');
for my $statement (q{SELECT * FROM rnn_query_columns('mallory', 'public', 'SELECT 1 AS a) AS source INTO foo; SELECT * FROM (SELECT 1')},
	q{SELECT * FROM rnn_query_as('mallory', 'public', 'SELECT 1; SELECT 2') AS t(a integer)})
{
	like(mallory_fails($statement), qr/syntax error|must be one statement/, 'called by hand: ' . ($statement =~ /(rnn_\w+)/)[0] . ' takes one statement');
}
like(mallory_fails(q{INSERT INTO rnn_models (name, owner, query, search_path, columns) VALUES ('x', 'alice', '', '', '{}')}), qr/row-level security/, 'no model for another owner');
like(mallory_fails(q{INSERT INTO rnn_models (name, owner, query, search_path, columns) VALUES ('x', 'public', '', '', '{}')}), qr/row-level security/, 'nor for everybody');

# ---- planted jobs ----

sql($db, q{GRANT alice TO mallory});
for my $role ('public', 'bob', 'alice')
{
	like(mallory_fails("INSERT INTO rnn_job_log (name, role, arguments, settings) VALUES ('m', '$role', '{}', '{}')"), qr/row-level security/, "no job is written for role $role");
}
sql($db, q{REVOKE alice FROM mallory; INSERT INTO rnn_job_log (name, role, arguments, settings) VALUES ('payroll', 'public', '{}', '{}')});
is(mallory('SELECT count(*) FROM rnn_jobs WHERE role = \'public\''), 0, 'nobody sees a job that is nobody\'s');
sql($db, q{DELETE FROM rnn_job_log});
my $victim = start($db, q{SET application_name = 'victim'; SELECT pg_sleep(30)});
wait_until($db, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'victim' AND state = 'active'}, 10);
my $pid = sql($db, q{SELECT pid FROM pg_stat_activity WHERE application_name = 'victim'});
mallory("INSERT INTO rnn_job_log (job, name, arguments, settings, pid, started_at) VALUES ($job, 'who', '{}', '{}', $pid, now() + interval '1 h')");
my $locker = start($db, "SET ROLE mallory; SELECT pg_advisory_lock(hashtext('forecast_rnn job'), hashtext($job)); SELECT pg_sleep(30)");
wait_until($db, q{SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND granted}, 10);
is(sql($db, "SELECT rnn_job_pid($job)"), '', 'a job is not alive because its row names a process, or somebody takes a lock');
is(sql($db, q{SELECT rnn_cancel('who')}), 0, 'and a superuser who cancels it stops nobody else');
is(sql($db, "SELECT state FROM pg_stat_activity WHERE pid = $pid"), 'active', '  the other session goes on');
sql($db, qq{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid(); DELETE FROM rnn_job_log});
finish($_) for $victim, $locker;

# ---- locks of other owners' models ----

sql($db, qq{SET ROLE alice; CALL rnn_create_model('almodel', '$rows', $ridge)});
$locker = start($db, q{SET ROLE mallory; BEGIN; SELECT pg_advisory_lock(hashtext('forecast_rnn model'), hashtext('almodel'));
	SELECT count(*) FROM (SELECT FROM rnn_model_locks WHERE name = 'almodel' FOR UPDATE) s; SELECT pg_sleep(30)});
wait_until($db, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND wait_event = 'PgSleep'}, 10);
unlike(runs(q{SET ROLE alice; CALL rnn_retrain('almodel', promote => 'always')}), qr/nothing done/, 'a stranger\'s locks do not stop a retrain');
is(sql($db, q{SELECT max(version) FROM rnn_model_versions WHERE name = 'almodel'}), 2, '  which has made a version');
is(sql($db, q{SELECT rnn_cancel('almodel')}), 0, 'nor make rnn_cancel stop somebody');
sql($db, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()});
finish($locker);
# the owner's own lock holds, and grants go through meanwhile
$locker = start($db, q{SET ROLE alice; BEGIN; SELECT rnn_managed_lock('almodel'); SELECT pg_sleep(30)});
wait_until($db, q{SELECT rnn_managed_holder('almodel') IS NOT NULL}, 10);
like(runs(q{SET ROLE alice; CALL rnn_retrain('almodel')}), qr/is being trained or changed by process \d+: nothing done/, 'an owner\'s lock stops a second retrain');
is(sql_fails($db, q{SET statement_timeout = '5s'; CALL rnn_grant('almodel', 'bob', 'run')}), '', 'rights change while a model is trained');
is(sql($db, q{SELECT rnn_managed_holder('almodel') = pid FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()}), 't', 'the holder is known');
sql($db, q{SELECT pg_terminate_backend(rnn_managed_holder('almodel'))});
finish($locker);

# ---- worker slots ----

like(mallory_fails('SELECT rnn_async_launch(gen_random_uuid())'), qr/there is no queued job/, 'no worker without a job');
like(mallory_fails("BEGIN; INSERT INTO rnn_job_log (job, name, arguments, settings, started_at) VALUES ($job, 'who', '{}', '{}', now()); SELECT rnn_async_launch($job)"),
	qr/there is no queued job/, 'nor for one that was started before');
sql($db, qq{SET ROLE alice; INSERT INTO rnn_job_log (job, name, arguments, settings) VALUES ($job, 'almodel', '{}', '{}')});
like(mallory_fails("SELECT rnn_async_launch($job)"), qr/there is no queued job/, 'nor for somebody else\'s');
sql($db, 'DELETE FROM rnn_job_log');
my $open = start($db, q{SET ROLE mallory; BEGIN; SELECT rnn_train_async('who'); SELECT rnn_train_async('back'); SELECT pg_sleep(30)});
wait_until($db, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND wait_event = 'PgSleep'}, 10);
is(sql($db, $workers), 0, 'a transaction that stays open holds no worker');
sql($db, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()});
finish($open);
like(mallory_fails(q{SELECT rnn_train_async(name) FROM unnest(ARRAY['who', 'back', 'later']) name}), qr/role "mallory" has 2 trainings in the background, and 2 is the limit/, 'a role has so many workers and no more');
model('sleeps', 'pg_catalog.pg_sleep(30) IS NOT NULL');
mallory(q{SELECT rnn_train_async('sleeps'); SELECT rnn_train_async('back')});
ok(wait_until($db, q{SELECT count(*) = 1 FROM rnn_jobs WHERE name = 'sleeps' AND state = 'running'}, 10), '  one that is at work');
ok(wait_until($db, q{SELECT count(*) = 1 FROM rnn_jobs WHERE name = 'back' AND finished_at IS NOT NULL}, 10), '  and one that has ended');
ok(wait_until($db, "SELECT ($workers) = 1", 10), '  whose process is gone');
like(mallory_fails(q{BEGIN; SELECT rnn_train_async('who'); SELECT rnn_train_async('back')}), qr/2 is the limit/, 'workers of earlier transactions count');
like(mallory_fails(q{SELECT rnn_panel(now(), 1); SET forecast_rnn.max_background_jobs = 100}), qr/permission denied to set parameter/, 'a role cannot raise its limit');
like(mallory_fails(q{SET forecast_rnn.max_background_jobs = 100; SELECT rnn_train_async(name) FROM unnest(ARRAY['who', 'back']) name}), qr/2 is the limit|permission denied to set/, 'not even before the library is loaded');
like(mallory_fails(q{ALTER ROLE mallory SET forecast_rnn.max_background_jobs = 100}), qr/permission denied/, 'nor for its later sessions');
is(mallory(q{SELECT rnn_cancel('sleeps')}), 1, 'its owner cancels a job');
ok(wait_until($db, q{SELECT count(*) = 1 FROM rnn_jobs WHERE name = 'sleeps' AND state = 'cancelled'}, 10), '  which is recorded');
# a worker does not wait for whoever holds its row
sql($db, 'DELETE FROM rnn_job_log');
mallory("INSERT INTO rnn_job_log (job, name, arguments, settings) VALUES ($job, 'who', '{}', '{}')");
$locker = start($db, "SET ROLE mallory; BEGIN; SELECT count(*) FROM (SELECT FROM rnn_job_log FOR UPDATE) s; SELECT pg_sleep(30)");
wait_until($db, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND wait_event = 'PgSleep'}, 10);
mallory("SELECT rnn_async_launch($job)");
sleep 0.3;
ok(wait_until($db, "SELECT ($workers) = 0", 2), 'a worker whose job is locked ends at once');
sql($db, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid(); DELETE FROM rnn_job_log});
finish($locker);
# what is rolled back starts nothing; what is released does
my $left = start($db, q{SET ROLE mallory; BEGIN; SAVEPOINT a; SELECT rnn_train_async('back'); ROLLBACK TO a;
	SAVEPOINT b; SELECT rnn_train_async('who'); RELEASE b; COMMIT;});
finish($left);
ok(wait_until($db, q{SELECT string_agg(name || ' ' || state, ',') = 'who failed' FROM rnn_jobs}, 10), 'savepoints: a job rolled back is not started, one released is');
like(mallory_fails(q{BEGIN; SELECT rnn_train_async('who'); PREPARE TRANSACTION 'p'}), qr/cannot be prepared/, 'no job in a prepared transaction');
safe('workers');

# ---- rights that are taken away, roles that change within a session ----

my $forecast = q{SELECT 'rows ' || count(*) FROM rnn_forecast_index('almodel')};
like(runs("SET ROLE bob; $forecast; $forecast; RESET ROLE; CALL rnn_revoke('almodel', 'bob'); SET ROLE bob; $forecast"),
	qr/rows 2\nrows 2\n.*there is no model/s, 'a cached model is not run after its grant was revoked');
like(runs("SET ROLE alice; $forecast; SELECT count(*) FROM rnn_forecast_index('almodel', fresh => true); SET ROLE mallory; $forecast"),
	qr/rows 2\n2\n.*there is no model/s, 'nor after SET ROLE');
sql($db, q{CALL rnn_grant('almodel', 'bob', 'read')});
is(sql($db, q{SET ROLE bob; SELECT count(*) FROM rnn_model_bytes}), 0, 'read gives no bytes');
sql($db, q{CALL rnn_grant('almodel', 'bob', 'run')});
like(runs(q{SET ROLE bob; SELECT count(*) FROM rnn_forecast_index('almodel', fresh => true)}), qr/permission denied: only the owner/, 'run gives no fresh rows');
is(sql($db, q{SET ROLE bob; WITH u AS (UPDATE rnn_models SET query = 'SELECT 1' RETURNING 1), d AS (DELETE FROM rnn_model_versions RETURNING 1),
	l AS (SELECT FROM rnn_model_locks FOR UPDATE) SELECT (SELECT count(*) FROM u) + (SELECT count(*) FROM d) + (SELECT count(*) FROM l)}), 0, 'a grant lets nobody change or lock a model');

# ---- event triggers ----

like(mallory_fails('CREATE FUNCTION evil.event() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$; CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION evil.event()'),
	qr/permission denied to create event trigger/, 'mallory has no event triggers');
sql($db, q{CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a command'; END $$; CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION refuse()});
is(sql_fails($db, qq{CALL rnn_create_model('event', '$rows', $ridge); CALL rnn_retrain('event', promote => 'always'); CALL rnn_store_forecast('event'); CALL rnn_drop_model('event')}), '', 'managed models run no command that fires one');
sql($db, 'DROP EVENT TRIGGER e');

# ---- functions: none is misled ----

# a body is either run with a search_path of its own, or (where the planner inlines it, or it commits) names everything in full
my $ours = q{FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
	JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'forecast_rnn' JOIN pg_language l ON l.oid = p.prolang};
for my $entry (split /\f\n?/, sql($db, "SELECT p.oid::regprocedure || E'\\x0b' || (array_to_string(p.proconfig, '; ') ~ '(^|; )search_path=pg_catalog, pg_temp(;|\$)' IS TRUE)
	|| E'\\x0b' || p.prosrc || E'\\f' $ours WHERE l.lanname NOT IN ('c', 'internal') ORDER BY p.oid::regprocedure::text"))
{
	my ($function, $pinned, $body) = split /\x0b/, $entry, 3;
	$body =~ s/--.*|'(?:[^']|'')*'//g;
	my @bare = grep { !/^(COALESCE|EXISTS|CASE|IN|AND|OR|VALUES|OPERATOR|THEN)$/i } $body =~ /(?<![.\w])(\w+)\s*\(/g;
	push @bare, $body =~ /(?<!\.)(?<!:)(?:~|<>|\|\||->>?|<=|>=|<|>|\/)(?![=)])/g;
	is($pinned eq 'true' ? '' : "@bare", '', "$function is not misled by a search_path");
}
is(sql($db, "SELECT count(*) $ours WHERE p.prosecdef"), 0, 'none is SECURITY DEFINER');

# Overloads in the schema of the extension that would be the better match: of each of its functions with fewer
# arguments than defaults allow, and of server functions whose arguments are of any type.
sql($db, q{CREATE TABLE begun AS SELECT rnn_train(rnn_panel(s, t::bigint, 10 + s + 3 * sin(t) + (t * 7919 * s % 101) / 40.0), rnn_sequential(rnn_gru(2), rnn_dense(2)),
	'{"horizon": 2, "epochs": 1, "steps_per_epoch": 1, "keep_optimizer": true, "validation": 0, "time_steps": 4, "stop_after": 0}') AS m
	FROM generate_series(1, 2) s, generate_series(1, 60) t});
my $decoys = sql($db, qq{SELECT string_agg(format('CREATE FUNCTION public.%s(%s) RETURNS %s LANGUAGE sql AS \$\$ SELECT NULL::%s FROM evil.trap() \$\$;', p.proname,
		(SELECT string_agg(t::regtype::text, ', ' ORDER BY n) FROM unnest(p.proargtypes) WITH ORDINALITY u(t, n) WHERE n <= k),
		CASE WHEN p.prokind = 'p' OR p.proretset THEN 'integer' ELSE p.prorettype::regtype::text END,
		CASE WHEN p.prokind = 'p' OR p.proretset THEN 'integer' ELSE p.prorettype::regtype::text END), E'\\n')
	FROM (SELECT p.*, k $ours CROSS JOIN generate_series(0, 20) k
		WHERE p.prokind IN ('f', 'p') AND k >= p.pronargs - p.pronargdefaults AND k < p.pronargs AND NOT 'internal'::regtype = ANY (p.proargtypes)) p
	WHERE NOT EXISTS (SELECT FROM pg_proc q WHERE q.proname = p.proname AND q.pronamespace = 'public'::regnamespace
		AND q.proargtypes::oid[] = (p.proargtypes::oid[])[0:p.k - 1])});
my $made = runs("SET check_function_bodies = off; SET ROLE mallory;\n$decoys");
my $text = join "\n", map { my $n = $_; "CREATE FUNCTION public.format(" . join(', ', ('text') x $n) . ") RETURNS text LANGUAGE sql AS \$\$ SELECT evil.trap()::text \$\$;" } 2 .. 6;
$made .= runs(qq{SET ROLE mallory; $text
	CREATE FUNCTION public.quote_ident(name) RETURNS text LANGUAGE sql AS \$\$ SELECT evil.trap()::text \$\$;
	CREATE FUNCTION public.unnest(name[]) RETURNS SETOF name LANGUAGE sql AS \$\$ SELECT 'mallory'::name FROM evil.trap() \$\$;
	CREATE FUNCTION public.array_append(name[], name) RETURNS name[] LANGUAGE sql AS \$\$ SELECT \$1 FROM evil.trap() \$\$;
	CREATE FUNCTION public.array_remove(name[], name) RETURNS name[] LANGUAGE sql AS \$\$ SELECT \$1 FROM evil.trap() \$\$;
	CREATE FUNCTION public.concat(name[], name[]) RETURNS name[] LANGUAGE sql AS \$\$ SELECT \$1 FROM evil.trap() \$\$;
	CREATE FUNCTION public.to_jsonb(public.rnn_model_versions) RETURNS jsonb LANGUAGE sql AS \$\$ SELECT '{}'::jsonb FROM evil.trap() \$\$;
	CREATE OPERATOR public.|| (LEFTARG = name[], RIGHTARG = name[], FUNCTION = public.concat);});
sql($db, q{DELETE FROM rnn_models WHERE owner = 'mallory'});
unlike($made, qr/ERROR/, 'mallory has overloads in the schema of the extension');
my $all = 'NULL::bigint, NULL::interval, NULL::jsonb, NULL::jsonb';
my $said = runs(qq{CALL public.rnn_create_model('shadow'::text, '$rows'::text, '"ridge"'::jsonb, '{"horizon": 2, "time_steps": 4}'::jsonb, 1::bigint, NULL::interval, 5, true, 'pg_catalog'::text);
	CALL public.rnn_retrain('shadow'::text, false, 'always'::text, NULL::bigint, NULL::interval, '{"time_steps": 3}'::jsonb, NULL::jsonb);
	CALL public.rnn_retrain('shadow'::text, false, 'if_better'::text, NULL::bigint, NULL::interval, '{"time_steps": 5}'::jsonb, NULL::jsonb);
	CALL public.rnn_managed_retrain_due('shadow'::text, false, 'if_better'::text); CALL public.rnn_retrain_due(false, 'if_better'::text);
	CALL public.rnn_grant('shadow'::text, 'bob'::name, 'read'::text); CALL public.rnn_revoke('shadow'::text, 'bob'::name);
	CALL public.rnn_store_forecast('shadow'::text, 2, 0.9::float8, false);
	SELECT count(*) FROM public.rnn_forecast_index('shadow'::text, NULL::public.rnn_panel, 2, NULL::float8, NULL::jsonb, NULL::float8[], true, NULL::integer);
	SELECT count(*) FROM public.rnn_backtest('shadow'::text, NULL::public.rnn_panel, 2, 4, NULL::integer, NULL::float8, NULL::jsonb, NULL::integer);
	SELECT count(*) FROM public.rnn_monitor('shadow'::text); SELECT public.rnn_cancel('shadow'::text); SELECT count(*) FROM public.rnn_jobs;
	SELECT public.rnn_train_async('shadow'::text, false, 'always'::text, $all, '{}'::jsonb) IS NOT NULL;
	CALL public.rnn_rollback('shadow'::text); CALL public.rnn_promote('shadow'::text, 1)});
unlike($said, qr/ERROR/, '  a superuser uses a model among them');
safe('overloads of functions and operators are not called');
sql($db, q{GRANT SELECT ON ALL TABLES IN SCHEMA public TO bob; SET ROLE bob; SELECT count(*) FROM rnn_models; SELECT count(*) FROM rnn_model_bytes});

# ---- types that shadow the server's, for a caller whose search_path names pg_catalog last: procedures that commit have no path of their own ----

unlike(runs(q{SET ROLE mallory;} . join ' ', map { "CREATE DOMAIN evil.$_ AS pg_catalog.$_ CHECK (evil.trap());" } qw(text bool bytea jsonb float8 int4 int8 name regclass timestamptz)), qr/ERROR/, 'mallory has types of the names of the server');
my $path = 'SET search_path = evil, public, pg_catalog;';
is(sql($db, "$path SELECT pg_catalog.regtypein('text')::pg_catalog.regtype OPERATOR(pg_catalog.=) 'evil.text'::pg_catalog.regtype"), 't', '  which a search_path can put first');
runs("$path CALL public.rnn_retrain_due(false, 'if_better'::pg_catalog.text)");
safe('types of another schema are not taken by rnn_retrain_due');
my $begun = runs(qq{SELECT m FROM public.begun \\gset
	$path CALL public.rnn_train_distributed('shadow'::pg_catalog.text, :'m'::pg_catalog.bytea, '{"n": "SELECT no"}'::pg_catalog.jsonb, 1, 'average'::pg_catalog.text,
		NULL::pg_catalog.jsonb, NULL::pg_catalog.jsonb, NULL::pg_catalog.text, 0.7::pg_catalog.float8, 0.9::pg_catalog.float8);
	SELECT name FROM public.rnn_distributed});
like($begun, qr/^shadow\n.*failed in round 1 on node "n"/ms, '  a distributed training is begun and committed');
safe('types of another schema are not taken by rnn_train_distributed');
runs("$path CALL public.rnn_forecast_chunks('shadow'::pg_catalog.text, 'SELECT 1'::pg_catalog.text, 'public.rnn_chunks'::pg_catalog.regclass, 1, 1, 1, NULL::pg_catalog.jsonb, NULL::pg_catalog.jsonb, NULL::pg_catalog.bytea, NULL::pg_catalog.float8, 'public'::pg_catalog.text)");
safe('types of another schema are not taken by rnn_forecast_chunks');
sql($db, 'DROP DOMAIN ' . join ', ', map { "evil.$_" } qw(text bool bytea jsonb float8 int4 int8 name regclass timestamptz));

# ---- a schema prepared for CREATE EXTENSION ----

my $other = "${db}_hostile";
sql('postgres', "CREATE DATABASE $other");
sql($other, q{CREATE SCHEMA trap AUTHORIZATION mallory;
	SET ROLE mallory; CREATE FUNCTION trap.f(anyarray, anyarray) RETURNS anyarray LANGUAGE sql AS 'SELECT $1';
	CREATE FUNCTION trap.n(name[], name[]) RETURNS name[] LANGUAGE sql AS 'SELECT $1';
	CREATE FUNCTION trap.unnest(name[]) RETURNS SETOF name LANGUAGE sql AS $$ SELECT 'mallory'::name $$;
	CREATE FUNCTION trap.now(VARIADIC text[]) RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL::timestamptz';
	CREATE FUNCTION trap.pg_get_userbyid(integer) RETURNS name LANGUAGE sql AS $$ SELECT 'mallory'::name $$;
	CREATE FUNCTION trap.current_setting(name) RETURNS text LANGUAGE sql AS $$ SELECT 'trap' $$;
	CREATE OPERATOR trap.|| (LEFTARG = name[], RIGHTARG = name[], FUNCTION = trap.n);
	CREATE FUNCTION trap.eq(name, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
	CREATE OPERATOR trap.<> (LEFTARG = name, RIGHTARG = varchar, FUNCTION = trap.eq);} =~ s/CREATE OPERATOR trap\.<>.*?;//r);
sql($other, 'CREATE EXTENSION forecast_rnn SCHEMA trap');
is(sql($other, q{SELECT string_agg(pg_describe_object(d.classid, d.objid, d.objsubid) || ' uses ' || pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid), '; ')
	FROM pg_depend d
	WHERE d.deptype <> 'e' AND (d.refclassid = 'pg_proc'::regclass AND EXISTS (SELECT FROM pg_proc p WHERE p.oid = d.refobjid AND p.proowner = 'mallory'::regrole)
			OR d.refclassid = 'pg_operator'::regclass AND EXISTS (SELECT FROM pg_operator o WHERE o.oid = d.refobjid AND o.oprowner = 'mallory'::regrole))
		AND NOT (d.classid = 'pg_operator'::regclass AND EXISTS (SELECT FROM pg_operator o WHERE o.oid = d.objid AND o.oprowner = 'mallory'::regrole))}), '',
	'CREATE EXTENSION binds nothing that was there before');
is(sql($other, q{SELECT count(*) FROM pg_depend d WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
	AND d.classid = 'pg_proc'::regclass AND EXISTS (SELECT FROM pg_proc p WHERE p.oid = d.objid AND p.proowner = 'mallory'::regrole)}), 0, 'and adopts nothing');
for my $object ('TABLE trap.rnn_models (name text)', 'TYPE trap.rnn_panel AS (x integer)', 'FUNCTION trap.rnn_has_role(name) RETURNS boolean LANGUAGE sql AS $$ SELECT true $$',
	'VIEW trap.rnn_jobs AS SELECT 1 AS x')
{
	like(sql_fails($other, "DROP EXTENSION forecast_rnn; SET ROLE mallory; CREATE $object; RESET ROLE; CREATE EXTENSION forecast_rnn SCHEMA trap"), qr/already exists/,
		'an object that was there before stops it: ' . $object =~ s/ *[(A-Z]*\(.*| AS .*| RETURNS.*//r);
	sql($other, 'DROP SCHEMA trap CASCADE; CREATE SCHEMA trap AUTHORIZATION mallory; CREATE EXTENSION IF NOT EXISTS forecast_rnn SCHEMA trap');
}
sql('postgres', "DROP DATABASE $other");

# ---- dumped, and restored by another role ----

my $dir = File::Temp->newdir();
my $copy = "${db}_copy";
sql($db, q{DROP SCHEMA evil CASCADE; DROP OWNED BY mallory; GRANT USAGE ON SCHEMA public TO mallory});
sql('postgres', "CREATE ROLE restorer SUPERUSER LOGIN; CREATE DATABASE $copy");
ok(IPC::Run::run([ 'pg_dump', '--format', 'custom', '--file', "$dir/dump", $db ]), 'pg_dump');
{
	local $ENV{PGUSER} = 'restorer';
	IPC::Run::run([ 'pg_restore', '--no-owner', '-d', $copy, "$dir/dump" ], '2>', '/dev/null');
}
is(sql($copy, q{SELECT owner FROM rnn_models WHERE name = 'almodel'}), 'alice', 'restored by another role, a model has its owner');
is(sql($copy, q{SELECT count(*) = (SELECT count(*) FROM rnn_models) FROM rnn_model_locks}), 't', '  and its lock');
is(sql($copy, q{SET ROLE mallory; SELECT (SELECT count(*) FROM rnn_models) + (SELECT count(*) FROM rnn_model_bytes) + (SELECT count(*) FROM rnn_model_locks) + (SELECT count(*) FROM rnn_forecasts)}), 0, '  strangers see none of it');
is(sql($copy, q{SELECT count(*) FROM pg_class c JOIN pg_depend d ON d.objid = c.oid AND d.deptype = 'e' WHERE c.relkind = 'r' AND c.relname ~ '^rnn_' AND NOT c.relrowsecurity}), 0, '  row security is on');
unlike(runs("\\c $copy\nSET ROLE alice; CALL rnn_retrain('almodel', promote => 'always')"), qr/ERROR/, '  its owner retrains it');
sql('postgres', $_) for "DROP DATABASE $copy", "DROP DATABASE $db", 'DROP ROLE restorer, mallory, alice, bob';

done_testing();
