#include "bounded_index.hpp"

#include <pthread.h>

#include <atomic>
#include <future>
#include <utility>

using indexer::Completion;
using indexer::Index;
using pool::bounded::QueueFull;
using pool::bounded::ThreadPool;

BoundedRun index_bounded(const std::vector<std::string>& files, const PoolPlan& plan, InSystem& in_system,
                         indexer::Progress& progress) {
  const indexer::Stopwatch time;
  BoundedRun result;
  result.workers.resize(plan.workers);
  std::vector<Index> indexes(plan.workers + 1);  // one for each worker, and one for the caller, who may have to help
  std::atomic<std::size_t> finished{0}, ended{0};

  const auto started = [&](std::size_t worker) {
    char name[64] = "?";
    pthread_getname_np(pthread_self(), name, sizeof name);  // asked of the system, as a debugger would
    result.workers[worker] = name;
  };
  // The pool comes after all that its jobs use: so it is the first to go, and they never use what is gone.
  ThreadPool pool({.workers = plan.workers,
                   .on_start = started,
                   .on_stop = [&](std::size_t) { ++ended; },
                   .capacity = plan.capacity,
                   .overflow = plan.overflow});

  std::vector<std::future<Completion>> jobs;
  jobs.reserve(files.size());
  // #region submit
  for (const std::string& path : files) {
    indexer::FileText text = indexer::read_text(path);
    InSystem::Stay stay(in_system, text.text.size());
    try {
      jobs.push_back(pool.submit([&, text = std::move(text), stay = std::move(stay)] {
        const std::size_t who = pool.current_worker().value_or(plan.workers);  // no worker: the caller
        const indexer::FileReport report = indexes[who].add(path, text);
        progress.completed(report.totals.bytes);
        return Completion{report, who, finished++};
      }));
    } catch (const QueueFull&) {
      ++result.rejected;
      progress.completed(0);
    }
    progress.show();
  }
  // #endregion submit

  // #region outcomes
  for (std::future<Completion>& job : jobs) {
    while (job.wait_for(progress.interval()) == std::future_status::timeout) progress.show();
    try {
      result.run.files.push_back(job.get());
    } catch (const std::future_error&) {  // a broken promise: the job was dropped
      ++result.dropped;
      progress.completed(0);
    }
    progress.show();
  }
  // #endregion outcomes

  pool.shutdown();
  result.left = pool.pending();
  result.ended = ended;
  result.stats = pool.worker_stats();
  for (Index& index : indexes) result.run.index.merge(std::move(index));
  result.run.seconds = time.seconds();
  return result;
}
