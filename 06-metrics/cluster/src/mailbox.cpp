#include <pool/cluster/mailbox.hpp>

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace pool::cluster {

namespace {

process::Descriptor make_eventfd() {
  process::Descriptor made(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!made.is_open()) throw std::system_error(errno, std::generic_category(), "cluster: eventfd");
  return made;
}

}  // namespace

Mailbox::Mailbox() : wake_(make_eventfd()) {}

void Mailbox::wake() const {
  const std::uint64_t one = 1;
  static_cast<void>(::write(wake_.number(), &one, sizeof one));  // it fails if it is full, and then it is readable
}

void Mailbox::put(Submission&& job, const bounded::Deadline& deadline, bool may_wait) {
  std::unique_lock lock(mutex_);
  const auto refuse_if_closed = [&] {
    if (box_.closing) throw ClusterStopped("cluster: the executor has been shut down and takes no more jobs");
  };
  refuse_if_closed();
  if (may_wait && server_.empty()) {
    if (Clock::now() < retry_) throw ClusterUnavailable(error_);
    const std::uint64_t before = failures_;
    box_.wants_connection = true;
    wake();
    bool in_time = true;
    while (server_.empty() && failures_ == before && !box_.closing && in_time) in_time = deadline.wait(changed_, lock);
    refuse_if_closed();
    if (failures_ != before) throw ClusterUnavailable(error_);
    if (server_.empty()) throw ClusterUnavailable("cluster: no connection to a job server was made in time");
  }
  box_.jobs.push_back(std::move(job));
  wake();
}

void Mailbox::cancel(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  box_.cancelled.push_back(number);
  wake();
}

void Mailbox::close(Clock::time_point end) {
  {
    const std::lock_guard lock(mutex_);
    if (!box_.closing || end < *box_.closing) box_.closing = end;
    wake();
  }
  changed_.notify_all();
}

Mailbox::Taken Mailbox::take() {
  std::uint64_t count = 0;
  static_cast<void>(::read(wake_.number(), &count, sizeof count));
  const std::lock_guard lock(mutex_);
  Taken taken;
  taken.closing = box_.closing;  // which stays
  std::swap(taken, box_);
  return taken;
}

void Mailbox::up(const std::string& server) {
  {
    const std::lock_guard lock(mutex_);
    server_ = server;
    error_.clear();
    retry_ = {};
  }
  changed_.notify_all();
}

void Mailbox::down(const std::string& error, Clock::time_point retry) {
  {
    const std::lock_guard lock(mutex_);
    server_.clear();
    error_ = error;
    retry_ = retry;
    ++failures_;
  }
  changed_.notify_all();
}

std::string Mailbox::server() const {
  const std::lock_guard lock(mutex_);
  return server_;
}

std::string Mailbox::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

}  // namespace pool::cluster
