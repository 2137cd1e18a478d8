// TaskGraph: named functions, and which comes after which. It is looked through before any of it runs.
//
//   TaskGraph graph;
//   graph.add("read", read);
//   graph.add("parse", {"read"}, parse);
//   graph.add("index", {"parse", "stop words"}, index);   // who is named may be added later
//   graph.add("stop words", load_stop_words);
//   GraphRun run = graph.run(pool);                        // throws GraphError: a cycle, or a name that nobody has
//   run.wait();
//
// Each function is called with nothing, or with the CancelToken of its job. If one fails or is cancelled, those that
// come after it are cancelled, with a reason that names it; the others go on. See after.hpp.
// A graph can be run as often as one likes, on several pools and at the same time: each run copies the functions.
// Thread safety: a TaskGraph is a value, for one thread at a time; const members from several. GraphRun: every member
// may be called from any thread; copies are handles of one run.
// Memory ordering: what a node did is visible to those after it, and to whoever has waited for the run.
// Fork, static destruction: a graph is a value, and a run a list of handles, which may outlive the pool.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <pool/basic/executor.hpp>
#include <pool/flow/after.hpp>
#include <pool/flow/group.hpp>
#include <pool/priority/cancellation.hpp>
#include <pool/priority/job.hpp>

namespace pool::flow {

// The graph makes no sense; nothing of it was run.
class GraphError : public basic::PoolError {
  using PoolError::PoolError;
};

// What run() has begun.
class GraphRun {
 public:
  void wait() const { group_.wait(); }
  // Whether all ended within that time. Throws std::invalid_argument for a negative timeout.
  [[nodiscard]] bool wait_for(Duration timeout) const { return group_.wait_for(timeout); }
  // Waits, and throws what the first node, in their order, has thrown that has not completed; or Cancelled.
  void get() const { group_.get(); }
  // Nodes that wait never start, those that run are asked to stop. How many had not ended.
  std::size_t cancel(std::string_view why = priority::reason::asked) const { return group_.cancel(why); }

  [[nodiscard]] Progress progress() const { return group_.progress(); }
  [[nodiscard]] std::map<std::string, JobState> states() const;
  // Throws GraphError if no node has that name.
  [[nodiscard]] const Job<void>& job(const std::string& node) const;
  [[nodiscard]] const Group& group() const { return group_; }  // in an order in which they may run

 private:
  friend class TaskGraph;
  Group group_;
  std::map<std::string, Job<void>> jobs_;
};

class TaskGraph {
 public:
  using Work = std::function<void(const CancelToken&)>;

  // Adds a node, which comes after those. Its job has the node's name. Throws GraphError for a name that is empty or
  // there already, std::invalid_argument for an empty function.
  template <class F>
  requires Launchable<std::decay_t<F>> TaskGraph& add(std::string name, std::vector<std::string> after,
                                                      JobOptions options, F&& f) {
    basic::require_callable<std::decay_t<F>>(f);
    return add_node(std::move(name), std::move(after), std::move(options), work_of(std::forward<F>(f)));
  }
  template <class F>
  requires Launchable<std::decay_t<F>> TaskGraph& add(std::string name, std::vector<std::string> after, F&& f) {
    return add(std::move(name), std::move(after), JobOptions{}, std::forward<F>(f));
  }
  template <class F>
  requires Launchable<std::decay_t<F>> TaskGraph& add(std::string name, F&& f) {
    return add(std::move(name), {}, JobOptions{}, std::forward<F>(f));
  }
  // One more edge: `node` comes after `other`. Throws GraphError if there is no such node; the other may come later.
  TaskGraph& connect(const std::string& other, const std::string& node);

  // The names, in an order in which they may run; equal ones in that in which they were added. Throws GraphError: names
  // the cycle ("a → b → a"), or who comes after a node that there is not.
  [[nodiscard]] std::vector<std::string> order() const;

  // Launches what comes first; the rest follows. Throws GraphError as order(), and what launch() throws; what was begun
  // is cancelled then.
  template <FlowExecutor Pool>
  [[nodiscard]] GraphRun run(Pool& pool) const;
  // The same by what makes a job of a node: first(options, work) of one without others before it, next(before, options,
  // work) of one with.
  template <class First, class Next>
  [[nodiscard]] GraphRun run_by(const First& first, const Next& next) const;

  [[nodiscard]] std::size_t size() const { return nodes_.size(); }

 private:
  struct Node {
    std::string name;
    std::vector<std::string> after;
    JobOptions options;
    Work work;
  };
  template <class F>
  static Work work_of(F&& f) {
    if constexpr (std::invocable<std::decay_t<F>>) {
      return [f = std::forward<F>(f)](const CancelToken&) mutable { static_cast<void>(std::invoke(f)); };
    } else {
      return [f = std::forward<F>(f)](const CancelToken& token) mutable { static_cast<void>(std::invoke(f, token)); };
    }
  }
  TaskGraph& add_node(std::string name, std::vector<std::string> after, JobOptions options, Work work);
  [[nodiscard]] std::vector<const Node*> sorted() const;
  [[nodiscard]] std::string cycle(const std::vector<std::size_t>& missing) const;

  std::vector<Node> nodes_;
  std::map<std::string, std::size_t, std::less<>> index_;  // into nodes_
};

template <class First, class Next>
GraphRun TaskGraph::run_by(const First& first, const Next& next) const {
  GraphRun run;
  bool complete = false;
  const basic::Finally failed{[&] {
    if (!complete) static_cast<void>(basic::catching([&] { run.cancel("the rest of its graph was refused"); }));
  }};
  for (const Node* node : sorted()) {
    JobOptions options = node->options;
    options.name = node->name;
    std::vector<AnyJob> before;
    for (const std::string& name : node->after) before.emplace_back(run.jobs_.at(name));
    Job<void> job =
        before.empty() ? first(std::move(options), node->work) : next(before, std::move(options), node->work);
    bool added = false;
    const basic::Finally not_added{[&] {
      if (!added) job.cancel("its graph has no memory");
    }};
    run.group_.add(job);
    added = true;
    run.jobs_.emplace(node->name, std::move(job));
  }
  complete = true;
  return run;
}

template <FlowExecutor Pool>
GraphRun TaskGraph::run(Pool& pool) const {
  return run_by([&](JobOptions options, const Work& work) { return pool.launch(std::move(options), work); },
                [&](const std::vector<AnyJob>& before, JobOptions options, const Work& work) {
                  return after(pool, before, std::move(options), work);
                });
}

}  // namespace pool::flow
