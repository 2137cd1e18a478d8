// Request: a job on its way through a ProcessPool.
//
// Thread safety: as a job; `payload`, `handed` and `on_cancel` belong to whoever has claimed it, `seat` is guarded by
// the pool.
#pragma once

#include <string>
#include <utility>

#include <pool/priority/job.hpp>
#include <pool/process/jobs.hpp>

namespace pool::process {

struct Seat;

class Request final : public priority::JobResult<json> {
 public:
  Request(JobOptions&& options, std::shared_ptr<priority::JobHost> host, std::string what, std::string message)
      : JobResult(std::move(options), std::move(host)), task(std::move(what)), payload(std::move(message)) {}

  const std::string task;              // the name of the named job
  std::string payload;                 // a Call, kept until the job has ended: see end_job_of_dead()
  std::size_t handed = 0;              // to so many workers
  priority::CancelCallback on_cancel;  // as long as it runs
  Seat* seat = nullptr;                // where it runs

 private:
  void destroy_closure() override { std::string().swap(payload); }
};

// Takes over the queue's share.
inline priority::JobRef<Request> as_request(priority::UnitPtr unit) {
  return priority::JobRef<Request>(static_cast<Request*>(unit.release()));
}

}  // namespace pool::process
