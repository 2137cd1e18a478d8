#include <pool/stealing/parking.hpp>

#include <algorithm>

namespace pool::stealing {

Parking::Parking(std::size_t workers) : called_(new sync::atomic<std::uint32_t>[workers]) {
  sleepers_.write().reserve(workers);
}

void Parking::wake_one() {
  std::size_t worker = 0;
  {
    std::lock_guard lock(mutex_);
    if (sleepers_.read().empty()) return;
    if (searching_in(state_.load(std::memory_order_relaxed)) > 0) return;  // somebody was woken since we looked
    worker = sleepers_.read().back();
    sleepers_.write().pop_back();
    state_.fetch_add(kSearching - kSleeping, std::memory_order_seq_cst);
  }
  wake_up(worker);
}

void Parking::wake_up(std::size_t worker) {
  called_[worker].store(1, std::memory_order_release);  // [wake] pairs with sleep()
  called_[worker].notify_one();
}

bool Parking::begin_search() {
  State state = state_.load(std::memory_order_relaxed);
  do {
    if (searching_in(state) > 0) return false;
  } while (
      !state_.compare_exchange_weak(state, state + kSearching, std::memory_order_seq_cst, std::memory_order_relaxed));
  return true;
}

void Parking::prepare(std::size_t worker, bool searching) {
  std::lock_guard lock(mutex_);
  called_[worker].store(ended_.read() ? 1 : 0, std::memory_order_relaxed);
  sleepers_.write().push_back(worker);
  state_.fetch_add(kSleeping - (searching ? kSearching : 0), std::memory_order_seq_cst);  // [prepare]
}

void Parking::cancel(std::size_t worker) {
  std::lock_guard lock(mutex_);
  auto& sleepers = sleepers_.write();
  const auto self = std::find(sleepers.begin(), sleepers.end(), worker);
  if (self == sleepers.end()) return;  // somebody has woken it meanwhile, and counts it among those who search
  sleepers.erase(self);
  state_.fetch_add(kSearching - kSleeping, std::memory_order_seq_cst);
}

void Parking::sleep(std::size_t worker) {
  while (called_[worker].load(std::memory_order_acquire) == 0)
    called_[worker].wait(0, std::memory_order_acquire);  // [wake]
  cancel(worker);                                        // at the end nobody has taken it off the list
}

void Parking::found() {
  const State state = state_.fetch_sub(kSearching, std::memory_order_seq_cst);  // [found]
  if (searching_in(state) == 1 && sleeping_in(state) > 0) wake_one();
}

void Parking::wake_all() {
  std::lock_guard lock(mutex_);
  ended_.write() = true;
  for (const std::size_t worker : sleepers_.read()) wake_up(worker);
}

std::size_t Parking::sleeping() const {
  return sleeping_in(state_.load(std::memory_order_acquire));
}

}  // namespace pool::stealing
