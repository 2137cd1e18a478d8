#include <pool/priority/clock.hpp>

#include <ctime>
#include <utility>

namespace pool::priority {

namespace {

class SteadyAlarm : public Alarm {
 public:
  void wait_until(Time time) override {
    std::unique_lock lock(mutex_);
    while (!called_.read()) {
      if (time == Time::max()) {
        changed_.wait(lock);
      } else if (changed_.wait_until(lock, time) == std::cv_status::timeout) {
        break;
      }
    }
    called_.write() = false;
  }

  void call() override {
    std::lock_guard lock(mutex_);
    called_.write() = true;
    changed_.notify_one();
  }

 private:
  sync::mutex mutex_;
  sync::condition_variable changed_;
  sync::cell<bool> called_{false};  // guarded by mutex_
};

class SteadyClock : public Clock {
 public:
  [[nodiscard]] Time now() const override { return std::chrono::steady_clock::now(); }
#if defined(CLOCK_MONOTONIC_COARSE)  // the same clock, without a look at the hardware: 5 ns in place of 20
  [[nodiscard]] Time coarse() const override {
    timespec time{};
    if (clock_gettime(CLOCK_MONOTONIC_COARSE, &time) != 0) return now();
    return Time(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
  }
#endif
  [[nodiscard]] std::unique_ptr<Alarm> alarm() override {
    return std::make_unique<SteadyAlarm>();
  }
};

}  // namespace

Clock& steady_clock() {
  static SteadyClock clock;
  return clock;
}

class ManualClock::ManualAlarm : public Alarm {
 public:
  explicit ManualAlarm(ManualClock& clock) : clock_(clock) {}

  void wait_until(Time time) override {
    std::unique_lock lock(clock_.mutex_);
    while (!called_.read() && clock_.now_.read() < time) clock_.changed_.wait(lock);
    called_.write() = false;
  }

  void call() override {
    std::lock_guard lock(clock_.mutex_);
    called_.write() = true;
    clock_.changed_.notify_all();
  }

 private:
  ManualClock& clock_;
  sync::cell<bool> called_{false};  // guarded by the clock's mutex
};

Time ManualClock::now() const {
  std::lock_guard lock(mutex_);
  return now_.read();
}

std::unique_ptr<Alarm> ManualClock::alarm() {
  return std::make_unique<ManualAlarm>(*this);
}

void ManualClock::advance(Duration duration) {
  std::lock_guard lock(mutex_);
  now_.write() += duration;
  changed_.notify_all();
}

}  // namespace pool::priority
