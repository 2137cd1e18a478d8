#include <pool/stealing/parking.hpp>

#include <utility>

#include <pool/basic/user_code.hpp>

namespace pool::stealing {

Parking::Parking(std::size_t workers) : beds_(new Bed[workers]) {}

void Parking::wake_one() {
  Bed* bed = nullptr;
  {
    std::lock_guard lock(mutex_);
    bed = top_.read();
    if (bed == nullptr) return;
    if (searching_in(state_.load(std::memory_order_relaxed)) > 0) return;  // somebody was woken since we looked
    get_up(*bed);                                                          // [wake] pairs with asleep()
  }
  bed->look_again.release();
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
  Bed& bed = beds_[worker];
  std::lock_guard lock(mutex_);
  bed.listed.write() = true;
  bed.below.write() = std::exchange(top_.write(), &bed);
  state_.fetch_add(kSleeping - (searching ? kSearching : 0), std::memory_order_seq_cst);  // [prepare]
}

void Parking::cancel(std::size_t worker) {
  std::lock_guard lock(mutex_);
  get_up(beds_[worker]);
}

// #region sleep
// Not by an atomic's wait(): that of libstdc++ yields a few times before it sleeps, and a thread that has yielded is not
// let in, when it is woken, before the one that woke it has used up its slice. Nor on a condition variable: it gives the
// lock back as one for which others wait, and to unlock that takes a system call.
void Parking::sleep(std::size_t worker) {
  Bed& bed = beds_[worker];
  const basic::Finally up{[&] { cancel(worker); }};  // at the end nobody has taken it off the list,
  while (asleep(bed)) bed.look_again.acquire();      // nor when its thread is ended here
}

bool Parking::asleep(const Bed& bed) {
  std::lock_guard lock(mutex_);  // [wake]
  return bed.listed.read() && !ended_.read();
}
// #endregion sleep

// With the lock held.
void Parking::get_up(Bed& bed) {
  if (!bed.listed.read()) return;  // somebody has woken it meanwhile, and counts it among those who search
  Bed** at = &top_.write();
  while (*at != &bed) at = &(*at)->below.write();
  *at = bed.below.read();
  bed.listed.write() = false;
  state_.fetch_add(kSearching - kSleeping, std::memory_order_seq_cst);
}

void Parking::call(std::size_t worker) {
  Bed& bed = beds_[worker];
  {
    std::lock_guard lock(mutex_);
    if (!bed.listed.read()) return;
    get_up(bed);  // [wake]
  }
  bed.look_again.release();
}

void Parking::wake_all() {
  std::lock_guard lock(mutex_);
  ended_.write() = true;
  for (Bed* bed = top_.read(); bed != nullptr; bed = bed->below.read()) bed->look_again.release();
}

std::size_t Parking::sleeping() const {
  return sleeping_in(state_.load(std::memory_order_acquire));
}

}  // namespace pool::stealing
