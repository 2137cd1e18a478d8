"""What `check` finds: each test breaks one promise of a good exercise and looks for the line that says so."""
import fcntl
import json
import shutil
import signal
import subprocess
import unittest
from pathlib import Path

from course import Course, CourseTest


class Good(CourseTest):
    # C5 (part)
    def test_passes_and_counts(self):
        result = self.course.tutor("check")
        self.assertEqual(result.returncode, 0, self.shown(result))
        self.assertIn("PASS e1_answer", result.stdout)
        self.assertIn("1 passed, 0 failed", result.stdout.splitlines()[-1])

    def test_a_second_check_waits_for_the_first(self):
        self.course.tutor("check")
        with open(self.course.root / "build/tutor/check.lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            second = subprocess.Popen(self.course.command("check"), stdout=subprocess.PIPE, text=True)
            self.addCleanup(second.kill)
            self.assertIn("Another check is running", second.stdout.readline())
            self.assertIsNone(second.poll())
        said, _ = second.communicate(timeout=60)
        self.assertIn("1 passed, 0 failed", said)

    def test_what_has_passed_is_judged_again_when_it_changes_and_its_files_are_looked_at_each_time(self):
        self.course.tutor("check")
        said = self.course.tutor("check", "--changed").stdout
        self.assertRegex(said, r"^1 passed, 0 failed; 1 remembered, 0 judged \(.*\)\n$")
        self.assertRegex(self.course.tutor("check").stdout, r"0 remembered, 1 judged, 1 of them by chance \(seed \d+\)")
        self.assertIn("PASS e1_answer", self.course.tutor("check", "e1").stdout)
        self.course.change("exercises.toml", "repeats = 2", "repeats = 3")
        self.assertRegex(self.course.tutor("check", "--changed").stdout, "PASS e1_answer")
        self.assertRegex(self.course.tutor("check", "--changed").stdout, "1 remembered")
        self.course.change("e1_answer/README.md", "01-basic-pool.md", "01-basic-poll.md")
        self.addCleanup(self.course.change, "e1_answer/README.md", "01-basic-poll.md", "01-basic-pool.md")
        said = self.course.tutor("check", "--changed").stdout
        self.assertIn("there is no docs/01-basic-poll.md", said)
        self.assertRegex(said, "0 passed, 1 failed; 1 remembered, 0 judged")

    def test_a_mutant_is_built_with_the_test_file_of_its_killer_only(self):
        more = self.course.exercises / "e1_answer/test_more.cpp"
        self.course.write(more, "#include <e1_answer/answer.hpp>\nint more();\nint more() { return answer(); }\n")
        self.addCleanup(more.unlink)
        result = self.course.tutor("check")
        self.assertIn("1 passed, 0 failed", self.shown(result))
        made = [json.loads(file.read_text()) for file in (self.course.root / "build/tutor/objects").glob("*.json")]
        made_with = [{Path(name).name for name in files} for files in made if any("mutant-one_less" in each for each in files)]
        self.assertTrue(any("test.cpp" in names for names in made_with))
        self.assertFalse(any("test_more.cpp" in names for names in made_with))

    def test_a_failure_is_not_remembered_as_good(self):
        self.course.tutor("check")
        self.course.change("exercises.toml", '"Answer.IsRight" = "TODO"', '"Answer.IsRight" = "WRONG"')
        self.addCleanup(self.course.change, "exercises.toml", '"Answer.IsRight" = "WRONG"', '"Answer.IsRight" = "TODO"')
        self.assertEqual(self.course.tutor("check", "--changed").returncode, 1)
        self.assertEqual(self.course.tutor("check", "--changed").returncode, 1)


class Broken(unittest.TestCase):
    """One course, put back to a copy of its good state after each test; what was compiled stays."""
    sanitized = False  # without sanitizers a check takes a third of the time

    @classmethod
    def setUpClass(cls):
        cls.course = Course()
        if not cls.sanitized:
            cls.course.change("exercises.toml", 'sanitizers = ["thread"]', "explore = true")
        cls.good = cls.course.root / "good"
        shutil.copytree(cls.course.exercises, cls.good)

    @classmethod
    def tearDownClass(cls):
        cls.course.remove()

    def tearDown(self):
        shutil.rmtree(self.course.exercises)
        shutil.copytree(self.good, self.course.exercises)

    def finds(self, *texts: str):
        result = self.course.tutor("check")
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn("FAIL", result.stdout)
        self.assertRegex(result.stdout.splitlines()[-1], r"\d+ passed, [1-9]\d* failed")
        for text in texts:
            self.assertIn(text, result.stdout)


class Finds(Broken):
    def test_stale_skeleton(self):
        self.course.change("e1_answer/task/answer.hpp", "POOL_TODO", "/* old */ POOL_TODO")
        self.finds("task/answer.hpp is stale", "python3 tools/tutor skeleton e1_answer")

    def test_skeleton_with_a_warning(self):
        for folder in ("task", "solution"):
            self.course.change(f"e1_answer/{folder}/answer.hpp", "inline int answer() {", "inline int answer(int n = 0) {")
        self.finds("skeleton: it does not compile", "unused")

    # C5 (part)
    def test_verdict_that_is_not_the_promised_one(self):
        self.course.change("exercises.toml", '"Answer.IsRight" = "TODO"', '"Answer.IsRight" = "HANG"')
        self.finds("Answer.IsRight should be HANG on the skeleton, and is TODO")

    def test_verdict_for_a_test_that_is_not_there(self):
        self.course.change("exercises.toml", '"Always.Passes"', '"Always.Pases"')
        self.finds("expected says nothing of Always.Passes", "did you mean 'Always.Passes'?")

    # C5 (part)
    def test_solution_that_is_wrong(self):
        self.course.change("e1_answer/solution/answer.hpp", "return 42;", "return 40;")
        self.finds("solution: Answer.IsRight is WRONG in run 1 of 1")

    # C5 (part)
    def test_surviving_mutant(self):
        self.course.change("e1_answer/mutants/one_less.patch", "+  return 41;", "+  return 40 + 2;")
        self.finds("mutant one_less: it survives Answer.IsRight")

    # C5 (part)
    def test_mutant_killed_by_another_test_than_named(self):
        self.course.change("exercises.toml", 'killed_by = "Answer.IsRight"', 'killed_by = "Always.Passes"')
        self.finds("it survives Always.Passes")

    def test_mutant_with_an_unknown_test(self):
        self.course.change("exercises.toml", 'killed_by = "Answer.IsRight"', 'killed_by = "Answer.IsRihgt"')
        self.finds("there is no such test; did you mean 'Answer.IsRight'?")

    def test_patch_that_no_longer_applies(self):
        self.course.change("e1_answer/solution/answer.hpp", "return 42;", "return 6 * 7;")
        self.finds("mutants/one_less.patch does not apply")

    def test_patch_without_an_entry_and_entry_without_a_patch(self):
        (self.course.exercises / "e1_answer/mutants/one_less.patch").rename(
            self.course.exercises / "e1_answer/mutants/one_more.patch")
        self.finds("mutants/one_more.patch has no [[exercise.mutant]]", "there is no 01-basic-pool/exercises/e1_answer/"
                   "mutants/one_less.patch")

    def test_mutant_that_does_not_compile(self):
        self.course.change("e1_answer/mutants/one_less.patch", "+  return 41;", "+  return nonsense;")
        self.finds("mutant one_less: it does not compile", "nonsense")

    # C5 (part)
    def test_missing_hint(self):
        self.course.change("exercises.toml", ', "It is 42."', "")
        self.finds("2 hints; an exercise has three")

    def test_duplicate_id_over_stages(self):
        other = self.course.root / "02-other" / "exercises"
        other.mkdir(parents=True)
        self.addCleanup(shutil.rmtree, other.parent)
        shutil.copyfile(self.course.exercises / "exercises.toml", other / "exercises.toml")
        self.finds("the id is taken by 01-basic-pool/exercises/exercises.toml")

    def test_unknown_field_and_missing_field(self):
        self.course.change("exercises.toml", "minutes = 5", "minuts = 5")
        self.finds("the field 'minutes' is missing", "unknown field 'minuts'; did you mean 'minutes'?")

    def test_broken_toml(self):
        self.course.change("exercises.toml", 'id = "e1_answer"', "id = ")
        self.finds("exercises.toml: Invalid value")

    def test_dead_links(self):
        self.course.change("e1_answer/README.md", "01-basic-pool.md", "01-basic-poll.md")
        self.course.change("exercises.toml", "#the-answer", "#the-anwser")
        self.finds("there is no docs/01-basic-poll.md", "did you mean #the-answer?")

    def test_skeleton_beside_the_test(self):
        shutil.copyfile(self.course.exercises / "e1_answer/task/answer.hpp", self.course.exercises / "e1_answer/answer.hpp")
        self.finds("answer.hpp lies beside test.cpp")

    def test_test_that_uses_another_file_than_the_learners(self):
        self.course.change("e1_answer/test.cpp", "<e1_answer/answer.hpp>", '"solution/answer.hpp"')
        self.finds("the test does not use answer.hpp", "solution/answer.hpp, which no learner changes")

    def test_marker_out_of_place(self):
        self.course.change("e1_answer/solution/answer.hpp", "return 42;\n  // #end", "return 42;")
        self.finds("the block of line 4")


class FindsByRunning(Broken):
    sanitized = True

    # C5 (part)
    def test_solution_that_is_wrong_sometimes(self):
        self.course.change("exercises.toml", "repeats = 2", "repeats = 100")
        self.course.change("e1_answer/test.cpp", "answer() == 42", "answer() == 42 && getpid() % 4 != 0")
        self.course.change("e1_answer/test.cpp", "#include <gtest", "#include <unistd.h>\n#include <gtest")
        self.finds("Answer.IsRight is WRONG in run", "of 100")

    # C5 (part)
    def test_solution_with_a_memory_error(self):
        self.course.change("e1_answer/test.cpp", "EXPECT_TRUE(answer()", "int* volatile lost = new int(1); lost = nullptr; "
                           "EXPECT_TRUE(answer()")
        self.finds("solution under address sanitizer: Answer.IsRight is CRASH", "LeakSanitizer")

    def test_ctrl_c_ends_all_threads_of_work(self):
        self.course.change("e1_answer/test.cpp", "EXPECT_TRUE(answer()", "for (;;) pause(); EXPECT_TRUE(answer()")
        self.course.change("e1_answer/test.cpp", "#include <gtest", "#include <unistd.h>\n#include <gtest")
        self.course.change("exercises.toml", "time_limit = 1", "time_limit = 60")
        child = subprocess.Popen(self.course.command("check"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 text=True, start_new_session=True)
        self.addCleanup(child.kill)
        self.assertTrue(self.course.test_runs(seconds=30))
        child.send_signal(signal.SIGINT)
        said, _ = child.communicate(timeout=10)
        self.assertEqual(child.returncode, 130)
        self.assertNotIn("Traceback", said)
        self.assertFalse(self.course.test_runs())


if __name__ == "__main__":
    unittest.main()
