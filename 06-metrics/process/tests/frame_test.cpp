// The messages between a pool and its workers, without any process.
#include <pool/process/frame.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include <pool/process/errors.hpp>
#include <pool/process/failure.hpp>

namespace pool::process {
namespace {

const Frame kFrame{FrameKind::result, 0x0102030405060708, "payload", 1};

std::string changed(std::size_t at, char byte) {
  std::string bytes = encode(kFrame);
  bytes[at] = byte;
  return bytes;
}

// S6.13: the format, byte by byte, so that it does not change unnoticed.
TEST(Frame, HasThisForm) {
  EXPECT_EQ(encode(kFrame), std::string("PCFT\x01\x05\x01\0\x07\0\0\0\x08\x07\x06\x05\x04\x03\x02\x01payload", 27));
}

TEST(Frame, ComesOutAsItWentInHoweverTheBytesAreCut) {
  const std::vector<Frame> frames{
      kFrame, {FrameKind::ready, 0, "", 0}, {FrameKind::run, 1, std::string(1000, '\0'), 255}, kFrame};
  std::string bytes;
  for (const Frame& frame : frames) bytes += encode(frame);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{19}, std::size_t{21}, bytes.size()}) {
    FrameReader reader;
    std::vector<Frame> got;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      reader.feed(std::string_view(bytes).substr(at, piece));
      while (auto frame = reader.next()) got.push_back(*frame);
    }
    EXPECT_EQ(got, frames) << piece;
    EXPECT_EQ(reader.buffered(), 0U);
  }
}

TEST(Frame, IsIncompleteUntilItsLastByte) {
  const std::string bytes = encode(kFrame);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    FrameReader reader;
    reader.feed(std::string_view(bytes).substr(0, size));
    EXPECT_EQ(reader.next(), std::nullopt) << size;
  }
}

struct Bad {
  const char* name;
  std::string bytes;
  const char* says;
};
class BadFrames : public ::testing::TestWithParam<Bad> {};

// Garbage is an error with a sentence, and stays one.
TEST_P(BadFrames, AreRefused) {
  FrameReader reader(100);
  reader.feed(encode({FrameKind::ready, 0, "", 0}));
  EXPECT_TRUE(reader.next());
  reader.feed(GetParam().bytes);
  for (int i = 0; i < 2; ++i) {
    try {
      static_cast<void>(reader.next());
      FAIL();
    } catch (const ProtocolError& error) {
      EXPECT_NE(std::string(error.what()).find(GetParam().says), std::string::npos) << error.what();
    }
    reader.feed(encode(kFrame));
  }
}

INSTANTIATE_TEST_SUITE_P(Every, BadFrames,
                         ::testing::Values(Bad{"Magic", changed(0, 'Q'), "no message"},
                                           Bad{"LastOfMagic", changed(3, 'Q'), "no message"},
                                           Bad{"Version", changed(4, 2), "version 2, but this is version 1"},
                                           Bad{"KindZero", changed(5, 0), "kind 0"},
                                           Bad{"KindBeyond", changed(5, 8), "kind 8"},
                                           Bad{"Reserved", changed(7, 1), "a byte that is 0"},
                                           Bad{"Length", changed(8, 101), "101 bytes, but there may be 100"},
                                           Bad{"HugeLength", changed(11, '\xff'), "may be 100"},
                                           Bad{"Text", std::string(20, 'x'), "no message"}),
                         [](const auto& tested) { return tested.param.name; });

TEST(Frame, TheLimitIsTheLargestThatPasses) {
  FrameReader reader(100);
  reader.feed(encode({FrameKind::run, 1, std::string(100, 'x'), 0}));
  EXPECT_EQ(reader.next()->payload.size(), 100U);
}

TEST(Call, HasANameAndAnArgument) {
  const Call call{"count", "{\"a\":1}"};
  EXPECT_EQ(decode_call(encode(call)), call);
  EXPECT_EQ(decode_call(encode(Call{"n", ""})), (Call{"n", ""}));
  for (const std::string bytes : {"", "x", "\x05", "\x05\0four"})
    EXPECT_THROW(static_cast<void>(decode_call(bytes)), ProtocolError);
  EXPECT_THROW(static_cast<void>(decode_call(std::string("\0\0x", 3))), ProtocolError);
  EXPECT_THROW(static_cast<void>(decode_call(std::string("\x05\0four", 6))), ProtocolError);
}

// S6.13: a typed error is the same on the other side.
TEST(Failure, KeepsItsType) {
  const auto through = [](auto error) {
    return to_exception(decode_failure(encode(failure_of(std::make_exception_ptr(error)))));
  };
  EXPECT_THROW(std::rethrow_exception(through(UnknownJob("a"))), UnknownJob);
  EXPECT_THROW(std::rethrow_exception(through(BadArgument("a"))), BadArgument);
  EXPECT_THROW(std::rethrow_exception(through(ResultTooLarge("a"))), ResultTooLarge);
  EXPECT_THROW(std::rethrow_exception(through(NotSerialisable("a"))), NotSerialisable);
  EXPECT_THROW(std::rethrow_exception(through(std::bad_alloc())), OutOfMemory);
  EXPECT_THROW(std::rethrow_exception(through(std::logic_error("a"))), JobFailed);
  EXPECT_THROW(std::rethrow_exception(through(5)), JobFailed);
  const Failure failure{Failure::Kind::thrown, "a::type", "what\nit says"};
  EXPECT_EQ(decode_failure(encode(failure)), failure);
  for (const std::string bytes : {"", "x", "\x01type", "\x07type"}) {
    EXPECT_THROW(static_cast<void>(decode_failure(bytes)), ProtocolError);
  }
  EXPECT_THROW(static_cast<void>(decode_failure(std::string("\x07t\0w", 4))), ProtocolError);
  EXPECT_THROW(static_cast<void>(decode_failure(std::string("\0t\0w", 4))), ProtocolError);
}

}  // namespace
}  // namespace pool::process
