// A semaphore: what is released can be acquired, once each time. Like std::counting_semaphore<>(0), and another way to
// sleep: that of libstdc++ yields a few times before (docs/04-stealing.md, "The trap of yield").
//
// In contrast to a condition variable whoever is woken has nothing to lock: no mutex that he takes as one for which
// others wait too, so that to unlock it is a system call.
//
// Thread safety: any thread may call anything.
// Memory ordering: what comes before a release() is visible behind the acquire() that takes it.
// acquire() is a place where a thread can be ended from outside (pthread_cancel); then it has taken nothing.
#pragma once

#include <mutex>

#include <pool/basic/sync.hpp>

#if defined(__linux__) && !defined(POOL_EXPLORE)
#include <semaphore.h>
#endif

namespace pool::stealing {

#if defined(__linux__) && !defined(POOL_EXPLORE)

class Semaphore {
 public:
  Semaphore() { sem_init(&semaphore_, 0, 0); }  // with these values it cannot fail
  ~Semaphore() { sem_destroy(&semaphore_); }
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  void release() { sem_post(&semaphore_); }
  void acquire() {
    while (sem_wait(&semaphore_) != 0) {  // a signal came
    }
  }

 private:
  sem_t semaphore_;
};

#else

// The same, for the explorer, and where sem_init() is not to be had, as on macOS.
class Semaphore {
 public:
  void release() {
    std::lock_guard lock(mutex_);
    ++released_.write();
    changed_.notify_one();  // with the lock held: who acquires it may destroy it
  }
  void acquire() {
    std::unique_lock lock(mutex_);
    while (released_.read() == 0) changed_.wait(lock);
    --released_.write();
  }

 private:
  sync::mutex mutex_;
  sync::condition_variable changed_;
  sync::cell<unsigned> released_{0};  // guarded by mutex_
};

#endif

}  // namespace pool::stealing
