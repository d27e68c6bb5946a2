#!/usr/bin/env python3
"""Write pipeline_golden.txt: what the forecaster's steps give, by numpy.

Each record is a name, a count and so many numbers.  The steps follow their
definitions in the headers of src/core/forecast with numpy's own tools
(convolve, polyfit, solve).  Run: python3 make_pipeline_golden.py > pipeline_golden.txt
"""
import numpy as np

rng = np.random.default_rng(7)
print("# numpy", np.__version__)


def put(name, values, digits=17):
    v = np.asarray(values, float).ravel()
    print(name, len(v))
    print(" ".join("%.*g" % (digits, x) for x in v))


def wave(n, m, grow=0.0):
    t = np.arange(n)
    return 50 + 0.1 * t + (1 + grow * t) * (5 * np.sin(2 * np.pi * t / m) + rng.normal(0, 1, n))


# ---- gaps ----
def impute(value, split, m):
    out = value.copy()
    for begin, end in ((0, split), (split, len(value))):
        part = value[:end]
        known = np.flatnonzero(~np.isnan(part))

        def at(i):
            return part[i] if 0 <= i < end else np.nan

        def line(a, b, l, r, i):
            return b if np.isnan(a) else a if np.isnan(b) else a + (b - a) * (i - l) / (r - l)

        for i in range(begin, end):
            if not np.isnan(value[i]):
                continue
            l = max((j for j in known if j < i), default=-1)
            r = min((j for j in known if j > i), default=end)
            near = [k for k in range(-3 * m, 3 * m + 1, m) if not np.isnan(at(i + k))]
            beside = {k: [at(e + k) if not np.isnan(at(e)) else np.nan for e in (l, r)] for k in near}
            whole = [k for k in near if np.isnan(beside[k]).sum() == np.isnan([at(l), at(r)]).sum()]
            if whole:
                shape = np.median([at(i + k) - line(*beside[k], l, r, i) for k in whole])
                among = [at(i + k) for k in near] + [at(l), at(r)]
                out[i] = np.clip(line(at(l), at(r), l, r, i) + shape, np.nanmin(among), np.nanmax(among))
            elif near:
                out[i] = np.median([at(i + k) for k in near])
        known = np.flatnonzero(~np.isnan(out[:end]))
        rows = np.arange(end)
        filled = np.interp(rows, known, out[known])
        out[begin:end] = np.where(np.isnan(out[begin:end]), filled[begin:end], out[begin:end])
    return out


y = wave(60, 6)
y[[0, 1, 7, 13, 14, 20, 26, 32, 38, 44, 50, 47, 48, 59]] = np.nan
put("gaps", y)
put("gaps_season", impute(y, 45, 6))
put("gaps_linear", impute(y, 45, 1000))

# ---- profiles ----
def profile(z, m, offset=0):
    n = len(z)
    phase = (np.arange(n) + offset) % m
    kernel = np.full(m, 1 / m) if m % 2 else np.r_[0.5, np.ones(m - 1), 0.5] / m
    r = len(kernel) // 2
    s = np.zeros(m)
    for _ in range(2):
        middle = np.convolve(z - s[phase], kernel, "valid")
        k = min(m, len(middle))
        left = np.polyfit(np.arange(k), middle[:k], 1)[0]
        right = np.polyfit(np.arange(k), middle[-k:], 1)[0]
        trend = np.r_[middle[0] - left * np.arange(r, 0, -1), middle, middle[-1] + right * np.arange(1, r + 1)]
        s = np.array([(z - trend)[phase == j].mean() for j in range(m)])
        s -= s.mean()
    rest = z - trend - s[phase]
    noise = rest.var() * m / (n - m)
    return s * max(0, 1 - noise / s.var())


for name, n, m, offset in (("even", 121, 12, 0), ("odd", 100, 7, 0), ("shifted", 100, 7, 5), ("short", 24, 12, 3)):
    z = wave(n, m)
    put("season_%s" % name, z)
    put("profile_%s" % name, profile(z, m, offset))

# ---- scale ----
x = wave(81, 9)
put("scale_x", x)
q1, q2, q3 = np.quantile(x, [0.25, 0.5, 0.75])
put("scale_standard", [x.mean(), x.std()])
put("scale_robust", [q2, q3 - q1])
put("scale_minmax", [x.min(), x.max() - x.min()])
put("scale_mean", [0, np.abs(x).mean()])
put("scale_step", [0, np.abs(x[5:] - x[:-5]).mean()])

# ---- slope of spread on level ----
y = np.exp(np.linspace(0, 2, 97)) * (10 + rng.normal(0, 1, 97))
y[40:48] = 10 + 1e-6 * np.arange(8)     # an idle stretch
b = 8
B = y[len(y) % b:].reshape(-1, b)
a, d = np.log(B.mean(1)), np.log(np.abs(np.diff(B, axis=1)).mean(1))
keep = d > np.median(d) - 4
a, d = a[keep] - a[keep].mean(), d[keep] - d[keep].mean()
put("spread_y", y)
put("spread_slope", [(a * d).mean(), (a * a).mean()])

# ---- ridge ----
X = rng.normal(0, 1, (300, 9)) @ rng.normal(0, 1, (9, 9)) + rng.normal(0, 3, 9)
Y = X @ rng.normal(0, 1, (9, 4)) + rng.normal(0, 1, (300, 4)) + 5
X, Y = X.astype(np.float32).astype(float), Y.astype(np.float32).astype(float)
Xc, Yc = X - X.mean(0), Y - Y.mean(0)
A = Xc.T @ Xc
W = np.linalg.solve(A + (0.5 * np.trace(A) / 9 + 1e-9 * 300) * np.eye(9), Xc.T @ Yc)
put("ridge_x", X, 9)  # float32 as they are
put("ridge_y", Y, 9)
put("ridge_weight", W)
put("ridge_bias", Y.mean(0) - X.mean(0) @ W)

# ---- windows: 6 rows in steps of 3, 4 steps ahead, season 7, two covariates ----
x, s = rng.normal(0, 1, 30), rng.normal(0, 1, 7)
cov = rng.normal(0, 1, (34, 2))
cov[20, 1] = np.nan
mean, sd, sigma = np.array([0.3, -0.2]), np.array([1.5, 0.5]), 0.7
c = np.where(np.isnan(cov), 0, (cov - mean) / sd)


def row(o, level):
    get = lambda i: x[max(i, 0)]
    out = []
    for begin in (o - 6, o - 3):
        out += [(get(i) - level) / sigma for i in range(begin, begin + 3)]
        for i in range(begin, begin + 3):
            out += list(c[i]) if i >= 0 else [0, 0]
    out += [s[(2 + o + k) % 7] / sigma for k in range(4)]
    for k in range(4):
        out += list(c[o + k]) if o + k < 34 else [0, 0]
    return out


put("window_x", x)
put("window_profile", s)
put("window_covariate", cov)
put("window_last", row(18, x[17]))
put("window_early", row(3, x[2]))
put("window_mean", row(30, x[25:30].mean()))
put("window_target", (x[18:22] - x[17]) / sigma)
