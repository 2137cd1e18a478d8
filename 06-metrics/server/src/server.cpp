#include <pool/server/server.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace pool::server {
namespace {

constexpr std::size_t kCapacity = 10'000;
constexpr std::chrono::seconds kLastAnswers{5};

std::string meta_of(const metrics::TaskInfo& task, const std::string& name) {
  const auto found = task.metadata.find(name);
  return found == task.metadata.end() ? "" : found->second;
}

GuardOptions with_host(GuardOptions options, const std::string& host) {
  options.host = host;
  return options;
}

metrics::Options with_log(metrics::Options options, const Log& log) {
  if (options.capacity == 0) options.capacity = kCapacity;
  options.overflow = metrics::Overflow::reject;
  options.on_error = [&log](std::exception_ptr thrown) {
    std::string what = "an exception that is no std::exception";
    try {
      std::rethrow_exception(std::move(thrown));
    } catch (const std::exception& problem) {
      what = problem.what();
    } catch (...) {
    }
    log.write(LogLevel::error, "pool_error", {{"error", what}});
  };
  options.hooks.task_finished = [&log](const metrics::TaskInfo& task) {
    const bool failed = task.state == priority::JobState::failed;
    const LogLevel level = failed ? LogLevel::warn : LogLevel::debug;
    if (!log.wants(level)) return;
    Log::Fields fields{{"task_id", task.id},
                       {"state", std::string(to_string(task.state))},
                       {"name", task.name},
                       {"type", meta_of(task, "type")},
                       {"param", meta_of(task, "param")},
                       {"label", meta_of(task, "label")},
                       {"executor", task.executor},
                       {"submitted_by", meta_of(task, "submitted_by")}};
    if (task.exception) fields.emplace_back("error", *task.exception);
    if (!task.reason.empty()) fields.emplace_back("reason", task.reason);
    log.write(level, failed ? "task_failed" : "task_finished", fields);
  };
  return options;
}

HttpOptions with_log(HttpOptions options, const Log& log) {
  options.may_wait = Api::may_wait;
  options.always = Api::always;
  options.on_error = [&log](std::string_view what) {
    log.write(LogLevel::error, "http_error", {{"error", std::string(what)}});
  };
  options.on_answer = [&log](const Request& request, const Response& response, std::chrono::nanoseconds time) {
    if (!log.wants(LogLevel::debug)) return;
    log.write(LogLevel::debug, "request",
              {{"peer", request.peer},
               {"method", request.method},
               {"path", std::string(request.path())},
               {"status", std::to_string(response.status)},
               {"microseconds", std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(time).count())}});
  };
  return options;
}

Executors executors_of(const ServerOptions& options, metrics::ThreadPool& pool) {
  Executors executors;
  executors.add("thread", std::make_unique<ThreadExecutor>(pool));
  if (options.add_executors) options.add_executors(executors, pool);
  return executors;
}

}  // namespace

Server::Server(ServerOptions options, const Log& log)
    : log_(log),
      guard_(with_host(std::move(options.guard), options.http.host)),
      pool_(with_log(std::move(options.pool), log)),
      executors_(executors_of(options, pool_)),
      api_(pool_, executors_, guard_, std::move(options.api)),
      http_(with_log(std::move(options.http), log), [this](const Request& request) { return api_.handle(request); }) {
  log_.write(LogLevel::info, "listening", {{"port", std::to_string(port())}});
}

Server::~Server() = default;

Api::Drained Server::drain() {
  const Api::Drained drained = api_.drain();
  http_.drain(kLastAnswers);
  return drained;
}

}  // namespace pool::server
