"""The benchmark of the series: each workload on each pool, tiny; that its checks find what is wrong; and what
tools/bench_series.py makes of it."""
import concurrent.futures
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest
import unittest.mock
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BENCH = ROOT / "04-stealing" / "bench"
BUILD = ROOT / "build" / "check" / "bench"
sys.path[:0] = [str(ROOT / "tools"), str(BENCH / "rivals")]

import bench  # noqa: E402
import bench_series as series  # noqa: E402
import python_futures  # noqa: E402
from bench import Row, Run  # noqa: E402

PROGRAMS = ["stealing_bench", "autoscale_bench", "metrics_bench"]
SCALING = ["w12", "w13"]  # which only stage 05 can do
REGISTRY = ["w14", "w15", "w16", "w17"]  # and these only stage 06: they have no checks of others
BROKEN = ["broken: loses jobs", "broken: repeats jobs", "broken: loses one, repeats another"]
KNOWN = {"w1": bench.Workload("W1", "M jobs/s"), "w5-p50": bench.Workload("W5", "µs", "lower"),
         "w5-p99": bench.Workload("W5", "µs", "lower")}
SAID = {"workload": "w1", "who": "us", "results": {"w1": {"value": 3.5, "unit": "M jobs/s"}}, "workers": 2, "jobs": 100,
        "seconds": 2, "cpu_seconds": 3, "voluntary": 4, "involuntary": 5}


def silent(function, *arguments):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return function(*arguments)


def run_it(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=600, check=False)


class Program(unittest.TestCase):
    """The program as it is, built here without optimisation."""

    @classmethod
    def setUpClass(cls):
        settings = ["-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0", "-DCMAKE_COMPILE_WARNING_AS_ERROR=ON",
                    "-DPOOL_BENCH=ON", "-DPOOL_TESTS=OFF", "-DPOOL_DEMOS=OFF"]
        configure = run_it("cmake", "-S", ROOT, "-B", BUILD, *settings)
        if "Google Benchmark was not found" in configure.stderr:
            raise unittest.SkipTest("needs Google Benchmark: apt install libbenchmark-dev")
        there = run_it("cmake", "--build", BUILD, "--target", "help").stdout
        programs = [program for program in PROGRAMS if program in there]  # stage 06 needs libraries
        build = run_it("cmake", "--build", BUILD, "--target", *programs, "--parallel", str(os.cpu_count()))
        if build.returncode != 0:
            raise AssertionError(configure.stderr + build.stdout + build.stderr)

    def bench(self, *words, program="stealing_bench"):
        return run_it(next(BUILD.glob(f"*/{program}")), *words)

    def workloads(self):
        return list(dict.fromkeys(workload for workload, _, _ in series.listed(series.programs(BUILD))[1]))

    def test_each_workload_on_each_pool(self):
        quick = run_it(sys.executable, ROOT / "tools" / "bench_series.py", "--quick", "--build", BUILD)
        self.assertEqual(quick.returncode, 0, quick.stderr)
        passed = int(quick.stdout.split(" passed, 0 failed")[0])
        self.assertEqual(passed, len(series.listed(series.programs(BUILD))[1]))

    def test_each_workload_of_the_page_is_there_and_every_stage(self):
        if not list(BUILD.glob("06-metrics/metrics/metrics_bench")):
            self.skipTest("stage 06 was left out: ./learn doctor says what it lacks")
        self.assertEqual(self.workloads(), ["w1", "w1b", "w2", "w3", "w4", "w5a", "w5b", "w5c", "w6", "w7", "w8", "w9",
                                            "w10u", "w10s", "w11-one", "w11-four", "ladder-w1", "ladder-w2", "w12",
                                            "w13", *REGISTRY])
        who = {name.split(",")[0] for _, name, _ in series.listed(series.programs(BUILD))[1]}
        self.assertLessEqual({"stage 01", "stage 02", "stage 03", "stage 04", "stage 05", "stage 06", "one mutex", "std::async",
                              "Python"}, who)

    def test_each_workload_finds_a_job_that_is_lost_or_runs_twice(self):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            cases = [(workload, who) for workload in self.workloads() if workload not in REGISTRY for who in BROKEN]
            runs = pool.map(lambda case: self.bench(*case, "--quick", "--patience", "1",
                                                    program=PROGRAMS[case[0] in SCALING]), cases)
            for case, run in zip(cases, runs):
                self.assertEqual(run.returncode, 1, case)
                self.assertEqual(run.stdout, "", case)
                self.assertRegex(run.stderr, r"did not run|\d+ jobs, \d+ runs|one was lost and another|is wrong|"
                                             r"nobody has come", case)

    def test_the_ladder_ends_at_the_stage_and_its_rungs_stand_nowhere_else(self):
        measurements = series.listed(series.programs(BUILD))[1]
        for ladder in ["ladder-w1", "ladder-w2"]:
            rungs = [series.RUNG.fullmatch(who) for workload, who, _ in measurements if workload == ladder]
            self.assertEqual([int(rung[1]) for rung in rungs], list(range(1, 9)))
            self.assertEqual(rungs[-1][2], "stage 04, complete")
        self.assertEqual({workload for workload, who, _ in measurements if series.RUNG.fullmatch(who)},
                         {"ladder-w1", "ladder-w2"})

    def test_the_tree_is_the_one_that_is_written_about(self):
        said = json.loads(self.bench("w10u", "one mutex").stdout)
        self.assertEqual(said["jobs"], 755_101)

    def test_what_makes_no_sense_is_refused(self):
        for words, message in [(["w1", "nobody"], "nobody is called 'nobody'"), (["w1"], "usage:"),
                               (["w1", "one mutex", "--fast"], "no option '--fast'"),
                               (["w1", "one mutex", "--workers", "0"], "'0' is not a positive number"),
                               (["w1", "one mutex", "--workers", "2x"], "'2x' is not a positive number")]:
            run = self.bench(*words)
            self.assertEqual(run.returncode, 1, words)
            self.assertIn(message, run.stderr)


class Adapters(unittest.TestCase):
    def test_an_adapter_is_under_forty_lines(self):
        adapters = sorted(ROOT.glob("0?-*/bench/adapters/*.cpp"))
        self.assertGreaterEqual(len(adapters), 10)
        for file in adapters:
            self.assertLess(len(file.read_text(encoding="utf-8").splitlines()), 40, file.name)

    def test_python_checks_its_jobs_too(self):
        for lists in [[[0, 1], [3]], [[0, 1], [2, 1]], [[0, 0], [2, 3]]]:
            python_futures.lists[:] = lists
            with self.assertRaisesRegex(SystemExit, "lost or ran twice"):
                python_futures.check(4)
        python_futures.lists[:] = [[0, 2], [3, 1]]
        python_futures.check(4)


class Choice(unittest.TestCase):
    ALL = [(workload, who, ["program"]) for workload in ["w1", "w1b", "w10u", "w10s", "w5a"]
           for who in ["stage 04", "stage 04, launch", "oneTBB"]]

    def chosen(self, only="", who=""):
        return {(workload, name) for workload, name, _ in series.chosen(self.ALL, only, who)}

    def test_without_a_wish_everything(self):
        self.assertEqual(len(self.chosen()), len(self.ALL))

    def test_a_workload_by_its_name_or_several_by_what_they_begin_with(self):
        self.assertEqual({workload for workload, _ in self.chosen("W1,w5")}, {"w1", "w5a"})
        self.assertEqual({workload for workload, _ in self.chosen("w10")}, {"w10u", "w10s"})

    def test_who_by_a_part_of_the_name(self):
        self.assertEqual({who for _, who in self.chosen(who="tbb")}, {"oneTBB"})
        self.assertEqual({who for _, who in self.chosen(who="Stage 04")}, {"stage 04", "stage 04, launch"})

    def test_the_price_ladder_is_measured_as_a_whole_or_not_at_all(self):
        ladder = [("ladder-w1", who, ["program"]) for who in ["rung 1: bare queues", "rung 2: stage 04, complete"]]

        def rungs(only="", who=""):
            return [each for each in series.chosen([*self.ALL, *ladder], only, who) if each in ladder]
        for wish in [{}, {"only": "ladder"}, {"who": "stage 04"}, {"only": "ladder-w1", "who": "bare"}]:
            self.assertEqual(rungs(**wish), ladder, wish)
        for wish in [{"only": "w1"}, {"who": "oneTBB"}]:
            self.assertEqual(rungs(**wish), [], wish)

    def test_what_is_not_there_is_an_error(self):
        for only, who, message in [("w9", "", "no workload 'w9'"), ("", "tokio", "nobody is called 'tokio'")]:
            with self.assertRaisesRegex(SystemExit, message):
                self.chosen(only, who)

    def test_options_that_make_no_sense_are_refused(self):
        for words, message in [(["--rounds", "0"], "--rounds must be positive"),
                               (["--stage", "04-stealing", "--who", "x"], "exclude")]:
            with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()) as said:
                series.parse(words)
            self.assertIn(message, said.getvalue())

    def test_only_a_complete_run_is_for_the_page(self):
        self.assertTrue(series.is_complete(series.parse([]), 7))
        self.assertTrue(series.is_complete(series.parse(["--stage", "04-stealing"]), 9))
        self.assertFalse(series.is_complete(series.parse([]), 6))
        for words in [["--only", "w1"], ["--who", "rayon"], ["--workers", "4"], ["--quick"], ["--anyway"]]:
            self.assertFalse(series.is_complete(series.parse(words), 7), words)


class Measuring(unittest.TestCase):
    def test_what_a_program_says(self):
        self.assertEqual(series.runs_of(SAID, KNOWN), {Row("w1", "us"): Run(3.5, 1.5, 9)})
        two = {**SAID, "results": {"w5-p50": {"value": 1, "unit": "µs"}, "w5-p99": {"value": 2, "unit": "µs"}}}
        self.assertEqual(list(series.runs_of(two, KNOWN)), [Row("w5-p50", "us"), Row("w5-p99", "us")])
        self.assertEqual(series.runs_of({**SAID, "producers_cpu": 0.25}, KNOWN),
                         {Row("w1", "us"): Run(3.5, 0.25, 9, "producers")})

    def test_rungs_stand_in_their_order_and_not_the_best_first(self):
        said = [{**SAID, "who": f"rung {rung}: {who}", "results": {"w1": {"value": value, "unit": "M jobs/s"}}}
                for rung, who, value in [(10, "+ much", 7), (2, "+ little", 9), (1, "bare queues", 8)]]
        results = {row: [run] for each in said for row, run in series.runs_of(each, KNOWN).items()}
        self.assertEqual(list(results)[0], Row("w1", "+ much", 10))
        rows = bench.workloads_of(results, KNOWN)["w1"]["rows"]
        self.assertEqual([(row["rung"], row["name"]) for row in rows],
                         [(1, "bare queues"), (2, "+ little"), (10, "+ much")])

    def test_units_have_to_agree(self):
        with self.assertRaisesRegex(SystemExit, "us measures 'w1' in k jobs/s"):
            series.runs_of({**SAID, "results": {"w1": {"value": 3500, "unit": "k jobs/s"}}}, KNOWN)

    def test_a_program_that_fails_gives_no_figure_and_is_remembered(self):
        measuring = series.Measuring(KNOWN, [])
        program = [sys.executable, "-c", "import sys; sys.exit('3 of 10 jobs did not run')"]
        self.assertEqual(measuring(("w1", "us", program)), {})
        self.assertEqual(measuring.failed, ["w1: us: 3 of 10 jobs did not run"])
        said = [sys.executable, "-c", f"print('''{json.dumps(SAID)}''')"]
        self.assertEqual(list(measuring(("w1", "us", said))), [Row("w1", "us")])

    def test_every_round_measures_each_once_in_an_order_of_its_own(self):
        asked = []

        def measure(name):
            asked.append(name)
            return {Row("w1", name): Run(1.0, 1.0, 1)} if name != "7" else {}
        names = [str(n) for n in range(20)]
        results = silent(bench.in_rounds, names, 3, measure)
        self.assertEqual({len(runs) for runs in results.values()}, {3})
        first, second = asked[:20], asked[20:39]
        self.assertEqual(sorted(first), sorted(names))
        self.assertEqual(sorted(second), sorted(set(names) - {"7"}))  # which failed
        self.assertNotEqual([name for name in first if name != "7"], second)

    def test_how_busy_others_are(self):
        with tempfile.NamedTemporaryFile("w", suffix="stat") as stat:
            ticks = os.sysconf("SC_CLK_TCK")

            def say(busy_seconds):
                stat.seek(0)
                stat.write(f"cpu {busy_seconds * ticks} 0 0 5 0 0 0 0 0 0\n")
                stat.flush()
            say(1000)
            others = series.Others(stat.name)
            self.assertLess(others.cores(), 0.1)
            say(2000)
            self.assertGreater(others.cores(), 10)
        self.assertIsNone(series.Others("/no/such/file").cores())

    def test_a_busy_machine_is_refused_or_at_least_said_loudly(self):
        for cores, must_be_quiet, refused, said in [(0.05, True, False, ""), (None, True, False, ""),
                                                    (0.8, True, True, "THIS MACHINE IS BUSY"),
                                                    (0.8, False, False, "THIS MACHINE IS BUSY")]:
            with unittest.mock.patch.object(series.time, "sleep"), \
                    unittest.mock.patch.object(series.Others, "cores", return_value=cores), \
                    contextlib.redirect_stderr(io.StringIO()) as output:
                try:
                    series.refuse_if_busy(must_be_quiet)
                    self.assertFalse(refused)
                except SystemExit as end:
                    self.assertTrue(refused)
                    self.assertIn("--anyway", str(end))
            self.assertIn(said, output.getvalue())
            self.assertEqual(output.getvalue() == "", said == "")

    def test_figures_from_a_busy_machine_are_not_published(self):
        for busy, complete, published in [(0.02, True, True), (0.8, True, False), (0.02, False, False)]:
            report = {"machine": {"cores": 2, "load": 1, "cores used by others": busy}, "rounds": 7, "workloads": {}}
            with unittest.mock.patch.object(series, "publish") as publish, unittest.mock.patch.object(bench, "write"):
                silent(series.finish, report, "series", complete)
            self.assertEqual(publish.called, published)


class Page(unittest.TestCase):
    def test_figures_take_the_place_of_those_before(self):
        page = f"# Title\n\n{series.BEGIN}\n\nold\n\n{series.END}\n\nthe rest\n"
        new = series.with_figures(page, "new")
        self.assertEqual(new, page.replace("old", "new"))
        self.assertEqual(series.with_figures(new, "new"), new)
        with self.assertRaisesRegex(SystemExit, "lacks the line"):
            series.with_figures("# Title\n", "new")

    def test_the_page_has_a_place_for_them_and_a_table_for_each_result(self):
        self.assertIn(series.BEGIN, series.PAGE.read_text(encoding="utf-8"))
        self.assertIn("### W1: empty\n\n![W1: empty](benchmarks/series-w1.svg)\n\n"
                      "<!-- table: docs/benchmarks/series.json#w1 -->", series.figures("series", self.report()))
        self.assertIn("<!-- table: docs/benchmarks/series.json#ladder-w1 -->", series.figures("series", self.report()))

    def report(self):
        known = {"w1": bench.Workload("W1: empty", "M jobs/s"), "w5": bench.Workload("W5: latency", "µs", "lower"),
                 "w17": bench.Workload("W17: a snapshot", "µs", "lower"),
                 "ladder-w1": bench.Workload("The price ladder", "M jobs/s")}
        medians = {Row("w1", "rayon"): 30, Row("w1", "stage 04"): 20, Row("w1", "stage 04, five levels"): 19,
                   Row("w1", "oneTBB"): 10, Row("w5", "stage 04"): 1, Row("w5", "stage 03"): 2, Row("w5", "rayon"): 3,
                   Row("w17", "stage 04, 20 workers"): 4,
                   Row("ladder-w1", "bare queues", 1): 50, Row("ladder-w1", "stage 04", 2): 20}
        results = {row: [Run(median, 1.0, 1)] * 2 for row, median in medians.items()}
        return {"machine": {"cores": 2}, "rounds": 7, "workloads": bench.workloads_of(results, known)}

    def test_the_overview_has_the_stages_and_the_best_of_the_others_but_no_rungs_or_empty_lines(self):
        self.assertEqual(series.overview(self.report()), [
            "| | stage 03 | stage 04 | the best of the others |", "|---|---:|---:|---|",
            "| W1: empty; M jobs/s, higher is better | – | 20.0 | **30.0** rayon |",
            "| W5: latency; µs, lower is better | 2.00 | **1.00** | 3.00 rayon |"])

    # What stands on the page was written from the figures that are there.
    def test_the_overview_on_the_page_is_that_of_the_figures(self):
        page = series.PAGE.read_text(encoding="utf-8")
        figures = ROOT / "docs" / "benchmarks" / "series.json"
        self.assertEqual(figures.exists(), "| the best of the others |" in page)
        if figures.exists():
            self.assertIn("\n".join(series.overview(json.loads(figures.read_text(encoding="utf-8")))), page)


if __name__ == "__main__":
    unittest.main()
