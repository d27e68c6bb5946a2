#!/usr/bin/python3
"""A model's bytes, opened without forecast_rnn: read by the safetensors format's own description
(and by the safetensors package where it is installed), loaded into torch.nn modules with load_state_dict, and run
beside rnn_predict.  Needs python3-torch; run by `make reference` inside a throw-away cluster.  Prints TAP."""
import json
import struct

import numpy
import torch
from torch import nn

from tap import check, finish, sql

# torch's own LSTM: that of oneDNN, which Debian 13's torch takes for inference, gives other numbers than it, off by 1
torch.backends.mkldnn.enabled = False

TOLERANCE = 1e-5


def read_tensors(data):
    """The format: 8 bytes length (little-endian), JSON header, then the tensors' bytes."""
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + length].decode("utf-8"))
    metadata = header.pop("__metadata__")
    assert all(isinstance(v, str) for v in metadata.values()), "metadata must be strings"
    kinds = {"F32": "<f4", "F64": "<f8", "I64": "<i8", "I32": "<i4", "U8": "u1"}
    body = memoryview(data)[8 + length:]
    tensors, spans = {}, []
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        spans.append((begin, end))
        tensors[name] = numpy.frombuffer(body[begin:end], dtype=kinds[entry["dtype"]]).reshape(entry["shape"])
    spans.sort()
    assert spans[0][0] == 0 and spans[-1][1] == len(body), "the tensors must fill the rest"
    assert all(a[1] == b[0] for a, b in zip(spans, spans[1:])), "no hole, no overlap"
    return metadata, tensors


def module(layer, size):
    """torch's module for a layer of the model's own description, and its output size"""
    kind, units = layer["layer"], layer.get("units")
    both = layer.get("bidirectional", False)
    bias = layer.get("use_bias", True)
    if kind == "simple":
        assert layer.get("activation", "tanh") in ("tanh", "relu")
        return nn.RNN(size, units, nonlinearity=layer.get("activation", "tanh"), batch_first=True, bias=bias,
                      bidirectional=both), units * (1 + both)
    if kind == "lstm":
        return nn.LSTM(size, units, batch_first=True, bias=bias, bidirectional=both), units * (1 + both)
    if kind == "gru":
        return nn.GRU(size, units, batch_first=True, bias=bias, bidirectional=both), units * (1 + both)
    if kind == "dense":
        assert layer.get("activation", "linear") == "linear"
        return nn.Linear(size, units, bias=bias), units
    if kind == "layer_norm":
        return nn.LayerNorm(size, eps=layer.get("epsilon", 1e-3)), size
    return nn.Dropout(layer["rate"]), size


def forward(stack, layers, x):
    for part, layer in zip(stack, layers):
        if isinstance(part, (nn.RNN, nn.LSTM, nn.GRU)):
            units = layer["units"]
            y, _ = part(x)
            if layer.get("return_sequences"):
                x = y
            elif layer.get("bidirectional"):
                x = torch.cat([y[:, -1, :units], y[:, 0, units:]], 1)
            else:
                x = y[:, -1]
        else:
            x = part(x)
    return x


def literal(array):
    return "'" + json.dumps(array.tolist()).replace("[", "{").replace("]", "}") + "'::float8[]"


NETWORKS = {
    "simple, simple, dense": "rnn_simple(5, return_sequences => true), rnn_simple(3), rnn_dense(2)",
    "simple with relu": "rnn_simple(6, activation => 'relu'), rnn_dense(1)",
    "lstm, lstm, dense": "rnn_lstm(5, return_sequences => true), rnn_lstm(4), rnn_dense(1)",
    "lstm without bias": "rnn_lstm(7, use_bias => false), rnn_dense(1)",
    "gru, gru, dense at each step": "rnn_gru(6, return_sequences => true), rnn_gru(5, return_sequences => true), rnn_dense(2)",
    "bidirectional lstm": "rnn_bidirectional(rnn_lstm(4, return_sequences => true)), rnn_dropout(0.1), rnn_layer_norm(), rnn_dense(1)",
    "bidirectional gru, last states": "rnn_bidirectional(rnn_gru(4)), rnn_dense(3)",
    "gru of 64": "rnn_gru(64, return_sequences => true), rnn_gru(64), rnn_dense(10)",
}


def check_network(name, network, random):
    T, F, N = 12, 3, 9
    x = random.standard_normal((N, T, F)).astype("float32")
    sql(f"DELETE FROM checked; INSERT INTO checked SELECT rnn_init(rnn_sequential({network}), '{{{T},{F}}}', 11)")
    shape = json.loads(sql(f"SELECT to_json(rnn_shape(rnn_predict(m, {literal(x)}))) FROM checked"))
    y = random.standard_normal(shape).astype("float32")
    # a few updates, so that no weight is as it was started
    sql(f"UPDATE checked SET m = rnn_fit(m, {literal(x)}, {literal(y)}, '{{\"epochs\":2,\"batch_size\":4,\"learning_rate\":0.01}}')")
    data = bytes.fromhex(sql("SELECT encode(m, 'hex') FROM checked"))

    metadata, tensors = read_tensors(data)
    weights = {k: torch.from_numpy(v.copy()) for k, v in tensors.items() if k != "history"}
    check(f"{name}: says which framework its names are of", metadata["format"] == "pt")
    check(f"{name}: history has two epochs", tensors["history"].shape == (2, 5))
    try:
        import safetensors.numpy
        theirs = safetensors.numpy.load(data)
        check(f"{name}: the safetensors package reads the same",
              theirs.keys() == tensors.keys() and all((theirs[k] == tensors[k]).all() for k in weights))
    except ImportError:
        pass

    layers, parts, size = json.loads(metadata["network"]), [], F
    for layer in layers:
        part, size = module(layer, size)
        parts.append(part)
    stack = nn.Sequential(*parts)
    stack.load_state_dict(weights, strict=True)
    stack.eval()
    with torch.no_grad():
        want = forward(stack, layers, torch.from_numpy(x)).numpy()
    got = numpy.array(json.loads(sql(f"SELECT to_json(rnn_predict(m, {literal(x)})) FROM checked")))
    worst = float(numpy.max(numpy.abs(got - want) / numpy.maximum(1, numpy.abs(want)))) if got.shape == want.shape else float("inf")
    check(f"{name}: outputs as torch's, off by {worst:.1e} at most", worst <= TOLERANCE,
          f"shapes {got.shape} and {want.shape}")


def main():
    sql("CREATE EXTENSION IF NOT EXISTS forecast_rnn; CREATE TABLE checked (m bytea)")
    random = numpy.random.default_rng(5)
    for name, network in NETWORKS.items():
        check_network(name, network, random)
    finish()


main()
