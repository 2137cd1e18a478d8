// A pool whose workers hold the lock while the job runs, beside one whose workers do not. Both give the right results.
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <indexer/count.hpp>

namespace {

using Clock = std::chrono::steady_clock;

struct Span {
  std::size_t worker;
  Clock::time_point from;
  Clock::time_point to;
};

struct Queue {
  std::mutex mutex;
  std::deque<std::function<void(std::size_t worker)>> jobs;  // guarded by mutex; all are there before the workers start
};

// #region wrong
void work_holding_the_lock(Queue& queue, std::size_t worker) {
  for (;;) {
    std::lock_guard lock(queue.mutex);
    if (queue.jobs.empty()) return;
    auto job = std::move(queue.jobs.front());
    queue.jobs.pop_front();
    job(worker);  // the lock is still ours
  }
}
// #endregion wrong

// #region right
void work(Queue& queue, std::size_t worker) {
  for (;;) {
    std::function<void(std::size_t)> job;
    {
      std::lock_guard lock(queue.mutex);
      if (queue.jobs.empty()) return;
      job = std::move(queue.jobs.front());
      queue.jobs.pop_front();
    }
    job(worker);
  }
}
// #endregion right

void print_lanes(const std::vector<Span>& spans, Clock::time_point start, Clock::time_point end,
                 Clock::duration scale) {
  constexpr int kColumns = 60;
  for (std::size_t worker = 0; worker < 2; ++worker) {
    std::string lane(kColumns, '.');
    for (const Span& span : spans) {
      if (span.worker != worker) continue;
      const auto column = [&](Clock::time_point time) { return kColumns * (time - start) / scale; };
      for (auto at = column(span.from); at < column(span.to) && at < kColumns; ++at)
        lane[static_cast<std::size_t>(at)] = '#';
    }
    std::printf("  worker %zu  %s\n", worker, lane.c_str());
  }
  std::printf("  all done after %.0f ms\n", std::chrono::duration<double, std::milli>(end - start).count());
}

Clock::duration show(const char* title, void (*worker_loop)(Queue&, std::size_t), const std::string& text,
                     Clock::duration scale) {
  Queue queue;
  std::mutex mutex;
  std::vector<Span> spans;
  for (int i = 0; i < 8; ++i) {
    queue.jobs.emplace_back([&](std::size_t worker) {
      const auto from = Clock::now();
      static_cast<void>(indexer::count(text));
      const auto to = Clock::now();
      std::lock_guard lock(mutex);
      spans.push_back({worker, from, to});
    });
  }
  const auto start = Clock::now();
  std::thread one(worker_loop, std::ref(queue), 0);
  std::thread two(worker_loop, std::ref(queue), 1);
  one.join();
  two.join();
  const auto end = Clock::now();
  if (scale == Clock::duration()) scale = end - start;
  std::printf("%s\n", title);
  print_lanes(spans, start, end, scale);
  return scale;
}

}  // namespace

int main() {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "word" + std::to_string(i % 1000) + (i % 12 == 0 ? '\n' : ' ');
  const auto scale = show("lock held while the job runs", work_holding_the_lock, text, {});
  show("lock held while the job is taken", work, text, scale);
}
