"""What tools/bench.py makes of what Google Benchmark says, and the charts."""
import json
import sys
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import bench  # noqa: E402
import bench_chart  # noqa: E402
from bench import Row, Run  # noqa: E402

TIMED = {"name": "x", "real_time": 5e8, "iterations": 1, "items_per_second": 2e6}  # half a second
SVG = "{http://www.w3.org/2000/svg}"


class Results(unittest.TestCase):
    def test_a_rate(self):
        runs = bench.runs_of("w1/our pool/iterations:1/real_time", TIMED, cpu_seconds=1, switches=7)
        self.assertEqual(runs, {Row("w1", "our pool"): Run(2.0, 2.0, 7)})

    def test_a_share_comes_with_the_processor_time_of_its_producers(self):
        runs = bench.runs_of("w11-one/ring", {**TIMED, "share": 0.9, "producers_cpu": 0.1}, 1, 7)
        self.assertEqual(runs, {Row("w11-one", "ring"): Run(0.9, 0.1, 7, "producers")})
        self.assertEqual(bench.summary(Row("w11-one", "ring"), list(runs.values()) * 2)["note"],
                         "producers: 0.10 of a core, 7 context switches")

    def test_bytes(self):
        runs = bench.runs_of("w7/our pool", {**TIMED, "bytes": 96.0}, 1, 7)
        self.assertEqual(runs, {Row("w7", "our pool"): Run(96.0, 2.0, 7)})

    def test_several_counters_are_rows_that_belong_together(self):
        result = {**TIMED, "send @ 1000": 20.0, "send @ 10000": 30.0, "withdraw @ 1000": 5.0}
        self.assertEqual(bench.runs_of("depth/heap", result, 1, 7), {
            Row("depth-send", "heap", 1000, "1,000"): Run(20.0, 2.0, 7),
            Row("depth-send", "heap", 10000, "10,000"): Run(30.0, 2.0, 7),
            Row("depth-withdraw", "heap", 1000, "1,000"): Run(5.0, 2.0, 7)})

    def test_what_they_are_at_may_have_a_name(self):
        runs = bench.runs_of("wait/our pool", {**TIMED, "p50 @ 4 lowest": 8.0}, 1, 7)
        self.assertEqual(list(runs), [Row("wait-p50", "our pool", 4, "lowest")])


class Tables(unittest.TestCase):
    def names(self, results):
        found = bench.workloads_of({row: [Run(value, 1.0, 1)] * 3 for row, value in results.items()})
        return {key: [row["name"] for row in entry["rows"]] for key, entry in found.items()}

    def test_the_best_is_first_be_it_the_highest_or_the_lowest(self):
        self.assertEqual(self.names({Row("w1", "slow"): 1.0, Row("w1", "fast"): 2.0,
                                     Row("w7", "large"): 9.0, Row("w7", "small"): 3.0}),
                         {"w1": ["fast", "slow"], "w7": ["small", "large"]})

    def test_rows_that_belong_together_stand_in_order(self):
        rows = [Row("depth-send", "map", 10_000, "10,000"), Row("depth-send", "map", 1000, "1,000"),
                Row("depth-send", "heap", 10_000, "10,000")]
        self.assertEqual(self.names(dict(zip(rows, [1.0, 2.0, 0.5]))),
                         {"depth-send": ["map, 1,000", "heap, 10,000", "map, 10,000"]})

    def test_median_and_quartiles(self):
        row = bench.summary(Row("w1", "x"), [Run(value, 1.5, 10) for value in (4.0, 1.0, 2.0, 3.0, 5.0)])
        self.assertEqual(row, {"name": "x", "median": 3.0, "q1": 2.0, "q3": 4.0, "note": "1.5 cores, 10 context switches"})

    def test_a_workload_without_a_title_is_refused(self):
        with self.assertRaisesRegex(SystemExit, "what the workload 'w99' is"):
            self.names({Row("w99", "x"): 1.0})


class Charts(unittest.TestCase):
    # What is in the repository was drawn by this program.
    def test_the_charts_are_those_of_the_figures(self):
        for report in sorted((ROOT / "docs" / "benchmarks").glob("*.json")):
            for key, entry in json.loads(report.read_text(encoding="utf-8"))["workloads"].items():
                svg = report.with_name(f"{report.stem}-{key}.svg")
                self.assertEqual(svg.read_text(encoding="utf-8"), bench_chart.chart(entry), svg.name)

    def rows(self, **series):
        return [{"name": f"{name}, {at}", "series": name, "at": at, "median": values[n], "q1": values[n], "q3": values[n]}
                for n, at in enumerate(["1,000", "10,000"]) for name, values in series.items() if n < len(values)]

    def drawn(self, rows):
        return ElementTree.fromstring(bench_chart.chart({"title": "a < b", "unit": "ns", "rows": rows}))

    def test_a_line_for_each_series(self):
        root = self.drawn(self.rows(heap=[10, 1000], channel=[20, 20]))
        lines = root.findall(f"{SVG}polyline")
        self.assertEqual(len(lines), 2)
        heap, channel = ([tuple(map(float, point.split(","))) for point in line.get("points").split()] for line in lines)
        self.assertEqual(channel[0][1], channel[1][1])             # as high at both
        self.assertGreater(heap[0][1] - heap[1][1], 200)           # rises: y grows downwards
        self.assertEqual(len({x for x, _ in heap + channel}), 4)   # side by side
        texts = [text.text for text in root.findall(f"{SVG}text")]
        self.assertLess(texts.index("heap"), texts.index("channel"))  # the legend: the line that ends highest is first
        self.assertIn("ns, logarithmic scale; whiskers: first to third quartile", texts)
        self.assertIn("1,000", texts)

    def test_small_ranges_have_a_linear_scale_from_zero(self):
        scale = bench_chart.Scale(self.rows(a=[10, 25]))
        self.assertFalse(scale.logarithmic)
        self.assertEqual(scale(0), 0)
        self.assertEqual(scale.ticks(), [0, 5, 10, 15, 20, 25])

    def test_a_series_may_lack_places(self):
        self.assertEqual(len(self.drawn(self.rows(a=[1], b=[1, 2])).findall(f"{SVG}circle")), 3)


if __name__ == "__main__":
    unittest.main()
