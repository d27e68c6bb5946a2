# With Citus: a coordinator and two workers, each a cluster of its own on a socket in a temporary folder.  Panels, models,
# averages and sums of a distributed table are those of the same rows in a plain one, byte for byte.  `make citus`.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin . '/../t';
use FrnnTest;
use Test::More;

plan skip_all => 'no Citus is at hand: nothing of it was tested' unless -e (`pg_config --pkglibdir` =~ s/\s+$//r) . '/citus.so';

my @server = map { [ new_server("shared_preload_libraries = 'citus'\nwal_level = logical\nmax_prepared_transactions = 20\nmax_worker_processes = 20") ] } 0 .. 2;
my ($here, @node) = map { $_->[0] } @server;
my $db = "host=$here dbname=postgres";
sql("host=$_ dbname=postgres", 'SET client_min_messages = error; CREATE EXTENSION citus') for $here, @node;
sql($db, "SELECT citus_set_coordinator_host('$here', 5432)");
sql($db, "SELECT citus_add_node('$_', 5432)") for @node;
sql($db, 'CREATE EXTENSION forecast_rnn');
is(sql("host=$_ dbname=postgres", q{SELECT count(*) FROM pg_extension WHERE extname = 'forecast_rnn'}), '1', 'CREATE EXTENSION reaches a worker') for @node;
diag('Citus ' . sql($db, 'SELECT citus_version()'));

# ---- rows: hourly series, spread by the hash of the series, and the same in a plain table ----
my $rows = q{SELECT s AS series, timestamptz '2024-01-01 00:00+00' + k * interval '1 hour' AS t, date '2024-01-01' + k AS d, round(100 * (10 + s + 3 * sin(k / 24.0 * 2 * pi()) + (k * 7919 * s % 101) / 40.0)::numeric) / 100.0::float8 AS v,
	ARRAY[k % 5]::float8[] AS c, jsonb_build_object('load', k % 5) AS j, s % 3 AS region FROM generate_series(1, 12) s, generate_series(0, 199) k};
sql($db, qq{CREATE TABLE alone AS $rows; SET citus.shard_count = 8; CREATE TABLE spread (LIKE alone); SELECT create_distributed_table('spread', 'series');
	INSERT INTO spread SELECT * FROM alone});
cmp_ok(sql($db, q{SELECT count(DISTINCT nodename) FROM citus_shards WHERE table_name = 'spread'::regclass}), '==', 2, 'shards are on both workers');

# ---- panels ----
for my $panel ('series, t, v', 'series::bigint, t, v', 'series::smallint, d, v', 'series::text, d, v, c', 'series, d, v, j', 'series, (d - date \'2024-01-01\')::bigint, v')
{
	is(sql($db, "SELECT md5(rnn_panel($panel)::text) FROM spread"), sql($db, "SELECT md5(rnn_panel($panel)::text) FROM alone"), "panel of ($panel)");
}
my $plan = sql($db, 'EXPLAIN (VERBOSE, COSTS OFF) SELECT rnn_panel(series, t, v) FROM spread');
like($plan, qr/worker_partial_agg\('(?:public\.)?rnn_panel\(integer,timestamp with time zone,double precision\)'/, 'workers gather parts of the panel');
like(sql_fails($db, 'SELECT rnn_panel(md5(series::text)::uuid, t, v) FROM spread'), qr/could not confirm type correctness/, 'a series of uuid is refused by Citus, not guessed');
is(sql($db, 'SELECT md5(rnn_panel(md5(series::text)::uuid::text, t, v)::text) FROM spread'), sql($db, 'SELECT md5(rnn_panel(md5(series::text)::uuid, t, v)::text) FROM alone'), '  cast to text it is the same panel');
is(sql($db, 'SELECT rnn_panel(series, t, v) IS NULL FROM spread WHERE series < 0'), 't', 'no rows, no panel');
is(sql($db, 'SELECT md5(rnn_panel(series, t, v)::text) FROM spread WHERE series = 3'), sql($db, 'SELECT md5(rnn_panel(series, t, v)::text) FROM alone WHERE series = 3'), 'shards without rows add none');
is(sql($db, 'SELECT md5(rnn_panel(p)::text) FROM (SELECT series, rnn_panel(series, t, v) AS p FROM spread GROUP BY series) x'), sql($db, 'SELECT md5(rnn_panel(series, t, v)::text) FROM alone'), 'panels of panels');
is(sql($db, 'SELECT rnn_rmse(round(v), round(v + c[1])) FROM spread'), sql($db, 'SELECT rnn_rmse(round(v), round(v + c[1])) FROM alone'), 'a metric');
is(sql($db, q{SELECT rnn_shape(rnn_windows(v, 24 ORDER BY series, t))::text FROM spread}), sql($db, q{SELECT rnn_shape(rnn_windows(v, 24 ORDER BY series, t))::text FROM alone}), 'an aggregate that cannot be combined: its rows are fetched');
like(sql_fails($db, q{SELECT rnn_panel(series, t, CASE WHEN series = 5 THEN 'NaN' ELSE v END) FROM spread}), qr/series "5"/, 'an error of a worker names the series');

# ---- models ----
my $train = q{rnn_train(rnn_panel(t, v), rnn_sequential(rnn_gru(3), rnn_dense(6)), '{"epochs": 1, "time_steps": 24, "seed": 3}')};
my $each = "SELECT series, $train AS model FROM %s GROUP BY series";
my $md5s = 'SELECT md5(string_agg(series || md5(model), chr(10) ORDER BY series)) FROM (%s) x';
is(sql($db, sprintf $md5s, sprintf $each, 'spread'), sql($db, sprintf $md5s, sprintf $each, 'alone'), 'a model per series');
$plan = sql($db, 'EXPLAIN (VERBOSE, COSTS OFF) ' . sprintf $each, 'spread');
like($plan, qr/Task Count: 8.*Query: SELECT series, \S*rnn_train\(/s, '  trained on the workers');
sql($db, sprintf(q{CREATE TABLE model (series int, model bytea); SELECT create_distributed_table('model', 'series', colocate_with => 'spread'); INSERT INTO model %s; CREATE TABLE own AS SELECT * FROM model}, sprintf $each, 'spread'));
my $forecasts = 'SELECT md5(string_agg(series || f::text, chr(10) ORDER BY series, step)) FROM %s m, rnn_forecast(m.model, horizon => 12, confidence_level => 0.9) f';
is(sql($db, sprintf $forecasts, 'model'), sql($db, sprintf $forecasts, 'own'), 'lateral forecasts of stored models');
my $fresh = 'SELECT md5(string_agg(m.series || f::text, chr(10) ORDER BY m.series, step)) FROM %s m JOIN (SELECT series, rnn_panel(t, v) AS p FROM %s WHERE k_ok GROUP BY series) h USING (series), rnn_forecast(m.model, h.p, 12) f' =~ s/k_ok/t < '2024-01-08'/r;
is(sql($db, sprintf $fresh, 'model', 'spread'), sql($db, sprintf $fresh, 'own', 'alone'), '  from fresh rows beside them');
my $global = q{md5(rnn_train(rnn_panel(series, t, v), '"ridge"', '{"horizon": 12, "time_steps": 24}'))};
is(sql($db, "SELECT $global FROM spread"), sql($db, "SELECT $global FROM alone"), 'one model of all rows');
sql($db, qq{CALL rnn_create_model('kept_$_', 'SELECT series, t AS ts, v AS value FROM $_', '"ridge"', '{"horizon": 12, "time_steps": 24}')}) for 'spread', 'alone';
is(sql($db, q{SELECT count(DISTINCT sha256) FROM rnn_model_versions}), '1', 'managed models on the coordinator');
is(sql($db, q{SELECT count(*) FROM rnn_forecast('kept_spread')}), 12 * 12, '  and their forecasts');

sql($db, qq{CREATE TABLE target_$_ (series_id text, forecast_timestamp timestamptz, step int, forecast_value float8, standard_error float8, confidence_level float8, prediction_interval_lower_bound float8,
	prediction_interval_upper_bound float8, forecast_status text); CALL rnn_forecast_chunks('$_', 'SELECT series, t AS ts, v AS value FROM $_', 'target_$_', 12, 6, 5, '"ridge"')}) for 'spread', 'alone';
is(sql($db, q{SELECT count(*), count(DISTINCT series_id), (SELECT count(*) FROM (TABLE target_spread EXCEPT TABLE target_alone) x) FROM target_spread}), '144|12|0', 'forecasts in chunks, as from a plain table');

# ---- trainings apart, joined ----
my $start = sql($db, q{SELECT rnn_train(rnn_panel(series, t, v), rnn_sequential(rnn_gru(3), rnn_dense(6)), '{"epochs": 3, "steps_per_epoch": 4, "keep_optimizer": true, "validation": 0, "time_steps": 24, "seasonality": [24], "stop_after": 0}') FROM alone WHERE region = 0});
sql($db, "CREATE FUNCTION start() RETURNS bytea LANGUAGE sql IMMUTABLE AS \$\$ SELECT '$start'::bytea \$\$");
my $part = q{SELECT series, rnn_train(rnn_panel(series, t, v), start(), '{"stop_after": 1, "keep_ridge": true}') AS model, rnn_ridge_sums(rnn_panel(series, t, v), start()) AS sums FROM %s GROUP BY series};
sql($db, sprintf(q{CREATE TABLE part (series int, model bytea, sums bytea); SELECT create_distributed_table('part', 'series', colocate_with => 'spread'); INSERT INTO part %s; CREATE TABLE part_alone AS %s}, map { sprintf $part, $_ } 'spread', 'alone'));
for my $aggregate ('rnn_average(model)', 'rnn_average(model, series::float8)', 'rnn_ridge_sums(sums)')
{
	is(sql($db, "SELECT md5($aggregate) FROM part"), sql($db, "SELECT md5($aggregate) FROM part_alone"), $aggregate);
	like(sql($db, "EXPLAIN (VERBOSE, COSTS OFF) SELECT $aggregate FROM part"), qr/worker_partial_agg/, '  of parts from workers');
}
my $nodes = '{"table": "SELECT rnn_train(rnn_panel(series, t, v), $1, $2) AS model FROM %1$s GROUP BY series"}';
my $sums = '{"table": "SELECT rnn_ridge_sums(rnn_panel(series, t, v), $1) FROM %1$s GROUP BY series"}';
sql($db, sprintf "CALL rnn_train_distributed('%1\$s', start(), '$nodes', 3, sums => '$sums')", $_) for 'spread', 'alone';
is(sql($db, q{SELECT string_agg(step || round, ' '), count(DISTINCT model), (SELECT count(DISTINCT series_id) FROM rnn_forecast(min(model::text)::bytea, horizon => 2)) FROM rnn_distributed}), 'done3 done3|1|12', 'training in rounds of a distributed table');
like(sql_fails($db, sprintf("CALL rnn_train_distributed('bad', start(), '$nodes', 3)", 'spread WHERE 1 / (series - 7) < 5')), qr/failed in round 1 on node "table": division by zero.*0 of 3 rounds are kept/s, 'an error of a worker names round and node');

# ---- time zones: local midnights of Berlin, on workers whose sessions have another zone ----
sql($db, q{CREATE TABLE day (series int, t timestamptz, v float8); SELECT create_distributed_table('day', 'series');
	SET TimeZone = 'Europe/Berlin'; INSERT INTO day SELECT s, (date '2024-01-01' + k)::timestamptz, 10 + s + 3 * sin(k / 7.0 * 2 * pi()) FROM generate_series(1, 4) s, generate_series(0, 299) k;
	CREATE TABLE day_alone AS SELECT * FROM day});
my $berlin = "SET client_min_messages = notice; SET TimeZone = 'Europe/Berlin'";
my $daily = q{SELECT rnn_train(rnn_panel(series, t, v), '"ridge"', '{"horizon": 7}') IS NULL FROM %s};
sub notices { my ($ok, $out, $err) = finish(start($db, $_[0])); return "$out $err"; }
like(notices("$berlin; " . sprintf $daily, 'day'), qr/^f .*NOTICE: .*(?:GMT|UTC).*time_zone/s, 'rows of a zone that workers do not have: a notice names theirs and the option');
unlike(notices("$berlin; " . sprintf $daily, 'day_alone'), qr/snapped|time_zone/, '  none for rows of the session itself');
my $passed = notices("$berlin; SET citus.propagate_set_commands = 'local'; BEGIN; SET LOCAL TimeZone = 'Europe/Berlin'; " . sprintf($daily, 'day') . "; SELECT md5(rnn_panel(series, t, v)::text) FROM day; COMMIT");
unlike($passed, qr/time_zone/, '  and none if the zone is passed on');
is(($passed =~ /([0-9a-f]{32})/)[0], sql($db, "SET TimeZone = 'Europe/Berlin'; SELECT md5(rnn_panel(series, t, v)::text) FROM day_alone"), '  with the panel of one server');
like(notices("$berlin; " . sprintf($daily, 'day') =~ s/"horizon": 7/"horizon": 7, "time_zone": "Europe\/Berlin"/r), qr/^f (?!.*NOTICE)/s, '  nor with the option time_zone');

# ---- a worker that stops in a training of rounds ----
sql($db, sprintf "CREATE FUNCTION nodes() RETURNS jsonb LANGUAGE sql AS \$f\$ SELECT '%s'::jsonb \$f\$", sprintf $nodes, 'spread');
my (undef, $stop, $restart) = @{ $server[2] };
# round 2 stops the worker by itself: a statement of a node that comes first
my $call = sub { sprintf q{CALL rnn_train_distributed('stopped', start(), nodes() || jsonb_build_object('first', %s), 3)}, $_[0] };
my $first = q{$$SELECT rnn_train(rnn_panel(series, t, v), $1, $2) AS model FROM alone WHERE region = 0 AND %s$$};
my $session = start($db, $call->(sprintf $first, q{CASE WHEN (SELECT round FROM rnn_distributed WHERE name = 'stopped') = 1 THEN pg_sleep(60) IS NOT NULL ELSE true END}));
ok(wait_until($db, q{SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}, 120), 'the training is in its second round');
$stop->();
sql($db, q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'});
like((finish($session))[2], qr/canceling statement due to user request/, '  which is canceled');
my $again = $call->(sprintf $first, 'true');
like(sql_fails($db, $again), qr/distributed training "stopped" failed in round 2 on node "table": .*\Q$node[1]\E.*1 of 3 rounds are kept/s, '  a worker that is gone is named, the round before kept');
$restart->();
ok(wait_until("host=$node[1] dbname=postgres", 'SELECT true', 30), '  the worker is back');
sql($db, $again);
sql($db, sprintf q{CALL rnn_train_distributed('through', start(), jsonb_build_object('table', replace(nodes() ->> 'table', 'spread', 'alone'), 'first', %s), 3)}, sprintf $first, 'true');
is(sql($db, q{SELECT string_agg(step || round, ' '), count(DISTINCT model) FROM rnn_distributed WHERE name IN ('stopped', 'through')}), 'done3 done3|1', '  resumed, the model is that of a training that was not stopped');

done_testing();
