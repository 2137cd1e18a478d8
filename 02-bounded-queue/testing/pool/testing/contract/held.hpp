// Held: a pool whose only worker is kept busy, so that the test decides what is in the queue.
#pragma once

#include <atomic>
#include <cstddef>
#include <thread>
#include <utility>

#include <pool/testing/gate.hpp>

namespace pool::testing {

template <class Pool>
class Held {
 public:
  explicit Held(typename Pool::Options options) : pool(one_worker(std::move(options))) {
    pool.post([this] {
      running_.open();
      go_.wait();
    });
    running_.wait();
  }
  ~Held() { release(); }

  // Posts work until `count` pieces wait; each adds one to ran().
  void queue(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) pool.post([this] { ++ran_; });
  }
  [[nodiscard]] int ran() const { return ran_; }

  // Lets the worker go on.
  void release() { go_.open(); }

 private:
  static typename Pool::Options one_worker(typename Pool::Options options) {
    options.workers = 1;
    return options;
  }

  Gate running_;
  Gate go_;
  std::atomic<int> ran_{0};

 public:
  Pool pool;  // the last member: its jobs use the others
};

// Gives other threads the time to do something wrong.
inline void let_others_run() {
  for (int i = 0; i < 200; ++i) std::this_thread::yield();
}

}  // namespace pool::testing
