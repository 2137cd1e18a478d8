// Execution: one run of the body under one schedule. It is the scheduler of the explorer's threads; the primitives of
// sync.hpp are written with the operations below.
//
// A primitive's operation has three parts: point() — others may go first — then its effect, then record().
// Invariants:  (E1) one thread runs at a time, and it is left only in point(), wait() and at its end
//              (E2) a thread goes on only if it waits for nothing, or for something whose time is up
//              (E3) a thread that changes nothing and learns nothing gives way, so a loop that spins does not hang
#pragma once

#include <pool/testing/explorer/fiber.hpp>
#include <pool/testing/explorer/strategy.hpp>
#include <pool/testing/explorer/timeline.hpp>

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace pool::explorer {

class Execution;

// Something that threads share: a mutex, a condition variable, an atomic, a cell, the end of a thread.
class Object {
 public:
  explicit Object(const char* kind) : kind_(kind) {}
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  // The running execution. An object that is older than it (a global, say) starts anew, so that runs are alike.
  Execution& enter();
  [[nodiscard]] std::size_t number() const { return number_; }
  void name(std::string text);  // what the timeline calls it, instead of what the code does

  ThreadId holder = kNobody;  // of a mutex: who has it
  std::size_t since = 0;      // of a mutex: the step at which it was taken
  std::size_t missed = 0;     // the last step at which it was notified and nobody waited; 0: never

 protected:
  virtual ~Object() = default;
  virtual void renew() {}

 private:
  const char* kind_;
  std::uint64_t execution_ = 0;
  std::size_t number_ = 0;
};

// What a thread waits for: all of it must come true, but for `timed`, which lets it go on without the signal.
struct Waiting {
  const Object* signal = nullptr;  // a notification or the end of a thread; null once it came
  const Object* lock = nullptr;    // a mutex that must be free
  bool timed = false;
  std::size_t since = 0;  // the step from which on it needs the signal: when it took the lock and looked
};

enum class Effect { none, idle, change };  // idle: changed nothing, and told the thread nothing new

// One of the explorer's threads.
struct Thread {
  Thread(ThreadId number, std::function<void()> run) : id(number), fiber(std::move(run)) {}

  const ThreadId id;
  Fiber fiber;
  VectorClock clock;
  Waiting waiting;
  bool timed_out = false;
  bool fresh = true;  // nothing happened since it was picked, so its first point need not ask again
  bool finished = false;
  bool tired = false;      // gave way; until somebody changes something
  std::size_t streak = 0;  // steps in a row
  // Its idle steps, object and call path, since it changed something or learned something.
  std::vector<std::pair<std::size_t, std::size_t>> idle;
  struct End final : Object {
    End() : Object("thread") {}
  } end;
};

class Execution {
 public:
  Execution(Oracle& oracle, std::size_t max_steps);

  Result run(const std::function<void()>& body);

  static Execution* active() { return active_; }
  static Execution& running();  // ends the program with a clear message if there is none
  [[nodiscard]] std::uint64_t id() const { return id_; }

  // Time and order
  [[nodiscard]] ThreadId me() const { return me_; }
  VectorClock& clock() { return threads_[me_]->clock; }  // of the running thread
  VectorClock& tick();                                   // the same, one operation further

  // Scheduling
  void point();
  bool wait(const Object& object, Waiting waiting, const char* verb, Site site);  // false: its time was up
  void notify(Object& object, bool all, Site site);
  void yield(Site site);
  ThreadId start(std::function<void()> run, Site site);
  void join(ThreadId thread, Site site);
  [[nodiscard]] std::size_t choose(std::span<const Option> options);
  [[nodiscard]] std::size_t choose(std::size_t count);  // one of so many, all alike
  [[nodiscard]] bool chance();                          // false; and once more with true, which counts as a preemption

  // What happened
  std::size_t add_object(const char* kind) { return timeline_.add_object(kind); }
  void rename(const Object& object, std::string name) { timeline_.rename(object.number(), std::move(name)); }
  [[nodiscard]] std::size_t step() const { return timeline_.size() + 1; }  // of what is recorded next
  [[nodiscard]] std::string name(const Object& object) const { return timeline_.name(object.number()); }
  void record(Event event, Effect effect = Effect::change);
  [[noreturn]] void fail(Verdict verdict, const std::string& what);
  void fail_soon(std::string what);  // at the next step: for callers that hold a lock of their own

 private:
  enum class Zeal { ready, timeout, tired, unable };  // how much a thread wants to go on, most first

  [[nodiscard]] static Zeal zeal(const Thread& thread);
  [[nodiscard]] ThreadId pick();
  void switch_to(ThreadId next);
  void live(ThreadId thread, std::function<void()>& run);
  [[noreturn]] void report_deadlock();
  [[nodiscard]] std::string describe_wait(const Thread& thread) const;

  static inline Execution* active_ = nullptr;

  const std::uint64_t id_;
  Oracle& oracle_;
  const std::size_t max_steps_;
  Fiber host_;  // the stack of run()
  std::vector<std::unique_ptr<Thread>> threads_;
  ThreadId me_ = 0;
  std::size_t steps_ = 0;
  Schedule schedule_;
  Timeline timeline_;
  std::string failed_check_;
  Result result_;
};

std::string thread_name(ThreadId thread);

}  // namespace pool::explorer
