# Measures forecasts of 10 000 series of 168 hourly rows, 24 hours ahead, by one LSTM(64) and dense(24) from a fresh panel,
# beside PyTorch on one thread, whose rows and forecasts pass through COPY: as csv, as in most programs, and as binary
# records that are read into arrays.  Two shapes: the window as 168 time steps of one number, and as 7 of 24.  Both sides
# have the same weights; the largest difference of the forecasts is printed in units of the scale of the series.
# Then measures small calls.  All ways run in turn, ROUNDS times; the least wall time of each is printed, for ours
# without parallel workers and with the default of the server.
set -u
SERIES=${SERIES:-10000} ROUNDS=${ROUNDS:-3}
here=$(dirname "${BASH_SOURCE[0]}")/forecast
sql() { psql -X -q -At -v ON_ERROR_STOP=1 "$@"; }
sql -v series="$SERIES" -f "$here/setup.sql" || exit 1

python=/usr/bin/python3
forms=
"$python" -c 'import psycopg2, torch' 2>/dev/null && forms="binary csv" || echo "PyTorch is left out: needs python3-psycopg2 and python3-torch"
pipes=$(mktemp -d)
trap 'rm -rf "$pipes"' EXIT
declare -A to from
for form in $forms; do
    mkfifo "$pipes/to_$form" "$pipes/from_$form"
    "$python" "$here/torch_forecast.py" "$form" <"$pipes/to_$form" >"$pipes/from_$form" &
    exec {fd}>"$pipes/to_$form"; to[$form]=$fd
    exec {fd}<"$pipes/from_$form"; from[$form]=$fd
done
ours() { # segment, workers, way
    sql -v segment="$1" -v workers="$2" -v way="$3" -f "$here/ours.sql" || exit 1
}
for ((round = 0; round < ROUNDS; round++)); do
    for segment in 1 24; do
        ours "$segment" 0 'ours, no workers'
        ours "$segment" 2 'ours, default'
        for form in $forms; do
            echo "$segment" >&"${to[$form]}"
            read -r -u "${from[$form]}" s reading network
            sql -c "INSERT INTO forecast_bench_time VALUES ($segment, 'PyTorch, $form', $s, $reading, $network)"
            sql -c "INSERT INTO forecast_bench_difference SELECT $segment, max(abs(a.value - b.value) / 12), count(*)
                FROM forecast_bench_ours a FULL JOIN forecast_bench_torch b USING (id, ts, step)"
        done
    done
done
psql -X -q -f "$here/report.sql"
