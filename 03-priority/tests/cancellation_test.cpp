// Tokens and sources: reasons, waits, callbacks, links.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>

#include <pool/priority/cancellation.hpp>
#include <pool/testing/gate.hpp>

namespace pool::priority {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::Gate;

// S3.6
TEST(Cancellation, TheFirstReasonStays) {
  CancelSource source;
  const CancelToken token = source.token();
  EXPECT_FALSE(token.is_cancelled());
  EXPECT_EQ(token.reason(), "");
  EXPECT_NO_THROW(token.throw_if_cancelled());
  EXPECT_TRUE(source.cancel("too expensive"));
  EXPECT_FALSE(source.cancel("too late"));
  EXPECT_TRUE(token.is_cancelled());
  EXPECT_EQ(token.reason(), "too expensive");
  try {
    token.throw_if_cancelled();
    FAIL();
  } catch (const Cancelled& cancelled) {
    EXPECT_STREQ(cancelled.what(), "pool: cancelled (too expensive)");
  }
}

// S3.6
TEST(Cancellation, ATokenWithoutASourceIsNeverCancelled) {
  const CancelToken token;
  EXPECT_FALSE(token.is_cancelled());
  EXPECT_FALSE(token.wait(milliseconds(1)));
  EXPECT_FALSE(token.stop_token().stop_possible());
}

// S3.6
TEST(Cancellation, AWaitEndsWithTheCancellationOrItsTime) {
  CancelSource source;
  EXPECT_FALSE(source.token().wait(milliseconds(0)));
  EXPECT_FALSE(source.token().wait(milliseconds(1)));
  EXPECT_THROW(source.token().wait(milliseconds(-1)), std::invalid_argument);
  std::thread other([&] { source.cancel(); });
  EXPECT_TRUE(source.token().wait(hours(1)));
  other.join();
  EXPECT_TRUE(source.token().wait(hours::max()));
}

// S3.6
TEST(Cancellation, CallbacksAreCalledOnceByTheOneWhoCancels) {
  CancelSource source;
  int calls = 0;
  std::thread::id by;
  const auto kept = source.token().on_cancel([&] {
    ++calls;
    by = std::this_thread::get_id();
  });
  {
    const auto gone = source.token().on_cancel([&] { calls += 100; });
  }
  source.cancel();
  source.cancel();
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(by, std::this_thread::get_id());
  const auto late = source.token().on_cancel([&] { ++calls; });
  EXPECT_EQ(calls, 2) << "at once, if it is cancelled already";
}

// S3.6
TEST(Cancellation, CallbacksKnowTheReason) {
  CancelSource source;
  std::string told;
  const auto callback = source.token().on_cancel([&] { told = source.token().reason(); });
  source.cancel("too expensive");
  EXPECT_EQ(told, "too expensive");
}

// S3.6
TEST(Cancellation, ACallbackThatThrowsIsReportedAndHarmsNothing) {
  CancelSource source;
  int calls = 0;
  const auto one = source.token().on_cancel([&] { ++calls; });
  const auto bad = source.token().on_cancel([] { throw std::runtime_error("no such file"); });
  const auto two = source.token().on_cancel([&] { ++calls; });
  ::testing::internal::CaptureStderr();
  source.cancel();
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "pool: exception from a callback on cancel: no such file\n");
  EXPECT_EQ(calls, 2);
}

// S3.6 R12: when the callback object is gone, its function does not run and will not.
TEST(Cancellation, UnregisteringWaitsForACallbackThatRuns) {
  CancelSource source;
  Gate running;
  Gate go;
  std::atomic<bool> ended = false;
  auto callback = std::make_unique<CancelCallback>(source.token().on_cancel([&] {
    running.open();
    go.wait();
    ended = true;
  }));
  std::thread canceller([&] { source.cancel(); });
  running.wait();
  std::thread opener([&] {
    for (int i = 0; i < 200; ++i) std::this_thread::yield();
    go.open();
  });
  callback.reset();
  EXPECT_TRUE(ended);
  opener.join();
  canceller.join();
}

// S3.6 R12
TEST(Cancellation, ACallbackMayUnregisterItself) {
  CancelSource source;
  CancelCallback callback;
  int calls = 0;
  callback = source.token().on_cancel([&] {
    ++calls;
    callback = {};
  });
  source.cancel();
  EXPECT_EQ(calls, 1);
}

// S3.6 R12: cancel against unregister, many times.
TEST(Cancellation, CancelAgainstUnregister) {
  for (int round = 0; round < 2000; ++round) {
    CancelSource source;
    auto alive = std::make_unique<std::atomic<int>>(0);
    auto callback = std::make_unique<CancelCallback>(source.token().on_cancel([&] { ++*alive; }));
    std::thread canceller([&] { source.cancel(); });
    callback.reset();
    alive.reset();  // a call after this is one that the sanitizers see
    canceller.join();
  }
}

// S3.6
TEST(Cancellation, AChildIsCancelledWithItsParentAndNotTheOtherWay) {
  CancelSource parent;
  CancelSource child(parent.token());
  CancelSource other(parent.token());
  CancelSource grandchild(child.token());
  EXPECT_TRUE(other.cancel("alone"));
  EXPECT_FALSE(parent.is_cancelled());
  parent.cancel("everybody");
  EXPECT_EQ(child.token().reason(), "everybody");
  EXPECT_EQ(grandchild.token().reason(), "everybody");
  EXPECT_EQ(other.token().reason(), "alone");
  EXPECT_EQ(CancelSource(parent.token()).token().reason(), "everybody") << "a child of a cancelled one is cancelled";
}

// S3.6
TEST(Cancellation, TheStandardsTokensFitBothWays) {
  std::stop_source standard;
  CancelSource source(standard.get_token());
  bool stopped = false;
  const std::stop_callback callback(source.token().stop_token(), [&] { stopped = true; });
  standard.request_stop();
  EXPECT_TRUE(source.is_cancelled());
  EXPECT_EQ(source.token().reason(), "asked");
  EXPECT_TRUE(stopped);
}

// S3.6: a child may go while its parent cancels.
TEST(Cancellation, AChildThatGoesWhileItsParentCancels) {
  for (int round = 0; round < 2000; ++round) {
    CancelSource parent;
    auto child = std::make_optional<CancelSource>(parent.token());
    std::thread canceller([&] { parent.cancel(); });
    child.reset();
    canceller.join();
  }
}

// S3.6: a callback may drop the last handle of the source that calls it.
TEST(Cancellation, ACallbackMayDestroyTheSource) {
  CancelSource parent;
  auto child = std::make_optional<CancelSource>(parent.token());
  const auto callback = child->token().on_cancel([&] { child.reset(); });
  parent.cancel();
  EXPECT_FALSE(child.has_value());
}

}  // namespace
}  // namespace pool::priority
