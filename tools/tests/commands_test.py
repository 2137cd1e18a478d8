"""list, next, hint, reset, solution, diff, and what the tutor answers to words it does not know."""
import json
import re
import signal
import subprocess
import unittest

from course import CourseTest, clean_environment


class Words(CourseTest):
    def test_unknown_word_suggests_and_ends_with_2(self):
        result = self.course.tutor("tyr")
        self.assertEqual(result.returncode, 2)
        self.assertIn("Did you mean 'try'?", result.stderr)

    def test_unknown_id_suggests_and_ends_with_2(self):
        result = self.course.tutor("try", "e1_anwser")
        self.assertEqual(result.returncode, 2)
        self.assertIn("Did you mean 'e1_answer'?", result.stderr)

    def test_unknown_option(self):
        result = self.course.tutor("solution", "--now")
        self.assertEqual(result.returncode, 2)
        self.assertIn("--yes", result.stderr)

    def test_id_by_beginning_and_stage(self):
        self.assertEqual(self.course.tutor("hint", "01/e1").returncode, 0)

    def test_help(self):
        result = self.course.tutor("--help")
        self.assertEqual(result.returncode, 0)
        self.assertIn("watch", result.stdout)

    # C6 (part)
    def test_list_counts_what_is_solved(self):
        self.assertIn("0/1", self.course.tutor("list").stdout)
        self.course.answer("return 42;")
        self.assertEqual(self.course.tutor("try").returncode, 0)
        result = self.course.tutor("list")
        self.assertRegex(result.stdout, r"done +e1_answer +5 min +Find the answer")
        self.assertIn("1/1", result.stdout)

    # C6 (part)
    def test_next_makes_the_copy_and_says_what_to_do(self):
        result = self.course.tutor("next")
        self.assertIn("# Find the answer", result.stdout)
        self.assertIn("my/01-basic-pool/e1_answer/answer.hpp", result.stdout)
        self.assertTrue((self.course.own / "answer.hpp").exists())
        self.assertIn("-I", (self.course.own / "compile_flags.txt").read_text())

    # C6 (part)
    def test_try_never_overwrites(self):
        self.course.answer("return 41;")
        before = (self.course.own / "answer.hpp").read_text()
        self.course.tutor("try")
        self.assertEqual((self.course.own / "answer.hpp").read_text(), before)

    # C6 (part)
    def test_hints_one_by_one(self):
        shown = [self.course.tutor("hint").stdout for _ in range(4)]
        self.assertIn("hint 1 of 3: It is a number.", shown[0])
        self.assertNotIn("even", shown[0])
        self.assertIn("hint 3 of 3: It is 42.", shown[2])
        self.assertIn("all the hints", shown[3])

    # C6 (part)
    def test_solution_only_after_a_try_of_ones_own(self):
        self.course.tutor("try")  # the skeleton as it is: no try
        self.assertEqual(self.course.tutor("solution").returncode, 2)
        self.assertIn("Why 42", self.course.tutor("solution", "--yes").stdout)
        self.course.answer("return 41;")
        self.course.tutor("try")
        result = self.course.tutor("solution")
        self.assertIn("return 42;", result.stdout)
        self.assertNotIn("#todo", result.stdout)

    # C6 (part)
    def test_diff(self):
        self.course.answer("return 41;")
        self.course.tutor("try")
        result = self.course.tutor("diff")
        self.assertIn("-  return 41;", result.stdout)
        self.assertIn("+  return 42;", result.stdout)

    # C6 (part)
    def test_reset_keeps_a_backup(self):
        self.course.answer("return 41;")
        result = self.course.tutor("reset", "e1")
        self.assertEqual(result.returncode, 0)
        kept = list((self.course.root / "my" / ".backup").glob("*/answer.hpp"))
        self.assertIn("return 41;", kept[0].read_text())
        self.assertIn("POOL_TODO", (self.course.own / "answer.hpp").read_text())
        self.course.tutor("reset", "e1")
        self.assertEqual(len(list((self.course.root / "my" / ".backup").iterdir())), 2)

    def test_reset_needs_an_id(self):
        self.assertEqual(self.course.tutor("reset").returncode, 2)

    def test_corrupted_progress_is_put_aside_with_a_note(self):
        for broken in ("{ half", '{"version": 1, "exercises": [1]}', '{"version": 9}', "[]", "\x00\xff"):
            with self.subTest(broken):
                self.course.write(self.course.root / "my" / ".progress.json", broken)
                result = self.course.tutor("list")
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertIn("could not be read", result.stdout)
                kept = self.course.root / "my" / ".progress.broken.json"
                self.assertEqual(kept.read_text(), broken)

    def test_progress_is_json(self):
        self.course.tutor("hint")
        data = json.loads((self.course.root / "my" / ".progress.json").read_text())
        self.assertEqual(data["exercises"]["e1_answer"]["hints"], 1)

    def test_no_compiler(self):
        self.course.answer("return 1234;")
        result = self.course.tutor("try", CXX="no-such-compiler")
        self.assertEqual(result.returncode, 2)
        self.assertIn("./learn doctor", result.stderr)


class Looks(CourseTest):
    def test_pipes_get_no_escapes(self):
        self.course.answer("return 41;")
        for words in (["list"], ["next"], ["try"], ["diff"], ["hint"]):
            self.assertNotIn("\x1b", self.course.tutor(*words).stdout)

    def test_fits_the_width(self):
        self.course.answer("return 41;")
        for width in (80, 40):
            for words in (["list"], ["next"], ["try"], ["hint"]):
                for line in self.course.tutor(*words, COLUMNS=str(width)).stdout.splitlines():
                    if not re.search("my/|build/|01-basic-pool", line):  # a path is not broken
                        self.assertLessEqual(len(line), width, line)
        for line in self.course.tutor("--help").stdout.splitlines():
            self.assertLessEqual(len(line), 80)

    def test_a_terminal_without_utf_8(self):
        result = self.course.tutor("next", PYTHONIOENCODING="ascii")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("e1_answer ? Build it", result.stdout)

    def test_reader_that_goes_away(self):
        child = subprocess.Popen(self.course.command("list"), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 env=clean_environment())
        child.stdout.close()
        _, errors = child.communicate(timeout=20)
        self.assertNotIn(b"Traceback", errors)


class ControlC(CourseTest):
    def interrupted(self, number: int, body: str) -> subprocess.CompletedProcess:
        self.course.answer(body, "#include <csignal>\n#include <unistd.h>")
        self.course.change("exercises.toml", "time_limit = 1\n", "time_limit = 60\n")
        self.addCleanup(self.course.change, "exercises.toml", "time_limit = 60\n", "time_limit = 1\n")
        child = subprocess.Popen(self.course.command("try"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                 env=clean_environment(), start_new_session=True)
        self.addCleanup(child.kill)
        self.assertTrue(self.course.test_runs(seconds=30))
        child.send_signal(number)
        out, errors = child.communicate(timeout=10)
        self.assertFalse(self.course.test_runs(), "the test lives on")
        return subprocess.CompletedProcess([], child.returncode, out, errors)

    def test_ctrl_c_ends_everything_with_130(self):
        result = self.interrupted(signal.SIGINT, "for (;;) pause();")
        self.assertEqual(result.returncode, 130)
        self.assertNotIn("Traceback", result.stderr)

    def test_terminated(self):
        result = self.interrupted(signal.SIGTERM, "for (;;) pause();")
        self.assertEqual(result.returncode, 128 + signal.SIGTERM)

    def test_a_test_that_ignores_signals_ends_too(self):
        body = "for (int s = 1; s < 32; ++s) signal(s, SIG_IGN); for (;;) pause();"
        result = self.interrupted(signal.SIGINT, body)
        self.assertEqual(result.returncode, 130, result.stdout)


if __name__ == "__main__":
    unittest.main()
