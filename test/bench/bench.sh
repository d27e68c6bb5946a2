# Measures one training step of the core, OpenBLAS's sgemm (the yardstick), and PyTorch's step if PyTorch is installed,
# in turn on one core; prints the least of ROUNDS rounds.  Needs bench_step on the PATH.
set -u
ROUNDS=${ROUNDS:-3}
here=$(dirname "${BASH_SOURCE[0]}")
shapes=(
    "lstm 64 168 8 2 64"
    "lstm 64 168 1 2 64"
    "lstm 128 96 7 1 128"
    "lstm 32 72 10 2 40"
    "lstm 32 30 1 1 32"
    "gru 32 72 16 2 40"
    "gru 32 72 16 2 64"
    "gru 64 168 8 2 64"
    "simple 32 30 1 2 20"
    "simple 4 30 1 2 20"
)
# one to eight input features: none should be slower than eight
for features in 1 2 3 4 5 6 7; do shapes+=("lstm 64 168 $features 2 64"); done
python=
for candidate in python3 /usr/bin/python3; do
    "$candidate" -c 'import torch' 2>/dev/null && { python=$candidate; break; }
done

# Two programs read a shape and write a line each, through a pair of pipes.
bench_step machine
pipes=$(mktemp -d)
trap 'rm -rf "$pipes"' EXIT
mkfifo "$pipes/to_core" "$pipes/from_core" "$pipes/to_torch" "$pipes/from_torch"
bench_step <"$pipes/to_core" >"$pipes/from_core" &
exec {to_core}>"$pipes/to_core" {from_core}<"$pipes/from_core"
if [ -n "$python" ]; then
    "$python" -c 'import torch; print("PyTorch", torch.__version__)'
    "$python" "$here/bench_torch.py" <"$pipes/to_torch" >"$pipes/from_torch" &
    exec {to_torch}>"$pipes/to_torch" {from_torch}<"$pipes/from_torch"
else
    echo "PyTorch is not installed (python3-torch): the comparison is left out."
fi

for ((round = 0; round < ROUNDS; round++)); do
    for shape in "${shapes[@]}"; do
        other=-
        echo "$shape" >&"$to_core"
        read -r -u "$from_core" ms gflops sgemm registers
        if [ -n "$python" ]; then
            echo "$shape" >&"$to_torch"
            read -r -u "$from_torch" other
        fi
        echo "$shape $ms $gflops $sgemm $registers $other"
    done
done | awk '
    {
        shape = $1 " " $2 " " $3 " " $4 " " $5 " " $6
        if (!(shape in ms)) order[++n] = shape
        if (!(shape in ms) || $7 < ms[shape]) { ms[shape] = $7; rate[shape] = $8 }
        if ($9 > sgemm[shape]) sgemm[shape] = $9
        if ($10 > registers[shape]) registers[shape] = $10
        if (!(shape in torch) || $11 + 0 < torch[shape] + 0) torch[shape] = $11
    }
    END {
        print "The better of sgemm of 512^3 and multiply-adds in registers, GFLOP/s in turn with the step, is a share of 1."
        printf "%-42s %9s %8s %7s %9s %6s %11s %7s\n", "one training step, one core", "ms", "GFLOP/s", "sgemm", "registers", "share", "PyTorch ms", "ratio"
        for (i = 1; i <= n; i++) {
            split(order[i], s, " ")
            name = sprintf("%s, batch %d, %d steps, %d in, %dx%d", s[1], s[2], s[3], s[4], s[5], s[6])
            s0 = order[i]
            peak = sgemm[s0] > registers[s0] ? sgemm[s0] : registers[s0]
            printf "%-42s %9.3f %8.1f %7.1f %9.1f %6.2f", name, ms[s0], rate[s0], sgemm[s0], registers[s0], rate[s0] / peak
            if (torch[order[i]] == "-") printf "\n"
            else printf " %11.3f %7.2f\n", torch[order[i]], torch[order[i]] / ms[order[i]]
        }
    }'
