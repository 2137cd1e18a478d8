// The price ladder: W1 and W2 once more, for the rungs of ../ladder.hpp, in tables of their own. A rung is no pool that
// one could use, so it never stands beside one.
#pragma once

#include <array>

#include "w1_empty_jobs.hpp"
#include "w2_four_producers.hpp"

namespace bench {

struct LadderW1 : W1 {
  static constexpr std::string_view id = "ladder-w1";
  static constexpr std::array results{
      Result{"ladder-w1", "The price ladder: empty jobs, one producer", "M jobs/s", "higher"}};
};

struct LadderW2 : W2 {
  static constexpr std::string_view id = "ladder-w2";
  static constexpr std::array results{
      Result{"ladder-w2", "The price ladder: empty jobs, four producers", "M jobs/s", "higher"}};
};

}  // namespace bench
