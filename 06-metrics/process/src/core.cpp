// The reactor: one thread that listens to all workers.
#include "core.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <pool/basic/native_thread.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/process/failure.hpp>

namespace pool::process {

using priority::JobState;
using State = Seat::State;

namespace {

constexpr auto kLinger = std::chrono::milliseconds(50);  // between the end of a worker's socket and its own
constexpr int kAsk = 5;                                  // milliseconds, where a death has to be asked for
constexpr std::uint64_t kBell = ~std::uint64_t{0};
constexpr std::uint64_t kData = 0;  // kinds of events
constexpr std::uint64_t kDeath = 1;

int opened(int descriptor, const char* what) {
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
  return descriptor;
}

Options checked(Options options) {
  const auto require = [](bool good, const char* what) {
    if (!good) throw std::invalid_argument(std::string("process: ") + what);
  };
  options.max_workers = basic::crew_size(options.max_workers);
  require(options.min_workers <= options.max_workers, "min_workers is more than max_workers");
  require(options.start_attempts > 0, "start_attempts is 0, but a worker is started once at least");
  for (const Duration duration : {options.grace, options.start_timeout, options.first_pause, options.longest_pause}) {
    require(duration >= Duration::zero(), "a duration is negative; 0 is at once");
  }
  require(options.ageing >= Duration::zero(), "ageing is negative, but it is 0 (no ageing) or more");
  require(options.max_message > 0 && options.max_message <= 0xffffffffU, "max_message is from 1 byte to 4 GiB");
  return options;
}

std::string setup_of(const Options& options) {
  std::string text = to_bytes({{"max_message", options.max_message},
                               {"recycle_bytes", options.recycle_after_bytes},
                               {"memory_limit", options.memory_limit},
                               {"state", options.state}});
  if (text.size() > kDefaultMaxMessage) {
    throw std::invalid_argument("process: the state has " + std::to_string(text.size()) +
                                " bytes; put it into a file, and its path into the state");
  }
  return encode(Frame{FrameKind::setup, 0, std::move(text), 0});
}

}  // namespace

ProcessPool::Core::Core(Options options)
    : options_(checked(std::move(options))),
      own_program_(options_.executable.empty()),
      clock_(options_.clock != nullptr ? *options_.clock : priority::steady_clock()),
      timer_(clock_),
      poll_(opened(epoll_create1(EPOLL_CLOEXEC), "process: epoll")),
      bell_(opened(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "process: an eventfd")),
      setup_(setup_of(options_)) {
  for (std::size_t i = 0; i < options_.max_workers; ++i) seats_.emplace_back(i);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kBell;
  opened(epoll_ctl(poll_.number(), EPOLL_CTL_ADD, bell_.number(), &event), "process: epoll");
}

// With the lock held.
void ProcessPool::Core::wake() {
  if (std::exchange(rung_, true)) return;
  const std::uint64_t one = 1;
  static_cast<void>(!write(bell_.number(), &one, sizeof(one)));
}

// --- the life of the reactor ----------------------------------------------------------------------------------------

void ProcessPool::Core::run() {
  basic::name_this_thread("PoolProcesses");
  sync::thread_slot<const Core>() = this;
  std::vector<Ended> ended;
  int patience = 0;
  while (turn(ended, patience)) {
    dispatch();  // first the workers, then those who wait for what they have done
    finish(ended);
    std::array<epoll_event, 32> events;
    const int count = epoll_wait(poll_.number(), events.data(), static_cast<int>(events.size()), patience);
    const std::lock_guard lock(mutex_);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      handle(event.data.u64, (event.events & EPOLLOUT) != 0);
    }
    look_after();
  }
  std::vector<priority::JobProducer<void>> waiting;
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
    waiting.swap(waiting_);
    all_gone_.notify_all();
  }
  for (auto& producer : waiting) producer.complete();
}

// What can be done before it listens again. False: there is nothing more to come.
bool ProcessPool::Core::turn(std::vector<Ended>& ended, int& patience) {
  Lock lock(mutex_);
  const bool more = start_worker(lock);
  if (closed_ && queued_ == 0) {
    while (!idle_.empty()) retire(*idle_.back());
  }
  if (is_done()) return false;
  ended.swap(ended_);
  patience = more || !ended.empty() ? 0 : this->patience();
  return true;
}

void ProcessPool::Core::handle(std::uint64_t event, bool out) {
  if (event == kBell) {
    rung_ = false;
    std::uint64_t count = 0;
    static_cast<void>(!read(bell_.number(), &count, sizeof(count)));
    return;
  }
  Seat& seat = seats_[(event >> 1U) & 0xffffU];
  if (seat.generation != event >> 17U || !seat.is_there()) return;  // it was for the one before
  if ((event & 1U) == kDeath) return look_for_dead(seat);
  if (out) send_rest(seat);
  receive(seat);
}

void ProcessPool::Core::watch(int descriptor, Seat& seat, std::uint64_t kind, bool out, bool again) {
  epoll_event event{};
  event.events = out ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.u64 = seat.generation << 17U | seat.index << 1U | kind;
  opened(epoll_ctl(poll_.number(), again ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event), "process: epoll");
}

// Of those who have closed their sockets: have they died, or do they live on?
void ProcessPool::Core::look_after() {
  for (Seat& seat : seats_) {
    if (!seat.child.is_there() || (!seat.closed && seat.child.pidfd() >= 0)) continue;
    look_for_dead(seat);
    if (!seat.child.is_there() || !seat.closed) continue;
    if (priority::steady_clock().now() - *seat.closed > kLinger) misbehaved(seat, Death::Cause::closed);
  }
}

int ProcessPool::Core::patience() const {
  for (const Seat& seat : seats_) {
    const bool unheard = seat.state == State::leaving && seat.child.pidfd() < 0;
    if (seat.child.is_there() && (seat.closed || unheard)) return kAsk;
  }
  return -1;
}

// --- what workers say ------------------------------------------------------------------------------------------------

void ProcessPool::Core::receive(Seat& seat) {
  std::array<char, 1U << 16U> buffer;
  try {
    while (seat.data.is_open()) {
      const Received received = receive_some(seat.data.number(), buffer.data(), buffer.size());
      if (received.io == Io::blocked) return;
      if (received.io == Io::ended) {
        seat.closed = priority::steady_clock().now();
        seat.unread |= received.unread;
        std::erase(idle_, &seat);
        return seat.data.close();
      }
      seat.reader.feed({buffer.data(), received.bytes});
      while (auto frame = seat.reader.next()) {
        take(seat, std::move(*frame));
        if (!seat.data.is_open()) return;
      }
      if (received.bytes < buffer.size()) return;
    }
  } catch (const ProtocolError&) {
    misbehaved(seat, Death::Cause::garbage);
  }
}

void ProcessPool::Core::take(Seat& seat, Frame frame) {
  if (seat.state == State::starting && frame.kind == FrameKind::ready) return became_ready(seat);
  const bool is_answer = frame.kind >= FrameKind::result;
  if (seat.state == State::busy && is_answer && frame.job == seat.sequence) return answered(seat, std::move(frame));
  throw ProtocolError("process: nobody has asked");
}

void ProcessPool::Core::answered(Seat& seat, Frame frame) {
  using How = Ended::How;
  ++seat.jobs;
  deaths_ = 0;
  if (seat.timer.number != 0) timer_.cancel(std::exchange(seat.timer, {}));
  Ref job = std::exchange(seat.job, Ref());
  job->seat = nullptr;
  const How how = frame.kind == FrameKind::result   ? How::result
                  : frame.kind == FrameKind::failed ? How::failure
                                                    : How::cancelled;
  ended_.push_back({std::move(job), how, std::move(frame.payload), nullptr});
  if ((frame.flags & kLeaving) != 0) {
    seat.sequence = ++sequence_;
    retire(seat);
  } else {
    set_free(seat);
  }
}

void ProcessPool::Core::send_rest(Seat& seat) {
  if (!seat.data.is_open()) return;
  const Sent sent = send_some(seat.data.number(), seat.unsent);
  seat.unsent.erase(0, sent.bytes);
  if (sent.io != Io::blocked) {
    seat.unread |= sent.io == Io::ended;
    seat.unsent.clear();
    watch(seat.data.number(), seat, kData, false, true);
  }
}

// --- how jobs end ----------------------------------------------------------------------------------------------------

void ProcessPool::Core::finish(std::vector<Ended>& ended) {
  for (Ended& one : ended) end_job(one);
  ended.clear();
}

void ProcessPool::Core::end_job(Ended& ended) {
  using How = Ended::How;
  Request& job = *ended.job;
  job.on_cancel = {};  // without the lock: it may have to wait for one that runs
  if (job.state() == JobState::queued) {
    const auto now = job.take_up();
    if (!now) return;  // it was cancelled
    if (auto error = basic::catching([&] { job.begin(std::nullopt, *now); })) ended.error = std::move(error);
  }
  std::string().swap(job.payload);  // it is ours
  json result;
  if (ended.how == How::result || ended.how == How::failure) {
    if (auto error = basic::catching([&] {
          if (ended.how == How::result) {
            result = from_bytes(ended.text);
          } else {
            ended.error = to_exception(decode_failure(ended.text));
          }
        })) {
      ended.error = std::move(error);
    }
  }
  {
    const std::lock_guard lock(mutex_);
    ++(ended.how == How::cancelled ? stats_.cancelled : ended.error ? stats_.failed : stats_.completed);
  }
  if (ended.how == How::cancelled) {
    job.end(JobState::cancelled, nullptr, ended.text);
  } else if (ended.error) {
    job.end(JobState::failed, std::move(ended.error));
  } else {
    job.complete(std::move(result));
  }
}

// --- for the pool ----------------------------------------------------------------------------------------------------

void ProcessPool::Core::close(Shutdown how) {
  priority::UnitList dropped;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    if (how == Shutdown::now && !std::exchange(now_, true)) {
      for (Seat& seat : seats_) {
        if (seat.child.is_there()) seat.kill();
      }
      for (; !again_.empty(); --queued_) {
        ended_.push_back(
            {as_request(again_.pop_front()), Ended::How::cancelled, std::string(priority::reason::shutdown), {}});
      }
      for (priority::UnitList& level : queue_) dropped.take_all(level);
      stats_.cancelled += queued_;
      queued_ = 0;
    }
    wake();
  }
  stopping_.cancel(priority::reason::shutdown);
  while (!dropped.empty()) static_cast<void>(dropped.pop_front()->drop(priority::reason::shutdown));
}

void ProcessPool::Core::wait_for_end() {
  Lock lock(mutex_);
  while (!over_) all_gone_.wait(lock);
}

bool ProcessPool::Core::has_ended() const {
  const std::lock_guard lock(mutex_);
  return over_;
}

Job<void> ProcessPool::Core::when_ended() {
  auto made = priority::make_job<void>({.name = "shutdown"});
  static_cast<void>(made.second.start());  // to cancel it changes nothing
  {
    const std::lock_guard lock(mutex_);
    if (!over_) {
      waiting_.push_back(std::move(made.second));
      return made.first;
    }
  }
  made.second.complete();
  return made.first;
}

std::size_t ProcessPool::Core::pending() const {
  const std::lock_guard lock(mutex_);
  return queued_;
}

std::size_t ProcessPool::Core::size() const {
  return stats().workers.size();
}

Stats ProcessPool::Core::stats() const {
  static constexpr const char* kNames[] = {"empty", "starting", "idle", "busy", "busy", "leaving"};
  const std::lock_guard lock(mutex_);
  Stats stats = stats_;
  stats.queued = queued_;
  for (const Seat& seat : seats_) {
    if (!seat.is_there()) continue;
    std::optional<priority::JobId> job;
    if (seat.job) job = seat.job->id(), ++stats.running;
    stats.workers.push_back(
        {seat.child.pid(), seat.index, kNames[static_cast<std::size_t>(seat.state)], job, seat.jobs});
  }
  return stats;
}

}  // namespace pool::process
