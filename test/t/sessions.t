# Several sessions: same bytes everywhere, two at once, and memory that is refused before it is taken.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use FrnnTest;
use Test::More;

my $db = new_database();
sql($db, q{
	CREATE TABLE series AS
	SELECT s, timestamp '2020-01-01' + t * interval '1 hour' AS ts, 100 + s + 10 * sin(t / 24.0 * 2 * pi()) AS v
	FROM generate_series(1, 5) s, generate_series(1, 1000) t;
});
my $train = q{SELECT md5(rnn_train(rnn_panel(s, ts, v), rnn_sequential(rnn_lstm(16), rnn_dense(12)),
	'{"horizon": 12, "time_steps": 48, "epochs": 3, "seed": 5}')) FROM series};
my $chosen = q{SELECT md5(rnn_train(rnn_panel(ts, v), options => '{"horizon": 12, "seed": 5, "ensemble": 2}')) FROM series WHERE s = 1};

my $md5 = sql($db, $train);
like($md5, qr/^[0-9a-f]{32}$/, 'training gives a model');
is(sql($db, $train), $md5, 'the same bytes in another session');
isnt(sql($db, $train =~ s/"seed": 5/"seed": 6/r), $md5, 'another seed gives others');

my @sessions = map { start($db, "$train;") } 1 .. 2;
my @out = map { (finish($_))[1] } @sessions;
is_deeply(\@out, [ $md5, $md5 ], 'two sessions at once give the same bytes');

$md5 = sql($db, $chosen);
is(sql($db, $chosen), $md5, 'a chosen network: the same bytes in another session');
is(sql($db, "SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; $chosen"),
	$md5, 'the same bytes when the panel is made in parallel');

# sessions that share one run of chunks, each chunk taking a moment: none is forecast twice, none is lost
sql($db, q{
	CREATE VIEW sale AS SELECT k AS series, ts, v + k AS value FROM series, generate_series(1, 30) k WHERE s = 1 AND ts < '2020-01-05';
	CREATE TABLE target (series_id text, forecast_timestamp timestamp, step int, forecast_value float8, standard_error float8, confidence_level float8,
		prediction_interval_lower_bound float8, prediction_interval_upper_bound float8, forecast_status text);
	CREATE FUNCTION moment() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END $$;
	CREATE TRIGGER moment BEFORE INSERT ON target FOR EACH STATEMENT EXECUTE FUNCTION moment();
});
my $whole = q{SELECT count(*), count(DISTINCT (series_id, step)), count(DISTINCT series_id), bool_and(forecast_value IS NOT NULL) FROM target};
my $chunks = q{CALL rnn_forecast_chunks('%s', 'SELECT * FROM sale', 'target', 2, 10, 2, '"ridge"')};
my @shared = map { start($db, sprintf $chunks, 'shared') } 1 .. 3;
is(join('', map { (finish($_))[2] } @shared), '', 'three sessions make the same call at once');
is(sql($db, $whole), '60|60|30|t', '  each series is forecast once');
is(sql($db, q{SELECT count(*), count(finished_at), sum(rows), count(DISTINCT pid) > 1, count(DISTINCT model) FROM rnn_chunks JOIN rnn_chunk_runs USING (owner, run)}), '15|15|60|t|1', '  all chunks are done, by more than one of them, with one model');
sql($db, sprintf $chunks, 'shared');
is(sql($db, $whole), '60|60|30|t', '  a further call has nothing to do');
sql($db, 'TRUNCATE target');
@shared = map { start($db, sprintf $chunks, 'ended') } 1 .. 2;
ok(wait_until($db, q{SELECT count(*) > 0 FROM rnn_chunks WHERE run = 'ended' AND finished_at IS NOT NULL}, 60), 'two sessions are at a run');
is(sql($db, q{SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity WHERE query LIKE 'CALL rnn_forecast_chunks%' AND state = 'active' LIMIT 1) x}), '1', '  one is terminated');
my @errors = map { (finish($_))[2] } @shared;
is(scalar(grep { /terminating connection/ } @errors), 1, '  which ends its call alone');
is(scalar(grep { $_ eq '' } @errors), 1, '  the other goes on');
sql($db, sprintf $chunks, 'ended');
is(sql($db, $whole), '60|60|30|t', '  after one more call each series is forecast once');
like(sql_fails($db, (sprintf $chunks, 'ended') =~ s/, 2, 10/, 3, 10/r), qr/there is a run "ended" of another query/, '  other arguments are refused');

# VmPeak of the backend before and after, in one session
my $peak = q{SELECT (regexp_match(pg_read_file('/proc/self/status'), 'VmPeak:\s+(\d+)'))[1]};
my $huge = q{rnn_train(rnn_panel(s, ts, v), rnn_sequential(rnn_lstm(4096, return_sequences => true), rnn_lstm(4096), rnn_dense(12)),
	'{"horizon": 12, "time_steps": 48, "batch_size": 512}') FROM series};
my $out = sql($db, qq{$train; SET maintenance_work_mem = '64MB'; $peak;
DO \$\$ BEGIN PERFORM octet_length(m) FROM (SELECT $huge) AS t(m);
EXCEPTION WHEN program_limit_exceeded THEN PERFORM set_config('test.error', SQLERRM, false); END \$\$;
$peak; SELECT current_setting('test.error'); $train});
my ($first, $p0, $p1, $error, $last) = split /\n/, $out;
like($error, qr/needs \d+ MB of memory, more than the 64 MB that maintenance_work_mem allows/, 'a network too large is refused with the figure');
ok($p1 - $p0 < 64 * 1024, 'before the memory is taken: the peak grew by ' . ($p1 - $p0) . ' kB');
is($last, $first, 'the session goes on and trains');

done_testing();
