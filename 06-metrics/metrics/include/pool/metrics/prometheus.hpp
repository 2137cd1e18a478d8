// What a pool's snapshot looks like to Prometheus, and to whatever else reads its text format (OpenTelemetry collectors
// do): https://prometheus.io/docs/instrumenting/exposition_formats/
//
//   poolcraft_tasks_completed_total{pool="web"} 17
//   poolcraft_worker_completed_total{pool="web",worker="3"} 5
//   poolcraft_task_wait_seconds_bucket{pool="web",le="0.001048576"} 16
//
// Names have base units, counters end in _total and never go down, and only they have a label for the worker: workers
// come and go. Names of pools may be any text; tasks' names are not shown, since there is no end of them.
//
// Thread safety: pure functions of a snapshot.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <pool/metrics/health.hpp>
#include <pool/metrics/stats.hpp>

namespace pool::metrics {

using Labels = std::vector<std::pair<std::string, std::string>>;  // names and values

// `labels` stand at each figure, beside the pool's name. What is unknown of the health is left out. Throws
// std::invalid_argument for a label whose name is no name of a label (letters, digits and _, no digit first, not two _
// first), is there twice, or is pool, worker or le.
[[nodiscard]] std::string to_prometheus(const Stats& stats, const Health& health = {}, const Labels& labels = {});

// What belongs into the Content-Type of the answer.
inline constexpr const char* kPrometheusContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace pool::metrics
