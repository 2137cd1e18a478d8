// What can go wrong between a job and the machines that it might run on. Errors of the job itself are those of
// pool/process/errors.hpp, wherever it ran.
//
// Thread safety: values.
#pragma once

#include <string>

#include <pool/process/errors.hpp>

namespace pool::cluster {

// The cluster could not do what it was asked to.
class ClusterError : public basic::PoolError {
  using PoolError::PoolError;
};

// No job server can be reached. Thrown by submit(): nothing has been sent. In a job that was sent: it may have run.
class ClusterUnavailable : public ClusterError {
  using ClusterError::ClusterError;
};

// The executor has been shut down. In a job that was sent: it may still run.
class ClusterStopped : public ClusterError {
  using ClusterError::ClusterError;
};

// The job was started as often as it may be, and nobody has finished it.
class RetriesSpent : public ClusterError {
 public:
  RetriesSpent(const std::string& what, unsigned deliveries) : ClusterError(what), deliveries_(deliveries) {}
  [[nodiscard]] unsigned deliveries() const { return deliveries_; }  // starts that we know of

 private:
  unsigned deliveries_;
};

}  // namespace pool::cluster
