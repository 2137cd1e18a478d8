// Calling code that is not ours: what it throws comes back as a value, and what has to happen afterwards happens.
#pragma once

#include <cstddef>
#include <exception>
#include <string>
#include <utility>

#include <pool/basic/work.hpp>

namespace pool::basic {

// Calls f and hands back what it throws, when the exception is no longer in flight: whoever gets it is its only owner.
template <class F>
std::exception_ptr catching(F&& f) {
  std::exception_ptr error;
  try {
    f();
  } catch (const forced_unwind&) {
    throw;
  } catch (...) {
    error = std::current_exception();
  }
  return error;
}

// Calls f at the end of the scope, whichever way the scope is left.
template <class F>
struct Finally {
  F f;
  ~Finally() { f(); }
};
template <class F>
Finally(F) -> Finally<F>;

// One line on stderr: who threw what, and where. What everybody does who was given no error handler.
void print_error(const std::string& who, const char* from, std::exception_ptr error);

}  // namespace pool::basic
