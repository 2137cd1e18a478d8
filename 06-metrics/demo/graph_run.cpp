#include "graph_run.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iomanip>
#include <memory>
#include <sstream>
#include <utility>

#include <indexer/walk.hpp>
#include <pool/flow/group.hpp>
#include <pool/flow/task_graph.hpp>
#include <pool/metrics/thread_pool.hpp>

namespace {

using pool::flow::GraphRun;
using pool::flow::Group;
using pool::flow::TaskGraph;
using pool::metrics::TaskInfo;
using pool::metrics::ThreadPool;

constexpr std::size_t kEventsKept = 20'000;  // for each worker
constexpr std::size_t kSlowest = 3;

std::string milliseconds(pool::metrics::Duration duration) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(2) << std::chrono::duration<double, std::milli>(duration).count() << " ms";
  return text.str();
}

// The tasks that took longest, as the registry remembers them.
std::vector<std::string> slowest(const ThreadPool& pool, std::size_t files) {
  std::vector<TaskInfo> tasks = pool.tasks(files);
  const pool::metrics::Time now = std::chrono::steady_clock::now();
  std::erase_if(tasks, [](const TaskInfo& task) { return !task.metadata.contains("folder"); });
  const auto longer = [now](const TaskInfo& a, const TaskInfo& b) {
    return a.execution_time(now) > b.execution_time(now);
  };
  const std::size_t many = std::min(kSlowest, tasks.size());
  std::partial_sort(tasks.begin(), tasks.begin() + static_cast<std::ptrdiff_t>(many), tasks.end(), longer);
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < many; ++i) {
    lines.push_back(tasks[i].name + ": " + milliseconds(tasks[i].execution_time(now)) + ", after " +
                    milliseconds(tasks[i].wait_time(now)) + " in the queue");
  }
  return lines;
}

}  // namespace

GraphResult run_graph(const std::string& folder, const std::vector<std::string>& files, std::size_t workers,
                      const std::function<void()>& show, indexer::Progress& progress) {
  const indexer::Stopwatch time;
  GraphResult result;
  result.run.files.resize(files.size());
  std::vector<indexer::Index> indexes(workers);  // one for each worker, so that nobody waits for anybody
  std::atomic<std::size_t> finished{0};
  const std::vector<FolderGroup> folders = folder_groups(folder, files);
  std::vector<Group> groups(folders.size());

  // The pool comes after all that its jobs use: so it is the first to go, and they never use what is gone.
  ThreadPool pool({.workers = workers, .history = files.size() + folders.size() + 1, .trace = kEventsKept});

  const auto index_file = [&](std::size_t file) {
    const std::size_t worker = pool.current_worker().value();
    const indexer::FileReport report = indexes[worker].add(files[file]);
    progress.completed(report.totals.bytes);
    result.run.files[file] = {report, worker, finished++};
    return report.totals.lines;  // what the registry shows as the task's result
  };

  // #region graph
  TaskGraph graph;
  std::vector<std::string> nodes;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    nodes.push_back("index " + folders[i].name);
    graph.add(nodes.back(), [&, i] {
      for (const std::size_t file : folders[i].files) {
        const std::string name(indexer::path_below(folder, files[file]));
        groups[i].add(pool.submit({.name = name, .metadata = {{"folder", folders[i].name}}},
                                  [&, file] { return index_file(file); }));
      }
      groups[i].get();  // this worker does its part meanwhile
    });
  }
  graph.add("merge", nodes, [&] {
    for (indexer::Index& index : indexes) result.run.index.merge(std::move(index));
  });
  const GraphRun run = graph.run(pool);
  while (!run.wait_for(progress.interval())) show();
  run.get();  // throws what a node has thrown
  // #endregion graph

  result.run.seconds = time.seconds();
  pool.wait_idle();
  for (std::size_t i = 0; i < folders.size(); ++i) {
    result.groups.push_back({folders[i].name, folders[i].files.size(), groups[i].progress().ended()});
  }
  result.stats = pool.stats();
  result.slowest = slowest(pool, files.size());
  result.trace = pool.trace_json();
  for (const auto& worker : result.stats.workers) result.workers.push_back(worker.name);
  return result;
}
