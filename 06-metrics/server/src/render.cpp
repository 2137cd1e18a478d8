#include <pool/server/render.hpp>

#include <optional>

#include <nlohmann/json.hpp>

namespace pool::server {

using Json = nlohmann::ordered_json;

namespace {

double seconds(metrics::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json moment(const std::optional<metrics::Time>& time, const Now& now) {
  if (!time) return nullptr;
  return std::chrono::duration<double>(now.calendar.time_since_epoch()).count() - seconds(now.steady - *time);
}

Json quantiles(const metrics::Distribution& times) {
  return {{"p50", seconds(times.quantile(0.50))},
          {"p90", seconds(times.quantile(0.90))},
          {"p99", seconds(times.quantile(0.99))},
          {"count", times.count()}};
}

Json meta(const metrics::TaskInfo& task) {
  Json meta{{"type", ""}, {"label", ""}, {"param", ""}, {"submitted_by", ""}};
  for (const auto& [name, value] : task.metadata) meta[name] = value;
  return meta;
}

}  // namespace

Json to_json(const metrics::TaskInfo& task, const Now& now) {
  return {{"id", task.id},
          {"name", task.name},
          {"state", to_string(task.state)},
          {"result", task.result},
          {"exception", or_null(task.exception)},
          {"reason", task.reason},
          {"execution_time", seconds(task.execution_time(now.steady))},
          {"wait_time", seconds(task.wait_time(now.steady))},
          {"submitted_at", moment(task.submitted, now)},
          {"started_at", moment(task.started, now)},
          {"finished_at", moment(task.finished, now)},
          {"worker", or_null(task.worker)},
          {"priority", level_of(task.priority)},
          {"executor", task.executor},
          {"meta", meta(task)}};
}

Json to_json(const metrics::Stats& stats, const metrics::Health& health) {
  const auto& pool = stats.pool;
  Json workers = Json::array();
  for (const auto& worker : stats.workers) {
    workers.push_back({{"id", worker.id},
                       {"name", worker.name},
                       {"queue_size", worker.queue_size},
                       {"current_task", or_null(worker.current_task)},
                       {"busy", worker.busy},
                       {"completed", worker.completed},
                       {"failed", worker.failed},
                       {"cancelled", worker.cancelled},
                       {"total_time", seconds(worker.total_time)},
                       {"idle_time", seconds(worker.idle_time)},
                       {"is_alive", worker.alive},
                       {"steals", worker.steals}});
  }
  return {{"pool_config",
           {{"total_workers", pool.workers},
            {"metrics_enabled", pool.metrics},
            {"min_workers", pool.min_workers != 0 ? pool.min_workers : pool.workers},
            {"max_workers", pool.max_workers != 0 ? pool.max_workers : pool.workers},
            {"paused", pool.paused}}},
          {"workers", std::move(workers)},
          {"queue", {{"total_pending", pool.pending}}},
          {"tasks",
           {{"queued", pool.pending},
            {"running", pool.active},
            {"completed", pool.completed},
            {"failed", pool.failed},
            {"cancelled", pool.cancelled}}},
          {"metrics",
           {{"total_submitted", pool.submitted},
            {"total_completed", pool.completed},
            {"total_failed", pool.failed},
            {"total_cancelled", pool.cancelled},
            {"total_rejected", pool.rejected},
            {"uptime_seconds", seconds(pool.uptime)},
            {"success_rate", pool.success_rate},
            {"avg_task_time", seconds(pool.mean_task_time)}}},
          {"latency", {{"wait", quantiles(stats.wait)}, {"execution", quantiles(stats.execution)}}},
          {"elsewhere",
           {{"submitted", stats.entered.submitted},
            {"completed", stats.entered.completed},
            {"failed", stats.entered.failed},
            {"cancelled", stats.entered.cancelled},
            {"unfinished", stats.entered.unfinished()}}},
          {"system_health",
           {{"cpu_percent", or_null(health.cpu_percent)},
            {"memory_mb", or_null(health.memory_mb)},
            {"memory_percent", or_null(health.memory_percent)},
            {"num_threads", or_null(health.threads)}}}};
}

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace pool::server
