#include <pool/cluster/cluster_executor.hpp>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>
#include <utility>

#include <pool/basic/native_thread.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/cluster/connection.hpp>
#include <pool/cluster/mailbox.hpp>
#include <pool/cluster/servers.hpp>
#include <pool/process/frame.hpp>

namespace pool::cluster {

namespace {

using basic::catching;
using Clock = Mailbox::Clock;

constexpr std::size_t kMaxName = 255;

// Different for each executor on each machine: the server takes two jobs with one id for the same job.
std::string make_stem() {
  std::random_device random;
  constexpr const char* kDigits = "0123456789abcdef";
  std::string stem = "pool-";
  for (int i = 0; i < 4; ++i) {
    for (unsigned bits = random(), digit = 0; digit < 8; ++digit, bits >>= 4U) stem.push_back(kDigits[bits & 15U]);
  }
  return stem + "-";
}

std::string what_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& thrown) {
    return thrown.what();
  } catch (...) {
    return "something that is not a std::exception";
  }
}

void require_sense(const ClusterOptions& options) {
  const auto positive = [](milliseconds time, const char* name) {
    if (time <= milliseconds::zero() || time > std::chrono::hours(24)) {
      throw std::invalid_argument(std::string("cluster: ") + name + " is " + std::to_string(time.count()) +
                                  " ms, but from 1 ms to a day would be right");
    }
  };
  positive(options.connect_timeout, "connect_timeout");
  positive(options.answer_timeout, "answer_timeout");
  positive(options.give_up_after, "give_up_after");
  positive(options.first_pause, "first_pause");
  positive(options.longest_pause, "longest_pause");
  if (options.drain != milliseconds::zero()) positive(options.drain, "drain");
  if (options.retries > 100) {
    throw std::invalid_argument("cluster: " + std::to_string(options.retries) +
                                " retries, but 0 to 100 would be right");
  }
}

void require_name(const std::string& name) {
  if (name.empty() || name.size() > kMaxName || name.find('\0') != std::string::npos) {
    throw std::invalid_argument("cluster: the name of a job has 1 to 255 bytes, none of them 0");
  }
}

}  // namespace

struct ClusterExecutor::Link {
  explicit Link(ClusterOptions given)
      : options(std::move(given)),
        servers(parse_servers(options.servers)),
        ledger(options.retries + 1, make_stem(), counts),
        pause(options.first_pause) {}

  const ClusterOptions options;
  const std::vector<Address> servers;
  Mailbox mailbox;
  Counts counts;
  sync::atomic<std::uint64_t> submitted{0};
  sync::atomic<std::uint64_t> numbers{0};

  sync::mutex joining;
  sync::thread thread;  // guarded by joining
  sync::thread::id thread_id;

  // --- of the thread with the connection
  Connection connection;
  Ledger ledger;
  milliseconds pause;
  Clock::time_point retry{};                        // not before
  std::optional<Clock::time_point> without_server;  // since then, with jobs that were sent

  void run();
  void take(Mailbox::Taken taken);
  void connect(bool wanted);
  void lose(const std::string& why);
  void converse();
  void wait(std::optional<Clock::time_point> closing) const;
};

ClusterExecutor::ClusterExecutor(ClusterOptions options) {
  require_sense(options);
  link_ = std::make_shared<Link>(std::move(options));
  const basic::SignalsBlocked in_the_thread;
  const std::lock_guard lock(link_->joining);
  link_->thread = sync::thread([link = link_.get()] {
    basic::name_this_thread("cluster");
    link->run();
  });
  link_->thread_id = link_->thread.get_id();
}

ClusterExecutor::~ClusterExecutor() {
  shutdown();
}

Job<json> ClusterExecutor::submit(std::string name, const json& argument, JobOptions options, Mode mode) {
  require_name(name);
  std::string bytes = process::to_bytes(argument);
  if (bytes.size() > process::kDefaultMaxMessage - 1024) {
    throw process::BadArgument("cluster: the argument takes " + std::to_string(bytes.size()) +
                               " bytes, and a message has at most 64 MiB");
  }
  if (options.name.empty()) options.name = name;
  const Priority priority = options.priority;
  auto [job, producer] = priority::make_job<json>(std::move(options));
  const std::uint64_t number = link_->numbers.fetch_add(1, std::memory_order_relaxed) + 1;
  priority::CancelCallback on_cancel = producer.token().on_cancel([link = std::weak_ptr(link_), number] {
    if (const auto alive = link.lock()) alive->mailbox.cancel(number);
  });
  const bool may_wait = sync::this_thread::get_id() != link_->thread_id;
  link_->submitted.fetch_add(1, std::memory_order_relaxed);
  bool taken = false;
  const basic::Finally refused{[&] {
    if (!taken) link_->submitted.fetch_sub(1, std::memory_order_relaxed);
  }};
  link_->mailbox.put(
      {number, std::move(producer), std::move(on_cancel), std::move(name), std::move(bytes), priority, mode},
      bounded::Deadline::after(link_->options.connect_timeout + milliseconds(500)), may_wait);
  taken = true;
  return std::move(job);
}

ClusterStats ClusterExecutor::stats() const {
  ClusterStats all;
  const Counts& counts = link_->counts;
  all.completed = counts.completed.load(std::memory_order_relaxed);
  all.failed = counts.failed.load(std::memory_order_relaxed);
  all.cancelled = counts.cancelled.load(std::memory_order_relaxed);
  all.deliveries = counts.deliveries.load(std::memory_order_relaxed);
  all.resent = counts.resent.load(std::memory_order_relaxed);
  all.submitted = link_->submitted.load(std::memory_order_relaxed);  // at last: it is no less than the sum
  const std::uint64_t ended = all.completed + all.failed + all.cancelled;
  all.submitted = std::max(all.submitted, ended);
  all.in_flight = all.submitted - ended;
  all.server = link_->mailbox.server();
  all.error = link_->mailbox.error();
  return all;
}

void ClusterExecutor::shutdown() {
  if (sync::this_thread::get_id() == link_->thread_id) {
    throw basic::PoolError("cluster: an executor cannot be shut down from its own thread, which would wait for itself");
  }
  link_->mailbox.close(Clock::now() + link_->options.drain);
  const std::lock_guard lock(link_->joining);
  if (link_->thread.joinable()) link_->thread.join();
}

// --- the thread with the connection -------------------------------------------------------------------------------

void ClusterExecutor::Link::run() {
  std::optional<Clock::time_point> closing;
  while (!closing || (!ledger.is_empty() && Clock::now() < *closing)) {
    wait(closing);
    Mailbox::Taken taken = mailbox.take();
    closing = taken.closing;
    const bool wanted = taken.wants_connection;
    if (const auto error = catching([&] { take(std::move(taken)); })) lose(what_of(error));
    if (!connection.is_open()) connect(wanted);
    if (const auto error = catching([&] { converse(); })) lose(what_of(error));
  }
  take(mailbox.take());
  ledger.fail_all(std::make_exception_ptr(
      ClusterStopped("cluster: the executor was shut down before the job had ended; it may still run")));
}

void ClusterExecutor::Link::take(Mailbox::Taken taken) {
  for (Submission& job : taken.jobs) {
    const auto now = connection.is_open() ? std::optional(Clock::now()) : std::nullopt;
    const std::string packet = ledger.add(std::move(job), now);
    if (connection.is_open()) connection.put(packet);
  }
  for (const std::uint64_t number : taken.cancelled) ledger.abandon(number);
}

// #region connect
void ClusterExecutor::Link::connect(bool wanted) {
  const Clock::time_point now = Clock::now();
  if (ledger.is_empty()) without_server.reset();
  if ((ledger.is_empty() && !wanted) || now < retry) return;
  const auto error = catching([&] { connection = Connection::open(servers, options.connect_timeout); });
  if (!error) {
    pause = options.first_pause;
    retry = {};
    without_server.reset();
    connection.put(ledger.resend(Clock::now()));
    mailbox.up(connection.server());
    return;
  }
  if (!without_server) without_server = now;
  retry = Clock::now() + pause;
  pause = std::min(2 * pause, options.longest_pause);
  mailbox.down(what_of(error), retry);
  if (Clock::now() - *without_server < options.give_up_after) return;
  ledger.fail_all(
      std::make_exception_ptr(ClusterUnavailable(what_of(error) + " (the job was sent before, and may have run)")));
}
// #endregion connect

void ClusterExecutor::Link::lose(const std::string& why) {
  connection = Connection();
  ledger.forget_server();
  mailbox.down(why, {});  // the next one may try at once
}

void ClusterExecutor::Link::converse() {
  if (!connection.is_open()) return;
  bool alive = connection.send();
  alive = connection.receive() && alive;
  while (const std::optional<Packet> packet = connection.next()) ledger.handle(*packet);
  if (!alive) return lose("cluster: the connection to " + connection.server() + " is lost");
  const auto since = ledger.unanswered_since();
  if (since && Clock::now() - *since > options.answer_timeout) {
    lose("cluster: " + connection.server() + " does not answer");
  }
}

// Until there is something to do: a letter, a packet, room to send, or a moment that has come.
void ClusterExecutor::Link::wait(std::optional<Clock::time_point> closing) const {
  Clock::time_point until = closing.value_or(Clock::time_point::max());
  if (!connection.is_open() && !ledger.is_empty()) until = std::min(until, retry);
  if (const auto since = ledger.unanswered_since()) {
    until = std::min(until, *since + options.answer_timeout + milliseconds(1));
  }
  int timeout = -1;
  if (until != Clock::time_point::max()) {
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now()).count();
    timeout = static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
  }
  std::array<pollfd, 2> both{};
  both[0] = {mailbox.descriptor(), POLLIN, 0};
  both[1] = {connection.number(), static_cast<short>(connection.has_to_send() ? POLLIN | POLLOUT : POLLIN), 0};
  static_cast<void>(poll(both.data(), both.size(), timeout));  // a negative number is not looked at
}

}  // namespace pool::cluster
