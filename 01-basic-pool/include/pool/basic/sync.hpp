// The synchronisation primitives that all code under include/ uses, by the names of the standard library.
//
// They are the standard's own types. A program compiled with POOL_EXPLORE gets the explorer's types instead, which run
// the same code under every interleaving that matters (docs/explorer.md). So the code that ships is the code that is
// explored, and no file below this one knows which of the two it has.
#pragma once

#ifdef POOL_EXPLORE
#include <pool/testing/explorer/sync.hpp>
#else

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <utility>

#include <pool/basic/thread_number.hpp>

namespace pool::sync {

using std::atomic;
using std::condition_variable;
using std::mutex;
using std::thread;
namespace this_thread {
using std::this_thread::get_id;
using std::this_thread::yield;
}  // namespace this_thread

// A plain value that several threads share, guarded by something else: a mutex, or the order of atomic operations.
// read() and write() say what is done to it; here they cost nothing, and the explorer finds the race if the guard is
// missing.
template <class T>
class cell {
 public:
  cell() = default;
  explicit cell(T value) : value_(std::move(value)) {}
  cell(const cell&) = delete;
  cell& operator=(const cell&) = delete;

  [[nodiscard]] const T& read() const { return value_; }
  [[nodiscard]] T& write() { return value_; }

 private:
  T value_{};
};

// A pointer of which each thread has its own, null at first; one for each T. (The explorer's threads are not the
// system's, so code that is explored keeps its thread-locals here.)
template <class T>
T*& thread_slot() {
  thread_local T* slot = nullptr;
  return slot;
}

// A moment's rest in a loop that spins.
inline void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Asks for a cache line that will be written soon. It may be any address, and nothing happens if it is none.
inline void prefetch_for_write(const void* address) {
#if defined(__x86_64__)
  asm volatile("prefetchw %0" : : "m"(*static_cast<const char*>(address)));  // which the builtin takes for rare
#else
  __builtin_prefetch(address, 1);
#endif
}

// Takes the mutex; spins for a moment (some hundred nanoseconds to a few microseconds) before it sleeps. For sections
// that are shorter than that: to sleep and be woken takes much longer.
inline std::unique_lock<mutex> lock_spinning(mutex& taken) {
  for (int i = 0; i < 20; ++i) {
    if (taken.try_lock()) return std::unique_lock<mutex>(taken, std::adopt_lock);
    pause();
  }
  return std::unique_lock<mutex>(taken);
}

}  // namespace pool::sync

#endif
