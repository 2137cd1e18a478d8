// What one says of a pool when one makes it. Plain data; its functions are called by the pool's threads.
#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <string>

#include <pool/autoscale/thread_pool.hpp>
#include <pool/metrics/hooks.hpp>

namespace pool::metrics {

using autoscale::Event;
using autoscale::Load;
using autoscale::Policy;
using bounded::Overflow;
using priority::Clock;
using priority::RateLimit;
using stealing::Observer;

// #region options
struct Options {  // those of stage 05, where they are explained, and from history on new ones
  std::size_t workers = 0;
  std::string name = "PoolWorker";
  std::function<void(std::exception_ptr)> on_error = {};
  std::function<void(std::size_t worker)> on_start = {};
  std::function<void(std::size_t worker)> on_stop = {};
  std::size_t capacity = 0;
  Overflow overflow = Overflow::block;
  Duration ageing = std::chrono::seconds(10);
  Clock* clock = nullptr;
  RateLimit rate = {};
  Observer* observer = nullptr;
  std::size_t min_workers = 0;
  std::size_t max_workers = 0;
  Policy policy = {};
  Duration interval = std::chrono::seconds(10);
  Duration idle_timeout = std::chrono::seconds(30);
  std::function<void(const Event&)> on_event = {};

  std::size_t history = 10'000;  // so many tasks that have ended are kept
  Hooks hooks = {};
  bool metrics = true;    // the times of tasks go into histograms; false: only the counts of the stages below are there
  std::size_t trace = 0;  // so many events are kept for each worker; 0: none, and none is noted
};
// #endregion options

}  // namespace pool::metrics
