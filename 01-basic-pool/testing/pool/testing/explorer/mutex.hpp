// mutex as the explorer has it: same members as the standard's, same promises, but who gets the lock is a question that
// the exploration answers in every way.
//
// Memory ordering: what happens before an unlock is visible to whoever locks next.
#pragma once

#include <pool/testing/explorer/execution.hpp>

namespace pool::sync {

class mutex : public explorer::Object {
 public:
  mutex() : Object("mutex") {
    if (explorer::Execution::active()) enter();
  }
  ~mutex() override {
    auto* execution = explorer::Execution::active();
    if (execution && holder != explorer::kNobody) {
      execution->fail(explorer::Verdict::misuse, execution->name(*this) + " is destroyed while it is locked");
    }
  }

  void lock(explorer::Site site = explorer::Site::here()) {
    auto& execution = enter();
    execution.point();
    if (holder != explorer::kNobody) execution.wait(*this, {.lock = this}, "waits for", site);
    take(execution, "lock", site);
  }

  // May fail although nobody has the lock, as the standard allows.
  [[nodiscard]] bool try_lock(explorer::Site site = explorer::Site::here()) {
    auto& execution = enter();
    execution.point();
    if (holder != explorer::kNobody || execution.chance()) {
      execution.record({.verb = "try_lock", .object = number(), .note = ": fails", .site = site},
                       explorer::Effect::idle);
      return false;
    }
    take(execution, "try_lock", site);
    return true;
  }

  // There is no point() here: nobody can tell whether a thread was interrupted before an unlock or after it.
  void unlock(explorer::Site site = explorer::Site::here()) {
    auto& execution = enter();
    if (holder != execution.me()) {
      execution.fail(explorer::Verdict::misuse, explorer::thread_name(execution.me()) + " unlocks " +
                                                    execution.name(*this) + ", which it does not hold");
    }
    released_ = execution.tick();
    holder = explorer::kNobody;
    execution.record({.verb = "unlock", .object = number(), .site = site});
  }

 private:
  friend class condition_variable;

  void take(explorer::Execution& execution, const char* verb, explorer::Site site) {
    holder = execution.me();
    since = execution.step();
    execution.tick().join(released_);
    execution.record({.verb = verb, .object = number(), .site = site});
  }
  void renew() override { released_ = {}; }

  explorer::VectorClock released_;  // what the last holder had seen
};

}  // namespace pool::sync
