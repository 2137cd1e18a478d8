// Fiber: a call stack of its own, entered and left by hand. The explorer's threads are fibers of one system thread, so
// that it decides alone which of them runs.
//
// Exceptions: each fiber has its own, thrown and caught across switches like those of a thread.
// A fiber that is destroyed half-way is not unwound: its stack is used again, and what lay on it is lost. That happens
// only to an execution that failed, which is the last of its exploration.
#pragma once

#include <ucontext.h>

#include <cstddef>
#include <functional>

namespace pool::explorer {

class Fiber {
 public:
  Fiber() = default;                          // stands for the stack that the caller is on
  explicit Fiber(std::function<void()> run);  // run is called at the first switch; it must not return or throw
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  ~Fiber();

  // Leaves this fiber, which must be the running one, and goes on in next. Returns when somebody switches back.
  void switch_to(Fiber& next);

  // A number for where the running fiber, which must be this one, is: in this line, called from that one, and so on. Two
  // calls of a function have two. It follows the frame pointers; what is compiled without them has one place only.
  [[nodiscard]] std::size_t call_path() const;

  static constexpr std::size_t kStackSize = 256 * 1024;  // bytes; below it lies a page that may not be touched

 private:
  struct Exceptions {  // what the C++ ABI keeps for each thread (Itanium C++ ABI, 2.2.2)
    void* caught = nullptr;
    unsigned int uncaught = 0;
  };
  static void enter();

  ucontext_t context_{};
  std::function<void()> run_;
  std::byte* stack_ = nullptr;
  Exceptions exceptions_;
};

}  // namespace pool::explorer
