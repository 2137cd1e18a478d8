// Handover: how a coroutine that waits is handed to whoever resumes it. Several may want to: who has what it waits for,
// who cancels it, and the end of its pool. One does.
//
// Thread safety: fire() from any thread, at any time; arm() once, by the coroutine that is being suspended.
// Invariants:  (C1) of all that fire, the first one decides, and the coroutine goes on once
//              (C2) it is not resumed before it is suspended: who fires before arm() leaves that to arm()
//              (C3) with a home it goes on in a worker of that pool, or with PoolStopped where that has come to light;
//                   without one, on the thread that fires
// Memory ordering: what happens before the fire() that decides is visible to the coroutine [fired]; what the coroutine
// did before it waited is visible to whoever resumes it [armed].
#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <pool/basic/sync.hpp>
#include <pool/priority/cancellation.hpp>
#include <pool/priority/job.hpp>
#include <pool/priority/unit.hpp>

namespace pool::flow {

using priority::CancelToken;
using priority::JobHost;
using priority::Priority;

// What the coroutines of one task have in common: where they run, and who may cancel them.
struct Context {
  std::shared_ptr<JobHost> home = {};  // null: wherever they are resumed
  CancelToken token = {};
  Priority priority = Priority::normal;
};

class Handover : public priority::Unit {
 public:
  enum class Outcome : std::uint8_t { none, ready, stopped, cancelled };

  // For a coroutine in this context, which outlives it. Has one share.
  Handover(std::coroutine_handle<> waiting, const Context& context);

  // Whether the coroutine is to be suspended. False: somebody has fired, and it goes on at once.
  [[nodiscard]] bool arm();
  // False: another one was first.
  bool fire(Outcome outcome);
  // What has decided; for the coroutine when it goes on.
  [[nodiscard]] Outcome outcome() const;

  // The unit that a pool runs to resume it. Dropped, it goes on with `stopped`, or `cancelled` if it made room.
  priority::Ending run(std::optional<std::size_t> worker) override;
  bool drop(std::string_view why) override;
  void retain() { shares_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept override;

 private:
  static constexpr std::uint8_t kArmed = 8;
  ~Handover() override = default;
  void resume();  // in its home, if it has one
  void go_on_here();

  const std::coroutine_handle<> waiting_;
  const std::shared_ptr<JobHost> home_;
  sync::atomic<std::uint8_t> word_{0};  // an Outcome, and kArmed
  sync::atomic<bool> refused_{false};   // its home did not take it; written before it goes on
  sync::atomic<std::uint32_t> shares_{1};
};

// A share in one.
class HandoverRef {
 public:
  HandoverRef() = default;
  explicit HandoverRef(Handover* taken_over) : handover_(taken_over) {}
  HandoverRef(const HandoverRef& other) : handover_(other.handover_) {
    if (handover_ != nullptr) handover_->retain();
  }
  HandoverRef(HandoverRef&& other) noexcept : handover_(std::exchange(other.handover_, nullptr)) {}
  HandoverRef& operator=(HandoverRef other) noexcept { return std::swap(handover_, other.handover_), *this; }
  ~HandoverRef() {
    if (handover_ != nullptr) handover_->release();
  }
  Handover* operator->() const { return handover_; }
  explicit operator bool() const { return handover_ != nullptr; }
  [[nodiscard]] priority::UnitPtr unit() const { return handover_->retain(), priority::UnitPtr(handover_); }

 private:
  Handover* handover_ = nullptr;
};

// What all awaiters do: makes the handover, watches the token and the end of the home, and throws when it goes on.
class Waiting {
 public:
  explicit Waiting(Context& context) : context_(context) {}
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 protected:
  // Before anything can fire.
  const HandoverRef& begin(std::coroutine_handle<> waiting);
  // Watches, and arms. With a time, that is what it waits for.
  [[nodiscard]] bool suspend(priority::Time due = priority::Time::max());
  // Throws PoolStopped or Cancelled, if that is how it ended.
  void finish();
  [[nodiscard]] Context& context() { return context_; }

 private:
  Context& context_;
  HandoverRef handover_;
  std::shared_ptr<JobHost> watched_;
  priority::Timer::Id entry_;
  priority::CancelCallback cancelled_;
};

}  // namespace pool::flow
