#!/usr/bin/env python3
"""Write optimizer_golden.txt: ten updates of each rule of torch.optim.

The gradients are drawn, not derived: the rules alone are compared.
Run: python3 make_optimizer_golden.py > optimizer_golden.txt
"""
import torch

torch.manual_seed(2)
N, STEPS = 7, 10
print("# torch", torch.__version__)

#        kind       lr    momentum nesterov rho beta1 beta2 eps decay
RULES = [
    ("sgd",     0.01, 0.0, 0, 0.9, 0.9, 0.999, 1e-7, 0.0),
    ("sgd",     0.01, 0.0, 0, 0.9, 0.9, 0.999, 1e-7, 0.1),
    ("sgd",     0.05, 0.9, 0, 0.9, 0.9, 0.999, 1e-7, 0.0),
    ("sgd",     0.05, 0.9, 1, 0.9, 0.9, 0.999, 1e-7, 0.02),
    ("rmsprop", 0.001, 0.0, 0, 0.9, 0.9, 0.999, 1e-7, 0.0),
    ("rmsprop", 0.01, 0.0, 0, 0.99, 0.9, 0.999, 1e-8, 0.1),
    ("rmsprop", 0.01, 0.8, 0, 0.9, 0.9, 0.999, 1e-7, 0.01),
    ("adam",    0.001, 0.0, 0, 0.9, 0.9, 0.999, 1e-7, 0.0),
    ("adam",    0.02, 0.0, 0, 0.9, 0.8, 0.95, 1e-3, 0.1),
    ("adamw",   0.001, 0.0, 0, 0.9, 0.9, 0.999, 1e-7, 0.004),
    ("adamw",   0.05, 0.0, 0, 0.9, 0.85, 0.99, 1e-5, 0.5),
]


def make(kind, w, lr, momentum, nesterov, rho, b1, b2, eps, decay):
    if kind == "sgd":
        return torch.optim.SGD([w], lr, momentum=momentum, nesterov=bool(nesterov), weight_decay=decay)
    if kind == "rmsprop":
        return torch.optim.RMSprop([w], lr, alpha=rho, eps=eps, momentum=momentum, weight_decay=decay)
    rule = torch.optim.Adam if kind == "adam" else torch.optim.AdamW
    return rule([w], lr, betas=(b1, b2), eps=eps, weight_decay=decay)


def line(t):
    print(" ".join("%.9g" % v for v in t.tolist()))


for rule in RULES:
    w = torch.randn(N, requires_grad=True)
    optimizer = make(rule[0], w, *rule[1:])
    print(rule[0], *("%.9g" % v for v in rule[1:]))
    line(w)
    for _ in range(STEPS):
        w.grad = torch.randn(N) * torch.rand(N)
        line(w.grad)
        optimizer.step()
        line(w)
print("end")
