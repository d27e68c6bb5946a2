# A backend killed in the middle of training: the server restarts, nothing of the training is left,
# what was committed is there, and training works.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use FrnnTest;
use Time::HiRes qw(sleep);
use Test::More;

my $db = new_database();
sql($db, q{
	CREATE TABLE series AS
	SELECT timestamp '2020-01-01' + t * interval '1 hour' AS ts, 100 + 10 * sin(t / 24.0 * 2 * pi()) + (t * t % 101) / 25.0 AS v FROM generate_series(1, 3000) t;
	CREATE TABLE model (name text, model bytea);
	INSERT INTO model SELECT 'before', rnn_train(rnn_panel(ts, v), rnn_sequential(rnn_gru(8), rnn_dense(4)), '{"horizon": 4, "time_steps": 24, "epochs": 1}')
	FROM series WHERE ts < '2020-01-20';
	CHECKPOINT;
});
my $before = sql($db, 'SELECT md5(model) FROM model');
my $training = q{INSERT INTO model SELECT 'killed', rnn_train(rnn_panel(ts, v), rnn_sequential(rnn_lstm(64), rnn_dense(24)),
	'{"horizon": 24, "time_steps": 96, "epochs": 100000}') FROM series;};

my $session = start($db, "SET application_name = 'victim'; SET maintenance_work_mem = '1GB'; $training");
ok(wait_until($db, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'victim' AND backend_type = 'client backend' AND query LIKE 'INSERT%'}, 10), 'training is under way');
my $pid = sql($db, q{SELECT pid FROM pg_stat_activity WHERE application_name = 'victim' AND backend_type = 'client backend'});
sleep 0.7;
is(kill('KILL', $pid), 1, 'the backend is killed');
my ($ok) = finish($session);
ok(!$ok, 'its client is told');
ok(wait_until($db, 'SELECT true', 60), 'the server is back');
is(sql($db, 'SELECT string_agg(name, \',\') FROM model'), 'before', 'nothing of the training is left');
is(sql($db, 'SELECT md5(model) FROM model'), $before, 'the model committed before is whole');
is(sql($db, 'SELECT count(*) FROM pg_ls_tmpdir()'), 0, 'no temporary file is left');
is(sql($db, q{INSERT INTO model SELECT 'again', rnn_train(rnn_panel(ts, v), rnn_sequential(rnn_gru(8), rnn_dense(4)), '{"horizon": 4, "time_steps": 24, "epochs": 1}')
	FROM series WHERE ts < '2020-01-20'; SELECT count(DISTINCT model) FROM model}), 1, 'training again gives the same bytes as before the crash');

done_testing();
