// JobQueue<T>: items that wait for whoever does them, and that can be awaited.
//
//   JobQueue<std::string> files(pool.stopping());
//   for (const auto& path : paths) files.push(path);
//   std::thread other([&] { files.work(parse); });
//   files.work([&](std::string path) { use(pool.submit("parse", path).get()); });  // returns when all is done
//
//   std::optional<std::string> one = files.pop(0s);   // at once or nothing
//   Job<std::string> next = files.pop_async(5s);      // a coroutine awaits it; "deadline" if nothing comes
//
// Thread safety: every member may be called from any thread, the destructor when nobody else uses the queue.
// Invariants:  (Q1) an item that was pushed is popped, worked on, or cleared: exactly one of these, once
//              (Q2) items leave in the order in which they came
//              (Q3) work() returns when nothing is queued and nobody works on anything (who does may push more), or when
//                   the queue was stopped
//              (Q4) no code of the user (callbacks, destructors of items) runs under the lock
// Memory ordering: what happens before push() is visible to whoever gets the item.
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

#include <pool/basic/executor.hpp>
#include <pool/basic/sync.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/bounded/deadline.hpp>
#include <pool/priority/job.hpp>

namespace pool::process {

inline constexpr std::chrono::duration<double> kPollTimeout{1.0};

template <class T>
class JobQueue {
 public:
  JobQueue() = default;
  // Stopped when the token is cancelled: ProcessPool::stopping(), for example.
  explicit JobQueue(const priority::CancelToken& stop) : link_(stop.on_cancel([this] { this->stop(); })) {}
  ~JobQueue() { stop(); }
  JobQueue(const JobQueue&) = delete;
  JobQueue& operator=(const JobQueue&) = delete;

  // Appends an item, or gives it to whoever has awaited one for longest. Throws PoolStopped after stop().
  void push(T item);

  // Takes the oldest item; waits so long for one, 0: not at all. None: there was none in time, or there will be none.
  // Throws std::invalid_argument for a negative timeout.
  template <class Rep = double, class Period = std::ratio<1>>
  [[nodiscard]] std::optional<T> pop(std::chrono::duration<Rep, Period> timeout = kPollTimeout) {
    return pop_by(bounded::Deadline::after(timeout));
  }

  // The same as a job, which is cancelled if nothing comes in time ("deadline") or the queue was stopped ("shutdown").
  [[nodiscard]] priority::Job<T> pop_async(priority::Duration timeout = std::chrono::seconds(1));

  [[nodiscard]] std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return items_.read().size();
  }
  // Drops what is queued: so many.
  std::size_t clear();

  // Calls f with one item after the other; see Q3. Gives how many it did. What f throws comes out of here; the others go
  // on.
  template <std::invocable<T> F>
  std::size_t work(F&& f);

  // From now on nothing can be pushed, and nobody waits. What is queued can still be popped, and is not worked on.
  void stop();

 private:
  struct Awaiting {
    priority::Job<T> job;
    priority::JobProducer<T> producer;
  };

  [[nodiscard]] std::optional<T> pop_by(const bounded::Deadline& deadline);
  [[nodiscard]] std::optional<T> take_to_work();
  void worked();
  [[nodiscard]] T take();

  mutable sync::mutex mutex_;
  sync::condition_variable changed_;
  sync::cell<std::deque<T>> items_;            // guarded by mutex_, as are the next three
  sync::cell<std::deque<Awaiting>> awaiting_;  // none while there are items
  sync::cell<std::size_t> in_work_{0};
  sync::cell<bool> stopped_{false};
  priority::CancelCallback link_;  // the last: it must not call when the others have gone
};

template <class T>
void JobQueue<T>::push(T item) {
  for (;;) {
    std::optional<Awaiting> first;
    {
      const std::lock_guard lock(mutex_);
      if (stopped_.read()) throw basic::PoolStopped();
      if (awaiting_.read().empty()) {
        items_.write().push_back(std::move(item));
        changed_.notify_all();
        return;
      }
      first.emplace(std::move(awaiting_.write().front()));
      awaiting_.write().pop_front();
    }
    if (!first->producer.start()) continue;  // it was cancelled, or its time was up
    return first->producer.complete(std::move(item));
  }
}

// With the lock held.
template <class T>
T JobQueue<T>::take() {
  T item = std::move(items_.write().front());
  items_.write().pop_front();
  if (items_.read().empty()) changed_.notify_all();  // for those who wait for the end of all
  return item;
}

template <class T>
std::optional<T> JobQueue<T>::pop_by(const bounded::Deadline& deadline) {
  std::unique_lock lock(mutex_);
  while (items_.read().empty()) {
    if (stopped_.read() || deadline.is_now() || !deadline.wait(changed_, lock)) break;
  }
  if (items_.read().empty()) return std::nullopt;
  return take();
}

template <class T>
priority::Job<T> JobQueue<T>::pop_async(priority::Duration timeout) {
  if (timeout < priority::Duration::zero())
    throw std::invalid_argument("process: a timeout is 0 (do not wait) or more");
  const priority::Time now = priority::steady_clock().now();
  priority::JobOptions options{.name = "pop"};
  if (timeout.count() > 0 && timeout < priority::Time::max() - now) options.deadline = now + timeout;
  auto [job, producer] = priority::make_job<T>(std::move(options));
  std::deque<Awaiting> over;  // those whose time is up; destroyed without the lock
  std::optional<T> item;
  {
    const std::lock_guard lock(mutex_);
    auto& awaiting = awaiting_.write();
    while (!awaiting.empty() && has_ended(awaiting.front().job.state())) {
      over.push_back(std::move(awaiting.front()));
      awaiting.pop_front();
    }
    if (!items_.read().empty()) {
      if (!producer.start()) return job;  // [Q1] before the item is taken
      item = take();
    } else if (!stopped_.read() && timeout.count() > 0) {
      awaiting.push_back({job, std::move(producer)});
      return job;
    }
  }
  if (item) {
    producer.complete(std::move(*item));
  } else {
    job.cancel(timeout.count() == 0 ? priority::reason::deadline : priority::reason::shutdown);
  }
  return job;
}

template <class T>
std::size_t JobQueue<T>::clear() {
  std::deque<T> dropped;
  const std::lock_guard lock(mutex_);
  dropped.swap(items_.write());
  changed_.notify_all();
  return dropped.size();
}

template <class T>
template <std::invocable<T> F>
std::size_t JobQueue<T>::work(F&& f) {
  std::size_t done = 0;
  while (std::optional<T> item = take_to_work()) {
    const basic::Finally one_less{[&] { worked(); }};
    f(std::move(*item));
    ++done;
  }
  return done;
}

template <class T>
std::optional<T> JobQueue<T>::take_to_work() {
  std::unique_lock lock(mutex_);
  while (!stopped_.read() && items_.read().empty() && in_work_.read() > 0) {
    changed_.wait(lock);
  }
  if (stopped_.read() || items_.read().empty()) return std::nullopt;
  ++in_work_.write();
  return take();
}

template <class T>
void JobQueue<T>::worked() {
  const std::lock_guard lock(mutex_);
  --in_work_.write();
  changed_.notify_all();
}

template <class T>
void JobQueue<T>::stop() {
  std::deque<Awaiting> left;
  {
    const std::lock_guard lock(mutex_);
    stopped_.write() = true;
    left.swap(awaiting_.write());
    changed_.notify_all();
  }
  for (Awaiting& one : left) one.job.cancel(priority::reason::shutdown);
}

}  // namespace pool::process
