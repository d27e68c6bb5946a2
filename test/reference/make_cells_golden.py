#!/usr/bin/env python3
"""Write cells_golden.txt: outputs, gradients and ten Adam steps of torch's cells.

Weights, inputs and targets come from a formula (noise) that test_golden.c
repeats, so only results are stored: float32, base64.  torch computes in double
on float32-exact weights: what differs is the core's rounding alone.
Run: python3 make_cells_golden.py > cells_golden.txt
"""
import base64

import numpy as np
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
CELLS = {"simple": torch.nn.RNN, "relu": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
STEPS = 10


def noise(stream, shape, scale):
    """float32 numbers in [-scale/2, scale/2), splitmix64 of their place"""
    with np.errstate(over="ignore"):
        z = np.arange(1, int(np.prod(shape)) + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = z + np.uint64(stream) * np.uint64(0xD1B54A32D192ED03)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    u = (z >> np.uint64(40)).astype(np.float32) / np.float32(1 << 24) - np.float32(0.5)
    return torch.tensor((u * np.float32(scale)).reshape(shape).astype(np.float64))


class Recurrent(torch.nn.Module):
    """torch's cell with Keras's return_sequences"""

    def __init__(self, kind, features, units, sequences, bidirectional):
        super().__init__()
        options = {"nonlinearity": "relu"} if kind == "relu" else {}
        self.cell = CELLS[kind](features, units, bidirectional=bidirectional, **options)
        self.units, self.sequences = units, sequences

    def forward(self, x):
        y = self.cell(x)[0]
        if self.sequences:
            return y
        return torch.cat((y[-1, :, : self.units], y[0, :, self.units:]), -1)


ACTIVATION = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid,
              "softplus": torch.nn.functional.softplus, "linear": lambda v: v}


class Dense(torch.nn.Module):
    def __init__(self, features, units, activation):
        super().__init__()
        self.map = torch.nn.Linear(features, units)
        self.activation = ACTIVATION[activation]

    def forward(self, x):
        return self.activation(self.map(x))


def build(features, layers):
    modules = []
    for kind, units, sequences, extra in layers:
        if kind == "dense":
            modules.append(Dense(features, units, extra))
            features = units
        elif kind == "norm":
            modules.append(torch.nn.LayerNorm(features, eps=1e-3))
        else:
            modules.append(Recurrent(kind, features, units, sequences, extra == "bi"))
            features = units * (2 if extra == "bi" else 1)
    return torch.nn.Sequential(*modules), features


def text(v):
    return base64.b64encode(v.detach().numpy().astype("<f4").tobytes()).decode()


def case(B, T, F, layers):
    """layers: (kind, units, return_sequences, activation or "bi")"""
    network, O = build(F, layers)
    parameters = list(network.parameters())
    for k, p in enumerate(parameters):
        with torch.no_grad():
            p.copy_(noise(10 + k, p.shape, 2 / np.sqrt(p.shape[-1])))
    x = noise(1, (T, B, F), 2)
    output = network(x)
    y = noise(2, output.shape, 2)
    adam = torch.optim.Adam(parameters, lr=1e-2)
    losses = []
    for step in range(STEPS):
        adam.zero_grad()
        loss = torch.nn.functional.mse_loss(network(x), y)
        loss.backward()
        if step == 0:
            gradients = [p.grad.clone() for p in parameters]
        losses.append(loss.item())
        adam.step()
    print("case", B, T, F, len(layers), len(parameters))
    for kind, units, sequences, extra in layers:
        print("layer", kind, units, int(sequences), extra)
    print("output", text(output))
    for g in gradients:
        print("gradient", text(g))
    print("losses", " ".join("%.17g" % v for v in losses))


print("# torch %s, numpy %s" % (torch.__version__, np.__version__))
for kind in CELLS:
    for units in 1, 3, 20, 64:
        for bidirectional in "-", "bi":
            for depth in 1, 2:
                if units == 64 and depth == 2 and bidirectional == "bi" and kind != "simple":
                    continue            # large, and nothing that 20 units do not show
                B, T = (2, 4) if units == 64 else (3, 7)
                case(B, T, 2, [(kind, units, i < depth - 1, bidirectional) for i in range(depth)] +
                     [("dense", 2, False, "linear")])
case(5, 9, 1, [("simple", 20, True, "-"), ("simple", 20, True, "-"), ("dense", 1, False, "linear")])
case(4, 6, 3, [("gru", 7, True, "bi"), ("dense", 5, False, "tanh"), ("lstm", 6, True, "-"),
               ("dense", 3, False, "linear")])
case(4, 6, 3, [("dense", 8, False, "relu"), ("lstm", 9, True, "-"), ("norm", 0, False, "-"), ("gru", 5, False, "bi"),
               ("norm", 0, False, "-"), ("dense", 4, False, "sigmoid"), ("dense", 3, False, "softplus")])
case(33, 12, 4, [("lstm", 10, True, "-"), ("gru", 10, False, "-"), ("dense", 12, False, "linear")])
