"""Hunts: the learner's tests must pass on the right code and fail on the mutant. And exercises that measure."""
import unittest

from course import Course

ENTRY = """\
[[exercise]]
id = "e2_hunt"
title = "Find the mutant"
kind = "hunt"
minutes = 5
section = "docs/01-basic-pool.md#the-answer"
files = ["hunt.cpp"]
subject = ["include/pool/basic/twice.hpp", "src/twice.cpp"]
sources = ["src/twice.cpp"]
time_limit = 2
repeats = 2
expected = { "Twice.IsEven" = "TODO" }
hints = ["One.", "Two.", "Three."]

  [[exercise.mutant]]
  name = "adds_one"
  killed_by = "Twice.IsEven"
  why = "adds one more"
"""
SOLUTION = """\
#include <gtest/gtest.h>
#include <pool/basic/twice.hpp>

TEST(Twice, IsEven) {
  // #todo look at a result
  EXPECT_TRUE(twice(3) == 6);
  // #end
}
"""
PATCH = """\
--- a/src/twice.cpp
+++ b/src/twice.cpp
@@ -1,2 +1,2 @@
 #include <pool/basic/twice.hpp>
-int twice(int n) { return n + n; }
+int twice(int n) { return n + n + 1; }
"""


class Hunt(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.course = course = Course()
        folder = course.exercises / "e2_hunt"
        course.write(course.exercises / "exercises.toml", ENTRY)
        course.write(course.root / "01-basic-pool/include/pool/basic/twice.hpp", "#pragma once\nint twice(int n);\n")
        course.write(course.root / "01-basic-pool/src/twice.cpp",
                     "#include <pool/basic/twice.hpp>\nint twice(int n) { return n + n; }\n")
        course.write(folder / "README.md", "# Find the mutant\n")
        course.write(folder / "solution/hunt.cpp", SOLUTION)
        course.write(folder / "mutants/adds_one.patch", PATCH)
        assert course.tutor("skeleton").returncode == 0

    @classmethod
    def tearDownClass(cls):
        cls.course.remove()

    def hunt(self, body: str):
        own = self.course.root / "my/01-basic-pool/e2_hunt/hunt.cpp"
        self.course.write(own, f"#include <gtest/gtest.h>\n#include <pool/basic/twice.hpp>\n{body}\n")
        return self.course.tutor("try")

    def test_skeleton_is_todo(self):
        self.course.tutor("reset", "e2")
        self.assertRegex(self.course.tutor("try").stdout, r"TODO +Twice\.IsEven")

    def test_finds_it(self):
        result = self.hunt("TEST(My, Test) { EXPECT_TRUE(twice(1) == 2); }")
        self.assertRegex(result.stdout, r"PASS +finds adds_one")
        self.assertIn("My.Test finds it: WRONG", result.stdout)
        self.assertEqual(result.returncode, 0)

    def test_does_not_find_it(self):
        result = self.hunt("TEST(My, Test) { EXPECT_TRUE(twice(1) > 1); }")
        self.assertRegex(result.stdout, r"WRONG +finds adds_one")
        self.assertIn("All your tests pass on this mutant: adds one more", result.stdout)
        self.assertEqual(result.returncode, 1)

    def test_fails_on_the_right_code(self):
        result = self.hunt("TEST(My, Test) { EXPECT_TRUE(twice(1) == 3); }")
        self.assertRegex(result.stdout, r"WRONG +My\.Test")
        self.assertNotIn("finds adds_one", result.stdout)

    def test_no_test_yet(self):
        self.assertIn("There is no test yet", self.hunt("").stdout)

    def test_check_passes(self):
        result = self.course.tutor("check")
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_check_finds_a_solution_that_kills_nothing(self):
        self.course.change("e2_hunt/solution/hunt.cpp", "twice(3) == 6", "twice(3) > 1")
        self.addCleanup(self.course.change, "e2_hunt/solution/hunt.cpp", "twice(3) > 1", "twice(3) == 6")
        self.assertIn("it survives Twice.IsEven", self.course.tutor("check").stdout)


if __name__ == "__main__":
    unittest.main()
