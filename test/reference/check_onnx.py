#!/usr/bin/python3
"""Forecasts computed outside the database: from the ONNX files of a model's networks, their metadata and the rows, by
ONNX Runtime and numpy, beside rnn_forecast.  doc/exchange.md describes the metadata in these terms.  Needs
python3-onnxruntime; run inside a throw-away cluster.  Prints TAP."""
import base64
import glob
import json
import os

import numpy
import onnxruntime

from tap import check, finish, sql

TOLERANCE = 1e-5

TRANSFORM = {"none": lambda y, unit, lowest: y / unit,
             "log": lambda y, unit, lowest: numpy.log(numpy.maximum(y, lowest * 1e-3) / unit),
             "log1p": lambda y, unit, lowest: numpy.log1p(numpy.maximum(y, 0) / unit),
             "asinh": lambda y, unit, lowest: numpy.arcsinh(y / unit)}
INVERSE = {"none": lambda z: z, "log": numpy.exp, "log1p": numpy.expm1, "asinh": numpy.sinh}


class Forecaster:
    """Members of one model: their ONNX files."""

    def __init__(self, files):
        self.session = [onnxruntime.InferenceSession(f, providers=["CPUExecutionProvider"]) for f in files]
        entry = self.session[0].get_modelmeta().custom_metadata_map
        self.pipe, self.mixture, self.ridge, self.series = (json.loads(entry[k]) for k in ("pipeline", "mixture", "ridge", "series"))

    def season(self, series, rows):
        """The sum of the seasonal profiles at rows, which count from the first row of the training."""
        total, at = numpy.zeros(len(rows)), 0
        for m in self.pipe["seasons"]:
            total += numpy.array(series["profile"][at:at + m])[rows % m]
            at += m
        return total

    def columns(self, kind, named):
        """The columns of named covariates: a number as it is, a category 1 where it is the column's text."""
        return numpy.array([[v == c["text"] if "text" in c else v for v in named[c["name"]]] for c in self.pipe[kind]], dtype=float).T

    def covariates(self, values, rows):
        """Standardized covariates of rows; what is not known counts as the mean."""
        scaled = (values - numpy.array(self.pipe["covariate_mean"])) / numpy.array(self.pipe["covariate_sd"])
        return numpy.array([scaled[i] if 0 <= i < len(scaled) else numpy.zeros(scaled.shape[1]) for i in rows])

    def row(self, series, x, o, values):
        """The window before origin o as time steps, the extra inputs of the steps from o, and the level."""
        pipe, length, factor = self.pipe, self.pipe["time_steps"], 1 / series["scale"]
        at = numpy.arange(o - length, o)
        level = {"last": lambda: x[o - 1], "none": lambda: series["center"],
                 "mean": lambda: numpy.mean(x[numpy.maximum(numpy.arange(o - pipe["level_rows"], o), 0)])}[pipe["level"]]()
        window = ((x[numpy.maximum(at, 0)] - level) * factor).reshape(-1, pipe["segment"])
        if pipe["past_covariates"]:
            past = self.covariates(values, at)
            window = numpy.hstack([window, past[:, :past.shape[1] - pipe["known_only"]].reshape(len(window), -1)])
        steps = numpy.arange(o, o + pipe["steps_at_once"])
        extra = []
        if pipe["seasons"]:
            extra.append(self.season(series, steps) * factor)
        if pipe["known_covariates"]:
            extra.append(self.covariates(values, steps)[:, pipe["past_only"]:].ravel())
        if pipe["level_covariates"]:
            rows = numpy.arange(o - (pipe["level_rows"] if pipe["level"] == "mean" else 1), o)
            extra.append(self.covariates(values, numpy.maximum(rows, 0))[:, pipe["past_only"]:].mean(axis=0))
        if "static_columns" in pipe:
            extra.append((numpy.array(series["statics"]) - pipe["static_mean"]) / pipe["static_sd"])
            distance = (level - series["static_level"]) * factor
            extra.append([min(max(distance, -pipe["static_distance"]), pipe["static_distance"])])
        extra = numpy.concatenate(extra) if extra else numpy.zeros(0)
        return window.astype("float32"), extra.astype("float32"), level

    def networks(self, series, x, o, values):
        """The median of the networks' outputs for the steps from origin o."""
        if self.pipe["mode"] == "window":
            window, extra, _ = self.row(series, x, o, values)
            inputs = {"x": window[None]}
            if len(extra):
                inputs["extra"] = extra[None]
        else:
            # one time step per origin from the second row on
            steps = [self.row(series, x, i, values) for i in range(min(2, o), o + 1)]
            inputs = {"x": numpy.array([numpy.concatenate([w.ravel(), e]) for w, e, _ in steps])[None]}
        outputs = [s.run(None, inputs)[0][0] for s in self.session]
        return numpy.median([y[-1] if y.ndim == 2 else y for y in outputs], axis=0)

    def autoregression(self, series, z, steps):
        """The mean of the two autoregressions' forecasts of z; none if their weights are 0 or rows are few."""
        weight, both = numpy.array(series["autoregression"]), []
        if not weight.any() or len(z) < self.pipe["autoregressions"][0]:
            return None
        for lags, rows in zip(self.pipe["autoregressions"], self.pipe["autoregression_level_rows"]):
            w, constant, weight = weight[:lags], weight[lags] * series["scale"], weight[lags + 1:]
            v = list(z[-lags:])
            least, most = min(v), max(v)
            for k in range(steps):
                level = numpy.mean(v[-rows:])
                ahead = level + w @ (numpy.array(v[-lags:]) - level) + constant
                beyond = (most - least) * (0.25 + (k + 1) / max(lags - 1, 1))
                v.append(min(max(ahead, least - beyond), most + beyond))
            both.append(v[lags:])
        return numpy.mean(both, axis=0)

    def forecast(self, name, y, values=None):
        """The forecast of the steps after y, all rows of a series since its first row of the training."""
        pipe, share = self.pipe, self.mixture
        series = next(s for s in self.series if s["id"] == name)
        o, steps = len(y), pipe["steps_at_once"]
        z = TRANSFORM[pipe["transform"]](numpy.asarray(y), series["unit"], series["lowest"])
        x = z - self.season(series, numpy.arange(o))
        window, extra, level = self.row(series, x, o, values)
        inputs = numpy.concatenate([window.ravel(), extra]).astype(float)
        linear = inputs @ numpy.array(self.ridge["weight"]).reshape(-1, steps) + self.ridge["bias"]
        scaled = share["ridge"] * linear
        if share["network"] > 0:
            scaled = scaled + share["network"] * self.networks(series, x, o, values)
        season = self.season(series, numpy.arange(o, o + steps))
        models = share["ridge"] + share["network"]
        alone = self.autoregression(series, z, steps) if share["autoregression"] > 0 else None
        # without one, the models have its share
        grown = 1 if alone is not None or models == 0 else (models + share["autoregression"]) / models
        out = (scaled * series["scale"] + models * (level + season)) * grown + (share["autoregression"] * alone if alone is not None else 0)
        ago = z[o - share["season_rows"] + numpy.arange(steps) % share["season_rows"]] if share["season_ago"] > 0 else 0
        out = out + share["last_value"] * z[-1] + share["season_ago"] * ago
        if share["smoothed_level"] > 0:
            weight = (1 - share["level_alpha"]) ** numpy.arange(o)
            weight[weight <= 1e-3] = 0
            out = out + share["smoothed_level"] * (weight @ x[::-1] / weight.sum() + season)
        out = INVERSE[pipe["transform"]](out) * series["unit"]
        return out if min(series["lowest"], min(y)) < 0 else numpy.maximum(out, 0)


# named covariates: d of the window alone, c of the steps, size and area of the series
NAMED = "jsonb_build_object('c', c, 'd', d1, 'size', size, 'area', area)"
# v: season, trend and covariate; w: a random walk with a season
ROWS = """SELECT 's' || s AS s, date '2023-01-01' + i AS d, i, (i % 9 = 0)::int::float8 AS c,
    30 * s + 5 * sin(2 * pi() * i / 7) + 0.05 * i + (i % 9 = 0)::int * 4 + hashint4(s * 1000 + i) % 1000 / 400.0 AS v,
    CASE i % 3 WHEN 0 THEN 'x' WHEN 1 THEN 'y' ELSE 'z' END AS d1, CASE s WHEN 2 THEN 'big' ELSE 'small' END AS size, s * s AS area,
    100 + 6 * sin(2 * pi() * i / 7) + sum(hashint4(s * 77 + i) % 1000 / 300.0) OVER (PARTITION BY s ORDER BY i) AS w
    FROM generate_series(1, 3) s, generate_series(0, 179) i"""
KNOWN, STEPS = 173, 7
DENSE = "rnn_dense(7))"
# name, value, whether the covariate is one, network, options
CASES = [
    ("chosen networks and mixture", "w", False, "NULL", {"epochs": 12, "ensemble": 3}),
    ("random walk", "w - 6 * sin(2 * pi() * i / 7)", False, "NULL", {"epochs": 12, "ensemble": 3}),
    ("a rhythm of each series", "w + 3.0 * sin(i * (0.5 + 0.2 * ascii(right(s, 1))))", False, "NULL", {"epochs": 12, "ensemble": 2}),
    ("a rhythm of each series, no season", "w - 6 * sin(2 * pi() * i / 7) + 3.0 * sin(i * (0.5 + 0.2 * ascii(right(s, 1))))", False, "NULL",
     {"epochs": 12, "ensemble": 2, "seasonality": "none"}),
    ("chosen networks, mean of all", "v", False, "NULL", {"epochs": 3, "ensemble": 2, "mix": 0.5}),
    ("log", "v", False, "rnn_sequential(rnn_gru(6), " + DENSE, {"transform": "log", "mix": 0.5, "time_steps": 21}),
    ("log with zeros", "greatest(v - 40, 0)", False, "rnn_sequential(rnn_gru(6), " + DENSE, {"transform": "log", "mix": 0.5}),
    ("asinh, mean level", "v - 60", False, "rnn_sequential(rnn_lstm(6), " + DENSE, {"transform": "asinh", "level": "mean", "mix": 0.7}),
    ("segments, highway, no level", "v", False, "rnn_sequential(rnn_lstm(6), " + DENSE,
     {"mode": "window", "time_steps": 21, "segment": 7, "highway": True, "level": "none", "mix": 0.5}),
    ("sequence mode", "v", False, "rnn_sequential(rnn_lstm(6, true), rnn_gru(4, true), " + DENSE, {"mode": "sequence", "mix": 0.5}),
    ("covariates, window mode", "v", True, "rnn_sequential(rnn_gru(6), " + DENSE,
     {"mode": "window", "time_steps": 14, "covariates": "both", "mix": 0.5}),
    ("covariates, sequence mode", "v", True, "rnn_sequential(rnn_gru(6, true), " + DENSE, {"mode": "sequence", "covariates": "known", "mix": 0.5}),
    ("named covariates with roles, static ones", "v", NAMED, "rnn_sequential(rnn_gru(6), " + DENSE,
     {"mode": "window", "time_steps": 14, "covariates": {"c": "known", "d": "past"}, "mix": 0.5}),
    ("static covariates, mean level", "v", NAMED, "rnn_sequential(rnn_gru(6, true), " + DENSE,
     {"mode": "sequence", "level": "mean", "transform": "log", "covariates": {"c": "both", "d": "known"}, "mix": 0.5}),
]


def stored():
    """The forecaster in the table."""
    files = json.loads(sql("SELECT json_agg(translate(encode(rnn_to_onnx(m, k), 'base64'), E'\\n', '') ORDER BY k) "
                           "FROM checked, generate_series(1, (rnn_model_info(m) #>> '{recipe,ensemble}')::int) k"))
    return Forecaster([base64.b64decode(f) for f in files])


def check_case(name, value, covariate, network, options):
    # the last rows are to be forecast: their values are not in the panel, their covariates are
    options = json.dumps({"horizon": STEPS, "epochs": 3, **options})
    given = f", {covariate if isinstance(covariate, str) else 'ARRAY[c]'}" if covariate else ""
    panel = f"rnn_panel(s, d, CASE WHEN i < {KNOWN} THEN {value} END{given})"
    sql(f"TRUNCATE checked; INSERT INTO checked SELECT rnn_train({panel}, {network}, '{options}') FROM series" +
        ("" if covariate else f" WHERE i < {KNOWN}"))
    model = stored()
    rows = json.loads(sql(f"SELECT json_object_agg(s, y) FROM (SELECT s, json_agg({value} ORDER BY i) AS y FROM series WHERE i < {KNOWN} GROUP BY s) t"))
    c = numpy.array(json.loads(sql("SELECT json_agg(c ORDER BY i) FROM series WHERE s = 's1'")))[:, None] if covariate else None
    if isinstance(covariate, str):
        named = json.loads(sql("SELECT json_build_object('c', json_agg(c ORDER BY i), 'd', json_agg(d1 ORDER BY i)) FROM series WHERE s = 's1'"))
        c = model.columns("covariate_columns", named)
        of_series = json.loads(sql("SELECT json_object_agg(s, json_build_object('size', json_build_array(size), 'area', json_build_array(area))) FROM series WHERE i = 0"))
        for series in model.series:
            check(f"{name}: static numbers of {series['id']}", model.columns("static_columns", of_series[series["id"]])[0].tolist() == series["statics"])
    want = json.loads(sql("SELECT json_object_agg(series_id, f) FROM (SELECT series_id, json_agg(forecast_value ORDER BY step) AS f "
                          f"FROM checked, rnn_forecast(m, horizon => {STEPS}) GROUP BY series_id) t"))
    worst = 0
    for s, y in rows.items():
        got = model.forecast(s, y, c)
        worst = max(worst, float(numpy.max(numpy.abs(got - want[s]) / numpy.maximum(1, numpy.abs(want[s])))))
    shares = {k: round(v, 3) for k, v in model.mixture.items()}
    check(f"{name}: {len(rows)} forecasts of 7 steps, off by {worst:.1e} at most; {shares}", worst <= TOLERANCE)
    return model.mixture


# the rows of the golden model with autoregressions, as in make_golden_models.sql
GOLDEN_ROWS = """SELECT json_object_agg(s, y) FROM (SELECT 's' || s AS s, json_agg(10 * s + 12 * abs(i % 7 / 7.0::float8 - 0.5) + i * 31 % 17 / 17.0::float8 +
    20 * abs(i % (9 + 2 * s) / (9.0 + 2 * s)::float8 - 0.5) * abs(i % 5 / 5.0::float8 - 0.5) ORDER BY i) AS y
    FROM generate_series(1, 2) s, generate_series(0, 69) i GROUP BY s) t"""


def check_golden():
    """The forecasts that versions stored with their models are those computed outside; returns how many models."""
    models = 0
    rows = json.loads(sql(GOLDEN_ROWS))
    for path in sorted(glob.glob(os.path.join(os.path.dirname(__file__), "../data/golden_models_*.tsv"))):
        for line in open(path):
            name, _, data, numbers = line.rstrip("\n").replace("\\\\", "\\").split("\t")
            if name != "autoregression of each series":
                continue
            sql(f"TRUNCATE checked; INSERT INTO checked VALUES ('{data}')")
            model = stored()
            # of each step the forecast and its bounds
            want = numpy.array(json.loads(numbers.replace("{", "[").replace("}", "]"))).reshape(len(rows), -1, 3)[:, :, 0]
            got = numpy.array([model.forecast(s, rows[s]) for s in sorted(rows)])
            worst = float(numpy.max(numpy.abs(got - want) / numpy.maximum(1, numpy.abs(want))))
            shares = {k: round(v, 3) for k, v in model.mixture.items()}
            check(f"{os.path.basename(path)}, {name}: off by {worst:.1e} at most; {shares}", worst <= TOLERANCE and shares["autoregression"] > 0.1)
            models += 1
    return models


def main():
    sql(f"SET client_min_messages = error; CREATE EXTENSION IF NOT EXISTS forecast_rnn; CREATE TABLE series AS {ROWS}; CREATE TABLE checked (m bytea)")
    mixtures = [check_case(*case) for case in CASES]
    # a share that never occurs would not be tested
    for part in ("network", "ridge", "last_value", "season_ago", "smoothed_level", "autoregression"):
        check(f"{part} has a share in a forecast", any(m[part] > 0.01 for m in mixtures))
    check("a golden model has autoregressions", check_golden() > 0)
    finish()


main()
