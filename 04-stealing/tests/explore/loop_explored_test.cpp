// What the parts of a loop have in common, under every interleaving.
#include <pool/stealing/loop.hpp>
#include <pool/testing/explorer/test.hpp>

#include <cstddef>
#include <stdexcept>

namespace pool::stealing {
namespace {

using sync::thread;

EXPLORE(Loop, OfTwoExceptionsOneIsKept) {
  std::size_t failed = 0;
  detail::Loop loop({.failed = &failed});
  const auto fail = [&] { EXPECT_FALSE(loop.attempt([] { throw std::runtime_error("a grain"); })); };
  thread other(fail);
  fail();
  other.join();
  EXPECT_TRUE(loop.stopped());
  EXPECT_THROW(loop.finish(), std::runtime_error);
  EXPECT_EQ(failed, 2U);
}

}  // namespace
}  // namespace pool::stealing
