"""A plot of growth.csv as SVG: processor seconds over size and peak memory over size, both axes logarithmic.
Arguments: the CSV file, the SVG file.  Plain Python, no packages."""
import csv
import math
import sys
from collections import defaultdict

WIDTH, HEIGHT, LEFT, TOP, GAP = 400, 300, 62, 44, 88
COLOURS = {"rows": "#1f5fa8", "series": "#c4501b", "units": "#3b8a4e", "window": "#7a4a9e"}
points = defaultdict(list)
with open(sys.argv[1]) as file:
    for row in csv.DictReader(file):
        if row["part"] == "training":
            points[row["what"]].append((float(row["size"]), float(row["s"]), max(float(row["peak"]), 1) / 2**20))
for line in points.values():
    line.sort()
sizes = [p[0] for line in points.values() for p in line]
low_x, high_x = math.floor(math.log10(min(sizes))), math.ceil(math.log10(max(sizes)))
svg = []


def text(x, y, words, anchor="middle", more=""):
    svg.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{words}</text>')


def power(e):
    return f'10<tspan dy="-5" font-size="8">{e}</tspan>' if abs(e) > 3 else f"{10.0 ** e:g}"


def panel(left, title, column, lowest):
    values = [max(p[column], lowest) for line in points.values() for p in line]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))

    def x_of(v):
        return left + WIDTH * (math.log10(v) - low_x) / (high_x - low_x)

    def y_of(v):
        return TOP + HEIGHT * (1 - (math.log10(max(v, lowest)) - low) / (high - low))

    text(left + WIDTH / 2, TOP - 22, title, more='font-size="14" font-weight="bold"')
    for e in range(low_x, high_x + 1):
        x = x_of(10.0 ** e)
        svg.append(f'<path d="M{x:.1f} {TOP}V{TOP + HEIGHT}" class="grid"/>')
        text(x, TOP + HEIGHT + 18, power(e))
    for e in range(low, high + 1):
        y = y_of(10.0 ** e)
        svg.append(f'<path d="M{left} {y:.1f}H{left + WIDTH}" class="grid"/>')
        text(left - 8, y + 4, power(e), "end")
    text(left + WIDTH / 2, TOP + HEIGHT + 38, "rows, series, units or rows of the window")
    for what, line in points.items():
        path = " ".join(f"{x_of(p[0]):.1f},{y_of(p[column]):.1f}" for p in line)
        svg.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[what]}" stroke-width="2"/>')
        for p in line:
            svg.append(f'<circle cx="{x_of(p[0]):.1f}" cy="{y_of(p[column]):.1f}" r="3" fill="{COLOURS[what]}"/>')


panel(LEFT, "Training: processor seconds", 1, 1e-3)
panel(LEFT + WIDTH + GAP, "Training: peak memory, MB", 2, 1e-1)
whole = LEFT + 2 * WIDTH + GAP + 20
names = {"rows": "rows, 10 series, ridge", "series": "series of 100 rows, ridge", "units": "units of an LSTM, 20 updates",
         "window": "window of LSTM 32, 20 updates"}
for i, what in enumerate(names):
    x = LEFT + i * (whole - LEFT) / 4
    y = TOP + HEIGHT + 66
    svg.append(f'<path d="M{x:.1f} {y - 4}h22" stroke="{COLOURS[what]}" stroke-width="2"/>')
    text(x + 28, y, names[what], "start")
with open(sys.argv[2], "w") as file:
    file.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {TOP + HEIGHT + 80}" font-family="sans-serif" font-size="12" fill="#222">\n'
               '<style>.grid{stroke:#ddd;stroke-width:1;fill:none}</style>\n<rect width="100%" height="100%" fill="#fff"/>\n'
               + "\n".join(svg) + "\n</svg>\n")
