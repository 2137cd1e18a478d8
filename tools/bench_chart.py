"""bench_chart: one workload of a benchmark report as an SVG, bars with quartile whiskers, in light and dark."""

import math
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, ROW, TOP = 720, 215, 110, 30, 46


def chart(workload):
    """workload: {"title", "unit", "rows": [{"name", "median", "q1", "q3"}]}. The scale is logarithmic if it has to be."""
    rows = workload["rows"]
    largest, smallest = max(r["q3"] for r in rows), min(r["q1"] for r in rows)
    logarithmic = smallest > 0 and largest / smallest > 20
    low = 10 ** math.floor(math.log10(smallest)) if logarithmic else 0
    high = 10 ** math.ceil(math.log10(largest)) if logarithmic else largest

    def x(value):
        share = math.log(value / low) / math.log(high / low) if logarithmic else value / high
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    height = TOP + ROW * len(rows) + 14
    unit = workload["unit"] + (", logarithmic scale" if logarithmic else "")
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" font-family="sans-serif" font-size="13">',
        f"<title>{escape(workload['title'])}</title>",
        "<style>text{fill:#1f2328}.quiet{fill:#656d76}.bar{fill:#3b82c4}.whisker{stroke:#1f2328;stroke-width:1.5}"
        "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9198a1}.bar{fill:#4a90d9}.whisker{stroke:#e6edf3}}</style>",
        f'<text x="0" y="16" font-weight="bold">{escape(workload["title"])}</text>',
        f'<text x="0" y="34" class="quiet">{escape(unit)}; whiskers: first to third quartile</text>',
    ]
    for at, row in enumerate(rows):
        y = TOP + ROW * at
        middle = y + ROW / 2
        out += [
            f'<text x="{LEFT - 8}" y="{middle + 4}" text-anchor="end">{escape(row["name"])}</text>',
            f'<rect class="bar" x="{LEFT}" y="{y + 5}" width="{max(1, x(row["median"]) - LEFT):.1f}" height="{ROW - 10}" rx="2"/>',
            f'<line class="whisker" x1="{x(row["q1"]):.1f}" x2="{x(row["q3"]):.1f}" y1="{middle}" y2="{middle}"/>',
            f'<text x="{max(x(row["median"]), x(row["q3"])) + 8:.1f}" y="{middle + 4}">{row["median"]}</text>',
        ]
    return "\n".join(out + ["</svg>"]) + "\n"
