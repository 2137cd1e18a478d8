#include <pool/metrics/health.hpp>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <string>

#include <pool/autoscale/cpu_budget.hpp>
#include <pool/basic/user_code.hpp>

namespace pool::metrics {

namespace {

std::optional<double> cpu_seconds() {
  timespec time{};
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0) return std::nullopt;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// How many CPUs' time it may use.
double cpus(const std::filesystem::path& root) {
  const auto budget = static_cast<double>(autoscale::cpu_budget(root));
  return std::min(budget, autoscale::cpu_quota(root).value_or(budget));
}

std::optional<std::size_t> threads(const std::filesystem::path& root) {
  std::ifstream status(root / "proc/self/status");
  for (std::string word; status >> word;) {
    std::size_t count = 0;
    if (word == "Threads:" && status >> count) return count;
  }
  return std::nullopt;
}

// What f gives; nothing, if it fails.
template <class F>
auto known(F&& f) {
  decltype(f()) value;
  if (basic::catching([&] { value = f(); })) value = std::nullopt;
  return value;
}

}  // namespace

HealthMonitor::HealthMonitor(Options options)
    : options_(std::move(options)),
      clock_(options_.clock != nullptr ? *options_.clock : priority::steady_clock()),
      before_(Before{clock_.now(), used_cpu()}) {}

std::optional<double> HealthMonitor::used_cpu() const {
  return known([&] { return options_.cpu_seconds ? options_.cpu_seconds() : cpu_seconds(); });
}

std::optional<double> HealthMonitor::cpu_percent() {
  const std::optional<double> cpu = used_cpu();
  const double all = cpus(options_.root);
  const std::lock_guard lock(mutex_);
  Before& before = before_.write();
  const Time now = clock_.now();
  if (now - before.time < options_.shortest || now <= before.time) return before.percent;
  std::optional<double> percent;
  if (cpu && before.cpu) {
    const double elapsed = std::chrono::duration<double>(now - before.time).count();
    percent = std::max(100 * (*cpu - *before.cpu) / elapsed / all, 0.0);
  }
  before = {now, cpu, percent};
  return percent;
}

Health HealthMonitor::sample() {
  Health health;
  health.cpu_percent = known([&] { return cpu_percent(); });
  health.threads = known([&] { return threads(options_.root); });
  const auto used = known([&] { return autoscale::memory_used(options_.root); });
  const auto limit = known([&] { return autoscale::memory_limit(options_.root); });
  if (used) health.memory_mb = static_cast<double>(*used) / 1e6;
  if (used && limit && *limit != 0) {
    health.memory_percent = 100 * static_cast<double>(*used) / static_cast<double>(*limit);
  }
  return health;
}

}  // namespace pool::metrics
