"""Tests of tools/claims.py: how a claim is judged, and what becomes of the page."""

import json
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import claims  # noqa: E402  # pylint: disable=wrong-import-position

REPORT = {
    "machine": {"cpu": "a CPU", "cores": 2, "system": "Linux", "compiler": "c++", "cores used by others": 0.0},
    "command": "./learn bench claims", "rounds": 5, "date": "2026-01-31",
    "figures": {"create_and_join_p50_us": 20, "create_p50_us": 7, "jobs_per_s": 13e6, "python_jobs_per_s": 100_000,
                "posted_bytes": 66, "submitted_bytes": 190, "launched_bytes": 300, "steal_p50_us": 4, "steal_p99_us": 5000,
                "post_p50_us": 0.04, "post_p99_us": 999, "post_max_us": 20_000},
}


def verdicts(figures):
    return {row.claim: row.verdict for row in claims.judge(figures)}


class Judging(unittest.TestCase):
    def test_a_range_may_be_missed_by_a_quarter(self):
        for value, verdict in [(749, "false"), (750, "true"), (1500, "true"), (2500, "true"), (2501, "false")]:
            figures = {"create_and_join_p50_us": value, "create_p50_us": 1}
            self.assertEqual(verdicts(figures)["To create a thread takes 1 to 2 ms"], verdict, value)

    def test_a_bound_is_held_by_99_of_100(self):
        said = verdicts(REPORT["figures"])
        self.assertEqual(said["Submission takes less than 1 ms"], "true")  # though one took 20 ms
        self.assertEqual(said["Stealing takes less than 5 ms"], "false")

    def test_a_rate_is_reached_or_not(self):
        said = verdicts(REPORT["figures"])
        self.assertEqual(said["A pool does 13 million jobs a second"], "true")
        self.assertEqual(verdicts({"jobs_per_s": 12.9e6})["A pool does 13 million jobs a second"], "false")

    def test_a_ratio_is_made_of_two_figures(self):
        self.assertEqual(verdicts(REPORT["figures"])["The same is 130 times slower in Python"], "true")
        slower = {"jobs_per_s": 26e6, "python_jobs_per_s": 100_000}
        self.assertEqual(verdicts(slower)["The same is 130 times slower in Python"], "false")

    def test_what_was_not_measured_is_not_judged(self):
        self.assertEqual(set(verdicts({}).values()), {"not measurable here"})

    def test_every_claim_is_there_whatever_was_measured(self):
        self.assertEqual(list(verdicts({})), list(verdicts(REPORT["figures"])))
        self.assertEqual(len(verdicts({})), 21)

    def test_sizes_and_times_have_a_unit_that_suits_them(self):
        self.assertEqual(claims.size(64), "64 bytes")
        self.assertEqual(claims.size(1.5 * claims.MB), "1.50 MB")
        self.assertEqual(claims.size(15_360), "15.0 KB")
        self.assertEqual(claims.duration(0.04), "40 ns")
        self.assertEqual(claims.duration(20), "20.0 µs")
        self.assertEqual(claims.duration(2_000), "2.00 ms")
        self.assertEqual(claims.rate(5_250_000), "5.25 million a second")


class Page(unittest.TestCase):
    def test_the_table_stands_between_its_marks(self):
        page = f"before\n{claims.BEGIN}\n\nold\n\n{claims.END}\nafter\n"
        new = claims.with_table(page, "new")
        self.assertEqual(new, page.replace("old", "new"))
        self.assertEqual(claims.with_table(new, "new"), new)

    def test_a_page_without_marks_is_refused(self):
        with self.assertRaises(SystemExit) as refused:
            claims.with_table("nothing here", "new")
        self.assertIn("lacks the line", str(refused.exception))

    def test_a_busy_machine_is_named(self):
        self.assertNotIn("busy", claims.table(REPORT))
        busy = {**REPORT, "machine": {**REPORT["machine"], "cores used by others": 1.2}}
        self.assertIn("other programs used 1.2 of its 2 cores", claims.table(busy))

    def test_the_table_has_a_line_for_each_claim(self):
        lines = [line for line in claims.table(REPORT).splitlines() if line.startswith("|")]
        self.assertEqual(len(lines), 2 + len(claims.judge(REPORT["figures"])))

    # C3 (part), C4 (part)
    def test_the_page_in_the_repository_is_that_of_its_figures(self):
        done = subprocess.run([sys.executable, "tools/claims.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_figures_in_the_repository_are_of_a_whole_run(self):
        report = json.loads((ROOT / "docs" / "claims.json").read_text(encoding="utf-8"))
        self.assertGreaterEqual(report["rounds"], claims.ROUNDS)


if __name__ == "__main__":
    unittest.main()
