#include <pool/cluster/ledger.hpp>

#include <utility>

#include <pool/basic/user_code.hpp>

namespace pool::cluster {

namespace {

using basic::catching;
using process::ProtocolError;

std::string times(unsigned count) {
  return count == 1 ? "once" : std::to_string(count) + " times";
}

}  // namespace

Command submit_command(Priority priority, Mode mode) {
  const bool background = mode == Mode::background;
  if (priority < Priority::normal) return background ? Command::submit_high_background : Command::submit_high;
  if (priority > Priority::normal) return background ? Command::submit_low_background : Command::submit_low;
  return background ? Command::submit_background : Command::submit;
}

std::string Ledger::add(Submission&& job, std::optional<Clock::time_point> now) {
  const std::uint64_t number = job.number;
  bool wanted = false;
  const std::exception_ptr error = catching([&] { wanted = job.producer.start(); });
  if (!wanted && !error) {
    counts_.cancelled.fetch_add(1, std::memory_order_relaxed);
    return {};
  }
  const auto [added, is_new] = jobs_.emplace(number, Sent{std::move(job), 0, 0, {}});
  if (error) return fail(added, error), std::string();
  return now ? packet_of(added->second, *now) : std::string();
}

std::string Ledger::packet_of(Sent& job, Clock::time_point now) {
  std::string bytes = encode({submit_command(job.job.priority, job.job.mode),
                              {job.job.name, stem_ + std::to_string(job.job.number),
                               request_message(job.job.argument, job.sent + 1, limit_)}});
  unanswered_.push_back({job.job.number, now});
  ++job.sent;
  return bytes;
}

void Ledger::handle(const Packet& packet) {
  const std::string& handle = packet.fields.at(0);
  const auto about = find(handle);
  switch (packet.command) {
    case Command::created:
      return created(handle);
    case Command::error:
      return refused(packet);
    case Command::status:
      if (about != jobs_.end() && packet.fields.at(2) == "0") started(about);  // else it tells of progress
      return;
    case Command::complete: {
      if (about == jobs_.end()) return;
      json result;
      const std::exception_ptr error = catching([&] { result = decode_outcome(packet.fields.at(1)); });
      return error ? fail(about, error) : complete(about, std::move(result));
    }
    case Command::fail: {
      if (about == jobs_.end()) return;
      const unsigned seen = about->second.deliveries;
      return fail(about, std::make_exception_ptr(RetriesSpent("cluster: the job was started " + times(seen) +
                                                                  " and never finished; the job server gave it up",
                                                              seen)));
    }
    case Command::exception:
      if (about == jobs_.end()) return;
      return fail(about, std::make_exception_ptr(process::JobFailed("unknown", packet.fields.at(1))));
    case Command::data:
    case Command::warning:
    case Command::echoed:
      return;
    default:
      throw ProtocolError("cluster: the job server sends what only clients send");
  }
}

void Ledger::created(const std::string& handle) {
  if (unanswered_.empty()) throw ProtocolError("cluster: the job server has created a job that nobody wanted");
  const auto job = jobs_.find(unanswered_.front().number);
  unanswered_.pop_front();
  if (job == jobs_.end()) return;
  if (job->second.job.mode == Mode::background) return complete(job, {{"handle", handle}});
  job->second.handle = handle;
  handles_[handle] = job->first;
}

void Ledger::refused(const Packet& error) {
  if (unanswered_.empty()) throw ProtocolError("cluster: the job server says " + error.fields.at(1));
  const auto job = jobs_.find(unanswered_.front().number);
  unanswered_.pop_front();
  if (job == jobs_.end()) return;
  fail(job, std::make_exception_ptr(ClusterError("cluster: the job server refuses the job: " + error.fields.at(1) +
                                                 " (" + error.fields.at(0) + ")")));
}

// #region started
void Ledger::started(Jobs::iterator job) {
  counts_.deliveries.fetch_add(1, std::memory_order_relaxed);
  if (++job->second.deliveries <= limit_) return;
  fail(job, std::make_exception_ptr(RetriesSpent("cluster: the job was started " + times(limit_) +
                                                     " and never finished; it is not waited for "
                                                     "any more",
                                                 limit_)));
}
// #endregion started

void Ledger::forget_server() {
  handles_.clear();
  unanswered_.clear();
}

std::string Ledger::resend(Clock::time_point now) {
  std::string all;
  for (auto job = jobs_.begin(); job != jobs_.end();) {
    const auto here = job++;
    if (here->second.sent > 0) counts_.resent.fetch_add(1, std::memory_order_relaxed);
    if (here->second.sent < limit_) {
      all += packet_of(here->second, now);
    } else {
      const unsigned seen = here->second.deliveries;
      fail(here, std::make_exception_ptr(RetriesSpent(
                     "cluster: the job was sent " + times(limit_) + ", and each time the connection was lost", seen)));
    }
  }
  return all;
}

void Ledger::abandon(std::uint64_t number) {
  const auto job = jobs_.find(number);
  if (job == jobs_.end()) return;
  Sent sent = take(job);
  counts_.cancelled.fetch_add(1, std::memory_order_relaxed);
  sent.job.producer.cancel(sent.job.producer.token().reason());
}

void Ledger::fail_all(const std::exception_ptr& error) {
  while (!jobs_.empty()) fail(jobs_.begin(), error);
}

std::optional<Ledger::Clock::time_point> Ledger::unanswered_since() const {
  if (unanswered_.empty()) return std::nullopt;
  return unanswered_.front().since;
}

Ledger::Jobs::iterator Ledger::find(const std::string& handle) {
  const auto found = handles_.find(handle);
  return found == handles_.end() ? jobs_.end() : jobs_.find(found->second);
}

// Out of the books first: what the end of a job calls may do anything.
Ledger::Sent Ledger::take(Jobs::iterator job) {
  Sent taken = std::move(job->second);
  handles_.erase(taken.handle);
  jobs_.erase(job);
  return taken;
}

void Ledger::complete(Jobs::iterator job, json result) {
  Sent sent = take(job);
  counts_.completed.fetch_add(1, std::memory_order_relaxed);
  sent.job.producer.complete(std::move(result));
}

void Ledger::fail(Jobs::iterator job, std::exception_ptr error) {
  Sent sent = take(job);
  counts_.failed.fetch_add(1, std::memory_order_relaxed);
  sent.job.producer.fail(std::move(error));
}

}  // namespace pool::cluster
