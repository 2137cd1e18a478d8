// Makes a chosen thread of the program fail to start.
//
// A test program that includes this file replaces pthread_create, so exactly one of its source files may.
#pragma once

#include <atomic>
#include <cerrno>

#include <dlfcn.h>
#include <pthread.h>

namespace pool::testing {

// While it lives, the k-th thread from now on cannot be created (EAGAIN), nor can those after it; 0 is the next.
class FailingThread {
 public:
  explicit FailingThread(int k) { threads_until_failure = k; }
  ~FailingThread() { threads_until_failure = -1; }
  FailingThread(const FailingThread&) = delete;
  FailingThread& operator=(const FailingThread&) = delete;

  // Called by pthread_create below: whether this one fails.
  static bool now() {
    int left = threads_until_failure;
    while (left > 0 && !threads_until_failure.compare_exchange_weak(left, left - 1)) {
    }
    return left == 0;
  }

 private:
  static inline std::atomic<int> threads_until_failure{-1};  // -1: no failure
};

}  // namespace pool::testing

// The program's own pthread_create, in front of the C library's.
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                              void* argument) {
  if (pool::testing::FailingThread::now()) return EAGAIN;
  using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto next = reinterpret_cast<Create>(::dlsym(RTLD_NEXT, "pthread_create"));
  return next(thread, attributes, start, argument);
}
