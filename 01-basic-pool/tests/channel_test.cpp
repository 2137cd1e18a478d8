// The channel with real threads. Every interleaving of it is in explore/channel_explored_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <pool/basic/channel.hpp>
#include <pool/testing/gate.hpp>

namespace pool::basic {
namespace {

// S1.1
TEST(Channel, ValuesComeOutInTheOrderTheyWentIn) {
  Channel<int> channel;
  for (int i = 0; i < 100; ++i) ASSERT_EQ(channel.send(int{i}), Send::ok);
  EXPECT_EQ(channel.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(channel.receive(), i);
  EXPECT_EQ(channel.size(), 0U);
}

// S1.1
TEST(Channel, ReceiveWaitsForASend) {
  Channel<std::string> channel;
  std::optional<std::string> got;
  std::thread receiver([&] { got = channel.receive(); });
  ASSERT_EQ(channel.send("hello"), Send::ok);
  receiver.join();
  EXPECT_EQ(got, "hello");
}

// S1.1
TEST(Channel, AfterCloseSendsFailAndLeaveTheValueAlone) {
  Channel<std::unique_ptr<int>> channel;
  channel.close();
  auto value = std::make_unique<int>(7);
  EXPECT_EQ(channel.send(std::move(value)), Send::closed);
  EXPECT_THAT(value, ::testing::Pointee(7));  // NOLINT(bugprone-use-after-move): it was not taken
}

// S1.1
TEST(Channel, AfterCloseReceivesDrainWhatIsLeft) {
  Channel<int> channel;
  ASSERT_EQ(channel.send(1), Send::ok);
  ASSERT_EQ(channel.send(2), Send::ok);
  channel.close();
  channel.close();
  EXPECT_EQ(channel.receive(), 1);
  EXPECT_EQ(channel.receive(), 2);
  EXPECT_EQ(channel.receive(), std::nullopt);
  EXPECT_EQ(channel.receive(), std::nullopt);
}

// S1.1
TEST(Channel, CloseWakesEveryReceiver) {
  Channel<int> channel;
  std::vector<std::thread> receivers;
  for (int i = 0; i < 4; ++i) receivers.emplace_back([&] { EXPECT_EQ(channel.receive(), std::nullopt); });
  channel.close();
  for (auto& receiver : receivers) receiver.join();
}

// S1.1
TEST(Channel, DrainTakesEverythingAtOnce) {
  Channel<int> channel;
  for (int i = 0; i < 3; ++i) ASSERT_EQ(channel.send(int{i}), Send::ok);
  EXPECT_EQ(channel.drain(), (std::list<int>{0, 1, 2}));
  EXPECT_EQ(channel.size(), 0U);
  EXPECT_TRUE(channel.drain().empty());
}

// S1.1 R1
TEST(Channel, ManyProducersAndConsumersLoseAndDoubleNothing) {
  constexpr int kThreads = 4;
  constexpr int kValues = 10'000;
  Channel<int> channel;
  std::vector<std::vector<int>> received(kThreads);
  std::vector<std::thread> consumers;
  for (auto& mine : received) {
    consumers.emplace_back([&] {
      while (auto value = channel.receive()) mine.push_back(*value);
    });
  }
  std::vector<std::thread> producers;
  for (int p = 0; p < kThreads; ++p) {
    producers.emplace_back([&, p] {
      for (int i = 0; i < kValues; ++i) ASSERT_EQ(channel.send(p * kValues + i), Send::ok);
    });
  }
  for (auto& producer : producers) producer.join();
  channel.close();
  for (auto& consumer : consumers) consumer.join();

  std::vector<int> all;
  for (const auto& mine : received) {
    for (int p = 0; p < kThreads; ++p) {  // each consumer sees each producer's values in order
      std::vector<int> from_one;
      std::copy_if(mine.begin(), mine.end(), std::back_inserter(from_one), [p](int v) { return v / kValues == p; });
      EXPECT_TRUE(std::is_sorted(from_one.begin(), from_one.end()));
    }
    all.insert(all.end(), mine.begin(), mine.end());
  }
  std::sort(all.begin(), all.end());
  std::vector<int> expected(kThreads * kValues);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(all, expected);
}

}  // namespace
}  // namespace pool::basic
