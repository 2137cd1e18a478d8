"""What model.py says of good and bad models, on one of two processes that Spin goes through in a moment."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parent.parent / "model.py"

MODEL = """/* Two threads want a lock.
 *
@RUNS@ */
byte inside;
bool held;

active [2] proctype Thread() {
#ifdef NO_LOCK
  skip;
#else
  atomic { !held -> held = true };
#endif
  inside++;
  assert(inside == 1);
  inside--;
#ifdef SPINS
  do :: inside == 0 -> skip od;
#endif
#ifndef KEEPS_IT
  held = false
#endif
}
"""


@unittest.skipUnless(shutil.which("spin"), "there is no spin on this machine")
class Model(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def run_tool(self, *runs, words=(), text=MODEL, **environment):
        file = self.root / "01-toy" / "model" / "lock.pml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("@RUNS@", "".join(f" * {run}\n" for run in runs)), encoding="utf-8")
        return subprocess.run([sys.executable, str(TOOL), *words], capture_output=True, text=True, check=False,
                              env={**os.environ, "POOL_MODEL_ROOT": str(self.root), **environment})

    def expect_failure(self, run, *texts, **more):
        result = self.run_tool(run, **more)
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        for text in texts:
            self.assertIn(text, result.stdout)
        self.assertEqual(result.stdout.splitlines()[-1], "0 passed, 1 failed")

    def test_a_right_model_passes_and_its_mutants_are_killed(self):
        result = self.run_tool("check: FAIR", "mutant: NO_LOCK: nobody takes it", "mutant: KEEPS_IT: nobody lets it go",
                               "mutant: SPINS cycles: looks at it for ever", text=MODEL + "#ifdef FAIR\n#endif\n")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertRegex(result.stdout, r"^ok     01 lock FAIR \(\d+ states\)\n")
        self.assertIn("killed 01 lock NO_LOCK (assertion violated (inside==1))\n", result.stdout)
        self.assertIn("killed 01 lock KEEPS_IT (invalid end state)\n", result.stdout)
        self.assertIn("killed 01 lock SPINS cycles (non-progress cycle)\n", result.stdout)
        self.assertEqual(result.stdout.splitlines()[-1], "4 passed, 0 failed")

    def test_a_run_is_repeated_when_the_model_changes_and_not_when_another_run_does(self):
        one, two = "mutant: NO_LOCK: nobody takes it", "mutant: KEEPS_IT: nobody lets it go"
        self.run_tool(one)
        self.assertEqual(self.run_tool(one, words=["--changed"]).stdout, "1 passed, 0 failed; 1 remembered, 0 judged\n")
        self.assertIn("2 passed, 0 failed; 1 remembered, 1 judged\n", self.run_tool(one, two, words=["--changed"]).stdout)
        said = self.run_tool(one, two, words=["--changed"], text=MODEL + "/* more */\n").stdout
        self.assertIn("killed 01 lock NO_LOCK", said)
        self.assertIn("killed 01 lock KEEPS_IT", said)
        self.assertIn("1 remembered, 1 judged, 1 of them by chance", self.run_tool(one, two, text=MODEL + "/* more */\n").stdout)

    def test_a_failure_is_not_remembered(self):
        for _ in range(2):
            self.expect_failure("check: NO_LOCK", "FAILED 01 lock NO_LOCK", words=["--changed"])

    def test_a_check_that_finds_something_fails_and_shows_the_way_there(self):
        self.expect_failure("check: NO_LOCK", "FAILED 01 lock NO_LOCK: assertion violated", "inside = (inside+1)")

    def test_a_survivor_fails(self):
        self.expect_failure("mutant: SPINS: goes round, which only a search for cycles finds", "it survives")

    def test_an_incomplete_search_fails(self):
        endless = MODEL.replace("byte inside;", "int inside, n;").replace("  inside++;\n", "  do :: n >= 0 -> n++ od;\n  inside++;\n", 1)
        self.expect_failure("check: NO_LOCK", "the search was not completed", "max search depth too small", text=endless)

    def test_a_flag_that_the_model_does_not_know_fails(self):
        self.expect_failure("check: FIAR", "the model knows no flag FIAR")
        self.expect_failure("mutant: NO_LOCK FIAR: nobody takes it", "the model knows no flag FIAR")

    def test_a_mutant_says_what_the_mistake_is(self):
        self.expect_failure("mutant: NO_LOCK", "it does not say what the mistake is")

    def test_what_is_no_model_fails(self):
        self.expect_failure("check: NO_LOCK", "Spin does not understand it", "syntax error", text=MODEL + "whatever\n")
        self.expect_failure("check: NO_LOCK", "does not compile", CC="false")

    def test_a_model_without_runs_and_an_unknown_name_are_errors(self):
        result = self.run_tool()
        self.assertEqual(result.returncode, 1)
        self.assertIn("lock.pml says nothing of what is to be checked", result.stderr)
        result = self.run_tool("mutant: NO_LOCK: nobody takes it", words=["NO_LUCK"])
        self.assertIn("no run has the flag NO_LUCK", result.stderr)

    def test_by_name(self):
        runs = ["check: NO_LOCK", "mutant: KEEPS_IT: nobody lets it go"]
        self.assertEqual(self.run_tool(*runs, words=["KEEPS_IT"]).stdout.splitlines()[-1], "1 passed, 0 failed")


class WithoutSpin(unittest.TestCase):
    def test_it_says_so(self):
        result = subprocess.run([sys.executable, str(TOOL)], capture_output=True, text=True, check=False,
                                env={**os.environ, "PATH": ""})
        self.assertEqual(result.returncode, 1)
        self.assertIn("there is no spin on this machine", result.stderr)


if __name__ == "__main__":
    unittest.main()
