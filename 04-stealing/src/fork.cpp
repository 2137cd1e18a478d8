#include <pool/stealing/fork.hpp>

#include <mutex>
#include <utility>

namespace pool::stealing {

void Fork::run() {
  std::uint32_t how = kLost;
  const basic::Finally told{[&] {
    Forks* const parent = parent_.read();  // first: when it is done, its frame may be gone
    const std::uint32_t before = state_.exchange(how << 1U, std::memory_order_acq_rel);  // [joined] pairs with done()
    if ((before & kAwaited) != 0) parent->call();
  }};
  run_(*this);
  how = kDone;
}

void Forks::belong_to(std::size_t worker, Parking& parking) {
  worker_ = worker;
  parking_ = &parking;
}

Fork* Forks::take_newest() {
  if (static_cast<std::int64_t>(deque_.bottom() - within_.base) <= 0) return nullptr;
  Fork* const fork = deque_.take();
  if (fork != nullptr) began(*fork, *this);
  return fork;
}

template <class Wanted>
Fork* Forks::steal_if(Forks& thief, Wanted&& wanted) {
  Fork* fork = nullptr;
  Steal stolen = deque_.steal_if(fork, wanted);
  while (stolen == Steal::lost) stolen = deque_.steal_if(fork, wanted);
  if (fork != nullptr) began(*fork, thief);
  return fork;
}

void Forks::began(Fork& fork, const Forks& thief) {
  fork.parent_.write() = this;
  const auto runs = static_cast<std::uint32_t>(Fork::kRunning + thief.worker_);
  fork.state_.fetch_add((runs - Fork::kOpen) << 1U, std::memory_order_relaxed);  // who waits may have said so before
}

Fork* Forks::steal(std::size_t level, Forks& thief) {
  return steal_if(thief, [level](std::int64_t stamp) { return level_in(stamp) == level; });
}

Fork* Forks::steal_part_of(const Fork& whole, Forks& thief) {
  return steal_if(thief, [&whole](std::int64_t stamp) { return is_part_of(whole, stamp); });
}

std::optional<std::size_t> Forks::level_of_oldest() const {
  const auto stamp = deque_.oldest_stamp();
  return stamp ? std::optional(level_in(*stamp)) : std::nullopt;
}

std::optional<std::size_t> Forks::thief_of(const Fork& fork) {
  const std::uint32_t state = fork.state_.load(std::memory_order_relaxed) >> 1U;
  return state >= Fork::kRunning ? std::optional<std::size_t>(state - Fork::kRunning) : std::nullopt;
}

void Forks::call() {
  {
    const std::lock_guard lock(mutex_);
    calls_.store(calls_.load(std::memory_order_relaxed) + 1, std::memory_order_release);  // [call] pairs with calls()
  }
  called_.notify_one();
}

// Not by the atomic's wait(), which yields: see Parking::sleep().
void Forks::sleep(std::uint32_t calls) {
  std::unique_lock lock(mutex_);
  while (this->calls() == calls) called_.wait(lock);
}

void Forks::let_go(Fork& fork) {
  if (take(fork)) return;
  for (;;) {
    const std::uint32_t calls = this->calls();
    expect_call(fork);
    if (fork.done()) return;
    sleep(calls);
  }
}

}  // namespace pool::stealing
