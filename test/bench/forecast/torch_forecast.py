"""Forecast every series of forecast_bench with PyTorch, one thread, as a program outside the server does it: rows out
through COPY, batches through the network, forecasts back through COPY.  Argument: csv or binary, the form of both COPYs.
Reads lines `SEGMENT` from standard input and answers each with the seconds it took.

The network's weights are those of the model in forecast_bench_model, and level and scale are taken as that model takes
them, so the forecasts are the same numbers: the caller compares them.
"""
import io
import json
import struct
import sys
import time

import numpy as np
import psycopg2
import torch

BATCH = 256
HOUR = 3600 * 1000000
FORM = sys.argv[1]
torch.set_num_threads(1)
connection = psycopg2.connect("")
connection.autocommit = True
cursor = connection.cursor()


class Net(torch.nn.Module):
    def __init__(self, features, units, horizon):
        super().__init__()
        self.lstm = torch.nn.LSTM(features, units, batch_first=True)
        self.dense = torch.nn.Linear(units, horizon)

    def forward(self, x):
        return self.dense(self.lstm(x)[0][:, -1])


def load(segment):
    """the network of a model, and what the forecaster around it needs"""
    cursor.execute("SELECT model FROM forecast_bench_model WHERE segment = %s", (segment,))
    data = bytes(cursor.fetchone()[0])
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    meta = header.pop("__metadata__")
    tensor = {name: torch.frombuffer(bytearray(data[8 + length + t["data_offsets"][0]:8 + length + t["data_offsets"][1]]),
                                     dtype=torch.float32).reshape(t["shape"])
              for name, t in header.items() if t["dtype"] == "F32"}
    net = Net(tensor["0.weight_ih_l0"].shape[1], tensor["0.weight_hh_l0"].shape[1], tensor["1.weight"].shape[0])
    net.load_state_dict({("lstm." if name[0] == "0" else "dense.") + name[2:]: t for name, t in tensor.items()})
    return net.eval(), json.loads(meta["forecaster"])


def rows():
    """series, time and value of every row, as arrays sorted by series and time"""
    out = io.BytesIO()
    if FORM == "binary":
        cursor.copy_expert("COPY (SELECT id, ts, value FROM forecast_bench) TO STDOUT (FORMAT binary)", out)
        row = np.dtype([("fields", ">i2"), ("a", ">i4"), ("id", ">i4"), ("b", ">i4"), ("ts", ">i8"), ("c", ">i4"), ("value", ">f8")])
        table = np.frombuffer(out.getbuffer()[19:-2], dtype=row)
        series, ts, value = (table[name].astype(kind) for name, kind in (("id", "i4"), ("ts", "i8"), ("value", "f8")))
    else:
        cursor.copy_expert("COPY (SELECT id, extract(epoch FROM ts)::bigint, value FROM forecast_bench) TO STDOUT (FORMAT csv)", out)
        out.seek(0)
        table = np.loadtxt(out, delimiter=",", dtype=[("id", "i4"), ("ts", "i8"), ("value", "f8")])
        series, ts, value = table["id"], table["ts"] * 1000000, table["value"]
    order = np.lexsort((ts, series))
    return series[order], ts[order], value[order]


def forecast(net, scale, value, horizon):
    level = value[:, -1:]
    k = max(1, horizon // 2)
    sigma = np.abs(value[:, k:] - value[:, :-k]).mean(axis=1, keepdims=True)
    sigma = np.maximum(sigma, 0.02 * scale["sigma_median"])
    u = torch.from_numpy(((value - level) / sigma).astype("f4"))
    out = []
    with torch.no_grad():
        for i in range(0, len(u), BATCH):
            batch = u[i:i + BATCH]
            out.append(net(batch.reshape(len(batch), -1, net.lstm.input_size)).numpy())
    y = np.concatenate(out) * sigma + level
    low, high = value.min(axis=1, keepdims=True), value.max(axis=1, keepdims=True)
    return np.where(low < 0, y, np.clip(y, 0, high + 2 * (high - low)))


def write(series, last, y):
    n, horizon = y.shape
    ids = np.repeat(series, horizon)
    ts = (last[:, None] + HOUR * np.arange(1, horizon + 1)).ravel()
    step = np.tile(np.arange(1, horizon + 1), n)
    if FORM == "binary":
        table = np.zeros(n * horizon, dtype=[("fields", ">i2"), ("a", ">i4"), ("id", ">i4"), ("b", ">i4"), ("ts", ">i8"),
                                             ("c", ">i4"), ("step", ">i4"), ("d", ">i4"), ("value", ">f8")])
        table["fields"], table["a"], table["b"], table["c"], table["d"] = 4, 4, 8, 4, 8
        table["id"], table["ts"], table["step"], table["value"] = ids, ts, step, y.ravel()
        data = b"PGCOPY\n\xff\r\n\0" + bytes(8) + table.tobytes() + b"\xff\xff"
        cursor.copy_expert("COPY forecast_bench_torch FROM STDIN (FORMAT binary)", io.BytesIO(data))
    else:
        stamps = np.datetime_as_string(ts.astype("datetime64[us]"))
        text = "\n".join(f"{a},{b}Z,{c},{d!r}" for a, b, c, d in zip(ids.tolist(), stamps.tolist(), step.tolist(), y.ravel().tolist()))
        cursor.copy_expert("COPY forecast_bench_torch FROM STDIN (FORMAT csv)", io.StringIO(text))


for line in sys.stdin:
    cursor.execute("TRUNCATE forecast_bench_torch")
    begun = time.perf_counter()
    net, scale = load(int(line))
    series, ts, value = rows()
    read = time.perf_counter()
    ends = np.append(np.flatnonzero(np.diff(series)), len(series) - 1)
    value = value.reshape(len(ends), -1)
    y = forecast(net, scale, value, net.dense.out_features)
    done = time.perf_counter()
    write(series[ends], ts[ends], y)
    print("%.3f %.3f %.3f" % (time.perf_counter() - begun, read - begun, done - read), flush=True)
