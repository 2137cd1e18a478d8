// Instruments: what the pool measures and whom it tells: the registry of its tasks, a meter for each worker, the hooks.
// It stands below the pool, whose workers and jobs use it; the jobs share it.
//
// Thread safety: every member may be called from any thread.
// Invariants:  (N1) a worker writes into its own meter only, with plain stores, and takes no lock for that
//              (N2) what a hook throws reaches on_error, and nothing else
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <pool/basic/executor.hpp>
#include <pool/basic/native_thread.hpp>
#include <pool/basic/sync.hpp>
#include <pool/metrics/histogram.hpp>
#include <pool/metrics/options.hpp>
#include <pool/metrics/registry.hpp>
#include <pool/metrics/stats.hpp>
#include <pool/metrics/trace.hpp>

namespace pool::metrics {

class Instruments final : public Observer {
 public:
  explicit Instruments(Options options);
  ~Instruments() override;

  // What the pool below is made with: on its way to the user's own callbacks everything passes here.
  [[nodiscard]] autoscale::Options below();
  void shut() { open_.store(false, std::memory_order_release); }  // the pool has gone: no hook is called any more

  Registry registry;

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] Clock& clock() const;
  [[nodiscard]] TaskInfo info(const Record& record) const;

  // While it lives, the calling thread runs a task.
  class Running {
   public:
    Running(Instruments& instruments, std::optional<std::size_t> worker, Record& record);
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running();

   private:
    struct Meter* const meter_;  // null: it is not timed
    Instruments& instruments_;
    const bool shared_;
    std::uint64_t outer_ = 0;  // what ran here when it began
    Time begun_{};
  };

  // A job of somebody else's.
  void entered();
  void not_entered();  // after all
  void entered_ended(JobState how);

  void add_to(Stats& stats) const;  // the histograms, and what was entered
  // So much at least: what was said once of a worker's time is never more than what is said later.
  void never_less(std::size_t worker, Duration& busy, Duration& idle);
  [[nodiscard]] std::string trace_json() const { return trace_ ? trace_->json() : std::string(); }
  [[nodiscard]] std::uint64_t current(std::size_t worker) const;  // the number of the task that it runs; 0: none

  // --- as an Observer -----------------------------------------------------------------------------------------------
  void begin(std::size_t worker, Priority priority, const priority::Unit* unit) noexcept override;
  void end(std::size_t worker) noexcept override;
  void steal(std::size_t thief, std::size_t victim) noexcept override;
  void park(std::size_t worker) noexcept override;
  void unpark(std::size_t worker) noexcept override;

 private:
  struct Counts {  // of what was entered
    sync::atomic<std::size_t> submitted{0}, completed{0}, failed{0}, cancelled{0};
  };

  struct Times {  // of a worker, as they were said last, in nanoseconds
    sync::atomic<Duration::rep> busy{0}, idle{0};
  };

  [[nodiscard]] Registry::Listeners listeners(const Hooks& hooks);
  [[nodiscard]] Meter* meter_of(std::optional<std::size_t> worker);
  void report(const char* from, std::exception_ptr error) const noexcept;
  template <class Hook, class... Args>
  void call(const char* name, const Hook& hook, const Args&... args) const;
  void call_task(const char* name, const std::function<void(const TaskInfo&)>& hook, const Record& record) const;

  const Options options_;
  sync::atomic<bool> open_{true};
  std::array<sync::atomic<Meter*>, basic::kMaxWorkers> meters_{};  // made when first used
  std::unique_ptr<Meter> others_;                                  // of threads that are no workers
  Counts entered_;
  const std::unique_ptr<Trace> trace_;  // null: nothing is noted
  std::array<Times, basic::kMaxWorkers> times_;
};

}  // namespace pool::metrics
