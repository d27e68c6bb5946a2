# Panels, models and forecasts from a TimescaleDB hypertable are those of the same rows in a plain table: in
# one process, chunk-wise with parallel workers, with old chunks compressed (where the licence of the TimescaleDB
# installed has that), and through time_bucket.  The cluster has timescaledb preloaded: `make run-timescale`.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin . '/../t';
use FrnnTest;
use Test::More;

my $db = new_database();
sql($db, q{
	SET client_min_messages = error;
	CREATE EXTENSION timescaledb;
	CREATE TABLE plain (device text NOT NULL, ts timestamptz NOT NULL, v float8);
	INSERT INTO plain SELECT 'device ' || d, timestamptz '2024-01-01 00:00 UTC' + t * interval '1 hour',
		CASE WHEN (t * 31 + d) % 97 > 0 THEN 20 * d + 5 * sin(t / 12.0 * pi()) + (t * 7919 % 101) / 100.0 END
	FROM generate_series(1, 4) d, generate_series(0, 1439) t;
	CREATE TABLE hyper (LIKE plain);
	SELECT create_hypertable('hyper', 'ts', chunk_time_interval => interval '7 days');
	SELECT setseed(0.5);
	INSERT INTO hyper SELECT * FROM plain ORDER BY random();
	ANALYZE;
	CREATE TABLE model (name text, model bytea);
});
cmp_ok(sql($db, q{SELECT count(*) FROM show_chunks('hyper')}), '>=', 9, 'the rows are in several chunks');

my $panel = 'rnn_panel(device, ts, v)';
my $options = q{'{"horizon": 12, "time_steps": 24, "epochs": 2, "ensemble": 1, "seed": 7, "workers": 0}'};
my $trained = "rnn_train($panel, rnn_sequential(rnn_gru(8), rnn_dense(12)), $options)";
my $day_panel = q{rnn_panel(device, day, v) FROM (SELECT device, date_trunc('day', ts) AS day, max(v) AS v FROM plain GROUP BY 1, 2) b};
my $parallel = q{SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
	SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 8;};
my $serial = 'SET max_parallel_workers_per_gather = 0;';

sql($db, "INSERT INTO model SELECT 'plain', $trained FROM plain");
my $forecast = q{SELECT md5(string_agg(f::text, ',' ORDER BY series_id, step)) FROM};
my $own_forecast = sql($db, "$forecast model, rnn_forecast(model, confidence_level => 0.9) f WHERE name = 'plain'");
like($own_forecast, qr/^[0-9a-f]{32}$/, 'the plain table has a forecast');
is(sql($db, q{SELECT count(*), bool_and(forecast_value > 0), min(forecast_timestamp) = '2024-03-01 00:00 UTC'
	FROM model, rnn_forecast(model) WHERE name = 'plain'}), '48|t|t', 'of all four devices, from the next hour on');

# everything that must be equal, of the hypertable as it is now
sub same_as_plain
{
	my ($state) = @_;
	for my $mode ([ 'one process', $serial ], [ 'parallel workers', $parallel ])
	{
		my ($how, $settings) = @$mode;
		is(sql($db, "$settings SELECT (SELECT $panel FROM hyper) = (SELECT $panel FROM plain)"), 't', "$state, $how: the same panel");
		is(sql($db, "$settings SELECT md5(rnn_panel_send((SELECT $panel FROM hyper))) = md5(rnn_panel_send((SELECT $panel FROM plain)))"),
			't', "$state, $how: the same bytes");
		my $recent = q{FILTER (WHERE ts >= '2024-02-10 06:00 UTC')};
		is(sql($db, "$settings SELECT (SELECT $panel $recent FROM hyper) = (SELECT $panel $recent FROM plain)"), 't',
			"$state, $how: the same under FILTER");
		my $where = q{WHERE ts >= '2024-02-10 06:00 UTC' AND ts < '2024-02-20' AND device <> 'device 2'};
		is(sql($db, "$settings SELECT (SELECT $panel FROM hyper $where) = (SELECT $panel FROM plain $where)"), 't',
			"$state, $how: the same of some chunks");
		my $each = 'SELECT string_agg(device || md5(rnn_panel_send(p)), chr(10) ORDER BY device) FROM (SELECT device, rnn_panel(ts, v) AS p FROM';
		is(sql($db, "$settings $each hyper GROUP BY device) g"), sql($db, "$settings $each plain GROUP BY device) g"),
			"$state, $how: the same by device");
	}
	sql($db, "DELETE FROM model WHERE name = 'hyper'; $parallel INSERT INTO model SELECT 'hyper', $trained FROM hyper");
	is(sql($db, q{SELECT count(DISTINCT md5(model)) FROM model}), '1', "$state: the same model");
	is(sql($db, "$forecast model, rnn_forecast(model, confidence_level => 0.9) f WHERE name = 'hyper'"), $own_forecast,
		"$state: the same forecast from the model's own history");
	my $fresh = sub { "$forecast model, rnn_forecast(model, (SELECT $panel FROM $_[0] WHERE ts < '2024-02-15'), 30) f WHERE name = 'plain'" };
	is(sql($db, $fresh->('hyper')), sql($db, $fresh->('plain')), "$state: the same forecast from fresh rows");
}

same_as_plain('chunks as they were loaded');

my $plan = sql($db, "$parallel EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT $panel FROM hyper");
like($plan, qr/Partial Aggregate/, 'chunks are gathered in parts');
like($plan, qr/Workers Launched: [12]/, 'by workers');
like($plan, qr/_hyper_\d+_\d+_chunk/, 'from the chunks');

is(sql($db, q{SELECT (SELECT rnn_panel(device, day, v) FROM (SELECT device, time_bucket('1 day', ts) AS day, max(v) AS v FROM hyper GROUP BY 1, 2) b)
	= (SELECT } . $day_panel . ')'), 't', 'maxima of time_bucket are those of date_trunc');

# forecast rows are rows: into a hypertable of their own, and what is predicted may be trained on
sql($db, q{CREATE TABLE forecasts (device text, ts timestamptz NOT NULL, v float8);
	SELECT create_hypertable('forecasts', 'ts', chunk_time_interval => interval '6 hours');
	INSERT INTO forecasts SELECT series_id, forecast_timestamp, forecast_value FROM model, rnn_forecast(model) WHERE name = 'hyper'});
is(sql($db, q{SELECT count(*) FROM forecasts}), '48', 'forecasts go into a hypertable');
is(sql($db, q{SELECT (rnn_panel(device, ts, v))::text = (SELECT rnn_panel(series_id, forecast_timestamp, forecast_value)::text
	FROM model, rnn_forecast(model) WHERE name = 'hyper') FROM forecasts}), 't', 'and come out as they were');

SKIP:
{
	my $compressed = eval {
		sql($db, q{SET client_min_messages = error; ALTER TABLE hyper SET (timescaledb.compress, timescaledb.compress_segmentby = 'device');
			SELECT count(compress_chunk(c)) FROM show_chunks('hyper', older_than => timestamptz '2024-02-12 00:00 UTC') c});
	};
	my ($why) = ($@ // '') =~ /ERROR:\s+(.*)/;
	skip "no compression: $why", 1 unless defined $compressed;
	cmp_ok($compressed, '>=', 5, 'old chunks are compressed');
	same_as_plain('old chunks compressed');
}

# old rows may go: a model keeps the history it needs
sql($db, q{SELECT drop_chunks('hyper', older_than => timestamptz '2024-02-28 00:00 UTC')});
cmp_ok(sql($db, 'SELECT count(*) FROM hyper'), '<', 1000, 'old chunks are dropped');
is(sql($db, "$forecast model, rnn_forecast(model, confidence_level => 0.9) f WHERE name = 'hyper'"), $own_forecast,
	'the model forecasts as before');

done_testing();
