"""Benchmark results as Markdown tables.

The file is JSON:

    {"machine": {"cpu": "…", "cores": 2}, "command": "…", "date": "2026-01-31",
     "workloads": {"w1": {"title": "Empty jobs", "unit": "M jobs/s", "better": "higher",
                          "rows": [{"name": "pool::basic", "median": 1.2, "q1": 1.1, "q3": 1.3, "note": "…"}]}}}

Rows come out best first. Rows with a "series" and an "at" belong together: the table has a row for each series, best
last figure first, and a column for each place. Rows with a "rung" stay in their order: each is what the one before is and
one thing more, and the table says what that costs. `better` is "higher" or "lower"; `note`, what else was seen while it
ran, may be left out.
"""
import json
from typing import List

from .problem import WeaveError, near


def number(value) -> str:
    """Three significant digits, without an exponent: 0.0123, 1.23, 12.3, 1230."""
    if value == 0:
        return "0"
    text = f"{float(f'{value:.3g}'):.10f}".rstrip("0").rstrip(".")
    digits = text.lstrip("-0.").replace(".", "")
    missing = 3 - len(digits)
    if missing > 0:
        text += ("" if "." in text else ".") + "0" * missing
    return text


def table(text: str, path: str, name: str) -> List[str]:
    """The table of one workload, as lines."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise WeaveError(f"{path} is not JSON: line {error.lineno}: {error.msg}") from None
    workloads = data.get("workloads", {})
    if name not in workloads:
        raise WeaveError(f"no workload '{name}' in {path}{near(name, workloads)}")
    workload = workloads[name]
    try:
        return _lines(workload)
    except KeyError as error:
        raise WeaveError(f"workload '{name}' in {path} lacks the field {error}") from None


def caption(text: str) -> str:
    """Where and when it was measured, and how to do it again."""
    data = json.loads(text)
    machine = ", ".join(value if isinstance(value, str) else f"{value} {key}"
                        for key, value in data.get("machine", {}).items())
    parts = (machine, data.get("date", ""), f"`{data.get('command', '')}`")
    return " · ".join(part for part in parts if part.strip("`"))


def _lines(workload) -> List[str]:
    better = workload["better"]
    if better not in ("higher", "lower"):
        raise WeaveError(f"\"better\" is '{better}'; it is \"higher\" or \"lower\"")
    if any("series" in row for row in workload["rows"]):
        return _matrix(workload)
    if any("rung" in row for row in workload["rows"]):
        return _ladder(workload)
    rows = sorted(workload["rows"], key=lambda row: row["median"], reverse=better == "higher")
    notes = any(row.get("note") for row in rows)
    heads = f"| {workload['title']} | {workload['unit']} ({better} is better) | middle half |"
    lines = [heads + (" while it ran |" if notes else ""),
             "|---|---:|---:|" + ("---|" if notes else "")]
    for row in rows:
        cells = [row["name"], number(row["median"]), f"{number(row['q1'])} – {number(row['q3'])}"]
        lines.append("| " + " | ".join(cells + ([row.get("note", "")] if notes else [])) + " |")
    return lines


def _ladder(workload) -> List[str]:
    if workload["unit"] != "M jobs/s":
        raise WeaveError(f"the rungs of '{workload['title']}' are in {workload['unit']}, not in M jobs/s")
    lines = [f"| {workload['title']} | M jobs/s (higher is better) | middle half | ns a job | this step | while it ran |",
             "|---|---:|---:|---:|---:|---|"]
    price = {row["rung"]: 1000 / row["median"] for row in workload["rows"]}
    for row in workload["rows"]:
        before = price.get(row["rung"] - 1)
        step = "" if before is None else f"{round(price[row['rung']] - before, 1) + 0.0:+.1f}".replace("-", "−")
        cells = [row["name"], number(row["median"]), f"{number(row['q1'])} – {number(row['q3'])}",
                 f"{price[row['rung']]:.1f}", step, row.get("note", "")]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _matrix(workload) -> List[str]:
    rows = workload["rows"]
    places = list(dict.fromkeys(row["at"] for row in rows))
    series = {}
    for row in rows:
        series.setdefault(row["series"], {})[row["at"]] = row
    lines = [f"| {workload['title']}; {workload['unit']} ({workload['better']} is better) | " + " | ".join(places) + " |",
             "|---|" + "---:|" * len(places)]
    last = {name: list(own.values())[-1]["median"] for name, own in series.items()}
    for name in sorted(series, key=last.get, reverse=workload["better"] == "higher"):
        cells = [f"{number(row['median'])} <sub>{number(row['q1'])} – {number(row['q3'])}</sub>" if row else "–"
                 for row in map(series[name].get, places)]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines
