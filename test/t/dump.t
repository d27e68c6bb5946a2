# Models and panels survive pg_dump and pg_restore, in each format; a restored model forecasts the same.
use strict;
use warnings;
use File::Temp;
use FindBin;
use IPC::Run;
use lib $FindBin::Bin;
use FrnnTest;
use Test::More;

my $db = new_database();
sql($db, q{
	CREATE TABLE series AS
	SELECT s, date '2015-01-01' + t * interval '1 month' AS ts, 100 + s * t + 10 * sin(t / 12.0 * 2 * pi()) AS v
	FROM generate_series(1, 3) s, generate_series(1, 60) t;
	CREATE TABLE model (name text, model bytea, history rnn_panel);
	ALTER TABLE model ALTER model SET STORAGE EXTERNAL;
	INSERT INTO model SELECT 'm', rnn_train(rnn_panel(s, ts, v), rnn_sequential(rnn_gru(8), rnn_dense(6)), '{"horizon": 6, "time_steps": 12, "epochs": 2}'),
		rnn_panel(s, ts, v) FROM series;
	CREATE VIEW forecast AS SELECT f.* FROM model m, rnn_forecast(m.model, horizon => 6) f;
	CALL rnn_create_model('managed', 'SELECT s AS series, ts, v AS value FROM series', 'ridge', '{"horizon": 6}');
	CREATE MATERIALIZED VIEW managed_forecast AS SELECT * FROM rnn_forecast('managed', '6');
	CREATE TABLE described (model bytea, info jsonb GENERATED ALWAYS AS (rnn_model_info(model)) STORED, network jsonb DEFAULT rnn_lstm(3) || rnn_dense(1));
	INSERT INTO described SELECT model FROM model;
	CREATE INDEX ON described ((rnn_model_info(model) ->> 'kind'));
});
my %is = (
	model => 'SELECT md5(model) FROM model',
	panel => 'SELECT md5(history::text) FROM model',
	forecast => q{SELECT md5(string_agg(f::text, ',' ORDER BY series_id, step)) FROM forecast f},
	managed => q{SELECT md5(string_agg(f::text, ',' ORDER BY series_id, step)) FROM rnn_forecast('managed', 6) f},
	stored => q{SELECT md5(string_agg(f::text, ',' ORDER BY series_id, step)) FROM managed_forecast f},
	described => 'SELECT md5(info::text || network::text) FROM described');
my %before = map { $_ => sql($db, $is{$_}) } keys %is;

my $dir = File::Temp->newdir();
# restored by several processes, the rows come first: rows of managed models refer to each other
my %restore = (
	custom => [ [] ],
	parallel => [ [ '--section=pre-data', '--section=data' ], [ '--section=post-data', '-j', '2' ] ]);
for my $format ('custom', 'parallel', 'plain')
{
	my $copy = "${db}_$format";
	my $file = "$dir/$format";
	sql('postgres', "CREATE DATABASE $copy");
	ok(IPC::Run::run([ 'pg_dump', '--format', $format eq 'plain' ? 'plain' : 'custom', '--file', $file, $db ]), "pg_dump, $format");
	ok($format eq 'plain'
		? IPC::Run::run([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $copy, '-f', $file ], '>', '/dev/null')
		: !grep({ !IPC::Run::run([ 'pg_restore', '--exit-on-error', '-d', $copy, @$_, $file ]) } @{ $restore{$format} }),
		'it is restored');
	is(sql($copy, $is{$_}), $before{$_}, "$format: the same $_") for sort keys %is;
}

# binary COPY goes through the panel's binary input and output
sql($db, 'CREATE TABLE copied (LIKE model)');
my $data = '';
ok(IPC::Run::run([ 'psql', '-Xq', '-d', $db, '-c', 'COPY model TO STDOUT (FORMAT binary)' ], '>', \$data)
	&& IPC::Run::run([ 'psql', '-Xq', '-d', $db, '-c', 'COPY copied FROM STDIN (FORMAT binary)' ], '<', \$data), 'COPY in binary format');
is(sql($db, $is{panel} =~ s/FROM model/FROM copied/r), $before{panel}, 'binary COPY: the same panel');
is(sql($db, $is{model} =~ s/FROM model/FROM copied/r), $before{model}, 'binary COPY: the same model');

is(sql($db, "BEGIN READ ONLY; $is{forecast}; COMMIT"), $before{forecast}, 'forecasting works in a read-only transaction');

done_testing();
