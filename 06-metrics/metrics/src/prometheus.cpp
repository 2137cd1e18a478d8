#include <pool/metrics/prometheus.hpp>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cctype>
#include <sstream>
#include <stdexcept>

#include <pool/metrics/utf8.hpp>

namespace pool::metrics {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

void check(const Labels& labels) {
  const auto letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  const auto part = [&](char c) { return letter(c) || std::isdigit(static_cast<unsigned char>(c)) != 0; };
  for (auto at = labels.begin(); at != labels.end(); ++at) {
    const std::string& name = at->first;
    const bool is_name = !name.empty() && letter(name[0]) && std::all_of(name.begin(), name.end(), part);
    const bool is_ours = name == "pool" || name == "worker" || name == "le" || name.substr(0, 2) == "__";
    const bool is_twice = std::any_of(labels.begin(), at, [&](const auto& other) { return other.first == name; });
    if (is_name && !is_ours && !is_twice) continue;
    throw std::invalid_argument("pool: '" + name + "' cannot be the name of a label: " +
                                (!is_name  ? "it is made of letters, digits and _, and does not begin with a digit"
                                 : is_ours ? "that name is taken"
                                           : "it is there twice"));
  }
}

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// The figures, by their kinds.
class Page {
 public:
  explicit Page(std::vector<ClientMetric::Label> labels) : labels_(std::move(labels)) {}

  void counter(const char* name, const char* help, double value) {
    family(name, help, MetricType::Counter).metric.push_back(counted(value));
  }
  void gauge(const char* name, const char* help, double value) {
    ClientMetric metric;
    metric.label = labels_;
    metric.gauge.value = value;
    family(name, help, MetricType::Gauge).metric.push_back(std::move(metric));
  }
  template <class Figure>
  void of_workers(const char* name, const char* help, const std::vector<Stats::Worker>& workers, Figure&& figure) {
    if (workers.empty()) return;
    MetricFamily& of_all = family(name, help, MetricType::Counter);
    for (const Stats::Worker& worker : workers) {
      of_all.metric.push_back(counted(static_cast<double>(figure(worker))));
      of_all.metric.back().label.push_back({"worker", std::to_string(worker.id)});
    }
  }
  // Bounds of a power of two nanoseconds are ends of buckets: so the counts are exact, but for those who are exactly as
  // long. From a microsecond to a minute, four times as long each.
  void histogram(const char* name, const char* help, const Distribution& seen) {
    ClientMetric metric;
    metric.label = labels_;
    metric.histogram.sample_count = seen.count();
    metric.histogram.sample_sum = seconds(seen.sum);
    for (int power = 10; power <= 36; power += 2) {
      const Duration bound(Duration::rep{1} << power);
      metric.histogram.bucket.push_back({seen.shorter_than(bound), seconds(bound)});
    }
    family(name, help, MetricType::Histogram).metric.push_back(std::move(metric));
  }
  [[nodiscard]] std::string text() const {
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, families_);
    return std::move(out).str();
  }

 private:
  MetricFamily& family(const char* name, const char* help, MetricType type) {
    return families_.emplace_back(MetricFamily{std::string("poolcraft_") + name, help, type, {}});
  }
  [[nodiscard]] ClientMetric counted(double value) const {
    ClientMetric metric;
    metric.label = labels_;
    metric.counter.value = value;
    return metric;
  }

  const std::vector<ClientMetric::Label> labels_;
  std::vector<MetricFamily> families_;
};

void add_pool(Page& page, const Stats::Pool& pool) {
  const auto number = [](std::size_t count) { return static_cast<double>(count); };
  page.counter("tasks_submitted_total", "Work that was accepted.", number(pool.submitted));
  page.counter("tasks_completed_total", "Work that has ended without an exception.", number(pool.completed));
  page.counter("tasks_failed_total", "Work that has ended by an exception.", number(pool.failed));
  page.counter("tasks_cancelled_total", "Work that was cancelled or dropped.", number(pool.cancelled));
  page.counter("tasks_rejected_total", "Work that was refused.", number(pool.rejected));
  page.gauge("tasks_active", "Work that runs.", number(pool.active));
  page.gauge("tasks_pending", "Work that is queued.", number(pool.pending));
  page.gauge("tasks_kept", "Tasks that are known by their ids.", number(pool.kept));
  page.gauge("workers", "Workers that there are.", number(pool.workers));
  page.gauge("workers_min", "Workers that there are at least.", number(pool.min_workers));
  page.gauge("workers_max", "Workers that there may be.", number(pool.max_workers));
  page.gauge("paused", "1 while the pool starts nothing new, else 0.", pool.paused ? 1 : 0);
  page.gauge("uptime_seconds", "Time since the pool was made.", seconds(pool.uptime));
}

void add_workers(Page& page, const std::vector<Stats::Worker>& workers) {
  using Worker = Stats::Worker;
  page.of_workers("worker_completed_total", "Work that a worker has done, without an exception.", workers,
                  [](const Worker& w) { return w.completed; });
  page.of_workers("worker_failed_total", "Work of a worker that ended by an exception.", workers,
                  [](const Worker& w) { return w.failed; });
  page.of_workers("worker_steals_total", "Work that a worker has taken from another.", workers,
                  [](const Worker& w) { return w.steals; });
  page.of_workers("worker_parks_total", "Times that a worker went to sleep.", workers,
                  [](const Worker& w) { return w.parks; });
  page.of_workers("worker_busy_seconds_total", "Time that a worker has worked.", workers,
                  [](const Worker& w) { return seconds(w.total_time); });
  page.of_workers("worker_idle_seconds_total", "Time that a worker has had nothing to do.", workers,
                  [](const Worker& w) { return seconds(w.idle_time); });
}

void add_health(Page& page, const Health& health) {
  if (health.cpu_percent) {
    page.gauge("process_cpu_ratio", "CPU time that is used, of what may be used.", *health.cpu_percent / 100);
  }
  if (health.memory_mb) {
    page.gauge("process_resident_memory_bytes", "Memory that is used.", *health.memory_mb * 1e6);
  }
  if (health.memory_percent) {
    page.gauge("process_memory_ratio", "Memory that is used, of what may be used.", *health.memory_percent / 100);
  }
  if (health.threads) {
    page.gauge("process_threads", "Threads of the process.", static_cast<double>(*health.threads));
  }
}

}  // namespace

std::string to_prometheus(const Stats& stats, const Health& health, const Labels& labels) {
  check(labels);
  std::vector<ClientMetric::Label> all = {{"pool", valid_utf8(stats.pool.name)}};
  for (const auto& [name, value] : labels) all.push_back({name, valid_utf8(value)});
  Page page(std::move(all));
  add_pool(page, stats.pool);
  add_workers(page, stats.workers);
  page.histogram("task_wait_seconds", "Time until tasks were started.", stats.wait);
  page.histogram("task_execution_seconds", "Time that tasks have run.", stats.execution);
  add_health(page, health);
  return page.text();
}

}  // namespace pool::metrics
