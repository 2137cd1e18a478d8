// AnyJob: a handle of a job whatever its result is, for those who keep jobs of several kinds.
//
// Thread safety: every member may be called from any thread. Copies are handles of one job.
// Cost: one allocation for the first of the copies.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <pool/priority/clock.hpp>
#include <pool/priority/job.hpp>

namespace pool::metrics {
class Record;
}

namespace pool::flow {

class AnyJob {
 public:
  template <class R>
  AnyJob(priority::Job<R> job)  // NOLINT(google-explicit-constructor): every job is one
      : job_(std::make_shared<const Of<R>>(std::move(job))) {}

  // The same for a task of which only the registry has the job.
  [[nodiscard]] static AnyJob of_task(std::shared_ptr<const metrics::Record> record);

  [[nodiscard]] priority::JobState state() const { return job_->state(); }
  [[nodiscard]] priority::JobInfo info() const { return job_->info(); }
  [[nodiscard]] std::string name() const { return job_->info().name; }
  void wait() const { job_->wait(); }  // in a job of its pool it helps, as Job::wait()
  [[nodiscard]] bool wait_for(priority::Duration timeout) const { return job_->wait_for(timeout); }
  bool cancel(std::string_view why = priority::reason::asked) const { return job_->cancel(why); }
  void on_end(std::function<void(const priority::JobCore&)> f) const { job_->on_end(std::move(f)); }

 private:
  struct Any {
    virtual ~Any() = default;
    [[nodiscard]] virtual priority::JobState state() const = 0;
    [[nodiscard]] virtual priority::JobInfo info() const = 0;
    virtual void wait() const = 0;
    [[nodiscard]] virtual bool wait_for(priority::Duration timeout) const = 0;
    virtual bool cancel(std::string_view why) const = 0;
    virtual void on_end(std::function<void(const priority::JobCore&)> f) const = 0;
  };
  template <class R>
  struct Of final : Any {
    explicit Of(priority::Job<R> of) : job(std::move(of)) {}
    [[nodiscard]] priority::JobState state() const override { return job.state(); }
    [[nodiscard]] priority::JobInfo info() const override { return job.info(); }
    void wait() const override { job.wait(); }
    [[nodiscard]] bool wait_for(priority::Duration timeout) const override { return job.wait_for(timeout); }
    bool cancel(std::string_view why) const override { return job.cancel(why); }
    void on_end(std::function<void(const priority::JobCore&)> f) const override { job.on_end(std::move(f)); }
    const priority::Job<R> job;
  };

  struct OfTask;
  explicit AnyJob(std::shared_ptr<const Any> job) : job_(std::move(job)) {}

  std::shared_ptr<const Any> job_;
};

}  // namespace pool::flow
