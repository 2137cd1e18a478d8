// What a queue costs when a great deal is queued: nanoseconds for a send, a receive, and for withdrawing a unit from
// wherever it stands, with a thousand to a million units queued, spread over five levels.
//
// One thread does it all: nobody waits for a lock, so this is what a queue costs, and what others would wait for. A
// tenth of the depth is sent, received and withdrawn, a hundred at a time; making the units and deleting them is not
// measured. A unit that is received or withdrawn is looked at: whoever takes it out does so to run it.
//
// The figure is the median of the hundreds. Now and then another process falls into one, or a heap's array grows.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "queues.hpp"

namespace {

using namespace bench;

constexpr std::size_t kBatch = 100;
constexpr std::size_t kUnits = 50'000;  // at least so many are measured, at a small depth in many queues

// A queue that is used, and what is known of the units in it.
template <class Queue>
class Used {
 public:
  // Sends so many; returns the nanoseconds. The same for all functions here.
  double send(std::size_t many) {
    std::vector<UnitPtr> made(many);
    for (auto& unit : made) {
      auto* const item = new Item(static_cast<Priority>(random_() % pool::priority::kLevels), items_.size());
      items_.push_back(item);
      came_.push_back(0);
      unit.reset(item);
    }
    left_ += many;
    return time([&] {
      for (auto& unit : made) queue_.send(std::move(unit));
    });
  }
  double receive(std::size_t many) {
    return take(many, [this] { return queue_.receive(); });
  }
  double withdraw(std::size_t many) {
    std::vector<Item*> whom;
    while (whom.size() < many) {
      Item*& item = items_[random_() % items_.size()];
      if (item != nullptr) whom.push_back(std::exchange(item, nullptr));
    }
    return take(many, [this, next = whom.begin()]() mutable { return queue_.withdraw(**next++); });
  }
  // Receives the rest. Whether each unit came once.
  bool finish() {
    while (left_ > 0) receive(std::min(left_, kBatch));
    return std::all_of(came_.begin(), came_.end(), [](auto times) { return times == 1; });
  }

 private:
  using Clock = std::chrono::steady_clock;

  template <class Body>
  static double time(Body&& body) {
    const Clock::time_point start = Clock::now();
    body();
    return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
  }
  template <class TakeOne>
  double take(std::size_t many, TakeOne&& take_one) {
    std::vector<UnitPtr> taken(many);
    std::vector<std::uint64_t> numbers(many);
    const double taking = time([&] {
      for (std::size_t i = 0; i < many; ++i) {
        taken[i] = take_one();
        numbers[i] = static_cast<const Item&>(*taken[i]).number;
      }
    });
    for (std::uint64_t number : numbers) {
      items_[number] = nullptr;
      ++came_.at(number);
    }
    left_ -= many;
    return taking;
  }

  Queue queue_;
  std::minstd_rand random_;
  std::vector<Item*> items_;        // by number; null if it is not queued any more
  std::vector<std::uint8_t> came_;  // by number
  std::size_t left_ = 0;
};

template <class Queue>
constexpr bool kWithdraws = requires(Queue queue, Item item) {
  queue.withdraw(item);
};

// Of the nanoseconds that the batches took, for each unit.
double median(std::vector<double>& batches) {
  const auto middle = batches.begin() + static_cast<std::ptrdiff_t>(batches.size() / 2);
  std::nth_element(batches.begin(), middle, batches.end());
  return *middle / static_cast<double>(kBatch);
}

template <class Queue>
void measure_at(benchmark::State& state, std::size_t depth) {
  const std::size_t share = depth / 10;
  std::vector<double> sent, received, withdrawn;
  for (std::size_t units = 0; units < kUnits; units += share) {
    Used<Queue> queue;
    queue.send(depth);
    for (std::size_t i = 0; i < share; i += kBatch) sent.push_back(queue.send(kBatch));
    for (std::size_t i = 0; i < share; i += kBatch) received.push_back(queue.receive(kBatch));
    if constexpr (kWithdraws<Queue>) {
      for (std::size_t i = 0; i < share; i += kBatch) withdrawn.push_back(queue.withdraw(kBatch));
    }
    if (!queue.finish()) state.SkipWithError("a unit was lost or came twice");
  }
  const std::string at = " @ " + std::to_string(depth);
  state.counters["send" + at] = median(sent);
  state.counters["receive" + at] = median(received);
  if constexpr (kWithdraws<Queue>) state.counters["withdraw" + at] = median(withdrawn);
}

template <class Queue>
void at_depth(benchmark::State& state) {
  for (auto _ : state) {
    for (std::size_t depth = 1000; depth <= 1'000'000; depth *= 10) measure_at<Queue>(state, depth);
  }
}

}  // namespace

#define QUEUE(who, Type) BENCHMARK(at_depth<Type>)->Name("depth/" who)->UseRealTime()->Iterations(1)

QUEUE("priority channel", OurQueue<10>);
QUEUE("priority channel, no ageing", OurQueue<0>);
QUEUE("std::priority_queue", LockedHeap);
QUEUE("std::map", LockedMap);
#ifdef POOL_BENCH_TBB
QUEUE("oneTBB priority queue", OneTbbQueue);
#endif
