// An adapter: a pool, behind the few functions that the workloads call. This is all that a pool needs to be measured:
//
//   #include "../enlist.hpp"
//   struct MyPool {
//     explicit MyPool(std::size_t workers);  // so many threads; its destructor waits until all that was posted has run
//     template <class F> void post(F job);   // has job() run, some time; called from any thread, and from jobs
//   };
//   const bool enlisted = bench::enlist<MyPool>("my pool");
//
// What else it can do, it says by having it. A workload that needs what it has not is left out, not imitated:
//
//   post_bulk(std::span<F> jobs)        W1b         many jobs at once
//   submit(f)                           W3          returns something with get(); see submit_shared()
//   launch(f)                           W3          another such way, which gets a row of its own
//   fork_join(f, g)                     W4          within a job: returns when both have run, side by side if possible
//   invoke(f, g)                        W4          another such way, which gets a row of its own
//   post(bench::Level, f)               W1          one of five priorities: a row of its own
//   MyPool(workers, capacity)           W11         post() waits while so many jobs are queued
//
// And what is different about it:
//
//   static void within(workers, body)   makes the pool and calls body(pool), if a constructor cannot make it
//   kOneProducer = true                 from outside, only one thread may post: no W2
//   kQueues = false                     post() may run the job, or start a thread for it: no queue that W7 could weigh
//   kThreadPerJob = true                fewer jobs; and nothing that is about workers, for there are none
#pragma once

#include <cstddef>
#include <future>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include "tally.hpp"

namespace bench {

enum class Level : int {};  // 0, the most urgent, to 4
inline constexpr int kLevels = 5;

struct Nothing {
  void operator()() const {}
};

template <class A>
concept Within = requires(void (*body)(A&)) {
  A::within(std::size_t{}, body);
};
template <class A>
concept Pool = (std::is_constructible_v<A, std::size_t> || Within<A>)&&requires(A& pool) {
  pool.post(Nothing{});
};
template <class A>
concept Bulk = Pool<A> && requires(A& pool, std::span<Job> jobs) {
  pool.post_bulk(jobs);
};
template <class A>
concept Submits = Pool<A> && requires(A& pool) {
  pool.submit(Nothing{}).get();
};
template <class A>
concept Launches = Pool<A> && requires(A& pool) {
  pool.launch(Nothing{}).get();
};
template <class A>
concept Forks = Pool<A> && requires(A& pool) {
  pool.fork_join(Nothing{}, Nothing{});
};
template <class A>
concept Invokes = Pool<A> && requires(A& pool) {
  pool.invoke(Nothing{}, Nothing{});
};
template <class A>
concept Prioritises = Pool<A> && requires(A& pool) {
  pool.post(Level{}, Nothing{});
};
template <class A>
concept Bounded = std::is_constructible_v<A, std::size_t, std::size_t>;

template <class A>
inline constexpr bool kOneProducer = requires {
  requires A::kOneProducer;
};
template <class A>
inline constexpr bool kQueues = !requires {
  requires !A::kQueues;
};
template <class A>
inline constexpr bool kThreadPerJob = requires {
  requires A::kThreadPerJob;
};
template <class A>
concept Crew = Pool<A> && !kThreadPerJob<A>;  // it has workers

// Makes the pool, has body(pool) done, and destroys it: after that, all has run.
template <class A, class Body>
void with_pool(std::size_t workers, Body&& body) {
  if constexpr (Within<A>) {
    A::within(workers, body);
  } else {
    A pool(workers);
    body(pool);
  }
}

// For submit(), with a pool that has no futures of its own and wants to copy its jobs: what its users do.
auto submit_shared(auto& pool, auto job) {
  auto task = std::make_shared<std::packaged_task<void()>>(std::move(job));
  pool.post([task] { (*task)(); });
  return task->get_future();
}

// So many jobs; of those that make a thread for each, a hundredth.
template <class A>
std::size_t jobs_for(std::size_t full) {
  return settings.size(full, 2000) / (kThreadPerJob<A> ? 100 : 1);
}

// What comes before the first measured job: threads that start, memory that is fetched for the first time.
template <class A>
void warm_up(A& pool) {
  const std::size_t jobs = jobs_for<A>(20'000);
  const std::uint64_t first = tally.hand_out(jobs);
  for (std::size_t i = 0; i < jobs; ++i) pool.post(Job{first + i});
  tally.wait();
}

}  // namespace bench
