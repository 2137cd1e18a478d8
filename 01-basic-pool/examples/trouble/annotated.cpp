// Clang's thread-safety annotations: the lock that guards a variable is written beside it, and clang
// looks whether it is held. The mutex has to carry annotations too.
#include <mutex>

// #region mutex
struct __attribute__((capability("mutex"))) Mutex {
  void lock() __attribute__((acquire_capability())) { mutex.lock(); }
  void unlock() __attribute__((release_capability())) { mutex.unlock(); }
  std::mutex mutex;
};
// #endregion mutex

// #region use
Mutex mutex;
int files __attribute__((guarded_by(mutex)));

void one_more() {
  ++files;
}
// #endregion use
