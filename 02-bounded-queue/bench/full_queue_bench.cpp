// Workload W11: a queue of limited capacity that is full. One consumer needs a microsecond for each item; one producer,
// or four, could deliver many times as much, and wait for room.
//
// The result is the share of what the consumer does when it has all items at hand, measured in the same process: what
// is missing from 1 is what the queue has cost it. Beside it stands what the waiting costs, the processor time of the
// producers as a share of a core.
#include <benchmark/benchmark.h>
#include <time.h>

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

#include "busy_work.hpp"
#include "queues.hpp"

namespace {

using namespace bench;

Seconds cpu_of_this_thread() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// Sends each item once, from so many producers; returns their processor time.
template <class Queue>
Seconds run(Consumer& consumer, std::size_t items, std::size_t producers, std::size_t capacity) {
  std::vector<Seconds> cpu(producers);
  Queue queue(capacity);
  std::vector<std::jthread> threads;
  for (std::size_t p = 0; p < producers; ++p) {
    threads.emplace_back([&, p] {
      for (std::size_t item = p; item < items; item += producers) queue.send(consumer.work(item));
      cpu[p] = cpu_of_this_thread();
    });
  }
  if constexpr (requires { queue.receive(); }) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < items; ++i) queue.receive()();
    });
  }
  for (auto& thread : threads) thread.join();
  Seconds sum{};
  for (Seconds time : cpu) sum += time;
  return sum;  // and the pool, if it is one, ends here: when it has run the last item
}

template <class Queue>
void full_queue(benchmark::State& state) {
  const auto producers = static_cast<std::size_t>(state.range(0));
  const auto capacity = static_cast<std::size_t>(state.range(1));
  constexpr std::size_t kItems = 300'000;
  const std::uint64_t rounds = calibrate();
  for (auto _ : state) {
    Consumer consumer(rounds, kItems);
    const Seconds before = at_hand(rounds);
    const Seconds cpu = run<Queue>(consumer, kItems, producers, capacity);
    const Seconds limit = kItems * (before + at_hand(rounds)) / 2;
    if (!consumer.each_once()) state.SkipWithError("an item was lost or came twice");
    state.SetIterationTime(consumer.seconds().count());
    state.counters["share"] = limit / consumer.seconds();
    state.counters["producers_cpu"] = cpu / consumer.seconds();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kItems));
}

}  // namespace

#define QUEUE(workload, who, Type, producers, capacity) \
  BENCHMARK(full_queue<Type>)->Name(workload "/" who)->Args({producers, capacity})->UseManualTime()->Iterations(1)
#define RIVAL(who, Type)                 \
  QUEUE("w11-one", who, Type, 1, 1024);  \
  QUEUE("w11-four", who, Type, 4, 1024); \
  QUEUE("w11-one-64", who, Type, 1, 64); \
  QUEUE("w11-four-64", who, Type, 4, 64)

RIVAL("bounded channel", OurChannel);
RIVAL("pool of stage 02", OurPool);
RIVAL("deque, every slot wakes", TextbookQueue);
RIVAL("ring, wakes at the half", Ring);
#ifdef POOL_BENCH_MOODYCAMEL
RIVAL("moodycamel + semaphore", Moodycamel);
#endif
#ifdef POOL_BENCH_TBB
RIVAL("oneTBB bounded queue", OneTbb);
#endif
