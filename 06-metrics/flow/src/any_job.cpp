#include <pool/flow/any_job.hpp>

#include <pool/metrics/record.hpp>

namespace pool::flow {

struct AnyJob::OfTask final : Any {
  explicit OfTask(std::shared_ptr<const metrics::Record> of) : task(std::move(of)) {}
  [[nodiscard]] priority::JobState state() const override { return task->state(); }
  [[nodiscard]] priority::JobInfo info() const override { return task->info(); }
  void wait() const override { static_cast<void>(task->wait_for(priority::Duration::max())); }
  [[nodiscard]] bool wait_for(priority::Duration timeout) const override { return task->wait_for(timeout); }
  bool cancel(std::string_view why) const override { return task->cancel(why); }
  void on_end(std::function<void(const priority::JobCore&)> f) const override { task->on_end(std::move(f)); }
  const std::shared_ptr<const metrics::Record> task;
};

AnyJob AnyJob::of_task(std::shared_ptr<const metrics::Record> record) {
  return AnyJob(std::shared_ptr<const Any>(std::make_shared<const OfTask>(std::move(record))));
}

}  // namespace pool::flow
