#include <pool/autoscale/supervisor.hpp>

#include <algorithm>

#include <pool/basic/executor.hpp>
#include <pool/basic/native_thread.hpp>
#include <pool/basic/user_code.hpp>

namespace pool::autoscale {

using basic::catching;
using Kind = Event::Kind;

namespace {

// How often it looks who is idle: twice in idle_timeout, as far as that makes sense.
constexpr Duration kSoonestLook = std::chrono::milliseconds(1), kLatestLook = std::chrono::hours(24);

}  // namespace

Supervisor::Supervisor(Scheduler& scheduler, Clock& clock, Events& events, Options options)
    : scheduler_(scheduler),
      clock_(clock),
      events_(events),
      options_(std::move(options)),
      seats_(options_.max),
      wanted_(options_.min),
      pause_(options_.first_pause) {}

void Supervisor::start() {
  std::unique_lock lock(mutex_);
  const auto starting = [](const Seat& seat) { return seat.state == State::starting; };
  std::exception_ptr error = catching([&] {
    while (size_.load(std::memory_order_relaxed) < options_.min) take(size_.load(std::memory_order_relaxed));
  });
  while (std::any_of(seats_.begin(), seats_.end(), starting)) told_.wait(lock);
  if (!error) error = std::exchange(error_, nullptr);
  changed_ = Time{};
  if (error) std::rethrow_exception(error);
}

// --- how many -----------------------------------------------------------------------------------------------------

void Supervisor::scale_to(std::size_t workers) {
  {
    const std::lock_guard lock(mutex_);
    want(workers);
    thin(wanted_now());
  }
  options_.call();  // there is somebody to be watched, or to be tried again
}

// More or fewer than there are, so those who are missing for want of threads do not add up, time after time. Nobody goes
// if more are asked for: substitutes that have come since the policy was asked stay until it is asked again.
void Supervisor::scale_by(int workers, Asked at) {
  {
    const std::lock_guard lock(mutex_);
    remember(workers, at);
    if (workers == 0) return;
    static_cast<void>(fill());  // a seat may have become free since tend() has looked: who lacked one lacks no thread
    const auto missing = static_cast<std::int64_t>(wanted_now() - std::min(wanted_now(), taken_));
    const std::int64_t sum = static_cast<std::int64_t>(wanted_) - missing + workers;
    const auto wanted = static_cast<std::size_t>(std::max<std::int64_t>(sum, 0));
    want(workers > 0 ? std::max(wanted_, wanted) : wanted);
    if (workers < 0) thin(wanted_now());
  }
  options_.call();
}

// For how long there has been less to do than when the policy has asked for more.
void Supervisor::remember(int step, Asked at) {
  if (step > 0) asked_ = at;
  if (at.work >= asked_.work) {
    less_since_ = Time::max();
  } else if (less_since_ == Time::max()) {
    less_since_ = clock_.now();
  }
}

void Supervisor::want(std::size_t workers) {
  const std::size_t wanted = std::clamp(workers, options_.min, options_.max);
  if (wanted != wanted_) note(Kind::scaled, 0, wanted);
  wanted_ = wanted;
  static_cast<void>(fill());
}

std::size_t Supervisor::wanted_now() const {
  return std::min(wanted_ + blocked_.load(std::memory_order_relaxed), options_.max);
}

void Supervisor::blocks() {
  bool comes = false;
  {
    const std::lock_guard lock(mutex_);
    blocked_.store(blocked_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    comes = size_.load(std::memory_order_relaxed) < wanted_now();
    static_cast<void>(fill());
  }
  if (comes) options_.call();
}

void Supervisor::goes_on() {
  bool look = false;
  {
    const std::lock_guard lock(mutex_);
    blocked_.store(blocked_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
    look =
        options_.idle_timeout.count() != 0 && look_ == Time::max() && size_.load(std::memory_order_relaxed) > least();
  }
  if (look) options_.call();  // there was nobody who might go
}

void Supervisor::trim() {
  const std::lock_guard lock(mutex_);
  thin(wanted_now());
}

std::optional<Time> Supervisor::changed() const {
  const std::lock_guard lock(mutex_);
  return changed_ == Time{} ? std::nullopt : std::optional(changed_);
}

std::vector<bool> Supervisor::manned() const {
  std::vector<bool> all(seats_.size());
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] = seats_[i].state == State::starting || seats_[i].state == State::working;
  }
  return all;
}

void Supervisor::replace_no_more() {
  const std::lock_guard lock(mutex_);
  over_ = true;
}

// A stint of at least one is what the scheduler's shares are made for.
void Supervisor::change_size(std::size_t size) {
  size_.store(size, std::memory_order_relaxed);
  scheduler_.set_active(std::max<std::size_t>(size, 1));
  changed_ = clock_.now();
}

// --- coming -------------------------------------------------------------------------------------------------------

// At the end it is tried at once, and once, each time somebody has gone: only to have one who does what is left.
// #region fill
Supervisor::Filled Supervisor::fill() {
  while (size_.load(std::memory_order_relaxed) < wanted_now() && !over_) {
    if (ending_ && vain_) return Filled::failed;
    if (!ending_ && clock_.now() < retry_) return Filled::later;
    const auto free = std::find_if(seats_.begin(), seats_.end(), [](const Seat& s) { return s.state == State::free; });
    if (free == seats_.end()) break;  // somebody is about to leave, and says so
    const auto seat = static_cast<std::size_t>(free - seats_.begin());
    if (catching([&] { take(seat); })) return failed(seat), Filled::failed;
  }
  return Filled::all;
}
// #endregion fill

void Supervisor::take(std::size_t worker) {
  Seat& seat = seats_[worker];
  seat.failures = failures_;
  seat.thread = threads_.emplace(threads_.end());
  bool taken = false;
  const basic::Finally undone{[&] {
    if (!taken) threads_.erase(seat.thread);
  }};
  scheduler_.enlist(worker);  // whoever had the seat has left, and said so with the lock held
  const basic::SignalsBlocked in_the_thread;
  *seat.thread =
      sync::thread([this, worker] { options_.life(worker); });  // [start]; it waits for the lock in started()
  taken = true;
  seat.state = State::starting;
  seat.ready = false;
  seat.asleep = Time{};
  ++taken_;
  change_size(size_.load(std::memory_order_relaxed) + 1);
}

// Of those who were to begin at the same time, the first one says all that there is to say about that.
void Supervisor::failed(std::size_t worker) {
  if (seats_[worker].failures == failures_) {
    retry_ = clock_.now() + pause_;
    pause_ = std::min(2 * pause_, options_.longest_pause);
  }
  vain_ = ending_;
  ++failures_;
  note(Kind::not_started, worker, size_.load(std::memory_order_relaxed));
}

void Supervisor::started(std::size_t worker, bool ready, std::exception_ptr error) {
  {
    const std::lock_guard lock(mutex_);
    Seat& seat = seats_[worker];
    seat.ready = ready;
    if (ready) {
      if (seat.state == State::starting) seat.state = State::working;
      if (seat.failures == failures_) {  // who came before says nothing about that
        pause_ = options_.first_pause;
        retry_ = Time{};
        vain_ = false;
      }
      note(Kind::started, worker, size_.load(std::memory_order_relaxed));
    } else {
      error_ = error ? std::move(error)
                     : catching([] { throw basic::PoolError("pool: on_start ended the thread of a worker"); });
    }
  }
  told_.notify_all();
  options_.call();
}

// --- going --------------------------------------------------------------------------------------------------------

// Those with the highest numbers go; before all others, those who have not begun: one that works is kept.
void Supervisor::thin(std::size_t workers) {
  if (ending_) return;  // all go, when all is done
  for (const State who : {State::starting, State::working}) {
    for (std::size_t i = seats_.size(); i-- > 0 && size_.load(std::memory_order_relaxed) > workers;) {
      if (seats_[i].state == who) retire(i);
    }
  }
}

void Supervisor::retire(std::size_t worker) {
  seats_[worker].state = State::retiring;
  change_size(size_.load(std::memory_order_relaxed) - 1);
  scheduler_.retire(worker);
}

// #region left
void Supervisor::left(std::size_t worker, bool died) {
  {
    const std::lock_guard lock(mutex_);
    Seat& seat = seats_[worker];
    const State was = std::exchange(seat.state, State::free);
    if (was != State::retiring) change_size(size_.load(std::memory_order_relaxed) - 1);
    if (was == State::working && !died) over_ = true;
    if (seat.ready) {
      vain_ = false;
      if (died || was == State::retiring) {
        note(died ? Kind::died : Kind::retired, worker, size_.load(std::memory_order_relaxed));
      }
    } else {
      failed(worker);
    }
    gone_.splice(gone_.end(), threads_, seat.thread);
    --taken_;
  }
  told_.notify_all();
  options_.call();  // somebody else is to come, and the thread to be joined
}
// #endregion left

// To that many who are idle may bring it. Not to one at which the policy has asked for more, while there is as much to do
// as then: it would ask again, and the size would never rest.
std::size_t Supervisor::least() const {
  const std::size_t least = std::min(options_.min + blocked_.load(std::memory_order_relaxed), options_.max);
  return std::max(least, asked_.workers + 1);
}

// Twice seen asleep, and not awake in between. What is wanted is without substitutes, and so is what is left.
void Supervisor::look_for_idle() {
  const Time now = clock_.now();
  if (less_since_ != Time::max() && now - less_since_ >= options_.idle_timeout) asked_ = {};
  if (options_.idle_timeout.count() == 0 || ending_ || size_.load(std::memory_order_relaxed) <= least()) {
    look_ = Time::max();
    return;
  }
  if (look_ != Time::max() && now < look_) return;
  look_ = now + std::clamp(options_.idle_timeout / 2, kSoonestLook, kLatestLook);
  std::vector<stealing::Scheduling> all;
  if (catching([&] { all = scheduler_.scheduling(); })) return;
  auto working = std::count_if(seats_.begin(), seats_.end(), [](const Seat& s) { return s.state == State::working; });
  for (std::size_t i = std::min(all.size(), seats_.size()); i-- > 0;) {
    if (size_.load(std::memory_order_relaxed) <= least() || working <= 1) break;
    Seat& seat = seats_[i];
    const bool sleeps = seat.state == State::working && all[i].parks > all[i].wakeups;
    if (!sleeps) {
      seat.asleep = Time{};
    } else if (seat.asleep == Time{} || seat.parks != all[i].parks) {
      seat.asleep = now;
      seat.parks = all[i].parks;
    } else if (now - seat.asleep >= options_.idle_timeout) {
      retire(i);
      --working;
      const std::size_t blocked = blocked_.load(std::memory_order_relaxed),
                        size = size_.load(std::memory_order_relaxed);
      wanted_ = std::max(options_.min, std::min(wanted_, size - std::min(blocked, size)));
    }
  }
}

// --- seeing to it -------------------------------------------------------------------------------------------------

Time Supervisor::tend() {
  Threads gone;
  Time next = Time::max();
  bool nobody = false;
  {
    const std::lock_guard lock(mutex_);
    gone.splice(gone.end(), gone_);
    const Filled filled = fill();
    nobody = filled == Filled::failed && ending_ && taken_ == 0;
    look_for_idle();
    next = look_;
    if (filled != Filled::all) next = std::min(next, retry_);
  }
  for (sync::thread& thread : gone) thread.join();  // [end] each has said that it leaves
  if (!nobody) return next;
  options_.give_up();
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  told_.notify_all();
  return Time::max();
}

void Supervisor::join() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  options_.call();
  Threads gone;
  {
    std::unique_lock lock(mutex_);
    while (taken_ != 0 || !over_) told_.wait(lock);
    gone.splice(gone.end(), gone_);
  }
  for (sync::thread& thread : gone) thread.join();
}

}  // namespace pool::autoscale
