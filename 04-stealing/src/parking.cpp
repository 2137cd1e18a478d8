#include <pool/stealing/parking.hpp>

#include <algorithm>

#include <pool/basic/user_code.hpp>

namespace pool::stealing {

Parking::Parking(std::size_t workers) : beds_(new Bed[workers]) {
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
    beds_[worker].called.write() = true;  // [wake] pairs with sleep()
  }
  beds_[worker].called_up.notify_one();
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
  beds_[worker].called.write() = ended_.read();
  sleepers_.write().push_back(worker);
  state_.fetch_add(kSleeping - (searching ? kSearching : 0), std::memory_order_seq_cst);  // [prepare]
}

void Parking::cancel(std::size_t worker) {
  std::lock_guard lock(mutex_);
  get_up(worker);
}

// #region sleep
// Not by an atomic's wait(): that of libstdc++ yields a few times before it sleeps, and a thread that has yielded is not
// let in, when it is woken, before the one that woke it has used up its slice.
void Parking::sleep(std::size_t worker) {
  Bed& bed = beds_[worker];
  std::unique_lock lock(mutex_);
  const basic::Finally up{[&] { get_up(worker); }};     // at the end nobody has taken it off the list,
  while (!bed.called.read()) bed.called_up.wait(lock);  // [wake] nor when its thread is ended here
}
// #endregion sleep

// With the lock held.
void Parking::get_up(std::size_t worker) {
  auto& sleepers = sleepers_.write();
  const auto self = std::find(sleepers.begin(), sleepers.end(), worker);
  if (self == sleepers.end()) return;  // somebody has woken it meanwhile, and counts it among those who search
  sleepers.erase(self);
  state_.fetch_add(kSearching - kSleeping, std::memory_order_seq_cst);
}

void Parking::call(std::size_t worker) {
  std::lock_guard lock(mutex_);
  get_up(worker);
  beds_[worker].called.write() = true;  // [wake]
  beds_[worker].called_up.notify_one();
}

void Parking::wake_all() {
  std::lock_guard lock(mutex_);
  ended_.write() = true;
  for (const std::size_t worker : sleepers_.read()) {
    beds_[worker].called.write() = true;  // [wake]
    beds_[worker].called_up.notify_one();
  }
}

std::size_t Parking::sleeping() const {
  return sleeping_in(state_.load(std::memory_order_acquire));
}

}  // namespace pool::stealing
