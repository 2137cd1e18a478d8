// enlist: puts an adapter on the list, once for each workload that it can do. What an adapter has to be: adapter.hpp.
#pragma once

#include <string>
#include <vector>

#include "adapter.hpp"
#include "workloads/ladder.hpp"
#include "workloads/w10_uneven.hpp"
#include "workloads/w11_full_queue.hpp"
#include "workloads/w1_empty_jobs.hpp"
#include "workloads/w1b_batches.hpp"
#include "workloads/w2_four_producers.hpp"
#include "workloads/w3_results.hpp"
#include "workloads/w4_fork_join.hpp"
#include "workloads/w5_latency.hpp"
#include "workloads/w6_idle.hpp"
#include "workloads/w7_memory.hpp"
#include "workloads/w8_thousand.hpp"
#include "workloads/w9_sum.hpp"

namespace bench {

// Something that can be measured.
struct Measurement {
  int order;  // of its workload
  std::string_view workload;
  std::string who;
  std::span<const Result> results;
  Outcome (*run)();
};

inline std::vector<Measurement>& measurements() {
  static std::vector<Measurement> list;
  return list;
}

template <class Adapter, class... Workloads>
bool enlist_for(const std::string& who, int order = 0) {
  const auto one = [&]<class Workload>(const Workload*) {
    ++order;
    if constexpr (Workload::template possible<Adapter>) {
      measurements().push_back({order, Workload::id, who + std::string(Workload::variant), Workload::results,
                                &Workload::template run<Adapter>});
    }
  };
  (one(static_cast<const Workloads*>(nullptr)), ...);
  return true;
}

template <class Adapter>
bool enlist(const std::string& who) {
  return enlist_for<Adapter, W1, W1FiveLevels, W1b, W2, W3, W3Launch, W4, W4Invoke, W5a, W5b, W5c, W6, W7, W8, W9, W10u,
                    W10s, W11<1>, W11<4>>(who);
}

// Of the price ladder, which comes after all others.
template <class Rung>
bool enlist_rung(const std::string& who) {
  return enlist_for<Rung, LadderW1, LadderW2>(who, 100);
}

}  // namespace bench
