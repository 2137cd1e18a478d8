"""With the real test tools: what a program said on stderr, while the test captured it, before it died."""
import shutil
import unittest

from course import TODO, Course

TEST = """\
#include <e1_answer/answer.hpp>
#include <gtest/gtest.h>
#include <cstdio>
TEST(Answer, IsRight) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(answer(), 42);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}
TEST(Always, Passes) {
  testing::internal::CaptureStderr();
  std::fputs("seen", stderr);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "seen");
  EXPECT_DEATH({ std::fputs("last words", stderr); std::abort(); }, "last words");
}
"""


class Captured(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.course = Course()
        cls.addClassCleanup(cls.course.remove)
        testing = cls.course.root / "01-basic-pool" / "testing"
        shutil.rmtree(testing)
        (testing / "pool" / "testing").mkdir(parents=True)
        for file in [*TODO.parent.glob("*.cpp"), *TODO.parent.glob("*.hpp")]:
            shutil.copyfile(file, testing / "pool" / "testing" / file.name)
        cls.course.write(cls.course.exercises / "e1_answer" / "test.cpp", TEST)
        cls.course.change("exercises.toml", "time_limit = 1", "time_limit = 2")

    def attempt(self, body: str, before: str = "") -> str:
        self.course.answer(body, before)
        return self.course.tutor("try", limit=120).stdout

    def test_of_an_abort(self):
        said = self.attempt('[]() noexcept { throw std::runtime_error("disk full"); }(); return 42;',
                            "#include <stdexcept>")
        self.assertRegex(said, r"CRASH +Answer\.IsRight")
        self.assertIn("ended by SIGABRT", said)
        self.assertRegex(said, r"what\(\): +disk full")
        self.assertRegex(said, r"PASS +Always\.Passes")

    def test_of_a_hang(self):
        said = self.attempt('std::fputs("mine", stderr); for (;;) pause();', "#include <cstdio>\n#include <unistd.h>")
        self.assertRegex(said, r"HANG +Answer\.IsRight")
        output = (self.course.root / "build/tutor/output/e1_answer.txt").read_text()
        self.assertIn("mine\nHANG: Answer.IsRight did not end", output)

    def test_of_a_race(self):
        said = self.attempt("int n = 0; std::thread one([&] { for (int i = 0; i < 1000; ++i) n = n + 1; }); "
                            "for (int i = 0; i < 1000; ++i) n = n + 1; one.join(); return n == 0 ? 0 : 42;",
                            "#include <thread>")
        self.assertRegex(said, r"RACE +Answer\.IsRight")
        self.assertIn("WARNING: ThreadSanitizer: data race", said)


if __name__ == "__main__":
    unittest.main()
