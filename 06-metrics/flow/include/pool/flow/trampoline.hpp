// Where coroutines are resumed: in a loop, so that one that resumes another returns first, and the stack stays as it is
// however many there are.
//
// (The standard's symmetric transfer asks the compiler for a tail call, which g++ makes with optimisation only, and no
// compiler does under its sanitizers. This asks for nothing.)
// Thread safety: each thread has its own.
#pragma once

#include <coroutine>
#include <utility>

#include <pool/basic/sync.hpp>
#include <pool/basic/user_code.hpp>

namespace pool::flow {

class Trampoline {
 public:
  // Resumes it, and what comes after it, until nothing does.
  static void run(std::coroutine_handle<> first) {
    Trampoline here;
    Trampoline* const outer = std::exchange(sync::thread_slot<Trampoline>(), &here);
    const basic::Finally back{[&] { sync::thread_slot<Trampoline>() = outer; }};
    while (first) {
      first.resume();
      first = std::exchange(here.next_, nullptr);
    }
  }

  // For a coroutine that is being suspended: this one goes on as soon as that has happened.
  static void next(std::coroutine_handle<> handle) {
    Trampoline* const here = sync::thread_slot<Trampoline>();
    if (here == nullptr || here->next_) return run(handle);  // somebody else's loop has resumed the caller
    here->next_ = handle;
  }

 private:
  std::coroutine_handle<> next_;
};

}  // namespace pool::flow
