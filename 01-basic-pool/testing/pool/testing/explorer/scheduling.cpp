// The part of an Execution that decides who goes on.
#include <pool/testing/explorer/execution.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace pool::explorer {
namespace {

constexpr std::size_t kPatience = 100;  // so many steps in a row, and a thread gives way, whatever it does

}  // namespace

Execution::Zeal Execution::zeal(const Thread& thread) {
  const Waiting& waiting = thread.waiting;
  if (thread.finished || (waiting.lock && waiting.lock->holder != kNobody)) return Zeal::unable;
  if (waiting.signal) return waiting.timed ? Zeal::timeout : Zeal::unable;
  return thread.tired ? Zeal::tired : Zeal::ready;
}

// The thread that goes on. The running one first, if it can; otherwise the keenest. Only these cost nothing.
ThreadId Execution::pick() {
  auto best = Zeal::unable;
  for (const auto& thread : threads_) best = std::min(best, zeal(*thread));
  if (best == Zeal::unable) report_deadlock();
  const bool stays = zeal(*threads_[me_]) == Zeal::ready;

  std::array<Option, kMaxThreads> options;
  std::size_t count = 0;
  if (stays) options[count++] = {.thread = me_};
  for (Zeal level = best; level != Zeal::unable; level = static_cast<Zeal>(static_cast<int>(level) + 1)) {
    for (ThreadId i = 1; i <= threads_.size(); ++i) {
      const ThreadId thread = (me_ + i) % threads_.size();
      if (zeal(*threads_[thread]) != level || (stays && thread == me_)) continue;
      const bool willing = level == best && (thread != me_ || level == Zeal::timeout || count == 0);
      options[count++] = {.thread = thread, .cost = stays || !willing ? 1U : 0U, .willing = willing};
    }
  }
  return options[choose({options.data(), count})].thread;
}

void Execution::switch_to(ThreadId next) {
  Thread& thread = *threads_[next];
  thread.timed_out = std::exchange(thread.waiting, Waiting{}).signal != nullptr;
  if (next == me_) return;
  thread.tired = false;
  thread.idle.clear();
  thread.streak = 0;
  Fiber& from = threads_[me_]->fiber;
  me_ = next;
  from.switch_to(thread.fiber);
}

void Execution::point() {
  if (!failed_check_.empty()) fail(Verdict::failed_check, failed_check_);
  if (++steps_ > max_steps_) {
    fail(Verdict::livelock, "no end after " + std::to_string(max_steps_) + " steps: the threads run in circles");
  }
  Thread& thread = *threads_[me_];
  if (std::exchange(thread.fresh, false)) return;
  if (++thread.streak > kPatience) thread.tired = true;
  switch_to(pick());
}

void Execution::yield(Site site) {
  threads_[me_]->tired = true;
  threads_[me_]->fresh = false;
  record({.verb = "yield", .site = site}, Effect::none);
  point();
}

bool Execution::wait(const Object& object, Waiting waiting, const char* verb, Site site) {
  threads_[me_]->waiting = waiting;
  record({.verb = verb, .object = object.number(), .site = site});
  switch_to(pick());
  threads_[me_]->fresh = false;
  return !threads_[me_]->timed_out;
}

void Execution::notify(Object& object, bool all, Site site) {
  std::array<Option, kMaxThreads> sleepers;
  std::size_t count = 0;
  for (const auto& thread : threads_) {
    if (thread->waiting.signal == &object) sleepers[count++] = {.thread = thread->id};
  }
  if (count == 0) {
    object.missed = step();
    return record(
        {.verb = all ? "notify_all" : "notify_one", .object = object.number(), .note = ": nobody waits", .site = site},
        Effect::none);
  }
  record({.verb = all ? "notify_all" : "notify_one", .object = object.number(), .site = site});
  const std::size_t one = all ? 0 : choose({sleepers.data(), count});
  for (std::size_t i = 0; i < count; ++i) {
    if (all || i == one) threads_[sleepers[i].thread]->waiting.signal = nullptr;
  }
}

std::size_t Execution::choose(std::span<const Option> options) {
  if (options.size() == 1) return 0;
  const std::size_t answer = oracle_.choose(options);
  if (answer == Oracle::kLost) {
    fail(Verdict::misuse,
         "the body did something else than before under the same schedule: does it share something that is not made "
         "in it, or read a clock or a random number? (Or the schedule to replay belongs to another test.)");
  }
  schedule_.push_back(answer);
  return answer;
}

std::size_t Execution::choose(std::size_t count) {
  static const std::vector<Option> alike(kMaxOptions);
  return choose({alike.data(), std::min(count, alike.size())});
}

bool Execution::chance() {
  static constexpr std::array<Option, 2> options{Option{}, Option{.cost = 1, .willing = false}};
  return choose(options) == 1;
}

}  // namespace pool::explorer
