#include "stats_report.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

#include <indexer/text.hpp>

namespace {

using indexer::Terminal;
using pool::metrics::Distribution;
using pool::metrics::Duration;

template <class... Values>
std::string formatted(const char* format, Values... values) {
  char text[160];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

double ms(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

std::string quantiles(const Distribution& distribution) {
  return formatted("mean %.2f ms, half within %.2f, 90 %% within %.2f, 99 %% within %.2f", ms(distribution.mean()),
                   ms(distribution.quantile(0.5)), ms(distribution.quantile(0.9)), ms(distribution.quantile(0.99)));
}

}  // namespace

void print_stats(const indexer::Report& report, const Terminal& terminal, const GraphResult& result) {
  constexpr std::size_t kGroupsShown = 6;
  std::vector<std::string> lines;
  std::vector<GroupDone> groups = result.groups;
  std::stable_sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.files > b.files; });
  const std::size_t most = groups.empty() ? 1 : groups.front().files;
  for (const GroupDone& group : groups) {
    if (lines.size() == kGroupsShown) {
      lines.push_back(formatted("and %zu more", groups.size() - kGroupsShown));
      break;
    }
    lines.push_back(formatted("%-18.18s %4zu of %4zu  ", group.name.c_str(), group.ended, group.files) +
                    bar(terminal, static_cast<double>(group.files), static_cast<double>(most), 24));
  }
  report.lines("groups", lines);

  const auto& pool = result.stats.pool;
  report.lines("tasks", {formatted("%zu submitted, %zu completed, %zu failed, %zu cancelled; success rate %.1f %%",
                                   pool.submitted, pool.completed, pool.failed, pool.cancelled, pool.success_rate),
                         formatted("the registry keeps %zu of them", pool.kept)});
  report.lines("slowest", result.slowest);
  report.line("waited", quantiles(result.stats.wait));
  report.line("ran", quantiles(result.stats.execution));
  lines.clear();
  for (const auto& worker : result.stats.workers) {
    lines.push_back(formatted("%-14s %5zu done, %4zu stolen, %3zu naps, busy %4.1f %%", worker.name.c_str(),
                              worker.completed, worker.steals, worker.parks,
                              100 * ms(worker.total_time) / std::max(ms(worker.total_time + worker.idle_time), 1e-9)));
  }
  report.lines("workers", lines);
}
