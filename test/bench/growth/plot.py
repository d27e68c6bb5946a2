"""A plot of growth.csv as SVG: a small panel for each thing that grows, with processor seconds and peak memory of the
training over its size; both axes logarithmic.  Arguments: the CSV file, the SVG file.  Plain Python, no packages."""
import csv
import math
import sys
from collections import defaultdict

WIDTH, HEIGHT, LEFT, TOP, GAP = 180, 170, 50, 62, 46
PANELS = {"rows": ("Rows", "10 series, ridge"), "series": ("Series", "of 100 rows, ridge"),
          "units": ("Units", "LSTM, 20 updates"), "window": ("Window", "LSTM of 32 units, 20 updates")}
LINES = (("s", "time", "processor seconds", 1e-3), ("peak", "memory", "peak memory, MB", 1.0))
STYLE = """.frame{font:11px sans-serif;fill:#57606a}.frame .bg{fill:#fff}.frame .title{font-weight:600;font-size:13px;fill:#1f2328}
.frame .grid{stroke:#d8dee4;fill:none}.frame .time{stroke:#0969da}.frame .memory{stroke:#bc4c00}.frame .line{fill:none;stroke-width:2}
.frame .dot.time{fill:#0969da}.frame .dot.memory{fill:#bc4c00}
@media(prefers-color-scheme:dark){.frame{fill:#9198a1}.frame .bg{fill:#0d1117}.frame .title{fill:#f0f6fc}.frame .grid{stroke:#2a313c}
.frame .time{stroke:#58a6ff}.frame .memory{stroke:#f0883e}.frame .dot.time{fill:#58a6ff}.frame .dot.memory{fill:#f0883e}}"""
DIGITS = str.maketrans("-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")

points = defaultdict(list)
with open(sys.argv[1]) as file:
    for row in csv.DictReader(file):
        if row["part"] == "training":
            points[row["what"]].append((float(row["size"]), {"s": max(float(row["s"]), 1e-3), "peak": max(float(row["peak"]) / 2**20, 1)}))
for line in points.values():
    line.sort(key=lambda p: p[0])
values = [v for line in points.values() for p in line for v in p[1].values()]
LOW, HIGH = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
svg = []


def text(x, y, words, anchor="middle", kind=""):
    svg.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{kind}>{words}</text>')


def power(e):
    return f"{10 ** e:g}" if 0 <= e <= 2 else "10" + str(e).translate(DIGITS)


def panel(left, what):
    line = points[what]
    low, high = math.floor(math.log10(line[0][0])), math.ceil(math.log10(line[-1][0]) - 0.02)
    every = 1 if high - low <= 4 else 2

    def at(size, value):
        return (left + WIDTH * (math.log10(size) - low) / (high - low), TOP + HEIGHT * (1 - (math.log10(value) - LOW) / (HIGH - LOW)))

    text(left + WIDTH / 2, TOP - 24, PANELS[what][0], kind=' class="title"')
    text(left + WIDTH / 2, TOP - 9, PANELS[what][1])
    for e in range(low, high + 1):
        x, _ = at(10.0 ** e, 1)
        svg.append(f'<path d="M{x:.1f} {TOP}V{TOP + HEIGHT}" class="grid"/>')
        if (e - low) % every == 0:
            text(x, TOP + HEIGHT + 16, power(e))
    for e in range(LOW, HIGH + 1):
        _, y = at(10.0 ** low, 10.0 ** e)
        svg.append(f'<path d="M{left} {y:.1f}H{left + WIDTH}" class="grid"/>')
        text(left - 6, y + 4, power(e), "end")
    for key, kind, _, _ in LINES:
        place = [at(size, value[key]) for size, value in line]
        svg.append(f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in place)}" class="line {kind}"/>')
        svg.extend(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" class="dot {kind}"/>' for x, y in place)


for number, what in enumerate(PANELS):
    panel(LEFT + number * (WIDTH + GAP), what)
whole, x = LEFT + 4 * WIDTH + 3 * GAP + 20, LEFT
for _, kind, name, least in LINES:
    svg.append(f'<path d="M{x} 14h22" class="line {kind}"/>')
    name += f" (at least {least:g})"
    text(x + 28, 18, name, "start")
    x += 60 + 6.2 * len(name)
with open(sys.argv[2], "w", encoding="utf-8") as file:
    file.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {TOP + HEIGHT + 28}" class="frame" role="img">\n<style>{STYLE}</style>\n'
               f'<rect width="100%" height="100%" class="bg"/>\n' + "\n".join(svg) + "\n</svg>\n")
