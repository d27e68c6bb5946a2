# Measures the ridge regression (350 inputs, 24 outputs, 400 000 windows) beside OpenBLAS with each of its kernels that
# this processor has, its own choice first: processor time on one core, ours and theirs in turn.  Needs bench_ridge on
# the PATH.
set -u
kernels="PRESCOTT"
grep -qw avx2 /proc/cpuinfo && kernels="$kernels HASWELL ZEN"
grep -qw avx512bw /proc/cpuinfo && kernels="$kernels SKYLAKEX"
{
    env -u OPENBLAS_CORETYPE bench_ridge || exit 1
    for kernel in $kernels; do OPENBLAS_CORETYPE=$kernel bench_ridge || exit 1; done
} |
    awk '
    BEGIN { printf "%-12s %8s %9s %6s %13s %9s %6s %11s\n", "kernel", "sums, s", "OpenBLAS", "ratio", "solution, ms", "OpenBLAS", "ratio", "difference" }
    { printf "%-12s %8.3f %9.3f %6.2f %13.3f %9.3f %6.2f %11s\n", $1, $2, $3, $3 / $2, $4, $5, $5 / $4, $6 }'
