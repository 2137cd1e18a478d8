#include "tree_run.hpp"

#include <functional>
#include <future>
#include <iterator>
#include <utility>

#include <pool/priority/thread_pool.hpp>
#include "harvest.hpp"

using namespace indexer;

namespace {

// Calls f with the path of each file, in the order in which they are found.
void walk_tree(Harvest& harvest, const std::function<void(std::string)>& f) {
  const Tree& tree = harvest.plan().tree;
  if (tree.large_first) f(tree.large);
  std::vector<std::string> waiting{tree.folder};
  for (Origin origin = Origin::given; !waiting.empty(); origin = Origin::found) {
    Folder here = harvest.list(harvest.caller(), std::exchange(waiting.back(), {}), origin);
    waiting.pop_back();
    for (std::string& file : here.files) f(std::move(file));
    waiting.insert(waiting.end(), std::make_move_iterator(here.folders.rbegin()),
                   std::make_move_iterator(here.folders.rend()));
  }
  if (!tree.large_first) f(tree.large);
}

}  // namespace

TreeRun one_by_one(const TreePlan& plan, Progress& progress) {
  TreePlan alone = plan;
  alone.workers = 0;
  Harvest harvest(alone, progress);
  {
    const std::size_t caller = harvest.caller();
    walk_tree(harvest, [&](const std::string& file) {
      harvest.count(caller, file, harvest.read(caller, file));
      progress.show();
    });
  }
  TreeRun result = harvest.gather();
  result.timeline = harvest.recorder().timeline();
  result.timeline.seconds = result.run.seconds;
  return result;
}

TreeRun a_job_a_file(const TreePlan& plan, Progress& progress) {
  Harvest harvest(plan, progress);
  TreeRun result;
  {
    pool::priority::ThreadPool pool({.workers = plan.workers});
    harvest.recorder().start();
    // #region a_job_a_file
    const auto index = [&](const std::string& file) {
      const std::size_t worker = pool.current_worker().value();
      harvest.count(worker, file, harvest.read(worker, file));
    };
    std::vector<std::future<void>> jobs;
    walk_tree(harvest, [&](std::string file) { jobs.push_back(pool.submit(index, std::move(file))); });
    // #endregion a_job_a_file
    for (std::future<void>& job : jobs) {
      while (job.wait_for(progress.interval()) == std::future_status::timeout) progress.show();
      job.get();
      progress.show();
    }
    result = harvest.gather();
  }
  result.timeline = harvest.recorder().timeline();  // when the workers have gone
  result.timeline.seconds = result.run.seconds;
  return result;
}

void align(TreeRun& a, TreeRun& b) {
  if (a.paths == b.paths) return;
  const Completion vanished{{Outcome::vanished, {}, {}, {}}, 0, 0};
  for (std::size_t i = 0; i < a.paths.size() || i < b.paths.size(); ++i) {
    const bool only_a = i >= b.paths.size() || (i < a.paths.size() && a.paths[i] < b.paths[i]);
    if (!only_a && i < a.paths.size() && a.paths[i] == b.paths[i]) continue;
    TreeRun& lacks = only_a ? b : a;
    const std::string path = (only_a ? a : b).paths[i];
    lacks.paths.insert(lacks.paths.begin() + static_cast<std::ptrdiff_t>(i), path);
    lacks.run.files.insert(lacks.run.files.begin() + static_cast<std::ptrdiff_t>(i), vanished);
  }
}
