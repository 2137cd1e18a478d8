// Deliveries one after the other, and several at a time.
#include <e41_idempotent/once.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <pool/testing/gate.hpp>

using exercise::Once;
using pool::testing::Gate;

TEST(Once, DoesANewKeyAndKeepsTheResult) {
  Once once(10);
  int calls = 0;
  const auto pay = [&] { return ++calls; };
  EXPECT_EQ(once.run("a", pay), 1);
  EXPECT_EQ(once.run("a", pay), 1);
  EXPECT_EQ(once.run("b", pay), 2);
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(once.size(), 2U);
}

TEST(Once, KeepsNoFailure) {
  Once once(10);
  EXPECT_THROW(once.run("a", []() -> int { throw std::runtime_error("bank closed"); }), std::runtime_error);
  EXPECT_EQ(once.size(), 0U);
  EXPECT_EQ(once.run("a", [] { return 7; }), 7);
}

TEST(Once, ForgetsTheOldest) {
  Once once(2);
  for (const char* key : {"a", "b", "c"}) once.run(key, [] { return 1; });
  EXPECT_EQ(once.size(), 2U);
  EXPECT_EQ(once.run("c", [] { return 2; }), 1);
  EXPECT_EQ(once.run("b", [] { return 2; }), 1);
  EXPECT_EQ(once.run("a", [] { return 2; }), 2) << "it was the oldest";
}

TEST(Once, DoesNotForgetWhatRuns) {
  Once once(1);
  Gate begun, go;
  std::atomic<int> calls = 0;
  std::thread slow([&] {
    once.run("slow", [&] {
      ++calls;
      begun.open();
      go.wait();
      return 1;
    });
  });
  begun.wait();
  for (const char* key : {"a", "b", "c"}) once.run(key, [] { return 2; });  // nor do these wait for it
  std::thread again([&] { EXPECT_EQ(once.run("slow", [&] { return ++calls + 100; }), 1); });
  go.open();
  slow.join();
  again.join();
  EXPECT_EQ(calls, 1);
}

TEST(Once, TwoAtATimeAreDoneOnce) {
  for (int round = 0; round < 200; ++round) {
    Once once(10);
    Gate go;
    std::atomic<int> calls = 0;
    std::vector<std::thread> workers;
    for (int i = 0; i < 3; ++i) {
      workers.emplace_back([&] {
        go.wait();
        EXPECT_EQ(once.run("a",
                           [&] {
                             const int call = ++calls;
                             std::this_thread::yield();
                             return call;
                           }),
                  1);
      });
    }
    go.open();
    for (std::thread& worker : workers) worker.join();
    ASSERT_EQ(calls, 1);
  }
}

TEST(Once, WhoWaitedTriesAgain) {
  Once once(10);
  Gate begun, go;
  std::thread fails([&] {
    EXPECT_THROW(once.run("a",
                          [&]() -> int {
                            begun.open();
                            go.wait();
                            throw std::runtime_error("bank closed");
                          }),
                 std::runtime_error);
  });
  begun.wait();
  std::thread waits([&] { EXPECT_EQ(once.run("a", [] { return 7; }), 7); });
  std::thread waits_too([&] { EXPECT_EQ(once.run("a", [] { return 7; }), 7); });
  go.open();
  fails.join();
  waits.join();
  waits_too.join();
}
