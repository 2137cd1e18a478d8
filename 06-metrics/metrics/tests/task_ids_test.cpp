// TaskIds: UUIDs of a prefix and a number.
#include <gtest/gtest.h>

#include <cstdint>
#include <regex>
#include <string>

#include <pool/metrics/task_ids.hpp>

namespace pool::metrics {
namespace {

// S6.1
TEST(TaskIds, AreUuidsOfVersionEight) {
  TaskIds ids;
  const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(std::regex_match(ids.text(ids.next()), uuid));
  EXPECT_EQ(TaskIds(0x0123'4567'89ab'cdef).text(0xabc), "01234567-89ab-8cde-8000-000000000abc");
  EXPECT_EQ(TaskIds(0x0123'4567'89ab'cdef).text(1), "01234567-89ab-8cde-8000-000000000001");
}

// S6.1
TEST(TaskIds, AreReadAsTheyAreWritten) {
  const TaskIds ids;
  for (const std::uint64_t number : {std::uint64_t{1}, std::uint64_t{12345}, (std::uint64_t{1} << 62) - 1}) {
    EXPECT_EQ(ids.number(ids.text(number)), number);
  }
}

// S6.1: what is not exactly an id of this pool is a text of somebody's own.
TEST(TaskIds, OfOthersAreNone) {
  const TaskIds ids;
  const TaskIds others;
  const std::string text = ids.text(0xabc);
  EXPECT_EQ(ids.number(others.text(0xabc)), std::nullopt);
  EXPECT_EQ(ids.number(""), std::nullopt);
  EXPECT_EQ(ids.number(text + "0"), std::nullopt);
  EXPECT_EQ(ids.number(text.substr(1)), std::nullopt);
  EXPECT_EQ(ids.number(ids.text(0)), std::nullopt) << "numbers begin with 1";
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) {
    std::string other = text;
    other[dash] = '0';
    EXPECT_EQ(ids.number(other), std::nullopt);
  }
  std::string upper_case = text;
  upper_case[33] = 'A';
  EXPECT_EQ(ids.number(upper_case), std::nullopt);
  std::string other_variant = text;
  other_variant[19] = 'c';
  EXPECT_EQ(ids.number(other_variant), std::nullopt);
}

}  // namespace
}  // namespace pool::metrics
