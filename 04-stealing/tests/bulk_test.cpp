// Handing in many at once: what the contract of the series leaves open.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <iterator>
#include <thread>
#include <vector>

#include <pool/priority/clock.hpp>
#include <pool/stealing/thread_pool.hpp>

namespace pool::stealing {
namespace {

// S3.10 S4.7
TEST(Bulk, AnElementThatIsDelayedDoesNotHoldBackThoseBeforeIt) {
  priority::ManualClock clock;
  ThreadPool pool({.workers = 1, .clock = &clock, .rate = {.per_second = 1, .burst = 2}});
  std::atomic<int> ran{0};
  const std::vector<std::function<void()>> jobs(3, [&] {
    ++ran;
    ran.notify_all();
  });
  std::thread late([&] { pool.post_bulk(jobs); });
  for (int now = ran.load(); now < 2; now = ran.load()) ran.wait(now);
  clock.advance(std::chrono::seconds(1));
  late.join();
  pool.wait_idle();
  EXPECT_EQ(ran.load(), 3);
}

// S4.7 S2.2: while a range takes its time, it keeps no room from others.
TEST(Bulk, ARangeThatTakesItsTimeKeepsNobodyOut) {
  ThreadPool pool({.workers = 1, .capacity = 1, .overflow = Overflow::reject});
  std::atomic<int> ran{0};
  const auto job = [&] { ++ran; };
  struct Slow {
    struct Iterator {
      const Slow* range;
      int number = 0;
      using value_type = std::function<void()>;
      using difference_type = std::ptrdiff_t;
      value_type operator*() const {
        if (number == 1) {
          range->pool->submit(range->job).get();
          range->pool->wait_idle();
        }
        return range->job;
      }
      Iterator& operator++() { return ++number, *this; }
      void operator++(int) { ++number; }
      bool operator==(std::default_sentinel_t) const { return number == 2; }
    };
    ThreadPool* pool;
    std::function<void()> job;
    [[nodiscard]] Iterator begin() const { return {this}; }
    [[nodiscard]] std::default_sentinel_t end() const { return {}; }
  };
  try {
    pool.post_bulk(Slow{&pool, job});
  } catch (const QueueFull&) {  // the worker may not have taken the first when the second is handed in
    ++ran;
  }
  pool.wait_idle();
  EXPECT_EQ(ran.load(), 3);
}

// S4.7
TEST(Bulk, ElementsOfAContainerThatIsKeptAreCopiedAndThoseOfOneThatIsGivenUpAreMoved) {
  struct Counting {
    int* copies;
    explicit Counting(int& count) : copies(&count) {}
    Counting(const Counting& other) : copies(other.copies) { ++*copies; }
    Counting(Counting&&) noexcept = default;
    Counting& operator=(const Counting&) = default;
    Counting& operator=(Counting&&) noexcept = default;
    ~Counting() = default;
    void operator()() const {}
  };
  ThreadPool pool({.workers = 1});
  int copies = 0;
  std::vector<Counting> jobs;
  jobs.reserve(5);
  for (int i = 0; i < 5; ++i) jobs.emplace_back(copies);
  pool.post_bulk(jobs);
  EXPECT_EQ(copies, 5);
  pool.post_bulk(std::move(jobs));
  EXPECT_EQ(copies, 5);
  pool.wait_idle();
}

}  // namespace
}  // namespace pool::stealing
