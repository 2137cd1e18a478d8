// Cancelling, waiting, calling back, under every interleaving.
#include <e17_cancel_token/token.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>

#include <pool/testing/explorer/test.hpp>

using exercise::Callback;
using exercise::Source;
using exercise::Token;
using pool::sync::atomic;
using pool::sync::cell;
using pool::sync::thread;
using std::chrono::hours;
using std::chrono::milliseconds;

EXPLORE(Token, OneOfTwoCancels) {
  Source source;
  const Token token = source.token();
  EXPLORE_CHECK(!token.is_cancelled());
  bool other = false;
  thread canceller([&] { other = source.cancel(); });
  const bool mine = source.cancel();
  canceller.join();
  EXPLORE_CHECK(mine != other);
  EXPLORE_CHECK(token.is_cancelled());
}

EXPLORE(Token, CancelWakesAllWhoWait) {
  cell<int> before{0};
  Source source;
  const auto waits = [&, token = source.token()] {
    token.wait();
    EXPLORE_CHECK(before.read() == 1);
  };
  thread one(waits);
  thread other(waits);
  before.write() = 1;
  EXPLORE_CHECK(source.cancel());
  one.join();
  other.join();
}

EXPLORE(Token, WaitForSaysWhetherItIsCancelled) {
  Source source;
  const Token token = source.token();
  EXPLORE_CHECK(!token.wait_for(milliseconds(0)));
  EXPLORE_CHECK(!token.wait_for(milliseconds(5)));
  thread canceller([&] { source.cancel(); });
  while (!token.wait_for(hours(1))) {
  }
  canceller.join();
  EXPLORE_CHECK(token.wait_for(milliseconds(0)));
}

EXPLORE(Callback, IsCalledOnceByWhoeverCancels) {
  Source source;
  int calls = 0;
  Callback callback(source.token(), [&] { ++calls; });
  EXPLORE_CHECK(calls == 0);
  EXPLORE_CHECK(source.cancel());
  EXPLORE_CHECK(!source.cancel());
  EXPLORE_CHECK(calls == 1);
}

EXPLORE(Callback, IsCalledAtOnceIfItIsCancelledAlready) {
  Source source;
  source.cancel();
  int calls = 0;
  {
    Callback callback(source.token(), [&] { ++calls; });
  }
  EXPLORE_CHECK(calls == 1);
}

EXPLORE(Callback, RegisteredAgainstCancelIsCalledOnce) {
  Source source;
  atomic<int> calls{0};
  thread canceller([&] { source.cancel(); });
  Callback callback(source.token(), [&] { ++calls; });
  canceller.join();
  EXPLORE_CHECK(calls.load() == 1);
}

EXPLORE(Callback, OnceDestroyedItIsNotCalled) {
  Source source;
  int calls = 0;
  Callback stays(source.token(), [&] { calls += 10; });
  {
    Callback goes(source.token(), [&] { ++calls; });
  }
  source.cancel();
  EXPLORE_CHECK(calls == 10);
}

// What the function writes is written again after the destructor: a race, if the function may still run then.
EXPLORE(Callback, ItsDestructorWaitsWhileAnotherThreadRunsIt) {
  cell<int> refers_to{0};
  Source source;
  thread canceller([&] { source.cancel(); });
  {
    Callback callback(source.token(), [&] { refers_to.write() = 1; });
  }
  refers_to.write() = 2;
  canceller.join();
}

EXPLORE(Callback, ASecondOneIsWaitedForToo) {
  cell<int> refers_to{0};
  Source source;
  std::optional<Callback> second;
  Callback first(source.token(), [] {});
  second.emplace(source.token(), [&] { refers_to.write() = 1; });
  thread canceller([&] { source.cancel(); });
  second.reset();
  refers_to.write() = 2;
  canceller.join();
}

EXPLORE(Callback, MayDestroyItself) {
  Source source;
  int calls = 0;
  std::unique_ptr<Callback> own;
  own = std::make_unique<Callback>(source.token(), [&] {
    ++calls;
    own.reset();
  });
  Callback next(source.token(), [&] { ++calls; });
  EXPLORE_CHECK(source.cancel());
  EXPLORE_CHECK(!own && calls == 2);
}

constexpr auto kPattern = std::byte{0xAB};

// Where it was, the function leaves a pattern. Whoever writes there afterwards, as into a callback that is, is found
// out.
EXPLORE(Callback, NothingOfItIsTouchedOnceItIsGone) {
  alignas(Callback) std::array<std::byte, sizeof(Callback)> memory{};
  Source source;
  auto* const own = ::new (memory.data()) Callback(source.token(), [&memory] {
    auto& outlives_this_function = memory;
    std::launder(reinterpret_cast<Callback*>(memory.data()))->~Callback();
    outlives_this_function.fill(kPattern);
  });
  static_cast<void>(own);
  EXPLORE_CHECK(source.cancel());
  for (const std::byte each : memory) EXPLORE_CHECK(each == kPattern);
}

EXPLORE(Callback, MayUseTheTokenAndOtherCallbacks) {
  Source source;
  int calls = 0;
  std::optional<Callback> other;
  std::optional<Callback> late;
  Callback callback(source.token(), [&] {
    EXPLORE_CHECK(source.token().is_cancelled());
    EXPLORE_CHECK(!source.cancel());
    late.emplace(source.token(), [&] { ++calls; });
    other.reset();
  });
  other.emplace(source.token(), [&] { calls += 10; });
  EXPLORE_CHECK(source.cancel());
  EXPLORE_CHECK(calls == 1);
}

// The second function waits until the first callback, whose function has returned, is destroyed by another thread.
EXPLORE(Callback, ItsDestructorDoesNotWaitForOthers) {
  Source source;
  atomic<bool> gone{false};
  std::optional<Callback> first;
  first.emplace(source.token(), [] {});
  Callback second(source.token(), [&] { gone.wait(false); });
  thread canceller([&] { source.cancel(); });
  first.reset();
  gone = true;
  gone.notify_one();
  canceller.join();
}
