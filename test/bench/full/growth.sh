# Measures how time and memory grow with rows, series, units and window (the method is described in
# test/bench/growth/setup.sql); writes build/bench/growth.csv and the plot build/bench/growth.svg.  MOST: rows of the largest size.
set -u
here=$(dirname "${BASH_SOURCE[0]}")/../growth
out=${OUT:-build/bench}
mkdir -p "$out"
run() { psql -X -q -v ON_ERROR_STOP=1 "$@"; }
run -v most="${MOST:-10000000}" -f "$here/setup.sql" || exit 1
for place in $(run -At -c 'SELECT place FROM growth_case ORDER BY place'); do
    run -c "CALL growth_run($place)" || exit 1
    run -c "CALL growth_panel($place)" || exit 1
done
run -f "$here/report.sql"
run -c "\\copy (SELECT * FROM growth_result ORDER BY what, part, size) TO '$out/growth.csv' CSV HEADER"
python3 "$here/plot.py" "$out/growth.csv" "$out/growth.svg"
run -c 'DROP TABLE growth_rows, growth_case, growth_result; DROP PROCEDURE growth_run(int), growth_panel(int);
	DROP FUNCTION growth_status(text), growth_cpu(), growth_estimate(text)'
