"""A capstone that goes on from the learner's own code: what is put together, and when it is offered."""
import shutil
import sys
import unittest
from pathlib import Path

from course import ENTRY, TOOLS, CourseTest

sys.path.insert(0, str(TOOLS))

from tutor.onward import merged, pieces  # noqa: E402
from tutor.skeleton import clean  # noqa: E402

OWN = """\
// Mine: { a bracket in a comment.
#pragma once

#include <string>

namespace exercise {

struct Options {
  int workers = 0;
};

class Pool {
 public:
  explicit Pool(Options options = {}) : options_(options) {}

  void post(int n) {
    if (n > 0) { last_ = '{'; }
  }

 private:
  Options options_;
  char last_ = 0;
};

}  // namespace exercise
"""
SKELETON = """\
#pragma once

#include <optional>
#include <string>

namespace exercise {

// What becomes of work for which there is no room.
enum class Overflow { block, reject };

struct Options {
  int workers = 0;
  std::size_t capacity = 0;  // (0: no limit)
};

class Pool {
 public:
  explicit Pool(Options options = {}) : options_(options) {
    POOL_TODO("start");
  }

  void post(int n) {
    POOL_TODO("room?");
  }

  // False if there is no room.
  template <class F>
  requires std::invocable<F>
  [[nodiscard]] bool try_post(F&& f) {
    static_cast<void>(f);
    POOL_TODO("post");
  }
  [[nodiscard]] std::optional<int> last() const { return 0; }

 private:
  int secret_ = 0;
};

static_assert(sizeof(Pool) > 0);

}  // namespace exercise
"""
MERGED = """\
// Mine: { a bracket in a comment.
#pragma once

#include <string>
#include <optional>

namespace exercise {

// ---- new in this stage

// What becomes of work for which there is no room.
enum class Overflow { block, reject };

struct Options {
  int workers = 0;

  // ---- new in this stage
  std::size_t capacity = 0;  // (0: no limit)
};

class Pool {
 public:
  explicit Pool(Options options = {}) : options_(options) {}

  void post(int n) {
    if (n > 0) { last_ = '{'; }
  }

  // ---- new in this stage
  // False if there is no room.
  template <class F>
  requires std::invocable<F>
  [[nodiscard]] bool try_post(F&& f) {
    static_cast<void>(f);
    POOL_TODO("post");
  }

  [[nodiscard]] std::optional<int> last() const { return 0; }

 private:
  Options options_;
  char last_ = 0;
};

}  // namespace exercise
"""


class Merged(unittest.TestCase):
    def test_what_is_new_is_added_in_its_place(self):
        self.assertEqual(merged(OWN, SKELETON), MERGED)

    def test_nothing_is_added_twice(self):
        self.assertEqual(merged(MERGED, SKELETON), MERGED)

    def test_what_finds_no_place_stands_at_the_end_as_a_comment(self):
        text = merged("#pragma once\nstruct Other {};\n", "#pragma once\nclass Pool {\n public:\n  int a();\n};\n")
        self.assertEqual(text, "#pragma once\nstruct Other {};\n\n"
                               "// ---- also new in this stage; it found no place above\n"
                               "// class Pool {\n//  public:\n//   int a();\n// };\n")

    def test_a_member_is_new_though_another_object_has_one_of_that_name(self):
        text = merged("struct Pool {\n  void idle() { count_.wait(); host_->wait(); }\n};\n",
                      "struct Pool {\n  void idle();\n  void wait();\n};\n")
        self.assertEqual(text.count("  void wait();\n"), 1, text)

    def test_a_new_class_is_added_once(self):
        text = merged("struct Pool {\n  int a;\n};\n",
                      "struct Counts {\n  int one;\n  int two;\n};\n\nstruct Pool {\n  int a;\n};\n")
        self.assertEqual((text.count("one;"), text.count("two;")), (1, 1), text)

    def test_neither_do_members_of_a_class_on_one_line(self):
        text = merged("struct Options { int a; };\n", "struct Options {\n  int a;\n  int b;\n};\n")
        self.assertTrue(text.endswith("no place above\n// int b;\n"), text)

    def test_pieces_are_the_text_again(self):
        stages = [file for file in sorted(TOOLS.parent.glob("[0-9][0-9]-*")) if file.is_dir()]
        for file in stages[0].rglob("*.hpp"):
            with self.subTest(file.name):
                text = file.read_text(encoding="utf-8")
                self.assertEqual("".join(pieces(text)), text)

    def test_the_real_pool_of_stage_01_keeps_every_line(self):
        file = TOOLS.parent / "01-basic-pool/exercises/e6_whole_pool/solution/thread_pool.hpp"
        own = clean(file.read_text(encoding="utf-8"), file.name)
        text = merged(own, own.replace("void shutdown(", "void pause() {\n  }\n  void shutdown("))
        self.assertEqual([line for line in text.splitlines() if line not in own.splitlines()],
                         ["  // ---- new in this stage", "  void pause() {"])


CAPSTONE = ENTRY.replace("e1_answer", "e2_answer_again").replace("minutes = 5", 'minutes = 5\ncontinues = "e1_answer"')
TEST = """\
#include <e2_answer_again/answer.hpp>
#include <gtest/gtest.h>
TEST(Answer, IsRight) { EXPECT_TRUE(answer() == 42 && twice() == 84); }
TEST(Always, Passes) { EXPECT_TRUE(true); }
"""
AGAIN = """\
#pragma once

struct Asked {};

inline int answer() {
  // #todo think of a number
  return 42;
  // #end
}

inline int twice() {
  // #todo and of its double
  return 84;
  // #end
}
"""
PATCH = """\
--- a/answer.hpp
+++ b/answer.hpp
@@ -6,3 +6,3 @@
   // #todo think of a number
-  return 42;
+  return 41;
   // #end
"""
MINE = "#pragma once\n\nstruct Asked {};\n\ninline int answer() {\n  return 42;  // mine\n}\n"


class GoesOn(CourseTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        root, write = cls.course.root, cls.course.write
        folder = root / "02-other" / "exercises" / "e2_answer_again"
        write(folder.parent / "exercises.toml", CAPSTONE)
        write(folder / "README.md", "# Again\n")
        write(folder / "test.cpp", TEST)
        write(folder / "solution" / "answer.hpp", AGAIN)
        write(folder / "mutants" / "one_less.patch", PATCH)
        cls.solution = cls.course.exercises / "e1_answer" / "solution" / "answer.hpp"
        write(cls.solution, cls.solution.read_text().replace("#pragma once\n", "#pragma once\n\nstruct Asked {};\n"))
        cls.course.tutor("skeleton")
        cls.copy = root / "my" / "02-other" / "e2_answer_again" / "answer.hpp"

    OFFER = "./learn try e2_answer_again --from-mine"

    def solve_the_first(self, text: str = MINE):
        self.course.write(self.course.own / "answer.hpp", text)
        result = self.course.tutor("try", "e1")
        self.assertEqual(result.returncode, 0, self.shown(result))

    def test_it_is_offered_by_next_and_try_until_one_begins_otherwise(self):
        self.course.tutor("try", "e1")  # the skeleton, which does not solve it
        self.assertNotIn("--from-mine", self.course.tutor("try", "e2").stdout)
        self.solve_the_first()
        self.assertIn(self.OFFER, self.course.tutor("next").stdout)
        self.assertIn(self.OFFER, self.course.tutor("try", "e2").stdout)
        self.course.write(self.copy, self.copy.read_text() + "// begun\n")
        self.assertNotIn("--from-mine", self.course.tutor("next").stdout)
        self.assertNotIn("--from-mine", self.course.tutor("try", "e2").stdout)

    def test_the_offer_is_not_broken_on_a_narrow_terminal(self):
        self.solve_the_first()
        self.assertIn(self.OFFER, self.course.tutor("next", COLUMNS="48").stdout)

    def test_it_begins_from_the_learners_file_and_compiles(self):
        self.solve_the_first()
        result = self.course.tutor("try", "e2", "--from-mine")
        self.assertIn("begun from my/01-basic-pool/e1_answer", result.stdout)
        text = self.copy.read_text()
        self.assertIn("return 42;  // mine", text)
        self.assertIn('POOL_TODO("and of its double")', text)
        self.assertRegex(result.stdout, r"TODO +Answer\.IsRight")
        self.assertIn("e2_answer_again/answer.hpp:", result.stdout)
        self.assertNotIn("--from-mine", result.stdout)

    def test_what_was_there_is_kept(self):
        self.solve_the_first()
        self.course.write(self.copy, "// precious\n")
        result = self.course.tutor("try", "e2", "--from-mine")
        kept = list((self.course.root / "my" / ".backup").glob("*/answer.hpp"))
        self.assertEqual([file.read_text() for file in kept], ["// precious\n"])
        self.assertIn("my/.backup/e2_answer_again-", result.stdout)
        self.assertTrue((self.copy.parent / "compile_flags.txt").exists())

    def test_includes_of_own_files_are_found_from_the_new_place(self):
        self.course.write(self.course.own.parent / "e0_help" / "help.hpp", "#pragma once\nconstexpr int kHelp = 42;\n")
        self.solve_the_first("#include <e0_help/help.hpp>\n" + MINE.replace("42;", "kHelp;"))
        result = self.course.tutor("try", "e2", "--from-mine")
        self.assertIn('#include "../../01-basic-pool/e0_help/help.hpp"', self.copy.read_text())
        self.assertRegex(result.stdout, r"TODO +Answer\.IsRight")

    def test_not_before_the_first_is_solved_and_not_where_nothing_goes_on(self):
        for words, said in ((("try", "e2", "--from-mine"), "not solved yet: ./learn try e1_answer. Without"),
                            (("try", "e1", "--from-mine"), "e1_answer does not go on from another exercise"),
                            (("next", "--from-mine"), "no option --from-mine")):
            result = self.course.tutor(*words)
            self.assertEqual(result.returncode, 2)
            self.assertIn(said, " ".join(result.stderr.split()))
        self.assertFalse(self.copy.exists())

    def test_check_builds_it_from_our_own_solution(self):
        self.assertIn("2 passed, 0 failed", self.course.tutor("check").stdout)
        shutil.copyfile(self.solution, self.solution.with_suffix(".kept"))
        self.addCleanup(shutil.move, self.solution.with_suffix(".kept"), self.solution)
        text = self.solution.read_text()
        self.course.write(self.solution, text.replace("inline int answer() {", "int twice();\ninline int answer() {"))
        result = self.course.tutor("check", "--changed", "e2")
        self.assertRegex(result.stdout, "begun from e1_answer: it does not compile")

    def test_an_id_that_is_not_there(self):
        file = self.course.root / "02-other" / "exercises" / "exercises.toml"
        self.addCleanup(self.course.write, file, CAPSTONE)
        for wrong in ("e0_none", "e2_answer_again"):
            self.course.write(file, CAPSTONE.replace('"e1_answer"', f'"{wrong}"'))
            result = self.course.tutor("check", "e2")
            self.assertIn(f'continues = "{wrong}": no exercise before this one', result.stdout)
            self.assertEqual(self.course.tutor("try", "e2").returncode, 1)


if __name__ == "__main__":
    unittest.main()
