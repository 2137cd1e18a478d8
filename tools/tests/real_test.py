"""With the real GoogleTest: names of typed tests, its words in the output, death by assertion."""
import shutil
import unittest

from course import Course

TEST = """\
#include <e1_answer/answer.hpp>
#include <gtest/gtest.h>
TEST(Answer, IsRight) { EXPECT_EQ(answer(), 42) << "so it is said"; }
TEST(Always, Passes) { SUCCEED(); }
TEST(Always, Skips) { GTEST_SKIP() << "not here"; }
TEST(Always, DISABLED_Fails) { FAIL(); }
template <class T> class Typed : public ::testing::Test {};
using Types = ::testing::Types<int, long>;
TYPED_TEST_SUITE(Typed, Types);
TYPED_TEST(Typed, IsZero) { EXPECT_EQ(TypeParam{}, 0); }
class Numbered : public ::testing::TestWithParam<int> {};
TEST_P(Numbered, IsSmall) { EXPECT_LT(GetParam(), 3); }
INSTANTIATE_TEST_SUITE_P(Small, Numbered, ::testing::Values(1, 2));
"""


class Real(unittest.TestCase):
    def test_each_kind_of_test_runs_by_its_name(self):
        course = Course()
        self.addCleanup(course.remove)
        shutil.rmtree(course.root / "01-basic-pool/testing/gtest")
        course.write(course.exercises / "e1_answer/test.cpp", TEST)
        course.answer("return 41;")
        result = course.tutor("try")
        for name in ("Always.Passes", "Always.Skips", "Typed/0.IsZero", "Typed/1.IsZero", "Small/Numbered.IsSmall/0",
                     "Small/Numbered.IsSmall/1"):
            self.assertRegex(result.stdout, f"PASS +{name} ")
        self.assertNotIn("DISABLED", result.stdout)
        self.assertRegex(result.stdout, r"WRONG +Answer\.IsRight")
        self.assertIn("so it is said", result.stdout)
        self.assertNotIn("[  FAILED  ]", result.stdout)
        self.assertIn("6 of 7 pass", result.stdout)


if __name__ == "__main__":
    unittest.main()
