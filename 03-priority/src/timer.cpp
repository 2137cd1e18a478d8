#include <pool/priority/timer.hpp>

#include <pool/basic/native_thread.hpp>

namespace pool::priority {

Timer::Timer(Clock& clock) : clock_(clock), alarm_(clock.alarm()) {}

Timer::~Timer() {
  stop();
}

void Timer::stop() {
  std::map<Id, std::function<void()>> dropped;  // destroyed without the lock
  {
    std::lock_guard lock(mutex_);
    stopping_.write() = true;
    dropped.swap(entries_.write());
  }
  alarm_->call();
  if (thread_.joinable()) thread_.join();
}

// #region timer_at
Timer::Id Timer::at(Time time, std::function<void()> f) {
  Id id;
  bool earliest = false;
  {
    std::lock_guard lock(mutex_);
    if (stopping_.read()) return {};
    if (!started_.read()) {
      const basic::SignalsBlocked in_the_thread;
      thread_ = sync::thread(&Timer::run, this);
      started_.write() = true;
    }
    id = {time, ++last_.write()};
    entries_.write().emplace(id, std::move(f));
    earliest = entries_.read().begin()->first == id;
  }
  if (earliest) alarm_->call();  // the thread sleeps until a later time, or for ever
  return id;
}
// #endregion timer_at

// #region timer_run
void Timer::run() {
  basic::name_this_thread("PoolTimer");
  sync::thread_slot<const Timer>() = this;
  for (;;) {
    std::function<void()> due;
    Time next = Time::max();
    {
      std::lock_guard lock(mutex_);
      if (stopping_.read()) return;
      if (!entries_.read().empty()) next = entries_.read().begin()->first.time;
      if (next != Time::max() && next <= clock_.now()) {
        due = std::move(entries_.write().begin()->second);
        entries_.write().erase(entries_.write().begin());
      }
    }
    if (due) {
      due();
    } else {
      alarm_->wait_until(next);
    }
  }
}
// #endregion timer_run

bool Timer::cancel(const Id& id) {
  std::function<void()> dropped;  // destroyed without the lock
  std::lock_guard lock(mutex_);
  const auto entry = entries_.write().find(id);
  if (entry == entries_.write().end()) return false;
  dropped = std::move(entry->second);
  entries_.write().erase(entry);
  return true;
}

std::size_t Timer::pending() const {
  std::lock_guard lock(mutex_);
  return entries_.read().size();
}

}  // namespace pool::priority
