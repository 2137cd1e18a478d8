// SimulatedPool: what a policy does to a pool, without threads and without waiting. Work flows in and out like water:
// so many jobs a second are handed in, and so many a second can so many workers do.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <functional>
#include <random>
#include <vector>

#include <pool/autoscale/policy.hpp>

namespace pool::testing {

// Jobs a second that so many workers can do.
using Capacity = std::function<double(std::size_t workers)>;

// Each does so many, up to `top` workers: more bring nothing. A CPU for each of the first `top`, for example.
inline Capacity flat_above(std::size_t top, double each = 10) {
  return [=](std::size_t workers) { return each * static_cast<double>(std::min(workers, top)); };
}

// Beyond a certain number, more workers make it worse: N. Gunther's universal scalability law ("Guerrilla Capacity
// Planning", 2007). `contention`: the share of the work that only one can do at a time; `crosstalk`: what each pair
// costs.
inline Capacity falling(double contention, double crosstalk, double each = 10) {
  return [=](std::size_t workers) {
    const auto n = static_cast<double>(workers);
    return each * n / (1 + contention * (n - 1) + crosstalk * n * (n - 1));
  };
}

class SimulatedPool {
 public:
  struct Setup {
    std::size_t min_workers = 2, max_workers = 20;
    Capacity capacity = flat_above(1000);
    double arrivals = 0;  // jobs a second
    double noise = 0;     // 0.02: in each interval the capacity is by up to 2 % more or less
    unsigned seed = 1;
  };

  SimulatedPool(autoscale::Policy policy, Setup setup)
      : policy_(std::move(policy)), setup_(std::move(setup)), random_(setup_.seed), workers_(setup_.min_workers) {}

  // So many intervals, of ten seconds each.
  void run(int intervals) {
    for (int i = 0; i < intervals; ++i) tick();
  }

  void set_arrivals(double jobs_a_second) { setup_.arrivals = jobs_a_second; }
  void set_capacity(Capacity capacity) { setup_.capacity = std::move(capacity); }
  void set_workers(std::size_t workers) { workers_ = workers; }  // as scale_to() does

  [[nodiscard]] std::size_t workers() const { return workers_; }
  [[nodiscard]] const autoscale::Load& last() const { return load_; }
  [[nodiscard]] const std::vector<std::size_t>& history() const { return history_; }  // the size after each interval

  // How often the size has changed in the last so many intervals.
  [[nodiscard]] int changes(std::size_t intervals) const {
    int count = 0;
    for (std::size_t i = history_.size() - intervals; i < history_.size(); ++i) count += history_[i] != history_[i - 1];
    return count;
  }

 private:
  static constexpr double kInterval = 10;  // seconds

  void tick() {
    const double swing =
        (static_cast<double>(random_()) / static_cast<double>(std::mt19937::max()) * 2 - 1) * setup_.noise;
    const double can = setup_.capacity(workers_) * kInterval * (1 + swing);
    const double is_there = queued_ + setup_.arrivals * kInterval;
    const double done = std::min(is_there, can);
    queued_ = is_there - done;
    done_ += done;
    const auto count = static_cast<std::size_t>(done_);  // whole jobs; the rest of the last one is in the next interval
    done_ -= static_cast<double>(count);

    load_.workers = workers_;
    load_.min_workers = setup_.min_workers;
    load_.max_workers = setup_.max_workers;
    load_.active = static_cast<std::size_t>(std::lround(static_cast<double>(workers_) * (can == 0 ? 1 : done / can)));
    load_.queued = static_cast<std::size_t>(queued_);
    // Whoever is first in the queue came when what is in it now began to come in.
    const double wait = queued_ < 1 ? 0 : queued_ / std::max(setup_.arrivals, 1.0);
    load_.oldest_wait = std::chrono::duration_cast<autoscale::Duration>(std::chrono::duration<double>(wait));
    load_.completed = count;
    load_.elapsed = std::chrono::seconds(10);
    if (load_.since_change != autoscale::Duration::max()) load_.since_change += load_.elapsed;

    const autoscale::Decision step = policy_(load_);
    workers_ = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(workers_) + step);
    if (step != 0) load_.since_change = autoscale::Duration::zero();
    history_.push_back(workers_);
  }

  autoscale::Policy policy_;
  Setup setup_;
  std::mt19937 random_;
  std::size_t workers_;
  double queued_ = 0, done_ = 0;
  autoscale::Load load_;
  std::vector<std::size_t> history_;
};

}  // namespace pool::testing
