#!/usr/bin/env python3
"""Write loss_golden.txt: losses, gradients and quantiles to compare with.

Losses and gradients are torch's (functional losses and torch.distributions, in
double).  Quantiles are solved for here, from densities and sums, not taken
from any library.  Run: python3 make_loss_golden.py > loss_golden.txt
"""
import math
import sys

import torch
import torch.nn.functional as F
from torch import distributions as D

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)
FLOOR = 1e-6
ROWS, TARGETS = 5, 3
print("# torch", torch.__version__)


def numbers(t):
    return " ".join("%.17g" % v for v in t.detach().flatten().tolist())


def element_losses(kind, out, y, delta, qs):
    """(rows, targets) losses; out is (rows, targets, width)"""
    if kind == "mse":
        return F.mse_loss(out[..., 0], y, reduction="none")
    if kind == "mae":
        return F.l1_loss(out[..., 0], y, reduction="none")
    if kind == "huber":
        return F.huber_loss(out[..., 0], y, reduction="none", delta=delta)
    if kind == "quantile":
        q = torch.tensor(qs)
        e = y.unsqueeze(-1) - out
        return torch.maximum(q * e, (q - 1) * e).mean(-1)
    scale = F.softplus(out[..., 1]) + FLOOR
    if kind == "gaussian":
        return -D.Normal(out[..., 0], scale).log_prob(y)
    if kind == "student_t":
        return -D.StudentT(2 + F.softplus(out[..., 2]), out[..., 0], scale).log_prob(y)
    mean = F.softplus(out[..., 0]) + FLOOR
    return -D.NegativeBinomial(1 / scale, logits=torch.log(scale * mean)).log_prob(y)


def loss_case(kind, spread, masked, delta=1.0, qs=()):
    width = {"quantile": len(qs), "gaussian": 2, "student_t": 3, "negative_binomial": 2}.get(kind, 1)
    out = (torch.randn(ROWS, TARGETS, width) * spread).float().double().requires_grad_()
    y = (torch.randn(ROWS, TARGETS) * spread).float().double()
    if kind == "negative_binomial":
        y = torch.poisson(torch.rand(ROWS, TARGETS) * 8 * spread)
    w = torch.ones(ROWS, TARGETS)
    if masked:
        w = ((torch.rand(ROWS, TARGETS) < 0.7) * (0.5 + torch.rand(ROWS, TARGETS))).float().double()
    qs = torch.tensor(qs).float().double().tolist()
    loss = (element_losses(kind, out, y, delta, qs) * w).sum() / w.sum()
    loss.backward()
    print("loss", kind, "%.17g" % delta, len(qs), " ".join("%.17g" % q for q in qs))
    print(numbers(out), numbers(y), numbers(w))
    print("%.17g" % loss.item(), numbers(out.grad))


for spread in (1.0, 4.0):
    for masked in (False, True):
        loss_case("mse", spread, masked)
        loss_case("mae", spread, masked)
        loss_case("huber", spread, masked)
        loss_case("huber", spread, masked, delta=0.25)
        loss_case("quantile", spread, masked, qs=(0.5,))
        loss_case("quantile", spread, masked, qs=(0.05, 0.25, 0.5, 0.9, 0.99))
        loss_case("gaussian", spread, masked)
        loss_case("student_t", spread, masked)
        loss_case("negative_binomial", spread, masked)


def solve(cdf, p):
    lo, hi = -1.0, 1.0
    while cdf(lo) > p:
        lo *= 2
    while cdf(hi) < p:
        hi *= 2
    for _ in range(200):
        mid = 0.5 * (lo + hi)
        if cdf(mid) < p:
            lo = mid
        else:
            hi = mid
    return 0.5 * (lo + hi)


def student_cdf(df):
    """Closed sums for whole degrees of freedom: theta = atan(z / sqrt(df))"""
    def cdf(z):
        theta = math.atan(z / math.sqrt(df))
        c, s = math.cos(theta), math.sin(theta)
        if df % 2:
            term, total = c, c if df > 1 else 0.0
            for k in range(3, df - 1, 2):
                term *= c * c * (k - 1) / k
                total += term
            area = 2 / math.pi * (theta + s * total)
        else:
            term, total = 1.0, 1.0
            for k in range(2, df - 1, 2):
                term *= c * c * (k - 1) / k
                total += term
            area = s * total
        return 0.5 + 0.5 * area
    return cdf


def counts_quantile(mean, dispersion, p):
    r, total, k = 1 / dispersion, 0.0, 0
    while True:
        total += math.exp(math.lgamma(k + r) - math.lgamma(k + 1) - math.lgamma(r)
                          - r * math.log1p(dispersion * mean)
                          + k * (math.log(dispersion * mean) - math.log1p(dispersion * mean)))
        if total >= p:
            return k
        k += 1


for p in (1e-9, 0.001, 0.05, 0.3, 0.5, 0.77, 0.975, 0.9999):
    print("normal 0 0 %.17g %.17g" % (p, solve(lambda z: 0.5 * math.erfc(-z / math.sqrt(2)), p)))
    for df in (3, 4, 10, 51, 1200):
        if p > 1e-6:
            print("student_t %d 0 %.17g %.17g" % (df, p, solve(student_cdf(df), p)))
    if p > 1e-6:
        for mean, dispersion in ((0.2, 0.5), (3.0, 0.01), (7.5, 1.5), (120.0, 0.3), (3000.0, 0.001)):
            print("negative_binomial %.17g %.17g %.17g %d" % (mean, dispersion, p, counts_quantile(mean, dispersion, p)))
print("end", file=sys.stdout)
