"""The seven verdicts, each from a learner's code that earns it, and what is shown beside them."""
import subprocess
import time
import unittest

from course import CourseTest

DEADLOCK = "static std::mutex once; once.lock(); once.lock(); return 42;"
RACE = """
  int shared = 0;
  std::thread one([&] { for (int i = 0; i < 1000; ++i) shared = shared + 1; });
  for (int i = 0; i < 1000; ++i) shared = shared + 1;
  one.join();
  return shared == 0 ? 0 : 42;"""


class Verdicts(CourseTest):
    def verdict(self, body: str, before: str = "", **environment) -> str:
        self.course.answer(body, before)
        self.result = self.course.tutor("try", "e1", **environment)
        self.text = self.shown(self.result)
        row = next((line for line in self.text.splitlines() if "Answer.IsRight" in line), self.text)
        return row.split()[0]

    def test_pass(self):
        self.assertEqual(self.verdict("return 42;"), "PASS")
        self.assertEqual(self.result.returncode, 0, self.text)
        self.assertIn("Solved", self.text)
        self.assertIn("ThreadSanitizer", self.text)
        self.assertIn("1/1", self.text)

    def test_wrong(self):
        self.assertEqual(self.verdict("return 41;"), "WRONG")
        self.assertEqual(self.result.returncode, 1)
        self.assertIn("not true: answer() == 42", self.text)
        self.assertIn("docs/verdicts.md#wrong", self.text)
        self.assertIn("1 of 2 pass", self.text)

    def test_todo_names_the_place(self):
        result = self.course.tutor("try")  # the untouched skeleton
        self.assertRegex(result.stdout, r"TODO +Answer\.IsRight")
        self.assertIn("my/01-basic-pool/e1_answer/answer.hpp:5: think of a number", result.stdout)
        self.assertRegex(result.stdout, r"PASS +Always\.Passes")

    def test_race(self):
        self.assertEqual(self.verdict(RACE, "#include <thread>"), "PASS")  # without the sanitizer
        self.assertRegex(self.text, r"RACE +Answer\.IsRight +ThreadSanitizer")
        self.assertIn("WARNING: ThreadSanitizer: data race", self.text)
        self.assertEqual(self.result.returncode, 1)

    def test_hang_shows_the_stacks_and_goes_on(self):
        began = time.monotonic()
        self.assertEqual(self.verdict(DEADLOCK, "#include <mutex>"), "HANG")
        self.assertLess(time.monotonic() - began, 20)
        self.assertRegex(self.text, r"(?s)waiting for a mutex.*answer\.hpp:4  answer|no stacks")
        self.assertRegex(self.text, r"PASS +Always\.Passes")

    def test_hang_by_the_watchdogs_status(self):
        self.assertEqual(self.verdict('std::fputs("HANG: in wait()\\n", stderr); _Exit(124);',
                                      "#include <cstdio>\n#include <cstdlib>"), "HANG")
        self.assertIn("HANG: in wait()", self.text)

    def test_hang_that_prints_for_ever_costs_no_memory(self):
        self.assertEqual(self.verdict('for (;;) std::puts("again and again");', "#include <cstdio>"), "HANG")
        self.assertLess(len(self.text), 20_000)

    def test_hang_before_the_first_test(self):
        self.course.answer("return 42;", "inline const bool never = [] { for (volatile int i = 0;; i = i + 1) {} return true; }();")
        result = self.course.tutor("try")
        self.assertRegex(result.stdout, r"HANG +\(before the first test\)")

    def test_crash(self):
        self.assertEqual(self.verdict("std::abort();", "#include <cstdlib>"), "CRASH")
        self.assertIn("SIGABRT", self.text)

    def test_crash_is_an_early_exit_too(self):
        self.assertEqual(self.verdict("std::exit(0);", "#include <cstdlib>"), "CRASH")
        self.assertIn("status 0 before the test was over", self.text)

    def test_slow(self):
        self.assertEqual(self.verdict('POOL_SLOW("1 job/s, wanted 2");', "#include <pool/testing/todo.hpp>"), "SLOW")
        self.assertIn("1 job/s, wanted 2", self.text)

    def test_no_compile_shows_the_first_error_first(self):
        self.course.answer("int unused = 0; return nowhere;")
        result = self.course.tutor("try")
        lines = result.stdout.splitlines()
        at = next(i for i, line in enumerate(lines) if "does not compile" in line)
        self.assertIn("my/01-basic-pool/e1_answer/answer.hpp:4:", lines[at + 1])
        self.assertIn("nowhere", lines[at + 1])
        self.assertEqual(result.returncode, 1)

    def test_nothing_stays_behind(self):
        self.verdict('if (fork() == 0) { for (;;) pause(); } std::puts("forked"); return 41;',
                     "#include <unistd.h>\n#include <cstdio>")
        self.assertIn("WRONG", self.text)
        left = subprocess.run(["pgrep", "-f", str(self.course.root)], capture_output=True, text=True, check=False)
        self.assertEqual(left.stdout, "", "the test's child lives on")


class SoftLimit(CourseTest):
    def test_slow_by_the_soft_limit(self):
        self.course.change("exercises.toml", "time_limit = 1", "time_limit = 2\nsoft_limit = 0.1")
        self.course.answer("usleep(300000); return 42;", "#include <unistd.h>")
        result = self.course.tutor("try")
        self.assertRegex(result.stdout, r"SLOW +Answer\.IsRight")
        self.assertIn("it should take at most 0.1 s", result.stdout)


if __name__ == "__main__":
    unittest.main()
