// LoadPlan: which files are handed in when, and to what pool. It is the same for all policies.
//
//   files a second  │      █ a burst         █ and a smaller one
//                   │▄▄▄▄▄▄█▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁
//                    a trickle that keeps five sixths of the smallest pool busy
//
// Each file is read once. How long a read takes is chosen so that the source, with all its lanes in use, would need
// 45 % of the time for all.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <pool/priority/cancellation.hpp>
#include "options.hpp"

struct LoadPlan {
  static constexpr std::size_t kMost = 4000;  // files: what more there is in the folder is left out

  std::vector<std::string> files;
  std::vector<double> due;  // when each is handed in: seconds since the start
  std::size_t trickle = 0, burst = 0, second_burst = 0;
  double seconds = 0;
  std::size_t lanes = 1;
  std::chrono::microseconds a_read{0};
  std::size_t min = 1, max = 2;
  std::chrono::milliseconds interval{0};
  std::string ending;  // of the names of hostile files: ".toml"
  pool::priority::CancelToken token = {};

  [[nodiscard]] bool is_hostile(std::size_t file) const { return files[file].ends_with(ending); }
  [[nodiscard]] std::size_t hostile() const;  // how many are
};

LoadPlan plan_of(const Options& options, std::vector<std::string> files, const pool::priority::CancelToken& token);
