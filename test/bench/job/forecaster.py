# The job in PyTorch: takes rows (time, value) and returns forecasts of `days` days from `origin` on, each from the rows
# before it.  It is part of a program (outside.py) and the body of a PL/Python function, so its imports are in the function.
def train_and_forecast(rows, origin, days, updates, batch_size, rate, seed, threads):
    import math
    import numpy as np
    import torch

    window, horizon, units, hour = 168, 24, 64, 3600
    if threads > 0:
        torch.set_num_threads(threads)
    torch.manual_seed(seed)

    # the hourly grid: the mean of duplicate hours, linear interpolation of absent ones
    stamp = np.array([r[0] for r in rows], dtype="i8")
    value = np.array([r[1] for r in rows], dtype="f8")
    place = (stamp - stamp.min()) // hour
    count = np.bincount(place)
    total = np.bincount(place, weights=value)
    known = np.flatnonzero(count)
    series = np.interp(np.arange(len(count)), known, total[known] / count[known])
    end = (origin - stamp.min()) // hour

    # windows of the training rows, less their last value, in units of the mean change over half a horizon
    train = series[:end]
    sigma = np.abs(train[horizon // 2:] - train[:-(horizon // 2)]).mean()
    every = torch.from_numpy((train / sigma).astype("f4")).unfold(0, window + horizon, 1)

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = torch.nn.LSTM(1, units, batch_first=True)
            self.dense = torch.nn.Linear(units, horizon)

        def forward(self, x):
            return self.dense(self.lstm(x)[0][:, -1])

    net = Net()
    adam = torch.optim.Adam(net.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        adam, lambda s: min(1, (s + 1) / 20) * (0.01 + 0.99 * (1 + math.cos(math.pi * s / updates)) / 2))
    order = torch.randperm(len(every))[:updates * batch_size]
    if len(order) < updates * batch_size:
        raise ValueError("more updates than one pass over the windows")
    for i in range(updates):
        batch = every[order[i * batch_size:(i + 1) * batch_size]]
        x, y, level = batch[:, :window], batch[:, window:], batch[:, window - 1:window]
        adam.zero_grad()
        loss = torch.nn.functional.l1_loss(net((x - level)[:, :, None]), y - level)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        adam.step()
        schedule.step()

    starts = end + horizon * np.arange(days)
    x = np.stack([series[s - window:s] for s in starts])
    with torch.no_grad():
        u = torch.from_numpy(((x - x[:, -1:]) / sigma).astype("f4"))[:, :, None]
        y = net(u).numpy() * sigma + x[:, -1:]
    first = origin + hour * horizon * np.arange(days)
    return [(int(first[d] + hour * k), float(y[d, k])) for d in range(days) for k in range(horizon)]
