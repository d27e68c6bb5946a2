# The extension is trusted: a role with CREATE on a database may install it, and the install script then runs as a
# superuser, in a schema that may be that role's own.  Mallory fills the schema with operators and functions that
# would be better matches than the server's, each a trap; nothing of the extension may be bound to them, and
# installing gives mallory no rights over the models of others.
use strict;
use warnings;
use FindBin;
use IPC::Run;
use lib $FindBin::Bin;
use FrnnTest;
use Test::More;

my $db = "trusted_$$";
sql('postgres', qq{CREATE ROLE mallory_t LOGIN; CREATE ROLE alice_t LOGIN; CREATE DATABASE $db OWNER mallory_t});
sub as { my ($role, $sql) = @_; local $ENV{PGUSER} = $role; return sql($db, $sql); }
sub fails { my ($role, $sql) = @_; local $ENV{PGUSER} = $role; return sql_fails($db, $sql); }

# an object of the extension's that is there before it is not taken over
like(fails('mallory_t', q{CREATE SCHEMA evil; CREATE FUNCTION evil.rnn_has_role(name) RETURNS boolean LANGUAGE sql AS 'SELECT true';
	CREATE EXTENSION forecast_rnn SCHEMA evil}), qr/already exists/, 'a function that is there already is not replaced');
as('mallory_t', 'DROP FUNCTION evil.rnn_has_role(name)');

# traps: every binary operator over many pairs of types, and functions with the names and numbers of arguments that
# the script uses
as('mallory_t', q{
	CREATE FUNCTION evil.trap() RETURNS void LANGUAGE plpgsql AS $$
	BEGIN
		IF current_user <> 'mallory_t' THEN EXECUTE 'ALTER ROLE mallory_t SUPERUSER'; END IF;
	END $$;
	DO $$
	DECLARE
		type text[] := '{text,name,char,varchar,int2,int4,int8,float8,numeric,bool,oid,interval,timestamptz,timestamp,date,uuid,jsonb,json,bytea,regclass,name[],text[],float8[],record}';
		a text; b text; o text;
	BEGIN
		FOREACH a IN ARRAY type LOOP
			FOREACH b IN ARRAY type LOOP
				CONTINUE WHEN a = 'record' OR b = 'record';
				EXECUTE format('CREATE FUNCTION evil.op(%s, %s) RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN PERFORM evil.trap(); RETURN true; END $f$', a, b);
				EXECUTE format('CREATE FUNCTION evil.join(%s, %s) RETURNS name[] LANGUAGE plpgsql AS $f$ BEGIN PERFORM evil.trap(); RETURN NULL; END $f$', a, b);
				FOREACH o IN ARRAY '{=,<>,<,>,<=,>=,~,@>,?}'::text[] LOOP
					EXECUTE format('CREATE OPERATOR evil.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = evil.op)', o, a, b);
				END LOOP;
				EXECUTE format('CREATE OPERATOR evil.|| (LEFTARG = %s, RIGHTARG = %s, FUNCTION = evil.join)', a, b);
				EXECUTE format('CREATE OPERATOR evil.->> (LEFTARG = %s, RIGHTARG = %s, FUNCTION = evil.join)', a, b);
			END LOOP;
			FOREACH o IN ARRAY '{rnn_has_role,unnest,rnn_running,rnn_job_list,pg_get_userbyid,now,clock_timestamp,gen_random_uuid}'::text[] LOOP
				CONTINUE WHEN a = 'record' OR o = 'rnn_has_role' AND a = 'name';
				EXECUTE format('CREATE FUNCTION evil.%s(%s) RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN PERFORM evil.trap(); RETURN true; END $f$', o, a);
			END LOOP;
		END LOOP;
		FOREACH o IN ARRAY '{now,clock_timestamp,gen_random_uuid,current_user_name}'::text[] LOOP
			EXECUTE format('CREATE FUNCTION evil.%s() RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN PERFORM evil.trap(); RETURN true; END $f$', o);
		END LOOP;
	END $$;
	ALTER DATABASE } . $db . q{ SET search_path = evil, pg_catalog;});
cmp_ok(sql($db, q{SELECT count(*) FROM pg_catalog.pg_operator WHERE oprnamespace OPERATOR(pg_catalog.=) 'evil'::regnamespace}), '>', 5000, 'more than 5000 operators are shadowed');

as('mallory_t', 'CREATE EXTENSION forecast_rnn SCHEMA evil');
pass('a role that owns a database installs the extension');
my $q = 'SET search_path = pg_catalog; ';
is(sql($db, "$q SELECT rolsuper FROM pg_roles WHERE rolname = 'mallory_t'"), 'f', 'no trap has run');
is(sql($db, $q . q{
	WITH member AS (SELECT classid, objid FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
		AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'forecast_rnn')),
	own AS (SELECT * FROM member
		-- policies, rules, defaults, constraints, triggers and columns belong to a table or view of the extension
		UNION SELECT d.classid, d.objid FROM pg_depend d JOIN member m ON m.classid = d.refclassid AND m.objid = d.refobjid AND d.deptype IN ('a', 'i'))
	SELECT string_agg(DISTINCT pg_describe_object(d.refclassid, d.refobjid, 0), ', ')
	FROM own JOIN pg_depend d ON d.classid = own.classid AND d.objid = own.objid
	WHERE d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass)
	  AND (d.refclassid, d.refobjid) NOT IN (SELECT classid, objid FROM own)
	  AND pg_describe_object(d.refclassid, d.refobjid, 0) ~ 'evil'
	  AND NOT EXISTS (SELECT FROM pg_type t WHERE t.oid = d.refobjid AND EXISTS (SELECT FROM own WHERE own.objid IN (t.typelem, t.typrelid)))}), '',
	'nothing of the extension is bound to an object of mallory\'s');

# the owner of the extension has no rights over its objects
for my $cell (
	[ 'replaces a function', q{CREATE OR REPLACE FUNCTION evil.rnn_has_role(role name) RETURNS boolean LANGUAGE sql AS 'SELECT true'} ],
	[ 'takes a function out of the extension', 'ALTER EXTENSION forecast_rnn DROP FUNCTION evil.rnn_has_role(name)' ],
	[ 'renames a function', 'ALTER FUNCTION evil.rnn_has_role(name) RENAME TO x' ],
	[ 'drops a table', 'DROP TABLE evil.rnn_models' ],
	[ 'disables row security', 'ALTER TABLE evil.rnn_models DISABLE ROW LEVEL SECURITY' ],
	[ 'adds a policy', 'CREATE POLICY all_of_it ON evil.rnn_models USING (true)' ],
	[ 'adds a trigger', 'CREATE TRIGGER t BEFORE INSERT ON evil.rnn_models FOR EACH ROW EXECUTE FUNCTION evil.rnn_keep_bytes()' ],
	[ 'sets a function\'s settings', 'ALTER FUNCTION evil.rnn_has_role(name) SET search_path = evil' ])
{
	like(fails('mallory_t', $cell->[1]), qr/must be (owner|able to)|cannot drop|permission denied/, "mallory, who owns the extension, not: $cell->[0]");
}

# others use it: their calls and their rows are theirs
sql($db, "SET search_path = pg_catalog; GRANT USAGE ON SCHEMA evil TO PUBLIC");
as('alice_t', q{SET search_path = pg_catalog; CALL evil.rnn_create_model('hers', 'SELECT g::bigint AS ts, g::float8 AS value FROM pg_catalog.generate_series(1, 60) g',
	'"ridge"', '{"horizon": 2, "time_steps": 4}')});
is(as('alice_t', q{SET search_path = pg_catalog; SELECT count(*) FROM evil.rnn_models}), '1', 'alice has a model');
is(as('mallory_t', q{SET search_path = pg_catalog; SELECT count(*) FROM evil.rnn_models}), '0', 'mallory does not see it');
is(sql($db, q{SET search_path = pg_catalog; CALL evil.rnn_retrain('hers', promote => 'always'); SELECT active_version FROM evil.rnn_models}), '2', 'a superuser retrains it');
is(sql($db, "$q SELECT rolsuper FROM pg_roles WHERE rolname = 'mallory_t'"), 'f', 'no trap has run in all that');
as('mallory_t', 'SET client_min_messages = error; DROP EXTENSION forecast_rnn');
is(sql($db, "$q SELECT count(*) FROM pg_class WHERE relname = 'rnn_models'"), '0', 'the owner may drop the extension, and all models with it, as the manual warns');

sql('postgres', "DROP DATABASE $db; DROP ROLE mallory_t; DROP ROLE alice_t");
done_testing();
