"""An exercise of a later stage: which folders and sources it is built from, and when it is judged anew."""
import unittest

from course import ENTRY, CourseTest

SOLUTION = """\
#pragma once
#include <pool/one.hpp>
#include <pool/testing/checks.hpp>

inline int question() {
  // #todo ask
  return one() + two();
  // #end
}
"""
TEST = """\
#include <e2_question/question.hpp>
#include <gtest/gtest.h>
TEST(Answer, IsRight) { EXPECT_TRUE(is_right(question())); }
TEST(Always, Passes) { EXPECT_TRUE(sizeof(kStage) != 0 && kStage == 2); }
"""
CHECKS = "inline bool is_right(int n) { return n == 42; }\n"
PATCH = """\
--- a/question.hpp
+++ b/question.hpp
@@ -6,4 +6,4 @@
   // #todo ask
-  return one() + two();
+  return one();
   // #end
 }
"""


class LaterStage(CourseTest):
    """02-other uses headers, test tools and a source of 01-basic-pool; of 03-last it sees nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        root, write = cls.course.root, cls.course.write
        one = "#pragma once\nint one();\n"
        write(root / "01-basic-pool/include/pool/one.hpp", one + "inline constexpr int kStage = 1;\n")
        write(root / "01-basic-pool/src/one.cpp", "#include <pool/one.hpp>\nint one() { return 40; }\n")
        write(root / "01-basic-pool/testing/pool/testing/checks.hpp", CHECKS)
        write(root / "01-basic-pool/testing/pool/testing/tool.cpp", "")
        write(root / "02-other/include/pool/one.hpp", one + "int two();\ninline constexpr int kStage = 2;\n")
        write(root / "02-other/src/two.cpp", "#include <pool/two.hpp>\nint two() { return kTwo; }\n")
        write(root / "02-other/testing/pool/two.hpp", "int two();\ninline constexpr int kTwo = 2;\n")
        for folder in ("include", "testing"):
            write(root / "03-last" / folder / "pool/late.hpp", "#pragma once\n")
        cls.entry = ENTRY.replace("e1_answer", "e2_question").replace("answer.hpp", "question.hpp").replace(
            "time_limit", 'sources = ["src/two.cpp", "01-basic-pool/src/one.cpp"]\ntime_limit')
        cls.exercises = root / "02-other" / "exercises"
        folder = cls.exercises / "e2_question"
        write(folder / "README.md", "# Ask\n")
        write(folder / "test.cpp", TEST)
        write(folder / "solution" / "question.hpp", SOLUTION)
        write(folder / "mutants" / "one_less.patch", PATCH)

    def setUp(self):
        super().setUp()
        self.course.write(self.exercises / "exercises.toml", self.entry)
        self.course.tutor("skeleton", "e2")

    def check(self, *words: str) -> str:
        return self.shown(self.course.tutor("check", "e2", *words))

    def test_is_built_from_its_own_stage_and_the_earlier_ones(self):
        self.assertIn("1 passed, 0 failed", self.check())

    def test_sees_nothing_of_later_stages(self):
        self.course.tutor("next")
        copy = self.course.root / "my/02-other/e2_question/question.hpp"
        self.course.write(copy, "#include <pool/late.hpp>\ninline int question() { return 42; }\n")
        self.assertRegex(self.course.tutor("try", "e2").stdout, "late.hpp.*(No such file|not found)")

    def test_editors_are_told_the_same_folders(self):
        self.course.tutor("try", "e2")
        flags = (self.course.root / "my/02-other/e2_question/compile_flags.txt").read_text()
        folders = ["..", "../../../02-other/include", "../../../01-basic-pool/include", "../../../02-other/testing",
                   "../../../01-basic-pool/testing"]
        self.assertEqual(flags.splitlines()[1:], [f"-I{folder}" for folder in folders])

    def test_changed_looks_at_everything_it_is_built_from(self):
        self.check()
        self.assertIn("1 remembered", self.check("--changed"))
        for name in ("01-basic-pool/src/one.cpp", "01-basic-pool/include/pool/one.hpp", "02-other/src/two.cpp",
                     "01-basic-pool/testing/pool/testing/checks.hpp", "02-other/testing/pool/two.hpp",
                     "01-basic-pool/testing/pool/testing/tool.cpp", "02-other/exercises/e2_question/test.cpp",
                     "02-other/exercises/e2_question/mutants/one_less.patch"):
            with self.subTest(name):
                file = self.course.root / name
                self.course.write(file, file.read_text() + "// changed\n")
                self.assertIn("1 passed, 0 failed (", self.check("--changed"))
        for name in ("03-last/include/pool/late.hpp", "01-basic-pool/src/beside.cpp", "01-basic-pool/include/pool/beside.hpp"):
            self.course.write(self.course.root / name, "// changed\n")
        self.assertIn("1 remembered", self.check("--changed"))

    def test_a_source_outside_src_is_looked_at_too(self):
        demo = self.course.root / "01-basic-pool/demo/three.cpp"
        self.course.write(demo, "int three() { return 3; }\n")
        entry = self.entry.replace('"src/two.cpp"', '"src/two.cpp", "01-basic-pool/demo/three.cpp"')
        self.course.write(self.exercises / "exercises.toml", entry)
        self.assertIn("1 passed, 0 failed", self.check())
        self.course.write(demo, "int three() { return 4; }\n")
        self.assertIn("1 passed, 0 failed (", self.check("--changed"))

    def test_a_source_that_is_not_there_or_of_a_later_stage(self):
        self.course.write(self.course.root / "03-last/src/late.cpp", "")
        for name, said in (("01-basic-pool/src/none.cpp", "there is no 01-basic-pool/src/none.cpp"),
                           ("src/none.cpp", "there is no 02-other/src/none.cpp"),
                           ("03-last/src/late.cpp", "which is of a later stage")):
            self.course.write(self.exercises / "exercises.toml", self.entry.replace("src/two.cpp", name))
            self.assertIn(f"exercises.toml names {name}, ", self.check())
            self.assertIn(said, self.check())


if __name__ == "__main__":
    unittest.main()
