# Measures the parts of a training step by perf: the share of products (GEMM), gate loops, optimizer and the rest, and
# every function above 1 %.  Needs perf (Debian: linux-perf) and bench_step on the PATH.
set -u
command -v perf >/dev/null || { echo "perf is not installed (linux-perf): no profile."; exit 0; }
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT
for shape in "lstm 64 168 8 2 64" "lstm 128 96 7 1 128" "lstm 32 72 10 2 40" "lstm 32 30 1 1 32" "gru 32 72 16 2 40" "gru 64 168 8 2 64" \
    "simple 32 30 1 2 20" "simple 4 30 1 2 20"; do
    yes "$shape" | head -3 | perf record -q -F 4000 -o "$data/perf" "$(command -v bench_step)" >/dev/null || exit 1
    perf report -i "$data/perf" --stdio --no-children -g none -F period,sym,dso -t '|' 2>/dev/null | grep -v '^#' |
        awk -F '|' -v shape="$shape" '
        # sgemm and the clock are measured by the program and are not part of the step
        $3 ~ /openblas|kernel|vdso/ || $2 ~ /bench_run|peak_once|noise|main/ || NF < 3 { next }
        {
            name = $2
            gsub(/^ *\[\.\] *| *$/, "", name)
            sub(/\.arch.*|\.avx.*|\.default.*/, "", name)
            kind = "the rest"
            if (name ~ /gemm|_product$|column_sums/ && name !~ /pack_/) kind = "products"
            if (name ~ /gates|activate|tanh|sigmoid/) kind = "gate loops"
            if (name ~ /adam|optimizer|pow/) kind = "optimizer"
            share[name] += $1; part[kind] += $1; all += $1
        }
        END {
            printf "%s\n   ", shape
            n = split("products|gate loops|optimizer|the rest", kinds, "|")
            for (i = 1; i <= n; i++) printf " %s %.1f %%%s", kinds[i], 100 * part[kinds[i]] / all, i < n ? "," : "\n"
            for (name in share) if (share[name] / all >= 0.01) printf "    %5.1f %%  %s\n", 100 * share[name] / all, name | "sort -rn"
        }'
done
