#include <pool/priority/job.hpp>

#include <atomic>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include <pool/basic/tsan.hpp>

namespace pool::priority {

namespace {

class NoPool : public JobHost {
 public:
  Clock& clock() override { return steady_clock(); }
  Timer& timer() override { return timer_; }
  void withdraw(JobCore&) override {}
  void overran(const JobCore& job) override { report_overrun(job); }

 private:
  Timer timer_{steady_clock()};
};

}  // namespace

const std::shared_ptr<JobHost>& no_pool() {
  static const std::shared_ptr<JobHost> host = std::make_shared<NoPool>();
  return host;
}

bool JobHost::follow_up(UnitPtr unit) {
  return static_cast<void>(unit->drop(reason::shutdown)), false;
}

void report_overrun(const JobCore& job) {
  std::fprintf(stderr, "pool: %s runs longer than its timeout; its token was cancelled\n", job.name().c_str());
}

std::string_view to_string(JobState state) {
  constexpr std::string_view kNames[] = {"queued", "running", "completed", "failed", "cancelled"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string to_string(const JobId& id) {
  const auto* number = std::get_if<std::uint64_t>(&id.value_);
  return number != nullptr ? std::to_string(*number) : std::get<std::string>(id.value_);
}

Duration JobInfo::wait_time(Time now) const {
  return started.value_or(finished.value_or(now)) - submitted;
}

Duration JobInfo::execution_time(Time now) const {
  return started ? finished.value_or(now) - *started : Duration::zero();
}

namespace {

std::uint64_t next_number() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

JobCore::JobCore(JobOptions&& options, std::shared_ptr<JobHost> host)
    : host_(std::move(host)), number_(next_number()), submitted_(host_->clock().now()) {
  priority = priority_from(static_cast<int>(options.priority));
  since = submitted_;
  if (are_plain(options)) return;
  if (options.timeout && *options.timeout < Duration::zero()) {
    throw std::invalid_argument("pool: a job's timeout is 0 or more; no timeout is none");
  }
  options_ = std::make_unique<const JobOptions>(std::move(options));
}

JobCore::~JobCore() {
  if (!end_.read().error) return;
  const basic::DropsException of_the_work;
  end_.write().error = nullptr;
}

void JobCore::release() noexcept {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;  // [last share] pairs with itself
}

JobInfo JobCore::info() const {
  JobInfo info;
  info.id = id();
  info.name = name();
  info.priority = priority;
  info.submitted = submitted_;
  if (options_) info.metadata = options_->metadata;
  std::lock_guard lock(mutex_);  // first: so the reason is that of the state
  info.state = state();
  if (info.state != JobState::queued && start_.read().time != Time::min()) {
    info.started = start_.read().time;
    info.worker = start_.read().worker;
  }
  if (has_ended(info.state)) {
    info.finished = end_.read().time;
    info.error = end_.read().error;
  }
  if (details_.read()) info.reason = details_.read()->reason;
  return info;
}

JobId JobCore::id() const {
  if (options_ && !options_->id.is_none()) return options_->id;
  return JobId{number_};
}

std::string JobCore::name() const {
  return options_ && !options_->name.empty() ? options_->name : "job-" + std::to_string(number_);
}

// With the lock held, as attend().
JobCore::Details& JobCore::details() {
  std::unique_ptr<Details>& details = details_.write();
  if (!details) details = std::make_unique<Details>();
  return *details;
}

CancelToken JobCore::token() {
  std::lock_guard lock(mutex_);
  Details& details = this->details();
  if (!details.source) {
    details.source.emplace(host_->stopping());
    if (!details.reason.empty()) details.source->cancel(details.reason);  // it was asked before it had a token
  }
  return details.source->token();
}

// #region take_up
std::optional<Time> JobCore::take_up() {
  const Time now = host_->clock().now();
  if (options_ && options_->deadline && now >= *options_->deadline) cancel(reason::deadline);
  return claim() ? std::optional(now) : std::nullopt;
}
// #endregion take_up

void JobCore::adopt(const CancelSource& source) {
  std::lock_guard lock(mutex_);
  details().source = source;
}

void JobCore::watch() {
  if (!options_) return;
  const auto self = [this] { return JobRef<JobCore>::share(*this); };
  if (options_->deadline) {
    const auto late = [job = self()] {
      if (job->state() == JobState::queued) job->cancel_if_queued(reason::deadline);
    };
    std::lock_guard lock(mutex_);
    Timer::Id& id = details().deadline;  // first, for want of memory
    id = host_->timer().at(*options_->deadline, late);
    static_cast<void>(attend());
  }
  if (options_->token.can_be_cancelled()) {
    auto parent = options_->token.on_cancel([job = self(), token = options_->token] { job->cancel(token.reason()); });
    std::lock_guard lock(mutex_);
    Details& details = this->details();
    if (attend()) details.parent = std::move(parent);
  }
}

// A change that is forbidden throws, and nothing has changed.
void JobCore::require(JobState to) const {
  const JobState from = state();
  if (may_follow(from, to)) return;
  throw std::logic_error("job: it is " + std::string(to_string(from)) + " and cannot become " +
                         std::string(to_string(to)));
}

// #region attend
// With the lock held: whoever ends the job takes it, too, from now on. False: the job has ended already. (Whichever of
// the two changes the word first, the other one reads it.)
bool JobCore::attend() {
  return !has_ended(state_of(state_.fetch_or(kAttended, std::memory_order_acquire)));  // [ended]
}
// #endregion attend

void JobCore::begin(std::optional<std::size_t> worker, Time now) {
  require(JobState::running);
  start_.write() = {now, worker};
  state_.fetch_or(word(JobState::running), std::memory_order_release);  // [begun] it was queued, which is 0
  if (options_ && (options_->deadline || options_->timeout)) change_timers(now);
}

// #region change_timers
void JobCore::change_timers(Time now) {
  Timer::Id deadline;
  {
    std::lock_guard lock(mutex_);
    Details& details = this->details();
    if (options_->timeout) {
      details.timeout =
          host_->timer().at(now + *options_->timeout, [job = JobRef<JobCore>::share(*this)] { job->time_out(); });
      static_cast<void>(attend());
    }
    deadline = std::exchange(details.deadline, {});
  }
  if (deadline.number != 0) host_->timer().cancel(deadline);
}
// #endregion change_timers

// #region end
void JobCore::end(JobState to, std::exception_ptr error, std::string_view why) {
  require(to);
  end_.write() = {host_->clock().now(), std::move(error)};
  std::uint8_t alone = word(JobState::running);  // and nobody attends to it
  if (why.empty() && state_.compare_exchange_strong(alone, word(to), std::memory_order_release,
                                                    std::memory_order_relaxed)) {  // [ended]
    return;
  }
  end_attended(to, why);
}
// #endregion end

void JobCore::end_attended(JobState to, std::string_view why) {
  std::vector<std::function<void(const JobCore&)>> calls;
  CancelCallback parent;  // destroyed without the lock: it may have to wait for one that is being called
  Timer::Id deadline;
  Timer::Id timeout;
  {
    std::lock_guard lock(mutex_);
    state_.store(word(to), std::memory_order_release);       // [ended]
    static_cast<void>(basic::catching([&] { note(why); }));  // without memory for it, a job ends all the same
    if (Details* const details = details_.read().get()) {
      calls = std::exchange(details->on_end, {});
      parent = std::exchange(details->parent, {});
      deadline = std::exchange(details->deadline, {});
      timeout = std::exchange(details->timeout, {});
    }
  }
  ended_.notify_all();
  for (const Timer::Id& id : {deadline, timeout}) {
    if (id.number != 0) host_->timer().cancel(id);
  }
  for (const auto& f : calls) call(f);
}

void JobCore::call(const std::function<void(const JobCore&)>& on_end) const {
  if (auto thrown = basic::catching([&] { on_end(*this); })) basic::print_error(name(), "on_end", std::move(thrown));
}

// With the lock held. The first reason stays.
void JobCore::note(std::string_view why) {
  if (why.empty()) return;
  std::string& reason = details().reason;
  if (reason.empty()) reason = why;
}

// #region cancel_if_queued
bool JobCore::cancel_if_queued(std::string_view why) {
  if (!claim()) return false;  // [J2] somebody else had it: it has started, or was cancelled
  if (auto error = basic::catching([&] { destroy_closure(); })) {
    basic::print_error(name(), "the destructor of cancelled work", std::move(error));
  }
  end(JobState::cancelled, nullptr, why);
  host_->withdraw(*this);
  return true;
}
// #endregion cancel_if_queued

// #region cancel
bool JobCore::cancel(std::string_view why) {
  const auto keep = JobRef<JobCore>::share(*this);
  if (cancel_if_queued(why)) return true;
  std::optional<CancelSource> source;
  {
    std::lock_guard lock(mutex_);
    if (has_ended(state())) return false;
    note(why);
    source = details().source;
  }
  if (source) source->cancel(why);  // its callbacks run here, without the lock
  return true;
}

void JobCore::time_out() {
  if (cancel(reason::timeout)) host_->overran(*this);
}
// #endregion cancel

// In small steps, each with as small a frame as can be: jobs that wait may be nested, thousands of them.
bool JobCore::wait(const bounded::Deadline& deadline) {
  while (!has_ended(state())) {
    if (deadline.is_now() || !host_->help(*this)) return block(deadline);
  }
  return true;
}

bool JobCore::block(const bounded::Deadline& deadline) {
  std::unique_lock lock(mutex_);
  if (!attend()) return true;
  while (!has_ended(state())) {
    if (deadline.is_now() || !deadline.wait(ended_, lock)) break;
  }
  return has_ended(state());
}

void JobCore::wait_for_result() {
  static_cast<void>(wait(bounded::Deadline::never()));
  if (state() != JobState::completed) throw_error();
}

void JobCore::throw_error() const {
  const JobInfo info = this->info();
  if (info.error) std::rethrow_exception(info.error);
  throw Cancelled(info.reason);
}

void JobCore::on_end(std::function<void(const JobCore&)> f) {
  {
    std::lock_guard lock(mutex_);
    auto& calls = details().on_end;
    calls.emplace_back();  // first, for want of memory
    if (attend()) {
      calls.back() = std::move(f);
      return;
    }
    calls.pop_back();
  }
  call(f);
}

}  // namespace pool::priority
