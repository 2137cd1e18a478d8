#include <pool/autoscale/monitor.hpp>

#include <algorithm>
#include <utility>

#include <pool/basic/native_thread.hpp>
#include <pool/basic/user_code.hpp>

namespace pool::autoscale {

namespace {

// So long from now; longer than the clock can tell is never.
Time after(Time now, Duration interval) {
  return now < Time::max() - interval ? now + interval : Time::max();
}

}  // namespace

Monitor::Monitor(Clock& clock, Options options) : clock_(clock), options_(std::move(options)), alarm_(clock.alarm()) {}

Monitor::~Monitor() {
  stop();
}

void Monitor::start() {
  const basic::SignalsBlocked in_the_thread;
  const bool samples = options_.interval.count() != 0;
  const Time first = samples ? after(clock_.now(), options_.interval) : Time::max();
  thread_ = sync::thread(&Monitor::run, this, first);
}

void Monitor::stop() {
  stopping_.store(true, std::memory_order_release);  // [stop] pairs with run()
  alarm_->call();
  if (thread_.joinable()) thread_.join();
}

// #region run
void Monitor::run(Time next) {
  basic::name_this_thread("PoolMonitor");
  sync::thread_slot<const Monitor>() = this;
  for (;;) {
    const bool stopping = stopping_.load(std::memory_order_acquire);  // [stop] before the last time
    const Time soon = options_.tend();
    if (stopping) return;
    if (const Time now = clock_.now(); now < next) {
      alarm_->wait_until(std::min(soon, next));  // a call that has come meanwhile is kept
    } else {
      sample();
      next = after(now, options_.interval);  // if it was late, then what it has missed is not made up for
    }
  }
}
// #endregion run

void Monitor::sample() {
  const std::exception_ptr error = basic::catching([&] {
    const Load load = options_.sample();
    options_.decided(options_.policy(load));
  });
  if (error) options_.failed();
}

}  // namespace pool::autoscale
