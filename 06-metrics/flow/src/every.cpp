#include <pool/flow/every.hpp>

#include <stdexcept>

#include <pool/flow/held.hpp>

namespace pool::flow {

using basic::catching;
using basic::Finally;

// A tick in the pool's queue. What it throws is the pool's to report.
class Ticker::Tick : public priority::Unit {
 public:
  explicit Tick(std::shared_ptr<Ticker> of) : of_(std::move(of)) { priority = of_->priority_; }
  priority::Ending run(std::optional<std::size_t>) override { return of_->tick(), priority::Ending::completed; }
  bool drop(std::string_view why) override { return of_->stop(why), true; }

 private:
  const std::shared_ptr<Ticker> of_;
};

Ticker::Ticker(std::shared_ptr<JobHost> host, priority::JobProducer<void> producer, Duration period, Time first,
               Missed policy, priority::Priority priority, Work work)
    : host_(std::move(host)),
      producer_(std::move(producer)),
      period_(period),
      first_(first),
      policy_(policy),
      priority_(priority),
      work_(std::move(work)) {}

bool Ticker::start() {
  if (!producer_.start()) return false;
  const CancelToken token = producer_.token();
  cancelled_ = token.on_cancel([weak = weak_from_this(), token] {
    if (const auto self = weak.lock()) self->stop(token.reason());
  });
  wait_for_the_next();
  return true;
}

void Ticker::wait_for_the_next() {
  const Duration::rep left = (Time::max() - first_) / period_;  // periods that the clock can tell
  const auto number = static_cast<Duration::rep>(next_);
  const Time due = number < left ? first_ + number * period_ : Time::max() - Duration(1);
  const auto self = shared_from_this();
  const priority::Timer::Id entry = at_time_or_end(
      *host_, due, [self] { self->due(); }, [self] { self->stop(priority::reason::shutdown); });
  bool over = false;
  {
    const std::lock_guard lock(mutex_);
    entry_.write() = entry;
    over = !why_.read().empty();
  }
  if (over) static_cast<void>(host_->timer().cancel(entry));  // it was stopped meanwhile, and did not find the entry
}

// On the timer's thread.
void Ticker::due() {
  const auto error = catching([&] {
    priority::UnitPtr tick(new Tick(shared_from_this()));
    static_cast<void>(host_->follow_up(std::move(tick)));
  });
  if (error) stop("a tick could not be queued: no memory");
}

void Ticker::tick() {
  if ((word_.fetch_or(kTicking, std::memory_order_acq_rel) & kStop) != 0) return;  // [stop] who stopped it finishes it
  const Finally ended{[&] {
    ticks.fetch_add(1, std::memory_order_relaxed);
    if (policy_ == Missed::skip) leave_out();
    ++next_;
    // The next one may come as soon as it is in the timer; so first it is said that this one has ended.
    if ((word_.fetch_and(static_cast<std::uint8_t>(~kTicking), std::memory_order_acq_rel) & kStop) != 0) {
      finish();  // [stop] it left that to us
    } else if (catching([&] { wait_for_the_next(); })) {
      stop("the next tick could not be waited for: no memory");
    }
  }};
  bool thrown = true;
  const Finally counted{[&] {
    if (thrown) failed.fetch_add(1, std::memory_order_relaxed);
  }};
  work_(producer_.token());
  thrown = false;
}

// Those that are due by now.
void Ticker::leave_out() {
  const Time now = host_->clock().now();
  if (now < first_) return;
  const auto newest = static_cast<std::uint64_t>((now - first_) / period_);
  if (newest <= next_) return;
  missed.fetch_add(newest - next_, std::memory_order_relaxed);
  next_ = newest;
}

// By the token, the end of the pool, or want of memory; the first one finds it running.
void Ticker::stop(std::string_view why) {
  const auto keep = shared_from_this();
  priority::Timer::Id entry;
  {
    const std::lock_guard lock(mutex_);
    const bool first = why_.read().empty();
    if (first) why_.write() = why;
    entry = entry_.read();
    if (!first) return;
  }
  const std::uint8_t before = word_.fetch_or(kStop, std::memory_order_acq_rel);  // [stop]
  static_cast<void>(host_->timer().cancel(entry));
  if ((before & kTicking) == 0) finish();
}

void Ticker::finish() {
  std::string why(priority::reason::asked);  // without memory for better
  static_cast<void>(catching([&] {
    const std::lock_guard lock(mutex_);
    why = why_.read();
  }));
  if (auto error = catching([&] { work_ = nullptr; })) basic::print_error("pool", "a tick's destructor", error);
  producer_.cancel(why);
}

Periodic every(const std::shared_ptr<JobHost>& host, priority::Job<void> job, priority::JobProducer<void> producer,
               Duration period, const PeriodicOptions& options, Ticker::Work work) {
  if (period <= Duration::zero()) {
    throw std::invalid_argument("pool: a period of " + std::to_string(std::chrono::duration<double>(period).count()) +
                                " s, but a period is longer than 0");
  }
  const Time first = options.first ? *options.first : later(*host, period);
  const auto ticker = std::make_shared<Ticker>(host, std::move(producer), period, first, options.missed,
                                               options.job.priority, std::move(work));
  if (!ticker->start()) until_ended(job);
  return {std::move(job), ticker};
}

}  // namespace pool::flow
