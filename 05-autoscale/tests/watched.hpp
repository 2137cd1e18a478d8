// Watched: a pool whose time is the test's, and whose policy answers what the test says.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include <pool/autoscale/thread_pool.hpp>

namespace pool::testing {

inline void until(const std::function<bool()>& happened) {
  while (!happened()) std::this_thread::yield();
}
inline void until_counted(const autoscale::ThreadPool& pool, autoscale::Event::Kind kind, std::size_t many) {
  until([&] { return pool.events().count(kind) >= many; });
}

// Nobody decides anything but the test.
inline autoscale::Options by_hand(std::size_t min, std::size_t max) {
  autoscale::Options options;
  options.min_workers = min;
  options.max_workers = max;
  options.policy = [](const autoscale::Load&) { return 0; };
  options.idle_timeout = autoscale::Duration::zero();
  options.on_error = [](std::exception_ptr) {};
  return options;
}

// A fixed size, and nothing on stderr.
inline autoscale::Options quiet(std::size_t workers) {
  autoscale::Options options;
  options.workers = workers;
  options.on_error = [](std::exception_ptr) {};
  return options;
}

// Keeps what it was asked, and answers what it is told to.
class Oracle {
 public:
  autoscale::Policy policy() {
    return [this](const autoscale::Load& load) {
      const std::lock_guard lock(mutex_);
      asked_.push_back(load);
      if (throws) throw std::runtime_error("no idea");
      return answer.load();
    };
  }
  std::vector<autoscale::Load> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  void until_asked(std::size_t times) const {
    until([&] { return asked().size() >= times; });
  }
  std::atomic<int> answer{0};
  std::atomic<bool> throws{false};

 private:
  mutable std::mutex mutex_;
  std::vector<autoscale::Load> asked_;
};

struct Watched {
  explicit Watched(std::size_t min = 1, std::size_t max = 4,
                   autoscale::Duration idle_timeout = autoscale::Duration::zero())
      : pool({.clock = &clock,
              .min_workers = min,
              .max_workers = max,
              .policy = oracle.policy(),
              .idle_timeout = idle_timeout}) {}
  // Lets an interval pass, and gives what the policy was asked then.
  autoscale::Load tick() {
    const std::size_t before = oracle.asked().size();
    clock.advance(std::chrono::seconds(10));
    oracle.until_asked(before + 1);
    return oracle.asked().at(before);
  }
  priority::ManualClock clock;
  Oracle oracle;
  autoscale::ThreadPool pool;
};

}  // namespace pool::testing
