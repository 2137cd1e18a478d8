// Workloads W1 to W3 on the pool of stage 01 and on what people use without a pool: a thread for each job, std::async.
//
//   W1  empty jobs, one producer, fire and forget: from the first post until the last job has run
//   W2  the same from four producers
//   W3  submit, then get every future
//   queue  the channel alone, one sender and two receivers, beside one that moves its values under the lock (a deque)
//
// Every job counts itself; a run in which the count is not right is an error, not a number. tools/bench.py runs each
// workload in a process of its own, round after round, and keeps medians.
#include <benchmark/benchmark.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
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

// The channel as it is usually written: values are moved into a deque, and out of it, while the lock is held.
template <class T>
class DequeChannel {
 public:
  pool::basic::Send send(T&& value) {
    {
      std::lock_guard lock(mutex_);
      if (closed_) return pool::basic::Send::closed;
      queue_.push_back(std::move(value));
    }
    changed_.notify_one();
    return pool::basic::Send::ok;
  }
  std::optional<T> receive() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !queue_.empty() || closed_; });
    if (queue_.empty()) return std::nullopt;
    std::optional<T> value(std::move(queue_.front()));
    queue_.pop_front();
    return value;
  }
  void close() {
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> queue_;
  bool closed_ = false;
};

template <class Channel>
void send_and_receive(benchmark::State& state) {
  constexpr std::uint64_t kJobs = 1'000'000;
  measure(state, kJobs, [] {
    Channel channel;
    std::vector<std::jthread> receivers;
    for (int i = 0; i < 2; ++i) {
      receivers.emplace_back([&] {
        while (auto work = channel.receive()) (*work)();
      });
    }
    for (std::uint64_t i = 0; i < kJobs; ++i) static_cast<void>(channel.send(pool::basic::Work(Job{})));
    channel.close();
  });
}

}  // namespace

BENCHMARK(send_and_receive<pool::basic::Channel<pool::basic::Work>>)->Name("queue/list")->UseRealTime()->Iterations(1);
BENCHMARK(send_and_receive<DequeChannel<pool::basic::Work>>)->Name("queue/deque")->UseRealTime()->Iterations(1);

#define RIVAL(who, Type, Jobs)                                                                \
  BENCHMARK(post_jobs<Type>)->Name("w1/" who)->Args({1, Jobs})->UseRealTime()->Iterations(1); \
  BENCHMARK(post_jobs<Type>)->Name("w2/" who)->Args({4, Jobs})->UseRealTime()->Iterations(1); \
  BENCHMARK(submit_and_get<Type>)->Name("w3/" who)->Args({1, Jobs})->UseRealTime()->Iterations(1)

RIVAL("pool of stage 01", BasicPool, 1'000'000);
RIVAL("thread for each job", ThreadForEachJob, 20'000);
RIVAL("std::async", StdAsync, 20'000);

BENCHMARK_MAIN();
