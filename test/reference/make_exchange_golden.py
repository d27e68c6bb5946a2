#!/usr/bin/python3
"""Make exchange_golden.txt: PyTorch modules as safetensors state_dicts, an input each and PyTorch's output.

A line has, between tabs: name, network (JSON), state_dict (base64), input (JSON), output (JSON).
The files are written by hand, so that the script needs torch alone.
"""
import base64
import json
import struct

import torch

torch.set_num_threads(1)
CELLS = {"simple": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
CASES = [(1, 1, False), (3, 1, True), (3, 2, False), (8, 3, False), (8, 2, True), (64, 1, False)]
TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
FEATURES, OUTPUTS, STEPS, BATCH = 2, 2, 7, 3


def safetensors(state, dtype):
    header, data = {}, b""
    for name in sorted(state):
        tensor = state[name].detach().to(TYPES[dtype]).contiguous()
        if dtype == "F32":
            raw = tensor.numpy().tobytes()
        else:
            raw = struct.pack(f"<{tensor.numel()}h", *tensor.view(torch.int16).flatten().tolist())
        header[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


class Network(torch.nn.Module):
    def __init__(self, cell, hidden, layers, bidirectional):
        super().__init__()
        self.bidirectional = bidirectional
        self.rnn = CELLS[cell](FEATURES, hidden, layers, batch_first=True, bidirectional=bidirectional)
        self.norm = torch.nn.LayerNorm(hidden * (1 + bidirectional), eps=1e-3)
        self.head = torch.nn.Linear(hidden * (1 + bidirectional), OUTPUTS)

    def forward(self, x):
        state = self.rnn(x)[1]
        state = state[0] if isinstance(state, tuple) else state
        last = torch.cat((state[-2], state[-1]), -1) if self.bidirectional else state[-1]
        return self.head(self.norm(last))


def layers_of(cell, hidden, layers, bidirectional):
    stack = []
    for i in range(layers):
        layer = {"layer": cell, "units": hidden}
        if i < layers - 1:
            layer["return_sequences"] = True
        if bidirectional:
            layer["bidirectional"] = True
        stack.append(layer)
    return stack + [{"layer": "layer_norm"}, {"layer": "dense", "units": OUTPUTS}]


def main():
    number = 0
    for cell in CELLS:
        for hidden, layers, bidirectional in CASES:
            torch.manual_seed(number)
            dtype = list(TYPES)[number % 3]
            network = Network(cell, hidden, layers, bidirectional)
            with torch.no_grad():
                for parameter in network.parameters():
                    parameter.copy_(parameter.to(TYPES[dtype]).to(torch.float32))
                x = torch.randn(BATCH, STEPS, FEATURES)
                y = network(x)
            name = f"{cell} {hidden} x {layers}{' bidirectional' if bidirectional else ''} {dtype}"
            print(name, json.dumps(layers_of(cell, hidden, layers, bidirectional)),
                  base64.b64encode(safetensors(network.state_dict(), dtype)).decode(),
                  json.dumps(x.tolist()), json.dumps(y.tolist()), sep="\t")
            number += 1


main()
