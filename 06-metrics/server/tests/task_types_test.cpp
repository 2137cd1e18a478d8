// What the task types do: real work, right results, an end soon after they are asked to stop, and nothing left behind.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include <pool/server/task_types.hpp>
#include <pool/testing/process.hpp>

namespace {

using pool::priority::Cancelled;
using pool::priority::CancelSource;
using pool::server::task_type;
using pool::server::task_types;
using pool::server::TaskType;

std::string run(const std::string& type, const std::string& param) {
  return task_type(type)->run(param, {});
}

// S6.20
TEST(TaskTypes, TheDefaultsAreWithinTheLimits) {
  ASSERT_EQ(task_types().size(), 4);
  for (const TaskType& type : task_types()) EXPECT_EQ(type.problem(type.default_param), "") << type.name;
}

TEST(TaskTypes, TheResultsAreRight) {
  EXPECT_EQ(run("compute", "1"), "0 primes up to 1");
  EXPECT_EQ(run("compute", "2"), "1 primes up to 2");
  EXPECT_EQ(run("compute", "10000"), "1229 primes up to 10000");
  EXPECT_EQ(run("io", "3"), "3 blocks, 196608 bytes, sum 19267584");
  EXPECT_EQ(run("expression", "2*(3+4)^2"), "98");
  EXPECT_EQ(run("expression", "sin(0) + max(1, 2.5)"), "2.5");
  // trace of a*b, a[i] = i mod 7, b[i] = i mod 5, row by row
  EXPECT_EQ(run("heavy", "1"), "1 x 1 matrices, trace 0");
  EXPECT_EQ(run("heavy", "2"), "2 x 2 matrices, trace 13");
}

TEST(TaskTypes, AnExpressionIsArithmeticAndNothingElse) {
  const TaskType& expression = *task_type("expression");
  for (const char* param : {"", "1;2", "a", "a=1", "\"text\"", "f(1)", "((((", "1 1", "`id`", "$(id)", "\xc3\xa9"}) {
    EXPECT_NE(expression.problem(param), "") << param;
  }
  EXPECT_NE(expression.problem(std::string(100'000, '(')), "");
  EXPECT_THROW(run("expression", "1/0"), std::runtime_error);
  EXPECT_THROW(run("expression", "0/0"), std::runtime_error);
  EXPECT_THROW(run("expression", "1,2"), std::runtime_error);
}

TEST(TaskTypes, WhoIsCancelledStops) {
  const CancelSource source;
  source.cancel();
  for (const TaskType& type : task_types()) {
    const std::string largest = type.name == "compute" ? "5000000" : type.name == "io" ? "1024" : "800";
    EXPECT_THROW(type.run(type.name == "expression" ? "1" : largest, source.token()), Cancelled) << type.name;
  }
}

TEST(TaskTypes, NoFileAndNoDescriptorIsLeftBehind) {
  const std::size_t before = pool::testing::descriptor_count();
  run("io", "2");
  const CancelSource source;
  source.cancel();
  EXPECT_THROW(task_type("io")->run("2", source.token()), Cancelled);
  EXPECT_EQ(pool::testing::descriptor_count(), before);
}

}  // namespace
