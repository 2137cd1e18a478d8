#include <pool/flow/handover.hpp>

#include <utility>

#include <pool/basic/executor.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/flow/held.hpp>
#include <pool/flow/trampoline.hpp>

namespace pool::flow {

using basic::catching;

Handover::Handover(std::coroutine_handle<> waiting, const Context& context) : waiting_(waiting), home_(context.home) {
  priority = context.priority;
}

void Handover::release() noexcept {
  if (shares_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;  // [last share] pairs with itself
}

bool Handover::arm() {
  return word_.fetch_or(kArmed, std::memory_order_acq_rel) == 0;  // [armed], [fired]
}

bool Handover::fire(Outcome outcome) {
  std::uint8_t word = word_.load(std::memory_order_relaxed);
  do {
    if ((word & ~kArmed) != 0) return false;
  } while (!word_.compare_exchange_weak(word, static_cast<std::uint8_t>(word | static_cast<std::uint8_t>(outcome)),
                                        std::memory_order_acq_rel, std::memory_order_relaxed));  // [fired], [armed]
  if ((word & kArmed) != 0) resume();
  return true;
}

Handover::Outcome Handover::outcome() const {
  if (refused_.load(std::memory_order_relaxed)) return Outcome::stopped;  // written by who resumed us
  return static_cast<Outcome>(word_.load(std::memory_order_relaxed) & ~kArmed);
}

void Handover::resume() {
  if (!home_) return go_on_here();
  retain();
  priority::UnitPtr unit(this);
  if (catching([&] { static_cast<void>(home_->follow_up(std::move(unit))); })) go_on_here();  // no memory to queue it
}

void Handover::go_on_here() {
  Trampoline::run(waiting_);  // which may end this
}

priority::Ending Handover::run(std::optional<std::size_t>) {
  go_on_here();
  return priority::Ending::completed;
}

bool Handover::drop(std::string_view) {
  refused_.store(true, std::memory_order_relaxed);
  go_on_here();
  return true;
}

const HandoverRef& Waiting::begin(std::coroutine_handle<> waiting) {
  handover_ = HandoverRef(new Handover(waiting, context_));
  return handover_;
}

// Whatever throws here is thrown by the co_await, which then does not wait: what may fire later finds that it has been
// decided.
bool Waiting::suspend(priority::Time due) {
  using enum Handover::Outcome;
  const HandoverRef handover = handover_;  // its own: once armed, the coroutine may be gone
  bool complete = false;
  const basic::Finally failed{[&] {
    if (!complete) static_cast<void>(handover->fire(cancelled));  // not armed: nobody is resumed
  }};
  if (context_.token.can_be_cancelled()) {
    cancelled_ = context_.token.on_cancel([handover] {
      // The callback, and what it has captured, may be destroyed while it runs.
      const HandoverRef keep = handover;  // NOLINT(performance-unnecessary-copy-initialization)
      keep->fire(cancelled);
    });
  }
  if (context_.home) {
    watched_ = context_.home;
    entry_ = at_time_or_end(
        *watched_, due, [handover] { handover->fire(ready); }, [handover] { handover->fire(stopped); });
  }
  complete = true;
  return handover->arm();
}

void Waiting::finish() {
  if (!handover_) return;  // there was nothing to wait for
  cancelled_ = {};
  if (watched_) static_cast<void>(watched_->timer().cancel(entry_));
  switch (handover_->outcome()) {
    case Handover::Outcome::stopped:
      throw basic::PoolStopped();
    case Handover::Outcome::cancelled:
      throw priority::Cancelled(context_.token.reason());
    case Handover::Outcome::none:
    case Handover::Outcome::ready:
      return;
  }
}

}  // namespace pool::flow
