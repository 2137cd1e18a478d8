#include <pool/flow/held.hpp>

#include <exception>
#include <functional>
#include <utility>

#include <pool/basic/tsan.hpp>
#include <pool/basic/user_code.hpp>

namespace pool::flow {

using basic::catching;
using priority::CancelCallback;
using priority::Timer;
using priority::UnitPtr;
namespace reason = priority::reason;

namespace {

constexpr std::string_view kBecause = "dependency '";

// An entry of a timer that notices that it is dropped.
class Entry {
 public:
  Entry(std::function<void()> due, std::function<void()> dropped)
      : due_(std::move(due)), dropped_(std::move(dropped)) {}
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  ~Entry() {
    if (!over_.exchange(true, std::memory_order_relaxed)) call(dropped_);  // [once]
  }

  void due() {
    if (!over_.exchange(true, std::memory_order_relaxed)) call(due_);  // [once]
  }
  // The pool asks everything to stop, and this is not even begun.
  void watch(const CancelToken& stopping, const std::weak_ptr<Entry>& self) {
    if (!stopping.can_be_cancelled()) return;
    stopping_ = stopping.on_cancel([self] {
      const std::shared_ptr<Entry> entry = self.lock();  // its own: the callback may be destroyed while it runs
      if (entry && !entry->over_.exchange(true, std::memory_order_relaxed)) call(entry->dropped_);  // [once]
    });
  }

 private:
  static void call(const std::function<void()>& f) {
    if (auto error = catching(f)) basic::print_error("pool", "what was waiting for a time", std::move(error));
  }

  const std::function<void()> due_, dropped_;
  sync::atomic<bool> over_{false};  // one of the two is called
  CancelCallback stopping_;
};

}  // namespace

Timer::Id at_time_or_end(JobHost& host, Time time, std::function<void()> due, std::function<void()> f) {
  const auto entry = std::make_shared<Entry>(std::move(due), std::move(f));
  entry->watch(host.stopping(), entry);
  return host.timer().at(time, [entry] { entry->due(); });
}

std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& thrown) {
    return thrown.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

std::string reason_because_of(const JobInfo& culprit) {
  if (culprit.state == JobState::cancelled && culprit.reason.starts_with(kBecause)) return culprit.reason;
  const std::string who = std::string(kBecause) + culprit.name + "' ";
  if (culprit.state == JobState::failed) return who + "failed: " + text_of(culprit.error);
  return who + "was cancelled: " + culprit.reason;
}

// Who is cancelled by a thread that cancels already waits until that is done.
struct Held::Wave {
  std::shared_ptr<Held> first;
  Held* last = nullptr;

  void add(std::shared_ptr<Held> held) {
    Held* const added = held.get();
    (last != nullptr ? last->next_ : first) = std::move(held);
    last = added;
  }
  std::shared_ptr<Held> take() {
    std::shared_ptr<Held> held = std::move(first);
    first = std::move(held->next_);
    if (!first) last = nullptr;
    return held;
  }
};

Held::Held(JobRef<JobCore> job, std::shared_ptr<JobHost> host, std::size_t arrivals)
    : job_(std::move(job)), host_(std::move(host)), left_(arrivals) {}

Held::~Held() {
  if (job_->state() == JobState::queued && left_.load(std::memory_order_relaxed) != 0) {
    static_cast<void>(catching([&] { static_cast<void>(job_->cancel_if_queued(reason::abandoned)); }));
  }
}

void Held::hold(const std::shared_ptr<Held>& held, Time due) {
  // The entry has the job and not this: that belongs to those who will arrive.
  const auto arrive = [held] { held->arrive(); };
  const auto shut_down = [job = held->job_] { static_cast<void>(job->cancel_if_queued(reason::shutdown)); };
  const bool timed = due != Time::max();
  const Timer::Id entry = at_time_or_end(
      *held->host_, due, timed ? std::function<void()>(arrive) : [] {}, shut_down);
  held->job_->on_end([host = held->host_, entry](const JobCore&) { static_cast<void>(host->timer().cancel(entry)); });
}

// #region arrive
void Held::arrive() {
  if (left_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;  // [arrived] pairs with itself
  job_->retain();
  UnitPtr unit(&*job_);
  unit->since = host_->clock().now();  // from now on it waits for a worker; for what came before, it does not age
  if (!catching([&] { static_cast<void>(host_->follow_up(std::move(unit))); })) return;
  static_cast<void>(job_->cancel_if_queued("it could not be queued: no memory"));
}
// #endregion arrive

void Held::arrive(const JobCore& dependency) {
  if (dependency.state() == JobState::completed) return arrive();
  std::string why = "a dependency did not complete";  // without memory for better
  static_cast<void>(catching([&] { why = reason_because_of(dependency.info()); }));
  cancel(std::move(why));
}

// #region wave
void Held::cancel(std::string why) {
  if (culprit_found_.exchange(true, std::memory_order_relaxed)) return;  // [culprit] the first one is named
  why_ = std::move(why);
  Wave*& wave = sync::thread_slot<Wave>();
  if (wave != nullptr) return wave->add(shared_from_this());
  Wave own;
  wave = &own;
  const basic::Finally over{[&] { wave = nullptr; }};
  for (own.add(shared_from_this()); own.first;) {
    const std::shared_ptr<Held> held = own.take();
    static_cast<void>(held->job_->cancel_if_queued(held->why_));  // its callbacks add those that wait for it
  }
}
// #endregion wave

}  // namespace pool::flow
