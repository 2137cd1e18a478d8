// The part of an Execution that starts and ends threads, and tells what happened. Who goes on: scheduling.cpp.
#include <pool/testing/explorer/execution.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <utility>

namespace pool::explorer {
namespace {

constexpr std::size_t kEventsPerStep = 10;  // of which most are uses of cells

std::uint64_t executions = 0;

}  // namespace

std::string thread_name(ThreadId thread) {
  return thread == 0 ? "the body" : "thread " + std::to_string(thread);
}

Execution& Object::enter() {
  Execution& execution = Execution::running();
  if (execution_ != execution.id()) {
    execution_ = execution.id();
    number_ = execution.add_object(kind_);
    holder = kNobody;
    missed = 0;
    renew();
  }
  return execution;
}

void Object::name(std::string text) {
  enter().rename(*this, std::move(text));
}

Execution::Execution(Oracle& oracle, std::size_t max_steps)
    : id_(++executions), oracle_(oracle), max_steps_(max_steps) {}

Execution& Execution::running() {
  if (active_) return *active_;
  std::fputs(
      "explorer: a primitive of pool::sync was used outside of an exploration. A program that is compiled with "
      "POOL_EXPLORE can use them only in the body of EXPLORE or explore().\n",
      stderr);
  std::abort();
}

Result Execution::run(const std::function<void()>& body) {
  active_ = this;
  start(body, {});
  host_.switch_to(threads_[0]->fiber);
  active_ = nullptr;
  if (result_.verdict != Verdict::passed) {
    for (auto& thread : threads_) static_cast<void>(thread.release());  // what lies on its stack may still point here
  }
  return std::move(result_);
}

VectorClock& Execution::tick() {
  ++clock()[me_];
  return clock();
}

// ---- lives of threads

ThreadId Execution::start(std::function<void()> run, Site site) {
  const ThreadId thread = threads_.size();
  if (thread == kMaxThreads) fail(Verdict::misuse, "an execution can have the body and seven more threads");
  threads_.push_back(
      std::make_unique<Thread>(thread, [this, thread, run = std::move(run)]() mutable { live(thread, run); }));
  Thread& started = *threads_.back();
  if (thread == 0) return thread;
  started.end.enter();
  timeline_.rename(started.end.number(), thread_name(thread));
  started.clock = tick();  // what happens before the start is visible to the thread
  threads_[me_]->fresh = false;
  record({.verb = "start", .object = started.end.number(), .site = site});
  return thread;
}

void Execution::live(ThreadId thread, std::function<void()>& run) {
  try {
    run();
  } catch (const std::exception& e) {
    fail(Verdict::escaped_exception, std::string("an exception left ") + thread_name(thread) + ": " + e.what());
  } catch (...) {
    fail(Verdict::escaped_exception, "an exception of an unknown type left " + thread_name(thread));
  }
  if (!failed_check_.empty()) fail(Verdict::failed_check, failed_check_);
  Thread& self = *threads_[thread];
  self.finished = true;
  if (thread != 0) {
    for (const auto& other : threads_) {
      if (other->waiting.signal == &self.end) other->waiting.signal = nullptr;
    }
    record({.verb = "ends"});
    switch_to(pick());
  }
  for (const auto& other : threads_) {
    if (other->finished) continue;
    fail(Verdict::leaked_thread, "the body ended while " + thread_name(other->id) + " was running");
  }
  self.fiber.switch_to(host_);
}

void Execution::join(ThreadId thread, Site site) {
  Thread& other = *threads_[thread];
  if (!other.finished) wait(other.end, {.signal = &other.end}, "waits for", site);
  clock().join(other.clock);  // what the thread did is visible from here on
  record({.verb = "join", .object = other.end.number(), .site = site});
}

// ---- what happened

void Execution::record(Event event, Effect effect) {
  event.thread = me_;
  timeline_.add(event);
  if (timeline_.size() > kEventsPerStep * max_steps_) {  // a loop over cells alone never comes to point()
    fail(Verdict::livelock, "no end after " + std::to_string(timeline_.size()) + " uses of shared values");
  }
  Thread& self = *threads_[me_];
  if (effect == Effect::idle) {  // the same again, and a thread gives way: it is waiting for somebody
    const std::pair step(event.object, self.fiber.call_path() + static_cast<std::size_t>(event.site.line));
    self.tired = self.tired || std::find(self.idle.begin(), self.idle.end(), step) != self.idle.end();
    self.idle.push_back(step);
  }
  if (effect != Effect::change) return;
  self.tired = false;
  self.idle.clear();
  for (const auto& other : threads_) {
    if (other.get() != &self) other->tired = false;
  }
}

void Execution::fail(Verdict verdict, const std::string& what) {
  result_.verdict = verdict;
  result_.schedule = to_text(schedule_);
  result_.report = what + "\n\n" + timeline_.table(threads_.size());
  threads_[me_]->fiber.switch_to(host_);
  std::abort();  // nobody comes back to an execution that failed
}

void Execution::fail_soon(std::string what) {
  record({.verb = "check fails"}, Effect::none);
  if (failed_check_.empty()) failed_check_ = std::move(what);
}

void Execution::report_deadlock() {
  std::string waits;
  bool lost = false;
  for (const auto& thread : threads_) {
    if (thread->finished) continue;
    waits += "\n  " + describe_wait(*thread);
    lost = lost || (thread->waiting.signal && thread->waiting.signal->missed > thread->waiting.since);
  }
  if (lost) fail(Verdict::lost_wakeup, "lost wake-up: nobody can go on" + waits);
  fail(Verdict::deadlock, "deadlock: nobody can go on" + waits);
}

std::string Execution::describe_wait(const Thread& thread) const {
  const std::string who = thread_name(thread.id) + " waits for ";
  const Waiting& waiting = thread.waiting;
  if (!waiting.signal) return who + name(*waiting.lock) + ", held by " + thread_name(waiting.lock->holder);
  std::string what = who + name(*waiting.signal);
  if (waiting.signal->missed > waiting.since) {  // else it was for somebody else, or long ago
    what += ", which was notified at step " + std::to_string(waiting.signal->missed) + ", when nobody waited";
  }
  return what;
}

}  // namespace pool::explorer
