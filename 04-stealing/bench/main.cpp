// The benchmark of the whole series: one workload on one pool, and what came out as a line of JSON.
//
//   stealing_bench --list                           what can be measured
//   stealing_bench WORKLOAD WHO [--workers N] [--quick] [--patience SECONDS]
//
// tools/bench_series.py runs each in a process of its own, round after round. Later stages, which are made of this file
// and adapters of their own, and rivals in other languages are programs that know the same two calls.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "enlist.hpp"

namespace {

using namespace bench;

// Those that are there for the tests of the checks, and are found only by name.
bool broken(const Measurement& one) {
  return one.who.starts_with("broken");
}

// {"results": [{"id": …, "title": …, "unit": …, "better": …}, …], "measurements": [{"workload": …, "who": …}, …]}
void list() {
  auto sorted = measurements();
  std::erase_if(sorted, broken);
  std::ranges::stable_sort(sorted, {}, [](const Measurement& one) { return std::pair(one.order, one.who); });
  std::vector<std::string> seen;
  std::string results, pairs;
  for (const Measurement& one : sorted) {
    for (const Result& result : one.results) {
      if (std::ranges::find(seen, result.id) != seen.end()) continue;
      seen.emplace_back(result.id);
      results += results.empty() ? "\n" : ",\n";
      results += R"({"id": ")" + std::string(result.id) + R"(", "title": ")" + std::string(result.title) +
                 R"(", "unit": ")" + std::string(result.unit) + R"(", "better": ")" + std::string(result.better) +
                 "\"}";
    }
    pairs += pairs.empty() ? "\n" : ",\n";
    pairs += R"({"workload": ")" + std::string(one.workload) + R"(", "who": ")" + one.who + "\"}";
  }
  std::printf("{\"results\": [%s],\n\"measurements\": [%s]}\n", results.c_str(), pairs.c_str());
}

// One line: what was measured, in its units, and what the process used meanwhile.
void print(const Measurement& one, const Outcome& outcome) {
  std::printf(R"({"workload": "%s", "who": "%s", "results": {)", std::string(one.workload).c_str(), one.who.c_str());
  for (std::size_t i = 0; i < one.results.size(); ++i) {
    std::printf(R"(%s"%s": {"value": %.6g, "unit": "%s"})", i == 0 ? "" : ", ", std::string(one.results[i].id).c_str(),
                outcome.values.at(i), std::string(one.results[i].unit).c_str());
  }
  std::printf(R"(}, "workers": %zu, "jobs": %llu, "seconds": %.6g, "cpu_seconds": %.6g, "voluntary": %lld, )"
              R"("involuntary": %lld)",
              outcome.workers, static_cast<unsigned long long>(outcome.jobs), outcome.used.seconds, outcome.used.cpu,
              static_cast<long long>(outcome.used.voluntary), static_cast<long long>(outcome.used.involuntary));
  if (outcome.producers_cpu) std::printf(R"(, "producers_cpu": %.6g)", *outcome.producers_cpu);
  std::printf("}\n");
}

template <class Number>
Number positive(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number <= 0)
    fail("'" + std::string(text) + "' is not a positive number");
  return number;
}

int run(const std::vector<std::string_view>& words) {
  if (words == std::vector<std::string_view>{"--list"}) return list(), 0;
  if (words.size() < 2) fail("usage: --list | WORKLOAD WHO [--workers N] [--quick] [--patience SECONDS]");
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (words[i] == "--quick") {
      settings.quick = true;
    } else if (words[i] == "--workers" && i + 1 < words.size()) {
      settings.workers = positive<std::size_t>(words[++i]);
    } else if (words[i] == "--patience" && i + 1 < words.size()) {
      settings.patience = positive<int>(words[++i]);
    } else {
      fail("there is no option '" + std::string(words[i]) + "'");
    }
  }
  const auto is_it = [&](const Measurement& one) { return one.workload == words[0] && one.who == words[1]; };
  const auto found = std::ranges::find_if(measurements(), is_it);
  if (found == measurements().end())
    fail("nobody is called '" + std::string(words[1]) + "' and can do '" + std::string(words[0]) + "'; see --list");
  print(*found, found->run());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(std::vector<std::string_view>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    fail(error.what());
  }
}
