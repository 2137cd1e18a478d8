// Jobs: work that has a name, so that it can be asked for where no closure can be sent: in another process, on another
// machine, over HTTP.
//
//   jobs().add("count", [](const json& argument) { return json(count(argument.at("path"))); });
//   jobs().call("count", {{"path", "README.md"}});                        // here and now
//   Job<json> job = launch(threads, "count", {{"path", "README.md"}});    // on a thread pool
//   Job<json> job = processes.submit("count", {{"path", "README.md"}});   // in a worker process
//
// Thread safety: every member may be called from any thread. No lock is held while a job runs.
// Invariants:  (N1) a name stands for one job, for the life of the registry
//              (N2) a job gets the same errors wherever it runs
#pragma once

#include <concepts>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pool/basic/sync.hpp>
#include <pool/priority/job.hpp>
#include <pool/process/errors.hpp>
#include <pool/process/wire.hpp>

namespace pool::process {

using priority::CancelToken;
using priority::Job;
using priority::JobOptions;

// What a job is told besides its argument.
struct JobContext {
  json state;         // what the pool's workers were given when they were started; null elsewhere
  CancelToken token;  // cancelled when the job should stop
};

class Jobs {
 public:
  using Function = std::function<json(const json& argument, const JobContext& context)>;

  // Registers f(argument) or f(argument, context). Throws std::invalid_argument for a name that is empty, longer than
  // 255 bytes or taken, and for an empty function.
  template <class F>
  requires std::is_invocable_r_v<json, F&, const json&, const JobContext&> ||
      std::is_invocable_r_v<json, F&, const json&>
  void add(std::string name, F f) {
    basic::require_callable(f);
    if constexpr (std::is_invocable_v<F&, const json&, const JobContext&>) {
      insert(std::move(name), std::move(f));
    } else {
      insert(std::move(name),
             [f = std::move(f)](const json& argument, const JobContext&) { return json(f(argument)); });
    }
  }

  // Runs a job on this thread. Throws UnknownJob; BadArgument, if the job finds a key missing or a value of another type
  // (nlohmann's type_error and out_of_range say so); and what the job throws.
  [[nodiscard]] json call(const std::string& name, const json& argument, const JobContext& context = {}) const;

  [[nodiscard]] bool has(const std::string& name) const;
  void require(const std::string& name) const;           // throws UnknownJob, which names those that there are
  [[nodiscard]] std::vector<std::string> names() const;  // sorted

 private:
  void insert(std::string name, Function function);
  [[nodiscard]] std::shared_ptr<const Function> find(const std::string& name) const;

  mutable sync::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Function>> functions_;  // guarded by mutex_
};

// The program's own. Register before main() has called worker_main(), or as part of it: workers run main(), too.
[[nodiscard]] Jobs& jobs();

// Runs a named job on a pool of threads; what it gives must be fit for other processes as well. Throws UnknownJob, and
// as the pool's launch() does.
template <class Pool>
[[nodiscard]] Job<json> launch(Pool& pool, const std::string& name, json argument, JobOptions options = {},
                               const Jobs& registry = jobs()) {
  registry.require(name);
  if (options.name.empty()) options.name = name;
  return pool.launch(std::move(options), [name, argument = std::move(argument), &registry](const CancelToken& token) {
    json result = registry.call(name, argument, {nullptr, token});
    static_cast<void>(to_bytes(result));
    return result;
  });
}

}  // namespace pool::process
