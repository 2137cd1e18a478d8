// Observer: who wants to hear what workers do. Nothing happens here; whoever wants something overrides it.
//
// Thread safety: called by the workers, several at once. What it throws ends the program: it is called between jobs.
#pragma once

#include <cstddef>

#include <pool/priority/unit.hpp>

namespace pool::stealing {

class Observer {
 public:
  virtual ~Observer() = default;
  // `unit` is null for posted work that is nothing but a closure.
  virtual void begin(std::size_t /*worker*/, priority::Priority /*priority*/, const priority::Unit* /*unit*/) noexcept {
  }
  virtual void end(std::size_t /*worker*/) noexcept {}  // of the one that it began last
  virtual void steal(std::size_t /*thief*/, std::size_t /*victim*/) noexcept {}
  virtual void park(std::size_t /*worker*/) noexcept {}    // there is nothing to do
  virtual void unpark(std::size_t /*worker*/) noexcept {}  // it was woken
};

}  // namespace pool::stealing
