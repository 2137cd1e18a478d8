// Workloads W1 to W3 on the pool of stage 01 and on what people use without a pool: a thread for each job, std::async.
//
//   W1  empty jobs, one producer, fire and forget: from the first post until the last job has run
//   W2  the same from four producers
//   W3  submit, then get every future
//   queue  the channel alone, one sender and two receivers, beside plainer ones
//
// Every job counts itself; a run in which the count is not right is an error, not a number. tools/bench.py runs each
// workload in a process of its own, round after round, and keeps medians.
#include <benchmark/benchmark.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <future>
#include <list>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <pool/basic/thread_pool.hpp>

namespace {

// Jobs that have run. Each thread counts for itself and adds its sum when it ends: a shared counter would be the
// slowest part of an empty job.
std::atomic<std::uint64_t> counted{0};
struct Count {
  std::uint64_t jobs = 0;
  ~Count() { counted += jobs; }
};
thread_local Count mine;

struct Job {
  void operator()() const { ++mine.jobs; }
};

// --- who is measured -------------------------------------------------------------------------------------------------

struct BasicPool {
  pool::basic::ThreadPool pool{{.workers = 2}};
  void post(Job job) { pool.post(job); }
  auto submit(Job job) { return pool.submit(job); }
  void finish() { pool.shutdown(); }
};

struct ThreadForEachJob {
  std::vector<std::thread> threads;  // joined in the end, as a program must that wants to know when all is done
  void post(Job job) {
    threads.emplace_back(job);
    if (threads.size() == 1000) finish();  // a machine does not hold a hundred thousand
  }
  auto submit(Job job) {
    std::packaged_task<void()> task(job);
    auto future = task.get_future();
    std::thread([task = std::move(task)]() mutable { task.make_ready_at_thread_exit(); }).detach();
    return future;
  }
  void finish() {
    for (auto& thread : threads) thread.join();
    threads.clear();
  }
};

struct StdAsync {
  std::vector<std::future<void>> futures;
  void post(Job job) {
    futures.push_back(submit(job));
    if (futures.size() == 1000) finish();
  }
  static std::future<void> submit(Job job) { return std::async(std::launch::async, job); }
  void finish() { futures.clear(); }
};

// --- what is measured ------------------------------------------------------------------------------------------------

template <class Body>
void measure(benchmark::State& state, std::uint64_t jobs, Body&& body) {
  for (auto _ : state) {
    counted = 0;
    body();
    if (counted + mine.jobs != jobs) state.SkipWithError("a job was lost or ran twice");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(jobs));
}

template <class Rival>
void post_jobs(benchmark::State& state) {
  const auto producers = static_cast<std::uint64_t>(state.range(0));
  const auto jobs = static_cast<std::uint64_t>(state.range(1));
  measure(state, jobs, [&] {
    std::vector<Rival> rivals(std::is_same_v<Rival, BasicPool> ? 1 : producers);
    std::vector<std::thread> threads;
    for (std::uint64_t p = 0; p < producers; ++p) {
      threads.emplace_back([&, p] {
        Rival& rival = rivals[rivals.size() == 1 ? 0 : p];
        for (std::uint64_t i = 0; i < jobs / producers; ++i) rival.post(Job{});
        if (rivals.size() > 1) rival.finish();
      });
    }
    for (auto& thread : threads) thread.join();
    for (auto& rival : rivals) rival.finish();
  });
}

template <class Rival>
void submit_and_get(benchmark::State& state) {
  const auto jobs = static_cast<std::uint64_t>(state.range(1));
  measure(state, jobs, [&] {
    Rival rival;
    std::vector<std::future<void>> futures;
    futures.reserve(1000);
    for (std::uint64_t done = 0; done < jobs; done += 1000) {
      for (int i = 0; i < 1000; ++i) futures.push_back(rival.submit(Job{}));
      for (auto& future : futures) future.get();
      futures.clear();
    }
    rival.finish();
  });
}

// The channel in plainer ways: every send wakes somebody; and the queue is a list, or a deque, which moves its values
// while the lock is held.
template <class Queue>
class PlainChannel {
 public:
  using T = typename Queue::value_type;

  void send(T value) {
    Queue one;
    if constexpr (kList) one.push_back(std::move(value));
    {
      std::lock_guard lock(mutex_);
      if constexpr (kList) {
        queue_.splice(queue_.end(), one);
      } else {
        queue_.push_back(std::move(value));
      }
    }
    changed_.notify_one();
  }
  std::optional<T> receive() {
    Queue one;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !queue_.empty() || closed_; });
    if (queue_.empty()) return std::nullopt;
    if constexpr (kList) {
      one.splice(one.end(), queue_, queue_.begin());
      lock.unlock();
      return std::move(one.front());
    } else {
      std::optional<T> value(std::move(queue_.front()));
      queue_.pop_front();
      return value;
    }
  }
  void close() {
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

 private:
  static constexpr bool kList = std::is_same_v<Queue, std::list<T>>;

  std::mutex mutex_;
  std::condition_variable changed_;
  Queue queue_;
  bool closed_ = false;
};

struct OurChannel : pool::basic::Channel<pool::basic::Work> {
  void send(pool::basic::Work work) { static_cast<void>(Channel::send(std::move(work))); }
};

template <class Channel>
void send_and_receive(benchmark::State& state) {
  constexpr std::uint64_t kJobs = 1'000'000;
  measure(state, kJobs, [] {
    Channel channel;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] {
        while (auto work = channel.receive()) (*work)();
      });
    }
    std::thread sender([&] {
      for (std::uint64_t i = 0; i < kJobs; ++i) channel.send(pool::basic::Work(Job{}));
    });
    sender.join();
    channel.close();
  });
}

}  // namespace

BENCHMARK(send_and_receive<OurChannel>)->Name("queue/list, one wake-up at a time")->UseRealTime()->Iterations(1);
BENCHMARK(send_and_receive<PlainChannel<std::list<pool::basic::Work>>>)
    ->Name("queue/list, every send wakes")
    ->UseRealTime()
    ->Iterations(1);
BENCHMARK(send_and_receive<PlainChannel<std::deque<pool::basic::Work>>>)
    ->Name("queue/deque, every send wakes")
    ->UseRealTime()
    ->Iterations(1);

#define RIVAL(who, Type, Jobs)                                                                \
  BENCHMARK(post_jobs<Type>)->Name("w1/" who)->Args({1, Jobs})->UseRealTime()->Iterations(1); \
  BENCHMARK(post_jobs<Type>)->Name("w2/" who)->Args({4, Jobs})->UseRealTime()->Iterations(1); \
  BENCHMARK(submit_and_get<Type>)->Name("w3/" who)->Args({1, Jobs})->UseRealTime()->Iterations(1)

RIVAL("pool of stage 01", BasicPool, 1'000'000);
RIVAL("thread for each job", ThreadForEachJob, 20'000);
RIVAL("std::async", StdAsync, 20'000);

BENCHMARK_MAIN();
