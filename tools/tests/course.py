"""A small course in a temporary folder, for the tutor's tests: one stage, exercises that compile in a moment.

Its <gtest/gtest.h> is thirty lines that speak GoogleTest's language (list, filter, closing lines), because the real one
takes more than a second to compile; real_test.py uses that.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent
TODO = TOOLS.parent / "01-basic-pool" / "testing" / "pool" / "testing" / "todo.hpp"

FAKE_GTEST = r"""
#pragma once
#include <cstdio>
#include <cstring>
namespace fake {
struct Test { const char* suite; const char* name; void (*body)(); };
inline Test tests[8];
inline int count = 0;
inline bool failed = false;
inline bool add(Test test) { tests[count++] = test; return true; }
}  // namespace fake
#define TEST(suite, name)                                                                            \
  static void suite##_##name();                                                                      \
  [[maybe_unused]] static const bool suite##_##name##_added = fake::add({#suite, #name, &suite##_##name}); \
  static void suite##_##name()
#define EXPECT_TRUE(what) \
  if (!(what)) { fake::failed = true; std::printf("%s:%d: Failure\n  not true: %s\n", __FILE__, __LINE__, #what); }
int main(int, char** argv) {
  for (int i = 0; i < fake::count; ++i) {
    char filter[200];
    std::snprintf(filter, sizeof filter, "--gtest_filter=%s.%s", fake::tests[i].suite, fake::tests[i].name);
    if (std::strcmp(argv[1], "--gtest_list_tests") == 0) {
      std::printf("%s.\n  %s\n", fake::tests[i].suite, fake::tests[i].name);
    } else if (std::strcmp(argv[1], filter) == 0) {
      fake::tests[i].body();
      std::printf(fake::failed ? "[  FAILED  ] 1 test.\n" : "[  PASSED  ] 1 test.\n");
    }
  }
  return fake::failed ? 1 : 0;
}
"""

SOLUTION = """\
#pragma once

inline int answer() {
  // #todo think of a number
  return 42;
  // #end
}

// #todo
// Why 42: because the test says so.
// #end
"""
TEST = """\
#include <e1_answer/answer.hpp>
#include <gtest/gtest.h>
TEST(Answer, IsRight) { EXPECT_TRUE(answer() == 42); }
TEST(Always, Passes) { EXPECT_TRUE(true); }
"""
ENTRY = """\
[[exercise]]
id = "e1_answer"
title = "Find the answer"
kind = "build"
minutes = 5
section = "docs/01-basic-pool.md#the-answer"
files = ["answer.hpp"]
sanitizers = ["thread"]
time_limit = 1
repeats = 2
expected = { "Answer.IsRight" = "TODO", "Always.Passes" = "PASS" }
hints = ["It is a number.", "It is even.", "It is 42."]

  [[exercise.mutant]]
  name = "one_less"
  killed_by = "Answer.IsRight"
  why = "gives 41"
"""
PATCH = """\
--- a/answer.hpp
+++ b/answer.hpp
@@ -2,7 +2,7 @@
 
 inline int answer() {
   // #todo think of a number
-  return 42;
+  return 41;
   // #end
 }
 
"""


class Course:
    def __init__(self):
        self.root = Path(tempfile.mkdtemp(prefix="tutor-test-")).resolve()
        self.exercises = self.root / "01-basic-pool" / "exercises"
        self.own = self.root / "my" / "01-basic-pool" / "e1_answer"
        testing = self.root / "01-basic-pool" / "testing"
        self.write(testing / "gtest" / "gtest.h", FAKE_GTEST)
        (testing / "pool" / "testing").mkdir(parents=True)
        shutil.copyfile(TODO, testing / "pool" / "testing" / "todo.hpp")
        self.write(self.root / "docs" / "01-basic-pool.md", "# Basic pool\n\n## The answer\n")
        self.write(self.exercises / "exercises.toml", ENTRY)
        folder = self.exercises / "e1_answer"
        self.write(folder / "README.md", "# Find the answer\n\nIt is in [the chapter](../../../docs/01-basic-pool.md).\n")
        self.write(folder / "test.cpp", TEST)
        self.write(folder / "solution" / "answer.hpp", SOLUTION)
        self.write(folder / "mutants" / "one_less.patch", PATCH)
        assert self.tutor("skeleton").returncode == 0

    def remove(self):
        shutil.rmtree(self.root, ignore_errors=True)

    @staticmethod
    def write(file: Path, text: str):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def answer(self, body: str, before: str = ""):
        """The learner writes this."""
        self.write(self.own / "answer.hpp", f"#pragma once\n{before}\ninline int answer() {{\n  {body}\n}}\n")

    def change(self, path: str, old: str, new: str):
        file = self.exercises / path
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{old} is not in {path}"
        file.write_text(text.replace(old, new), encoding="utf-8")

    def test_runs(self, seconds: float = 0) -> bool:
        """Does a test program of this course run, now or within that time?"""
        deadline = time.monotonic() + seconds
        while True:
            found = subprocess.run(["pgrep", "-f", f"{self.root}/build/tutor/programs/.*filter"], capture_output=True,
                                   check=False)
            if found.returncode == 0 or time.monotonic() >= deadline:
                return found.returncode == 0
            time.sleep(0.05)

    def command(self, *words: str):
        return [sys.executable, str(TOOLS / "tutor"), "--root", str(self.root), *words]

    def tutor(self, *words: str, limit: float = 60, **environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(self.command(*words), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=limit, check=False, env={**clean_environment(), **environment})


def clean_environment() -> dict:
    return {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}


class CourseTest(unittest.TestCase):
    """Each test class has one course, each test a fresh my/."""

    @classmethod
    def setUpClass(cls):
        cls.course = Course()

    @classmethod
    def tearDownClass(cls):
        cls.course.remove()

    def setUp(self):
        shutil.rmtree(self.course.root / "my", ignore_errors=True)

    def shown(self, result: subprocess.CompletedProcess) -> str:
        return result.stdout + result.stderr
