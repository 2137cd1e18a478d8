"""Weaving: what is filled, what is refused and with which words, and that a second run changes nothing."""
import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

WEAVE = Path(__file__).resolve().parent.parent / "weave.py"
HEADER = """\
#pragma once
namespace pool {
  // #region receive
  int receive() {
    // #region body
    return 1;
    // #endregion body
  }
  // #endregion receive
}
"""


class WeaveTest(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix="weave-test-"))
        self.addCleanup(shutil.rmtree, self.root)

    def write(self, path: str, text: str):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def weave(self, *words: str):
        return subprocess.run([sys.executable, str(WEAVE), "--root", str(self.root), *words], capture_output=True,
                              text=True, check=False, timeout=30, cwd=self.root)

    def woven(self, page: str, path: str = "docs/01-a.md") -> str:
        """The page after weaving, which must succeed; checked, and woven again without a change."""
        self.write(path, page)
        result = self.weave()
        self.assertEqual(result.returncode, 0, result.stderr)
        text = self.read(path)
        self.assertEqual(self.weave("--check").returncode, 0)
        self.weave()
        self.assertEqual(self.read(path), text)
        return text

    def refused(self, page: str, *texts: str, path: str = "docs/01-a.md"):
        self.write(path, page)
        result = self.weave("--check")
        self.assertEqual(result.returncode, 1, result.stdout)
        for text in texts:
            self.assertIn(text, result.stderr)
        self.assertEqual(self.read(path), page, "--check writes nothing")


class Code(WeaveTest):
    def setUp(self):
        super().setUp()
        self.write("01-a/include/a.hpp", HEADER)

    BOTH = "<!-- code: 01-a/include/a.hpp#receive -->\n\n<!-- code: 01-a/include/a.hpp#body -->\n"

    def test_regions_nested_without_markers_and_indentation(self):
        text = self.woven(self.BOTH + "\nThe end.\n")
        self.assertIn("```cpp\nint receive() {\n  return 1;\n}\n```\n"
                      "<sub>[01-a/include/a.hpp](../01-a/include/a.hpp#L4-L8)</sub>\n", text)
        self.assertIn("#body -->\n```cpp\nreturn 1;\n```\n", text)
        self.assertTrue(text.endswith("\nThe end.\n"))

    def test_an_old_block_is_replaced_and_what_follows_stays(self):
        text = self.woven(self.BOTH.replace("\n\n", "\n```cpp\nold\n```\n<sub>[old](a.hpp)</sub>\nProse.\n\n"))
        self.assertNotIn("old", text)
        self.assertIn("</sub>\nProse.\n", text)

    def test_whole_file_and_hash_comments(self):
        self.write("tools/x.py", "# #region all\nprint(1)\n# #endregion all\n")
        text = self.woven(self.BOTH + "<!-- code: tools/x.py#all -->\n\n<!-- code: 01-a/include/a.hpp -->\n")
        self.assertIn("```python\nprint(1)\n```", text)
        self.assertIn("```cpp\n#pragma once\nnamespace pool {\n  int receive() {\n", text)

    def test_a_fence_inside_a_listing_gets_a_longer_one(self):
        self.write("README.txt", "a\n```\nb\n```\n")
        self.assertIn("````text\na\n```\nb\n```\n````", self.woven(self.BOTH + "<!-- code: README.txt -->\n"))

    def test_comments_in_fences_are_text(self):
        page = self.woven(self.BOTH)
        self.assertIn("````md\n<!-- code: no/such.hpp -->\n````", self.woven(page + "````md\n<!-- code: no/such.hpp -->\n````\n"))

    # C4 (part)
    def test_stale(self):
        self.woven(self.BOTH)
        self.write("01-a/include/a.hpp", HEADER.replace("return 1", "return 2"))
        result = self.weave("--check")
        self.assertEqual(result.returncode, 1)
        self.assertIn("-  return 1;\n+  return 2;", result.stdout)
        self.assertIn("docs/01-a.md:1: is stale; run tools/weave.py", result.stderr)

    # C4 (part)
    def test_unknown_file_region_and_kind(self):
        self.refused("# A\n\n<!-- code: 01-a/include/b.hpp -->\n", "docs/01-a.md:3: no file 01-a/include/b.hpp; did you mean 'a.hpp'?")
        self.refused("<!-- code: 01-a/include/a.hpp#recieve -->\n", "no region 'recieve'", "did you mean 'receive'?")
        self.refused("<!-- cod: 01-a/include/a.hpp#receive -->\n", "did you mean 'code:'?")

    def test_unused_region(self):
        self.refused("<!-- code: 01-a/include/a.hpp#receive -->\n", "01-a/include/a.hpp:5: no page shows region 'body'")

    def test_regions_twice_open_and_crossed(self):
        self.write("01-a/src/b.cpp", "// #region x\n// #endregion x\n// #region x\n// #endregion x\n")
        self.refused(self.BOTH, "01-a/src/b.cpp:3: region 'x' is here a second time")
        self.write("01-a/src/b.cpp", "// #region x\n")
        self.refused(self.BOTH, "01-a/src/b.cpp:1: region 'x' is not ended")
        self.write("01-a/src/b.cpp", "// #region x\n// #endregion y\n")
        self.refused(self.BOTH, "01-a/src/b.cpp:2: '#endregion y' stands where region 'x' (line 1) should end")
        self.write("01-a/src/b.cpp", "// #endregion y\n")
        self.refused(self.BOTH, "01-a/src/b.cpp:1: '#endregion y' ends a region that was never begun")

    def test_long_listing_in_a_chapter_but_not_elsewhere(self):
        self.write("01-a/long.hpp", "int a;\n" * 26)
        page = self.BOTH + "<!-- code: 01-a/long.hpp -->\n"
        self.refused(page, "has 26 lines, and a chapter's listing at most 25")
        (self.root / "docs/01-a.md").unlink()
        self.woven(page, "docs/appendix.md")


class Others(WeaveTest):
    def test_diff(self):
        self.write("a.hpp", "one\ntwo\n")
        self.write("b.hpp", "one\nthree\n")
        self.assertIn("```diff\n--- a.hpp\n+++ b.hpp\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n```\n",
                      self.woven("<!-- diff: a.hpp b.hpp -->\n"))
        self.refused("<!-- diff: a.hpp -->\n", "a diff names two files")

    def test_table_best_first(self):
        rows = [{"name": "slow", "median": 0.01234, "q1": 0.012, "q3": 0.013},
                {"name": "fast", "median": 1234.5, "q1": 1200, "q3": 1300, "note": "ours"}]
        data = {"machine": {"cpu": "Test CPU", "cores": 2}, "command": "./bench", "date": "2026-01-31",
                "workloads": {"w1": {"title": "Empty jobs", "unit": "M jobs/s", "better": "higher", "rows": rows}}}
        self.write("docs/benchmarks/a.json", json.dumps(data))
        text = self.woven("# A\n\n<!-- table: docs/benchmarks/a.json#w1 -->\n\nProse.\n")
        self.assertIn("| Empty jobs | M jobs/s (higher is better) | middle half | while it ran |\n|---|---:|---:|---|\n"
                      "| fast | 1230 | 1200 – 1300 | ours |\n| slow | 0.0123 | 0.0120 – 0.0130 |  |\n\n"
                      "<sub>Test CPU, 2 cores · 2026-01-31 · `./bench` · [docs/benchmarks/a.json](benchmarks/a.json)</sub>\n"
                      "\nProse.", text)
        self.refused("<!-- table: docs/benchmarks/a.json#w2 -->\n", "no workload 'w2'")
        del data["workloads"]["w1"]["better"]
        self.write("docs/benchmarks/a.json", json.dumps(data))
        self.refused("<!-- table: docs/benchmarks/a.json#w1 -->\n", "lacks the field 'better'")

    def test_rows_that_belong_together_are_one_table(self):
        rows = [{"name": f"{name}, {at}", "series": name, "at": at, "median": value, "q1": value, "q3": value}
                for at, name, value in [("1,000", "heap", 20), ("1,000", "list", 30), ("10,000", "list", 31), ("10,000", "heap", 90)]]
        data = {"machine": {}, "command": "./bench", "date": "2026-01-31",
                "workloads": {"send": {"title": "Send", "unit": "ns", "better": "lower", "rows": rows}}}
        self.write("docs/benchmarks/a.json", json.dumps(data))
        self.assertIn("| Send; ns (lower is better) | 1,000 | 10,000 |\n|---|---:|---:|\n"
                      "| list | 30.0 <sub>30.0 – 30.0</sub> | 31.0 <sub>31.0 – 31.0</sub> |\n"
                      "| heap | 20.0 <sub>20.0 – 20.0</sub> | 90.0 <sub>90.0 – 90.0</sub> |\n",
                      self.woven("<!-- table: docs/benchmarks/a.json#send -->\n\nProse.\n"))

    def test_rungs_are_in_their_order_and_each_has_its_price(self):
        rows = [{"name": name, "rung": rung, "median": value, "q1": value - 1, "q3": value + 1, "note": "2.0 cores"}
                for rung, name, value in [(1, "bare", 50), (2, "+ more", 25), (3, "+ luck", 40), (5, "+ end", 20)]]
        data = {"machine": {}, "command": "./bench", "date": "2026-01-31",
                "workloads": {"ladder": {"title": "Ladder", "unit": "M jobs/s", "better": "higher", "rows": rows}}}
        self.write("docs/benchmarks/a.json", json.dumps(data))
        self.assertIn("| Ladder | M jobs/s (higher is better) | middle half | ns a job | this step | while it ran |\n"
                      "|---|---:|---:|---:|---:|---|\n"
                      "| bare | 50.0 | 49.0 – 51.0 | 20.0 |  | 2.0 cores |\n"
                      "| + more | 25.0 | 24.0 – 26.0 | 40.0 | +20.0 | 2.0 cores |\n"
                      "| + luck | 40.0 | 39.0 – 41.0 | 25.0 | −15.0 | 2.0 cores |\n"
                      "| + end | 20.0 | 19.0 – 21.0 | 50.0 |  | 2.0 cores |\n",  # the fourth was not measured
                      self.woven("<!-- table: docs/benchmarks/a.json#ladder -->\n\nProse.\n"))
        data["workloads"]["ladder"]["unit"] = "µs"
        self.write("docs/benchmarks/a.json", json.dumps(data))
        self.refused("<!-- table: docs/benchmarks/a.json#ladder -->\n", "the rungs of 'Ladder' are in µs")

    # C4 (part)
    def test_output_recorded_normalised_and_compared(self):
        self.write("docs/recorded/commands.toml", '[run]\ncommand = "printf \'took 12 ms\\\\n\'; cat x"\nstable = true\n'
                   'normalise = [["[0-9]+ ms", "N ms"]]\n')
        self.write("x", "same\n")
        self.assertEqual(self.weave("--record").returncode, 0)
        text = self.woven("<!-- output: docs/recorded/run.txt -->\n")
        self.assertIn("```console\n$ printf 'took 12 ms\\n'; cat x\ntook N ms\nsame\n```\n", text)
        self.assertEqual(self.weave("--check", "--run").returncode, 0)
        self.write("x", "different\n")
        self.assertEqual(self.weave("--check").returncode, 0)
        result = self.weave("--check", "--run")
        self.assertEqual(result.returncode, 1)
        self.assertIn("+different", result.stdout)
        self.assertIn("weave.py --record run", result.stderr)

    def test_output_of_another_command(self):
        self.write("docs/recorded/commands.toml", '[run]\ncommand = "echo new"\n')
        self.write("docs/recorded/run.txt", "$ echo old\nold\n")
        self.refused("<!-- output: docs/recorded/run.txt -->\n", "recorded from another command than '$ echo new'")

    def test_a_command_that_fails_or_hangs_records_nothing(self):
        self.write("docs/recorded/commands.toml", '[run]\ncommand = "echo half; exit 3"\n')
        self.assertIn("ended with status 3", self.weave("--record", "run").stderr)
        self.write("docs/recorded/commands.toml", '[run]\ncommand = "sleep 30 & sleep 30"\ntimeout = 0.3\n')
        self.assertIn("did not end in 0.3 s", self.weave("--record", "run").stderr)
        self.assertFalse((self.root / "docs/recorded/run.txt").exists())
        self.assertIn("did you mean 'run'?", self.weave("--record", "rum").stderr)


class LinksTest(WeaveTest):
    def test_good_links(self):
        self.write("docs/b.md", "# One `two` & three!\n\n## Same\n\n## Same\n\n<a id=\"own\"></a>\n")
        self.write("docs/p.svg", "<svg/>")
        self.write("a.hpp", "1\n2\n")
        self.woven("# A\n[a](b.md#one-two--three) [b](b.md#same-1) [c](b.md#own) [d](#a) ![e](p.svg) [f](../a.hpp#L1-L2)\n"
                   "[![g](p.svg)](b.md) <img src=\"p.svg\"> [h](https://example.org/#x) [i](../docs) `[no](link.md)`\n\n"
                   "```\n[no](link.md)\n```\n\n[ref]: b.md#own\n")

    def test_dead_links(self):
        self.write("docs/b.md", "# Heading\n")
        self.write("a.hpp", "1\n2\n")
        for link, text in (("c.md", "there is no docs/c.md; did you mean 'b.md'?"),
                           ("b.md#headin", "names no heading of docs/b.md; did you mean 'heading'?"),
                           ("#nowhere", "names no heading of docs/01-a.md"), ("../a.hpp#L3", "asks for line 3"),
                           ("/b.md", "begins with '/'"), ("../../x", "outside of the repository")):
            self.refused(f"# A\n\n[x]({link})\n", "docs/01-a.md:3: ", text)
        self.refused("# A\n![x](no.svg)\n", "docs/01-a.md:2: ")
        self.refused("# A\n[x]: no.md\n", "docs/01-a.md:2: ")


if __name__ == "__main__":
    unittest.main()
