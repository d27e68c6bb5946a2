#!/usr/bin/env python3
"""Measures in PyTorch the training step that bench_step.c measures.

Reads lines of "cell batch steps features layers units" and writes milliseconds of
processor time per line: forward, MSE, backward and Adam on one thread, the least of
many runs.
"""
import sys
import time

import torch

CELLS = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "simple": torch.nn.RNN}
SECONDS = 0.7


def bench(cell, batch, steps, features, layers, units):
    torch.manual_seed(1)
    rnn = CELLS[cell](features, units, layers)
    head = torch.nn.Linear(units, 1)
    adam = torch.optim.Adam([*rnn.parameters(), *head.parameters()], lr=1e-4)
    x = torch.randn(steps, batch, features)
    y = torch.randn(batch, 1)

    def step():
        adam.zero_grad(set_to_none=True)
        torch.nn.functional.mse_loss(head(rnn(x)[0][-1]), y).backward()
        adam.step()

    best = float("inf")
    for _ in range(3):
        step()
    until = time.process_time() + SECONDS
    while time.process_time() < until:
        start = time.process_time()
        step()
        best = min(best, time.process_time() - start)
    return best


torch.set_num_threads(1)
for line in sys.stdin:
    cell, *sizes = line.split()
    print("%.4f" % (bench(cell, *map(int, sizes)) * 1e3), flush=True)
