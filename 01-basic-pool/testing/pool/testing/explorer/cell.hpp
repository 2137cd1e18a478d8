// cell<T>: a plain value that several threads share. It finds data races: two uses, at least one of them a write, that
// nothing orders. It does not matter whether they came close to each other in this execution, only whether they could.
#pragma once

#include <pool/testing/explorer/execution.hpp>

#include <array>
#include <string>
#include <utility>

namespace pool::explorer {

// The last write and the last read of each thread: enough to see a race with any of them.
class Accesses : public Object {
 public:
  Accesses() : Object("cell") {}

  void check(bool writes, Shown value, Site site) {
    Execution& execution = enter();
    const VectorClock& clock = execution.tick();
    const ThreadId me = execution.me();
    execution.record({.verb = writes ? "write" : "read", .object = number(), .was = value, .site = site}, Effect::none);
    if (!clock.knows(writer_, writes_.time)) race(execution, "written", writer_, writes_.site, writes, site);
    for (ThreadId reader = 0; writes && reader < kMaxThreads; ++reader) {
      if (!clock.knows(reader, reads_[reader].time)) race(execution, "read", reader, reads_[reader].site, writes, site);
    }
    if (writes) writer_ = me;
    (writes ? writes_ : reads_[me]) = {.time = clock[me], .site = site};
  }

 private:
  struct Access {
    Time time = 0;
    Site site;
  };
  [[noreturn]] void race(Execution& execution, const char* done, ThreadId other, Site there, bool writes, Site here) {
    execution.fail(Verdict::data_race, "data race: " + execution.name(*this) + " is " + done + " by " +
                                           thread_name(other) + " at " + to_text(there) + " and " +
                                           (writes ? "written" : "read") + " by " + thread_name(execution.me()) +
                                           " at " + to_text(here) + ", and nothing orders the two");
  }
  void renew() override {
    writer_ = 0;
    writes_ = {};
    reads_ = {};
  }

  ThreadId writer_ = 0;
  Access writes_;
  std::array<Access, kMaxThreads> reads_{};
};

}  // namespace pool::explorer

namespace pool::sync {

template <class T>
class cell {
 public:
  explicit cell(explorer::Site site = explorer::Site::here()) { made(site); }
  explicit cell(T value, explorer::Site site = explorer::Site::here()) : value_(std::move(value)) { made(site); }
  cell(const cell&) = delete;
  cell& operator=(const cell&) = delete;

  [[nodiscard]] const T& read(explorer::Site site = explorer::Site::here()) const {
    accesses_.check(false, explorer::Shown(value_), site);
    return value_;
  }
  [[nodiscard]] T& write(explorer::Site site = explorer::Site::here()) {
    accesses_.check(true, {}, site);
    return value_;
  }

  void name(std::string text) { accesses_.name(std::move(text)); }

 private:
  void made(explorer::Site site) {
    if (explorer::Execution::active()) accesses_.check(true, {}, site);
  }

  T value_{};
  mutable explorer::Accesses accesses_;
};

}  // namespace pool::sync
