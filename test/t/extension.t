# The extension comes, goes and comes again; it leaves nothing behind.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use FrnnTest;
use Test::More;

my $db = new_database();
my $members = q{SELECT count(*) FROM pg_depend WHERE refclassid = 'pg_extension'::regclass
	AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'forecast_rnn')};
my $left = q{SELECT count(*) FROM pg_proc WHERE proname LIKE 'rnn\_%'};

my $before = sql($db, $members);
ok($before > 0, "the extension owns $before objects");
sql($db, 'DROP EXTENSION forecast_rnn');
is(sql($db, $left), 0, 'DROP EXTENSION leaves no function behind');
sql($db, 'CREATE EXTENSION forecast_rnn');
is(sql($db, $members), $before, 'the same objects after CREATE EXTENSION again');

sql($db, 'DROP EXTENSION forecast_rnn; CREATE SCHEMA ml; CREATE EXTENSION forecast_rnn SCHEMA ml');
is(sql($db, q{SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
	WHERE proname LIKE 'rnn\_%' AND nspname <> 'ml'}), 0, 'everything is in the schema asked for');

my $versions = sql($db, q{SELECT version FROM pg_available_extension_versions WHERE name = 'forecast_rnn' ORDER BY 1});
for my $version (split /\n/, $versions)
{
	my $other = "tap_v_$$";
	sql('postgres', "CREATE DATABASE $other");
	sql($other, "CREATE EXTENSION forecast_rnn VERSION '$version'; ALTER EXTENSION forecast_rnn UPDATE");
	is(sql($other, $members), $before, "from version $version to the current one: the same objects");
	sql('postgres', "DROP DATABASE $other");
}

done_testing();
