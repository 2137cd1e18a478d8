// What the pool knows, as JSON. Times are in seconds, moments in seconds since 1970, sizes in megabytes.
//
// Thread safety: pure functions.
#pragma once

#include <chrono>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include <pool/metrics/health.hpp>
#include <pool/metrics/stats.hpp>
#include <pool/metrics/task.hpp>

namespace pool::server {

// One moment on both clocks: a task's times are of the pool's clock, an answer's are of the calendar.
struct Now {
  metrics::Time steady{};
  std::chrono::system_clock::time_point calendar{};
};

[[nodiscard]] nlohmann::ordered_json to_json(const metrics::TaskInfo& task, const Now& now);
[[nodiscard]] nlohmann::ordered_json to_json(const metrics::Stats& stats, const metrics::Health& health);

// What is not UTF-8 is replaced.
[[nodiscard]] std::string text_of(const nlohmann::ordered_json& json);

}  // namespace pool::server
