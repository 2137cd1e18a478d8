// Reading what the demo of stage 02 prints.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

inline const std::vector<std::string> kPolicies = {"block", "reject", "run_in_caller", "drop_oldest"};

inline std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    lines.emplace_back(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(text.size(), lines.back().size() + 1));
  }
  return lines;
}

// The number behind the first "name": at or after `from`.
inline double number(const std::string& json, const std::string& name, std::size_t from = 0) {
  const std::size_t found = json.find("\"" + name + "\":", from);
  if (found == std::string::npos) throw std::runtime_error("there is no " + name + " in " + json);
  return std::strtod(json.c_str() + found + name.size() + 3, nullptr);
}

// What the pool counted about one run, from the object of the JSON output that begins behind `from`.
struct Counts {
  Counts(const std::string& json, std::size_t from)
      : accepted(number(json, "accepted", from)),
        completed(number(json, "completed", from)),
        rejected(number(json, "rejected", from)),
        ran_in_caller(number(json, "ran_in_caller", from)),
        dropped(number(json, "dropped", from)),
        high_water(number(json, "high_water", from)) {}

  double accepted, completed, rejected, ran_in_caller, dropped, high_water;
};
