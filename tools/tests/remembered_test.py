"""What is remembered and what is judged anew: on checks of a toy stage, and on our own sources what the compiler says."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOOLS))

from remembered import Record, Sources  # noqa: E402

FILES = {
    "01-toy/include/pool/toy/deep.hpp": "#pragma once\n",
    "01-toy/include/pool/toy/answer.hpp": "#pragma once\n#include <pool/toy/deep.hpp>\n",
    "01-toy/include/pool/toy/other.hpp": "#pragma once\n",
    "01-toy/tests/near.hpp": "#pragma once\n#  include <pool/toy/answer.hpp> // by way of this\n",
    "01-toy/tests/answer_test.cpp": '#include <vector>\n#include "near.hpp"\n',
    "02-next/tests/near.hpp": "#pragma once\n",
    "02-next/include/pool/next/answer.hpp": "#pragma once\n",
    "02-next/tests/mutants/wrong.patch": "--- a/x.hpp\n+++ b/x.hpp\n+#include <pool/toy/other.hpp>\n",
}
TEST = "01-toy/tests/answer_test.cpp"


class Toy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for name, text in FILES.items():
            self.write(name, text)
        for name in ("POOL_CHECK_ALL", "POOL_CHECK_SEED"):
            self.addCleanup(os.environ.update, {name: os.environ[name]} if name in os.environ else {})
            os.environ.pop(name, None)

    def write(self, name, text):
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def add(self, name, text="// more\n"):
        self.write(name, (self.root / name).read_text(encoding="utf-8") + text)


class Keys(Toy):
    def key(self, *paths):
        return Sources(self.root).key(paths or [TEST])

    def test_every_file_that_is_included_by_way_of_others_decides(self):
        for name in (TEST, "01-toy/tests/near.hpp", "01-toy/include/pool/toy/answer.hpp", "01-toy/include/pool/toy/deep.hpp"):
            before = self.key()
            self.add(name)
            self.assertNotEqual(self.key(), before, name)

    def test_what_is_not_included_does_not(self):
        before = self.key()
        for name in ("01-toy/include/pool/toy/other.hpp", "02-next/tests/near.hpp", "02-next/tests/mutants/wrong.patch",
                     "02-next/include/pool/next/answer.hpp"):
            self.add(name)
            self.assertEqual(self.key(), before, name)

    def test_a_header_that_may_stand_before_another_decides(self):
        before = self.key()
        self.write("02-next/include/pool/toy/answer.hpp", "#pragma once\n")
        self.assertNotEqual(self.key(), before)

    def test_what_a_patch_includes_decides(self):
        before = self.key("02-next/tests/mutants/wrong.patch")
        self.add("01-toy/include/pool/toy/other.hpp")
        self.assertNotEqual(self.key("02-next/tests/mutants/wrong.patch"), before)


class Records(Toy):
    """A step with checks a, b and c; each of them passes unless its name is in `bad`."""

    def run_step(self, option=None, names=None, bad=(), keys=None, share=0):
        record = Record(self.root, "toy", keys or {"a": "1", "b": "2", "c": "3"})
        names = names or list(record.keys)
        self.judged = record.choose(names, option, share)
        for name in sorted(self.judged):
            record.note(name, name not in bad)
        failed = len(self.judged & set(bad))
        return record.close(len(names) - failed, failed, option)

    def committed(self):
        file = self.root / "tools/verdicts/toy.txt"
        return file.read_text(encoding="utf-8") if file.exists() else None

    def clone(self):
        shutil.rmtree(self.root / "build")

    def test_what_has_passed_is_judged_again_only_when_its_key_changes(self):
        self.assertEqual(self.run_step(), "3 passed, 0 failed")
        self.assertEqual(self.run_step(), "3 passed, 0 failed; 3 remembered, 0 judged")
        self.assertEqual(self.run_step(keys={"a": "1", "b": "5", "c": "3"}), "3 passed, 0 failed; 2 remembered, 1 judged")
        self.assertEqual(self.judged, {"b"})

    def test_a_fresh_clone_knows_what_was_written_to_be_committed(self):
        self.run_step()
        self.clone()
        self.run_step()
        self.assertEqual(len(self.judged), 3)
        said = self.run_step("--remember")
        self.assertIn("tools/verdicts/toy.txt is written: 3 verdicts, 3 of them new; 0 of checks that are gone", said)
        self.assertEqual(self.committed(), "a  1\nb  2\nc  3\n")
        self.clone()
        self.run_step()
        self.assertEqual(self.judged, set())

    def test_only_a_run_of_all_checks_without_a_failure_is_written(self):
        self.assertIn("toy.txt is not written", self.run_step("--remember", bad=["b"]))
        self.assertIn("toy.txt is not written", self.run_step("--remember", names=["a"]))
        self.assertIsNone(self.committed())
        self.run_step()
        self.assertIsNone(self.committed(), "not without --remember")

    def test_a_failure_is_never_remembered(self):
        for option in (None, "--changed", "--all", None):
            self.run_step(option, bad=["b"])
            self.assertIn("b", self.judged)
        self.assertNotIn("b  2", (self.root / "build/verdicts/toy.txt").read_text(encoding="utf-8"))

    def test_a_failure_counts_more_than_a_committed_record(self):
        self.run_step("--remember")
        self.clone()
        said = self.run_step("--all", bad=["b"])
        self.assertIn("b: toy.txt says that it passes, and it fails\n2 passed, 1 failed", said)
        self.run_step("--changed", bad=["b"])
        self.assertEqual(self.judged, {"b"})

    def test_records_of_checks_that_are_gone_are_left_out(self):
        self.run_step("--remember")
        said = self.run_step("--remember", keys={"a": "1", "d": "4"})
        self.assertIn("2 verdicts, 1 of them new; 2 of checks that are gone left out", said)
        self.assertEqual(self.committed(), "a  1\nd  4\n")

    def test_some_of_what_is_remembered_are_judged_by_chance(self):
        self.run_step()
        seen = set()
        for seed in range(20):
            os.environ["POOL_CHECK_SEED"] = str(seed)
            said = self.run_step(share=1)
            self.assertEqual(said, f"3 passed, 0 failed; 2 remembered, 1 judged, 1 of them by chance (seed {seed})")
            first = self.judged
            seen |= first
            self.run_step(share=1)
            self.assertEqual(self.judged, first)
        self.assertEqual(seen, {"a", "b", "c"})
        self.run_step("--changed", share=1)
        self.assertEqual(self.judged, set())

    def test_a_merge_may_leave_several_keys_of_a_check(self):
        self.write("tools/verdicts/toy.txt", "a  7\na  1\na  8\nb  2\n<<<<<<< ours\nc  3\n")
        self.assertEqual(self.run_step(), "3 passed, 0 failed; 3 remembered, 0 judged")
        self.run_step("--remember")
        self.assertEqual(self.committed(), "a  1\nb  2\nc  3\n")

    def test_a_wrong_record_is_found_by_chance(self):
        self.write("tools/verdicts/toy.txt", "a  1\nb  2\nc  3\n")
        self.assertIn("1 failed; 0 remembered, 3 judged, 3 of them by chance", self.run_step(share=3, bad=["b"]))

    def test_everything_may_be_asked_for(self):
        self.run_step()
        self.run_step("--all")
        self.assertEqual(len(self.judged), 3)
        os.environ["POOL_CHECK_ALL"] = "1"
        self.addCleanup(os.environ.pop, "POOL_CHECK_ALL")
        self.run_step()
        self.assertEqual(len(self.judged), 3)

    def test_another_run_at_the_same_time_is_not_forgotten(self):
        one, other = (Record(self.root, "toy", {"a": "1", "b": "2"}) for _ in range(2))
        one.note("a", False)
        other.note("b", True)
        self.assertEqual((self.root / "build/verdicts/toy.txt").read_text(encoding="utf-8"), "a  failed\nb  2\n")


class Ours(unittest.TestCase):
    def test_what_the_compiler_reads_is_in_the_key(self):
        root, sources = TOOLS.parent, Sources(TOOLS.parent)
        folders = [f"-I{folder.relative_to(root)}" for part in ("include", "testing", "demo")
                   for folder in sorted(root.glob(f"[0-9][0-9]-*/{part}"))]
        for test in sorted(root.glob("[0-9][0-9]-*/tests/**/thread_pool*_test.cpp")):
            name = str(test.relative_to(root))
            made = subprocess.run(["c++", "-std=c++20", *folders, "-MM", name], cwd=root, capture_output=True, text=True,
                                  check=True).stdout.replace("\\\n", " ").partition(":")[2].split()
            read = {os.path.normpath(file) for file in made if not file.startswith("/")}
            self.assertGreater(len(read), 5)
            self.assertEqual(read - sources.closure([name]), set(), name)


if __name__ == "__main__":
    unittest.main()
