// ResultText: results as people read them.
#include <gtest/gtest.h>

#include <array>
#include <exception>
#include <map>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <pool/metrics/result_text.hpp>

namespace pool::metrics {

struct Money {
  int cents;
};

template <>
struct ResultText<Money> {
  static std::string text(const Money& money) { return std::to_string(money.cents) + " cents"; }
};

namespace {

struct Point {
  int x, y;
  friend std::ostream& operator<<(std::ostream& out, const Point& p) { return out << p.x << '/' << p.y; }
};
struct Bare {};

// S6.1
TEST(ResultText, IsWhatAPersonWouldWrite) {
  EXPECT_EQ(text_of(42), "42");
  EXPECT_EQ(text_of(-1LL), "-1");
  EXPECT_EQ(text_of(0.1), "0.1");
  EXPECT_EQ(text_of(1e300), "1e+300");
  EXPECT_EQ(text_of(true), "true");
  EXPECT_EQ(text_of(false), "false");
  EXPECT_EQ(text_of('x'), "x");
  EXPECT_EQ(text_of(static_cast<unsigned char>(200)), "200");
  EXPECT_EQ(text_of(std::string("a b")), "a b");
  EXPECT_EQ(text_of(std::string_view("a b")), "a b");
  const char* const nothing = nullptr;
  EXPECT_EQ(text_of(nothing), "null");
  EXPECT_EQ(text_of(Point{1, 2}), "1/2");
  EXPECT_EQ(text_of(Money{3}), "3 cents");
}

// S6.1
TEST(ResultText, IsMadeOfItsParts) {
  EXPECT_EQ(text_of(std::vector<int>{}), "[]");
  EXPECT_EQ(text_of(std::vector<Point>{{1, 2}, {3, 4}}), "[1/2, 3/4]");
  EXPECT_EQ(text_of(std::vector<bool>{true, false}), "[true, false]");
  EXPECT_EQ(text_of(std::map<std::string, int>{{"a", 1}}), "[(a, 1)]");
  EXPECT_EQ(text_of(std::optional<int>{}), "none");
  EXPECT_EQ(text_of(std::optional<int>{4}), "4");
  EXPECT_EQ(text_of(std::array<Money, 1>{Money{5}}), "[5 cents]");
}

// S6.1: what has no text has a name.
TEST(ResultText, OfWhatHasNoneIsItsType) {
  EXPECT_EQ(text_of(Bare{}), "(a value of type pool::metrics::(anonymous namespace)::Bare)");
}

// S6.1
TEST(ResultText, OfWhatWasThrownIsWhatItSays) {
  EXPECT_EQ(error_text(std::make_exception_ptr(std::runtime_error("no"))), "no");
  EXPECT_EQ(error_text(std::make_exception_ptr(std::string("text"))), "text");
  EXPECT_EQ(error_text(std::make_exception_ptr("literal")), "literal");
  EXPECT_EQ(error_text(std::make_exception_ptr(3)), "(a value of type int was thrown)");
}

}  // namespace
}  // namespace pool::metrics
