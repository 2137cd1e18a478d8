// What tests of pools need whose workers come and go: sizes and moments that the test decides on.
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <thread>

#include <pool/autoscale/events.hpp>
#include <pool/autoscale/load.hpp>
#include <pool/priority/clock.hpp>

namespace pool::testing {

using autoscale::Event;
using autoscale::Load;

// Returns when it is so.
inline void until_true(const std::function<bool()>& happened) {
  while (!happened()) std::this_thread::yield();
}

template <class Pool>
void until_counted_by(const Pool& pool, Event::Kind kind, std::size_t many) {
  until_true([&] { return pool.events().count(kind) >= many; });
}

// From so many workers to so many, and nobody decides anything but the test. What it hears of errors it keeps for itself.
template <class Pool>
typename Pool::Options sized_by_hand(std::size_t min, std::size_t max) {
  typename Pool::Options options;
  options.min_workers = min;
  options.max_workers = max;
  options.policy = [](const Load&) { return 0; };
  options.idle_timeout = priority::Duration::zero();
  options.on_error = [](std::exception_ptr) {};
  return options;
}

// A fixed size, likewise.
template <class Pool>
typename Pool::Options fixed_size(std::size_t workers) {
  typename Pool::Options options;
  options.workers = workers;
  options.on_error = [](std::exception_ptr) {};
  return options;
}

}  // namespace pool::testing
