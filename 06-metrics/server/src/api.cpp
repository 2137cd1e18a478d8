#include <pool/server/api.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include <pool/basic/user_code.hpp>
#include <pool/metrics/prometheus.hpp>
#include <pool/server/assets.hpp>
#include <pool/server/render.hpp>

namespace pool::server {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t kLongestParam = 256;  // bytes
constexpr std::size_t kLongestLabel = 200;  // bytes
constexpr double kLongestTimeout = 3600;    // seconds
constexpr std::size_t kMostTasks = 1000;    // in one answer

Response answer(const Json& body) {
  return {.body = text_of(body)};
}

// The same as BadRequest, but it was understood: 422.
BadRequest unacceptable(const std::string& what) {
  return {422, what};
}

std::string shown(const std::string& text) {
  constexpr std::size_t enough = 40;
  return text.size() <= enough ? text : text.substr(0, enough) + "...";
}

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

// The field, which is then no longer in the form.
std::optional<std::string> take(Form& form, const std::string& name) {
  const auto node = form.extract(name);
  return node.empty() ? std::nullopt : std::optional(std::move(node.mapped()));
}

std::optional<double> number_from(const std::string& text) {
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<priority::JobState> state_from(const std::string& word) {
  using priority::JobState;
  for (const JobState state :
       {JobState::queued, JobState::running, JobState::completed, JobState::failed, JobState::cancelled}) {
    if (word == to_string(state)) return state;
  }
  return std::nullopt;
}

// One more part behind the path, if that ends in *; an empty text if it must be equal and is.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == path ? std::optional(std::string_view()) : std::nullopt;
  const std::string_view before = pattern.substr(0, star);
  const std::string_view behind = pattern.substr(star + 1);
  if (!path.starts_with(before)) return std::nullopt;
  path.remove_prefix(before.size());
  if (!path.ends_with(behind)) return std::nullopt;
  path.remove_suffix(behind.size());
  if (path.empty() || path.find('/') != std::string_view::npos) return std::nullopt;
  return path;
}

}  // namespace

const std::vector<Api::Route>& Api::routes() {
  static const std::vector<Route> routes{
      {"GET", "/", &Api::page},
      {"GET", "/index.html", &Api::page},
      {"GET", "/style.css", &Api::page},
      {"GET", "/app.js", &Api::page},
      {"GET", "/charts.js", &Api::page},
      {"GET", "/favicon.svg", &Api::page},
      {"GET", "/health", &Api::health},
      {"GET", "/metrics", &Api::metrics},
      {"GET", "/openapi.json", &Api::openapi},
      {"GET", "/api/stats", &Api::stats},
      {"GET", "/api/trace", &Api::trace},
      {"GET", "/api/types", &Api::types},
      {"GET", "/api/tasks", &Api::tasks},
      {"GET", "/api/task/*", &Api::task},
      {"POST", "/api/task/*/cancel", &Api::cancel},
      {"POST", "/api/submit", &Api::submit},
      {"POST", "/api/clear-completed", &Api::clear},
      {"POST", "/api/shutdown", &Api::shutdown},
      {"POST", "/login", &Api::login},
  };
  return routes;
}

std::vector<std::string> Api::endpoints() {
  std::vector<std::string> all;
  for (const Route& route : routes()) {
    std::string path(route.path);
    if (const std::size_t star = path.find('*'); star != std::string::npos) path.replace(star, 1, "{id}");
    all.push_back(std::string(route.method) + " " + path);
  }
  return all;
}

Api::Api(metrics::ThreadPool& pool, Executors& executors, const Guard& guard, ApiOptions options)
    : pool_(pool),
      executors_(executors),
      guard_(guard),
      options_(std::move(options)),
      begun_{pool.job_host()->clock().now(), std::chrono::system_clock::now()} {}

// By one pair of moments for all answers: what two of them say of one task is the same.
Now Api::now() const {
  const metrics::Time steady = pool_.job_host()->clock().now();
  const auto since = std::chrono::duration_cast<std::chrono::system_clock::duration>(steady - begun_.steady);
  return {steady, begun_.calendar + since};
}

bool Api::may_wait(const Request& request) {
  return request.method == "POST" && request.path() == "/api/shutdown";
}

bool Api::always(const Request& request) {
  return request.path() == "/health";
}

Response Api::handle(const Request& request) {
  try {
    if (auto refused = guard_.refuses(request)) return *std::move(refused);
    return dispatch(request);
  } catch (const BadRequest& bad) {
    return error(bad.status(), bad.what());
  } catch (const metrics::UnknownTask& unknown) {
    return error(404, unknown.what());
  } catch (const bounded::QueueFull&) {
    return unavailable("the queue is full");
  } catch (const basic::PoolStopped&) {
    return unavailable("the pool is shutting down", 5);
  } catch (
      const basic::PoolError& problem) {  // of an executor that cannot take it now, such as a cluster without a server
    return unavailable(problem.what(), 5);
  }
}

Response Api::dispatch(const Request& request) {
  const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  std::string allowed;
  for (const Route& route : routes()) {
    const auto part = match(route.path, request.path());
    if (!part) continue;
    if (route.method == method) return (this->*route.answer)(request, *part);
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method == "GET" ? "GET, HEAD" : route.method);
  }
  if (allowed.empty()) return error(404, "there is nothing at this path");
  Response response = error(405, "this path takes " + allowed);
  response.headers.emplace_back("Allow", allowed);
  return response;
}

Response Api::page(const Request& request, std::string_view /*part*/) {
  const std::string_view path = request.path();
  const Asset* const found = asset(path == "/" ? "index.html" : path.substr(1));
  if (found == nullptr) return error(404, "there is nothing at this path");
  return {.body = found->content, .type = std::string(found->type)};
}

Response Api::health(const Request& /*request*/, std::string_view /*part*/) {
  if (ending_.load()) return unavailable("shutting down", 5);
  return answer({{"status", "ok"}});
}

Response Api::metrics(const Request& /*request*/, std::string_view /*part*/) {
  return {.body = to_prometheus(pool_.stats(), monitor_.sample()), .type = "text/plain; version=0.0.4; charset=utf-8"};
}

Response Api::stats(const Request& /*request*/, std::string_view /*part*/) {
  return answer(to_json(pool_.stats(), monitor_.sample()));
}

Response Api::trace(const Request& /*request*/, std::string_view /*part*/) {
  std::string trace = pool_.trace_json();
  if (trace.empty()) trace = R"({"traceEvents":[]})";  // the pool notes nothing
  return {.body = std::move(trace),
          .headers = {{"Content-Disposition", "attachment; filename=\"poolcraft-trace.json\""}}};
}

Response Api::types(const Request& /*request*/, std::string_view /*part*/) {
  Json types = Json::array();
  for (const TaskType& type : task_types()) {
    types.push_back({{"type", type.name}, {"default", type.default_param}, {"limits", type.limits}});
  }
  return answer({{"types", std::move(types)}, {"executors", executors_.names()}});
}

Response Api::openapi(const Request& /*request*/, std::string_view /*part*/) {
  const Asset* const found = asset("openapi.json");
  if (found == nullptr) return error(404, "there is nothing at this path");
  return {.body = found->content, .type = std::string(found->type)};
}

Response Api::task(const Request& /*request*/, std::string_view id) {
  const metrics::TaskInfo task = pool_.task(unescape(id, false));
  return answer(to_json(task, now()));
}

Response Api::tasks(const Request& request, std::string_view /*part*/) {
  Form query = parse_form(request.query());
  std::size_t limit = 100;
  metrics::TaskFilter filter;
  if (const auto text = take(query, "limit")) {
    const auto number = number_from(*text);
    if (!number || *number < 1 || *number > static_cast<double>(kMostTasks) || *number != std::floor(*number)) {
      throw unacceptable("limit must be a whole number from 1 to " + std::to_string(kMostTasks));
    }
    limit = static_cast<std::size_t>(*number);
  }
  if (const auto text = take(query, "state")) {
    filter.state = state_from(*text);
    if (!filter.state) throw unacceptable("state must be queued, running, completed, failed or cancelled");
  }
  if (auto text = take(query, "name")) filter.name_contains = *std::move(text);
  if (!query.empty()) throw unacceptable("there is no parameter '" + shown(query.begin()->first) + "'");
  const auto found = pool_.tasks(limit, filter);
  const Now at = now();
  Json tasks = Json::array();
  for (const metrics::TaskInfo& task : found) tasks.push_back(to_json(task, at));
  return answer({{"tasks", std::move(tasks)}});
}

// All fields are checked before anything is done.
Submission Api::submission_from(Form form, const std::string& peer) const {
  Submission submission;
  const auto type = take(form, "type");
  std::vector<std::string> names;
  for (const TaskType& each : task_types()) names.push_back(each.name);
  if (!type) throw unacceptable("type is missing; there are " + list_of(names));
  submission.type = task_type(*type);
  if (submission.type == nullptr) {
    throw unacceptable("there is no type '" + shown(*type) + "'; there are " + list_of(names));
  }
  submission.param = take(form, "param").value_or("");
  if (submission.param.empty()) submission.param = submission.type->default_param;
  if (submission.param.size() > kLongestParam) {
    throw unacceptable("param must be at most " + std::to_string(kLongestParam) + " bytes long");
  }
  if (const std::string problem = submission.type->problem(submission.param); !problem.empty()) {
    throw unacceptable(problem);
  }
  metrics::TaskOptions& options = submission.options;
  if (const auto priority = take(form, "priority")) {
    try {
      options.priority = priority::parse_priority(*priority);
    } catch (const std::invalid_argument&) {
      throw unacceptable("priority must be from 0 (critical) to 4 (lowest)");
    }
  }
  const std::string label = take(form, "label").value_or("");
  if (label.size() > kLongestLabel) {
    throw unacceptable("label must be at most " + std::to_string(kLongestLabel) + " bytes long");
  }
  options.executor = take(form, "executor").value_or("thread");
  if (options.executor.empty()) options.executor = "thread";
  if (executors_.find(options.executor) == nullptr) {
    const bool known = options.executor == "process" || options.executor == "cluster";
    throw unacceptable("executor '" + shown(options.executor) + "' " +
                       (known ? "is not built into this server" : "is unknown") + "; it has " +
                       list_of(executors_.names()));
  }
  if (const auto text = take(form, "timeout"); text && !text->empty()) {
    const auto seconds = number_from(*text);
    if (!seconds || *seconds < 0.001 || *seconds > kLongestTimeout) {
      throw unacceptable("timeout must be from 0.001 to 3600 seconds");
    }
    options.timeout = std::chrono::duration_cast<metrics::Duration>(std::chrono::duration<double>(*seconds));
  }
  if (!form.empty()) {
    throw unacceptable("there is no field '" + shown(form.begin()->first) +
                       "'; there are type, param, priority, label, executor and timeout");
  }
  options.name = label.empty() ? submission.type->name : label;
  options.metadata = {
      {"type", submission.type->name}, {"label", label}, {"param", submission.param}, {"submitted_by", peer}};
  return submission;
}

Response Api::submit(const Request& request, std::string_view /*part*/) {
  Submission submission = submission_from(parse_body(request), request.peer);
  handing_in_.fetch_add(1);  // [handing-in] pairs with drain()
  const basic::Finally done{[&] { handing_in_.fetch_sub(1); }};
  if (ending_.load()) throw basic::PoolStopped();
  Executor* const executor = executors_.find(submission.options.executor);
  const std::string id = executor->submit(std::move(submission));
  return answer({{"success", true}, {"task_id", id}});
}

Response Api::cancel(const Request& request, std::string_view id) {
  static_cast<void>(parse_body(request));
  const bool cancelled = pool_.cancel(unescape(id, false), "asked over the network");
  if (!cancelled) return error(409, "the task has ended already");
  return answer({{"success", true}, {"cancelled", true}});
}

Response Api::clear(const Request& request, std::string_view /*part*/) {
  static_cast<void>(parse_body(request));
  return answer({{"cleared", pool_.clear_completed()}});
}

Response Api::shutdown(const Request& request, std::string_view /*part*/) {
  static_cast<void>(parse_body(request));
  const Drained drained = drain();
  return answer({{"success", true}, {"drained", drained.all}, {"left", drained.left}});
}

Api::Drained Api::drain() {
  ending_.store(true);
  while (handing_in_.load() != 0) sync::this_thread::yield();  // [handing-in] it takes microseconds
  const std::lock_guard lock(draining_);
  if (drained_) return *drained_;
  pool_.resume();
  const bool all = executors_.wait_idle_for(options_.drain);
  const metrics::Stats stats = pool_.stats();
  const std::size_t left = all ? 0 : stats.pool.active + stats.pool.pending + stats.entered.unfinished();
  static_cast<void>(pool_.shutdown_for(std::chrono::milliseconds(0)));  // what is left is asked to stop
  drained_ = Drained{all, left};
  if (options_.on_shutdown) options_.on_shutdown();
  return *drained_;
}

Response Api::login(const Request& request, std::string_view /*part*/) {
  return guard_.login(request);
}

}  // namespace pool::server
