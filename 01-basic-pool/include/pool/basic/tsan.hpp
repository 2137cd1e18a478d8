// For ThreadSanitizer only: quiet for the one thing that it takes for a race and is none.
//
// An exception is freed by whoever drops the last reference to it. The count lives in the C++ runtime, which
// ThreadSanitizer does not watch; so when a worker drops the last reference to an exception that the owner of a future
// has just looked at, it sees a read and a free, and nothing between them.
#pragma once

#if defined(__SANITIZE_THREAD__)
#define POOL_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define POOL_THREAD_SANITIZER 1
#endif
#endif

#ifdef POOL_THREAD_SANITIZER
extern "C" void AnnotateIgnoreWritesBegin(const char* file, int line);
extern "C" void AnnotateIgnoreWritesEnd(const char* file, int line);
#endif

namespace pool::basic {

// While it lives, what this thread writes and frees is not looked at. Does nothing in other builds.
class DropsException {
 public:
#ifdef POOL_THREAD_SANITIZER
  DropsException() {
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  }
  ~DropsException() {
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
  }
#else
  DropsException() {}  // not defaulted: an object that is there for its scope is not an unused one
  ~DropsException() {}
#endif
  DropsException(const DropsException&) = delete;
  DropsException& operator=(const DropsException&) = delete;
};

}  // namespace pool::basic
