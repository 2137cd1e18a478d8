// Bounded queues, all with the same two functions: send(work) waits for room, receive() waits for work.
//
// Ours, what others offer, and two that take the place of ours in part: so each shows what one decision is worth.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

#include <pool/basic/work.hpp>
#include <pool/bounded/bounded_channel.hpp>
#include <pool/bounded/thread_pool.hpp>

#ifdef POOL_BENCH_MOODYCAMEL
#include <blockingconcurrentqueue.h>
#endif
#ifdef POOL_BENCH_TBB
#include <tbb/concurrent_queue.h>
#endif

namespace bench {

using pool::basic::Work;

class OurChannel {
 public:
  explicit OurChannel(std::size_t capacity) : channel_(capacity) {}
  void send(Work work) { static_cast<void>(channel_.send(std::move(work))); }
  Work receive() { return std::move(*channel_.receive()); }

 private:
  pool::bounded::BoundedChannel<Work> channel_;
};

// The whole pool: its worker is the consumer, so there is nothing to receive.
class OurPool {
 public:
  explicit OurPool(std::size_t capacity) : pool_({.workers = 1, .capacity = capacity}) {}
  void send(Work work) { pool_.post(std::move(work)); }

 private:
  pool::bounded::ThreadPool pool_;
};

// As in the textbook: each send and each receive notifies, whether somebody waits or not.
class TextbookQueue {
 public:
  explicit TextbookQueue(std::size_t capacity) : capacity_(capacity) {}

  void send(Work work) {
    {
      std::unique_lock lock(mutex_);
      room_.wait(lock, [this] { return queue_.size() < capacity_; });
      queue_.push_back(std::move(work));
    }
    filled_.notify_one();
  }
  Work receive() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return !queue_.empty(); });
    Work work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    room_.notify_one();
    return work;
  }

 private:
  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable filled_, room_;
  std::deque<Work> queue_;
};

// Our channel as a ring, without nodes: work is moved while the lock is held. Senders are called at the half only: as
// few wake-ups as can be, and not for use, since the room above the half is offered to nobody.
class Ring {
 public:
  explicit Ring(std::size_t capacity) : slots_(capacity) {}

  void send(Work work) {
    std::unique_lock lock(mutex_);
    while (used_ == slots_.size()) {
      ++senders_;
      room_.wait(lock);
      --senders_;
      called_ = false;
    }
    slots_[(first_ + used_++) % slots_.size()] = std::move(work);
    const bool receiver = std::exchange(receiver_, false);
    const bool sender = used_ < slots_.size() && call();
    lock.unlock();
    if (receiver) filled_.notify_one();
    if (sender) room_.notify_one();  // one that was called calls the next
  }
  Work receive() {
    std::unique_lock lock(mutex_);
    while (used_ == 0) {
      receiver_ = true;
      filled_.wait(lock);
    }
    Work work = std::move(slots_[first_]);
    first_ = (first_ + 1) % slots_.size();
    const bool sender = --used_ == slots_.size() / 2 && call();
    lock.unlock();
    if (sender) room_.notify_one();
    return work;
  }

 private:
  bool call() { return senders_ > 0 && !std::exchange(called_, true); }

  std::vector<Work> slots_;
  std::mutex mutex_;
  std::condition_variable filled_, room_;
  std::size_t first_ = 0, used_ = 0, senders_ = 0;
  bool receiver_ = false, called_ = false;
};

#ifdef POOL_BENCH_MOODYCAMEL
// A queue without locks, which has no bound of its own; a semaphore counts its room.
class Moodycamel {
 public:
  explicit Moodycamel(std::size_t capacity) : room_(static_cast<std::ptrdiff_t>(capacity)) {}
  void send(Work work) {
    room_.wait();
    queue_.enqueue(std::move(work));
  }
  Work receive() {
    Work work;
    queue_.wait_dequeue(work);
    room_.signal();
    return work;
  }

 private:
  moodycamel::LightweightSemaphore room_;
  moodycamel::BlockingConcurrentQueue<Work> queue_;
};
#endif

#ifdef POOL_BENCH_TBB
class OneTbb {
 public:
  explicit OneTbb(std::size_t capacity) { queue_.set_capacity(static_cast<std::ptrdiff_t>(capacity)); }
  void send(Work work) { queue_.push(std::move(work)); }
  Work receive() {
    Work work;
    queue_.pop(work);
    return work;
  }

 private:
  tbb::concurrent_bounded_queue<Work> queue_;
};
#endif

}  // namespace bench
