"""bench_chart: one workload of a benchmark report as an SVG, in light and dark: bars, or lines for rows that belong
together; each with its first and third quartile."""

import math
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, ROW, TOP = 720, 215, 110, 30, 46
BAR_STYLE = (".bar{fill:#3b82c4}.whisker{stroke:#1f2328;stroke-width:1.5}", ".bar{fill:#4a90d9}.whisker{stroke:#e6edf3}")
COLOURS = ["#3b82c4", "#d9822b", "#4c9a5b", "#a35bb5", "#8a8f98", "#c2414b"]


class Scale:
    """Where a value lies between 0 and 1. Logarithmic if it has to be."""

    def __init__(self, rows):
        largest, smallest = max(r["q3"] for r in rows), min(r["q1"] for r in rows)
        self.logarithmic = smallest > 0 and largest / smallest > 20
        self.low = 10 ** math.floor(math.log10(smallest)) if self.logarithmic else 0
        self.high = 10 ** math.ceil(math.log10(largest)) if self.logarithmic else largest or 1

    def __call__(self, value):
        return math.log(value / self.low) / math.log(self.high / self.low) if self.logarithmic else value / self.high

    def ticks(self):
        if self.logarithmic:
            return [10 ** n for n in range(round(math.log10(self.low)), round(math.log10(self.high)) + 1)]
        step = 10 ** math.floor(math.log10(self.high))
        step *= next(part for part in (0.2, 0.5, 1) if self.high / (step * part) <= 6 or part == 1)
        return [step * n for n in range(int(self.high / step + 1e-9) + 1)]


def chart(workload):
    """workload: {"title", "unit", "rows": [{"name", "median", "q1", "q3"}]}. If the rows have a "series" and an "at",
    there is a line for each series."""
    rows = workload["rows"]
    draw = lines if "series" in rows[0] else bars
    return draw(workload, rows, Scale(rows))


def frame(workload, scale, height, style, body):
    """style: for everybody, and what differs in the dark."""
    unit = workload["unit"] + (", logarithmic scale" if scale.logarithmic else "")
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" font-family="sans-serif" font-size="13">',
        f"<title>{escape(workload['title'])}</title>",
        f"<style>text{{fill:#1f2328}}.quiet{{fill:#656d76}}{style[0]}"
        f"@media(prefers-color-scheme:dark){{text{{fill:#e6edf3}}.quiet{{fill:#9198a1}}{style[1]}}}</style>",
        f'<text x="0" y="16" font-weight="bold">{escape(workload["title"])}</text>',
        f'<text x="0" y="34" class="quiet">{escape(unit)}; whiskers: first to third quartile</text>',
    ]
    return "\n".join(out + body + ["</svg>"]) + "\n"


def bars(workload, rows, scale):
    def x(value):
        return LEFT + scale(value) * (WIDTH - LEFT - RIGHT)

    body = []
    for at, row in enumerate(rows):
        y = TOP + ROW * at
        middle = y + ROW / 2
        body += [
            f'<text x="{LEFT - 8}" y="{middle + 4}" text-anchor="end">{escape(row["name"])}</text>',
            f'<rect class="bar" x="{LEFT}" y="{y + 5}" width="{max(1, x(row["median"]) - LEFT):.1f}" height="{ROW - 10}" rx="2"/>',
            f'<line class="whisker" x1="{x(row["q1"]):.1f}" x2="{x(row["q3"]):.1f}" y1="{middle}" y2="{middle}"/>',
            f'<text x="{max(x(row["median"]), x(row["q3"])) + 8:.1f}" y="{middle + 4}">{row["median"]}</text>',
        ]
    return frame(workload, scale, TOP + ROW * len(rows) + 14, BAR_STYLE, body)


def lines(workload, rows, scale):
    """One line a series, over what its rows are at; the legend in the order of the lines' ends."""
    left, right, top, bottom = 60, 235, 60, 340
    places = list(dict.fromkeys(row["at"] for row in rows))
    last = {row["series"]: row["median"] for row in rows}  # rows come in the order of their places
    series = sorted(last, key=lambda name: -last[name])
    # Colours in an order that a new measurement does not change.
    colours = {name: n % len(COLOURS) for n, name in enumerate(sorted(last))}

    def x(place, name):
        """Lines beside each other, lest one whisker hide another."""
        step = (WIDTH - left - right) / len(places)
        return left + step * (places.index(place) + 0.5) + 4 * (series.index(name) - (len(series) - 1) / 2)

    def y(value):
        return bottom - scale(value) * (bottom - top)

    body = []
    for tick in scale.ticks():
        body += [
            f'<line class="grid" x1="{left}" x2="{WIDTH - right}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>',
            f'<text class="quiet" x="{left - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:,.10g}</text>',
        ]
    middle = left + (WIDTH - left - right) / len(places) / 2
    for at, place in enumerate(places):
        step = (WIDTH - left - right) / len(places)
        body.append(f'<text x="{middle + at * step:.1f}" y="{bottom + 20}" text-anchor="middle">{escape(place)}</text>')
    for at, name in enumerate(series):
        colour = colours[name]
        own = [row for row in rows if row["series"] == name]
        points = " ".join(f'{x(row["at"], name):.1f},{y(row["median"]):.1f}' for row in own)
        body.append(f'<polyline class="s{colour}" points="{points}"/>')
        for row in own:
            middle_x = f'{x(row["at"], name):.1f}'
            body += [
                f'<line class="s{colour}" x1="{middle_x}" x2="{middle_x}" y1="{y(row["q1"]):.1f}" y2="{y(row["q3"]):.1f}"/>',
                f'<circle class="d{colour}" cx="{middle_x}" cy="{y(row["median"]):.1f}" r="3"/>',
            ]
        legend = top + 10 + 24 * at
        body += [
            f'<rect class="d{colour}" x="{WIDTH - right + 14}" y="{legend}" width="12" height="12" rx="2"/>',
            f'<text x="{WIDTH - right + 32}" y="{legend + 11}">{escape(name)}</text>',
        ]
    style = ".grid{stroke:#656d76;stroke-opacity:.3}" + "".join(
        f".s{n}{{stroke:{colour};stroke-width:1.5;fill:none}}.d{n}{{fill:{colour}}}" for n, colour in enumerate(COLOURS))
    return frame(workload, scale, bottom + 34, (style, ""), body)
