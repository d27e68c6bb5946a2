#!/usr/bin/env python3
"""Write autoregression_golden.txt: weights and forecasts of autoregressions, by numpy.

The regressions are solved from the windows themselves (numpy.linalg.lstsq of the rows and of the penalty), not from sums
of products.
Run: python3 make_autoregression_golden.py > autoregression_golden.txt
"""
import numpy as np

rng = np.random.default_rng(11)
print("# numpy", np.__version__)
PENALTY = 0.001


def put(name, values):
    v = np.asarray(values, float).ravel()
    print(name, len(v))
    print(" ".join("%.17g" % x for x in v))


def fit(u, lags, longest, level):
    """Weights of the lags, the oldest first, and the constant, from the targets that the longest regression has too."""
    targets = np.arange(longest, len(u))
    window = u[targets[:, None] - lags + np.arange(lags)]
    mean = window[:, lags - level:].mean(axis=1)
    x, y = window - mean[:, None], u[targets] - mean
    center, middle = x.mean(axis=0), y.mean()
    x, y = x - center, y - middle
    penalty = PENALTY * (x ** 2).sum() / lags + 1e-9 * len(y)
    weight = np.linalg.lstsq(np.vstack([x, np.sqrt(penalty) * np.eye(lags)]), np.concatenate([y, np.zeros(lags)]), rcond=None)[0]
    return weight, middle - center @ weight


def ahead(z, weight, constant, level, steps):
    v = list(z[-len(weight):])
    low, high = min(v), max(v)
    for k in range(steps):
        mean = np.mean(v[-level:])
        beyond = (high - low) * (0.25 + (k + 1) / (len(weight) - 1))
        v.append(np.clip(mean + weight @ (np.array(v[-len(weight):]) - mean) + constant, low - beyond, high + beyond))
    return v[len(weight):]


def series(name, n, period, lags, steps, sigma):
    t = np.arange(n)
    z = 20 + 0.05 * t + 6 * np.sin(2 * np.pi * t / period) + 2 * np.sin(2 * np.pi * t / 5.3) + np.cumsum(rng.normal(0, 0.3, n))
    level, short = min(period, lags), min(2 * period, (lags + 1) // 2)
    parts, both = [], []
    for p in (lags, short):
        weight, constant = fit((z - z.mean()) / sigma, p, lags, min(level, p))
        parts += [*weight, constant]
        both.append(ahead(z, weight, constant * sigma, min(level, p), steps))
    put(name + "_z", z)
    put(name + "_weight", parts)
    put(name + "_ahead", np.mean(both, axis=0))


series("seasonal", 300, 7, 28, 20, 1.7)
series("short", 60, 4, 15, 30, 0.6)
