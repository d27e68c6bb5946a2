# Measures the whole job on PJM East in three ways: read the rows, train on those up to July 2017 (LSTM 64 on windows of 168
# hours, 24 ahead, the same windows, scaling, loss, batch and number of updates), forecast each day of the following year
# from the rows before it, and store the forecasts.
#
#	outside   a program: psycopg2, PyTorch, INSERT
#	inside    PL/Python and PyTorch
#	ours      one SQL statement; `recipe` is the same statement with the default network and options
#
# Each way runs in turn, ROUNDS times.  Wall time includes the start of the program and its imports, as in a scheduled job.
set -u
UPDATES=${UPDATES:-60} BATCH=${BATCH:-256} RATE=${RATE:-0.005} ROUNDS=${ROUNDS:-1} THREADS=${THREADS:-0}
here=$(dirname "${BASH_SOURCE[0]}")/job
sql() { psql -X -q -At -v ON_ERROR_STOP=1 "$@"; }
python=/usr/bin/python3
options='{"time_steps":168,"horizon":24,"mode":"window","segment":1,"stride":1,"highway":false,"mix":1,"ensemble":1,"validation":0,
	"seasonality":"none","transform":"none","intervals":"none","on_duplicate":"mean","keep_history":false,
	"epochs":1,"steps_per_epoch":'$UPDATES',"batch_size":'$BATCH',"optimizer":"adam","learning_rate":'$RATE',"loss":"mae",
	"schedule":{"name":"cosine","final":0.01,"warmup_steps":20}'
sql <<-'SQL'
	SET client_min_messages = warning;
	CREATE EXTENSION IF NOT EXISTS forecast_rnn;
	CREATE TABLE pjm(ts timestamp, mw float8);
	\copy pjm FROM PROGRAM 'gzip -dc test/data/pjme_hourly.csv.gz' CSV HEADER
	CREATE TABLE job_forecast(way text, ts timestamp, value float8);
	CREATE TABLE job_time(way text, seed int, s float8);
	CREATE TABLE job_error(way text, seed int, points bigint, mape float8);
	VACUUM ANALYZE pjm;
SQL
outside() { "$python" "$here/outside.py" "$UPDATES" "$BATCH" "$RATE" "$1" "$THREADS"; }
inside() {
	sql -c "INSERT INTO job_forecast SELECT 'inside', timestamp 'epoch' + at * interval '1 second', value
		FROM job_inside($UPDATES, $BATCH, $RATE, $1, $THREADS)"
}
ours() { sql -v options="$options,\"seed\":$1}" -f "$here/ours.sql" 2>/dev/null; }
recipe() {
	sql -c "INSERT INTO job_forecast SELECT 'recipe', forecast_timestamp::timestamp, forecast_value
		FROM rnn_backtest((SELECT rnn_train(rnn_panel(ts, mw), options => '{\"horizon\":24, \"on_duplicate\":\"mean\", \"ensemble\":1, \"seed\":$1}')
			FROM pjm WHERE ts < '2017-08-01'), (SELECT rnn_panel(ts, mw) FROM pjm WHERE ts < '2018-08-01'), horizon => 24, stride => 24)"
}
ways="ours"
"$python" -c 'import psycopg2, torch' 2>/dev/null && ways="$ways outside" || echo "outside: left out, needs python3-psycopg2 and python3-torch"
"$python" -c 'import torch' 2>/dev/null && sql -c 'CREATE EXTENSION plpython3u' 2>/dev/null && sql -f "$here/inside.sql" && ways="$ways inside" ||
	echo "inside: left out, needs postgresql-plpython3-15 and python3-torch"
for ((seed = 1; seed <= ROUNDS; seed++)); do
	for way in $ways recipe; do
		begun=$EPOCHREALTIME
		$way "$seed" || { echo "$way failed"; exit 1; }
		ended=$EPOCHREALTIME
		sql <<-SQL
			INSERT INTO job_time VALUES ('$way', $seed, $ended - $begun);
			INSERT INTO job_error SELECT '$way', $seed, count(*), rnn_mape(a.mw, f.value)
			FROM job_forecast f JOIN (SELECT ts, avg(mw) AS mw FROM pjm GROUP BY ts) a USING (ts) WHERE f.way = '$way';
			TRUNCATE job_forecast;
		SQL
	done
done
echo "$UPDATES updates of $BATCH windows; best wall time of $ROUNDS, median error over as many seeds"
psql -X -q <<-'SQL'
	SELECT way, points, round(min(s)::numeric, 2) AS s, round((min(s) / min(min(s)) FILTER (WHERE way = 'ours') OVER ())::numeric, 2) AS ratio,
		round(percentile_cont(0.5) WITHIN GROUP (ORDER BY mape)::numeric, 2) AS "MAPE %"
	FROM job_time JOIN job_error USING (way, seed) GROUP BY way, points ORDER BY way = 'recipe', way = 'ours', way;
	DROP TABLE pjm, job_forecast, job_time, job_error;
	DROP FUNCTION IF EXISTS job_inside(int, int, float8, int, int);
SQL
