// Values as bytes: what goes in comes out, and whatever comes is a value or an error.
#include <pool/process/wire.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <pool/process/errors.hpp>

namespace pool::process {
namespace {

using namespace std::string_literals;

json nested(std::size_t levels) {
  json value = 1;
  for (std::size_t i = 0; i < levels; ++i) value = json::array({std::move(value)});
  return value;
}

std::vector<json> values() {
  return {nullptr,
          true,
          false,
          0,
          -1,
          std::numeric_limits<std::int64_t>::min(),
          std::numeric_limits<std::uint64_t>::max(),
          0.1,
          -0.0,
          1e300,
          5.0,
          "",
          "\u00e4 \U0001F600 \n\0 end"s,
          json::array(),
          json::object(),
          {1, "two", {{"three", {4, nullptr}}}},
          {{"", 1}, {"b", json::array()}, {"a", {{"c", false}}}},
          nested(kMaxDepth)};
}

// S6.13: X1.
TEST(Wire, ValuesComeOutAsTheyWentIn) {
  for (const json& value : values()) {
    const json back = from_bytes(to_bytes(value));
    EXPECT_EQ(back, value);
    EXPECT_EQ(back.type(), value.type());
    EXPECT_EQ(back.dump(), value.dump());
  }
}

// The format, byte by byte, so that it does not change unnoticed.
TEST(Wire, HasThisForm) {
  EXPECT_EQ(to_bytes(nullptr), "\0"s);
  EXPECT_EQ(to_bytes(-2), "\x03\xfe\xff\xff\xff\xff\xff\xff\xff"s);
  EXPECT_EQ(to_bytes(std::uint64_t{258}), "\x04\x02\x01\0\0\0\0\0\0"s);
  EXPECT_EQ(to_bytes(1.0), "\x05\0\0\0\0\0\0\xf0\x3f"s);
  EXPECT_EQ(to_bytes({{"a", {true, "b"}}}), "\x08\1\0\0\0\1\0\0\0a\x07\2\0\0\0\2\x06\1\0\0\0b"s);
}

// S6.13: typed errors for what JSON text could not hold.
TEST(Wire, RefusesToWriteWhatJsonCannotHold) {
  const auto refused = [](const json& value) {
    EXPECT_THROW(static_cast<void>(to_bytes(value)), NotSerialisable);
    EXPECT_THROW(static_cast<void>(to_bytes({1, {{"a", value}}})), NotSerialisable);
  };
  refused("\xff");
  refused({{"\xff", 1}});
  refused(std::numeric_limits<double>::quiet_NaN());
  refused(-std::numeric_limits<double>::infinity());
  refused(json::binary({1, 2}));
  refused(json(json::value_t::discarded));
  refused(nested(kMaxDepth + 1));
}

// X2: each of these is one byte, or one length, away from what is right.
TEST(Wire, RefusesToReadWhatIsNoValue) {
  for (const std::string& bytes :
       {""s, "\x09"s, "\xff"s, "\0\0"s, "\x03\1\2\3"s, "\x06\2\0\0\0a"s, "\x06\1\0\0\0\xff"s, "\x06\xff\xff\xff\xff"s,
        "\x07\1\0\0\0"s, "\x07\xff\xff\xff\xff\0"s, "\x08\1\0\0\0\1\0\0\0a"s, "\x08\1\0\0\0\1\0\0\0\xff\0"s,
        "\x08\2\0\0\0\1\0\0\0a\0\1\0\0\0a\0"s, "\x05\0\0\0\0\0\0\xf0\x7f"s}) {
    EXPECT_THROW(static_cast<void>(from_bytes(bytes)), ProtocolError);
  }
  std::string deep;
  for (int i = 0; i < 1'000'000; ++i) deep += "\x07\1\0\0\0"s;
  EXPECT_THROW(static_cast<void>(from_bytes(deep)), ProtocolError);
}

// X2: every value, cut off anywhere, and with any one byte changed.
TEST(Wire, SurvivesDamage) {
  for (const json& value : values()) {
    const std::string bytes = to_bytes(value);
    if (bytes.size() > 1000) continue;  // it says no more, and takes seconds
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      EXPECT_THROW(static_cast<void>(from_bytes(bytes.substr(0, i))), ProtocolError);
      for (const char change : {'\x01', '\x80', '\xff'}) {
        std::string damaged = bytes;
        damaged[i] = static_cast<char>(damaged[i] ^ change);
        try {
          static_cast<void>(from_bytes(damaged).dump());
        } catch (const ProtocolError&) {
        }
      }
    }
  }
}

TEST(Utf8, IsWhatTheStandardSays) {
  for (const std::string& good :
       {""s, "plain text, longer than eight bytes"s, "\x7f"s, "\xc2\x80"s, "\xdf\xbf"s, "\xe0\xa0\x80"s,
        "\xed\x9f\xbf"s, "\xee\x80\x80"s, "\xf0\x90\x80\x80"s, "\xf4\x8f\xbf\xbf"s,
        "12345678\xc3\xa4"
        "12345678"s}) {
    EXPECT_TRUE(is_utf8(good));
  }
  for (const std::string& bad :
       {"\x80"s, "\xc0\xaf"s, "\xc1\xbf"s, "\xc2"s, "\xc2\x7f"s, "\xe0\x9f\x80"s, "\xed\xa0\x80"s, "\xe2\x82"s,
        "\xf0\x8f\x80\x80"s, "\xf4\x90\x80\x80"s, "\xf5\x80\x80\x80"s, "\xff"s, "12345678\xff"s, "\xe2\x82\xc0"s}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

}  // namespace
}  // namespace pool::process
