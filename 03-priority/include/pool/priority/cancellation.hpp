// Cancellation: asking others to stop. On the standard's stop_source and stop_token, with what these leave out: a
// reason, a wait with a limit, and callbacks that may throw.
//
// Thread safety: every member of all classes may be called from any thread.
// Memory ordering: what happens before cancel() is visible to whoever sees is_cancelled(), returns from a wait, or is
// called back.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include <pool/basic/executor.hpp>
#include <pool/bounded/deadline.hpp>

namespace pool::priority {

// Why something was cancelled. These are the pool's own; a text of yours is as good.
namespace reason {
inline constexpr std::string_view asked = "asked";
inline constexpr std::string_view deadline = "deadline";  // it was not started in time
inline constexpr std::string_view timeout = "timeout";    // it ran for too long
inline constexpr std::string_view dropped = "dropped";    // newer work took its place in a full queue
inline constexpr std::string_view shutdown = "shutdown";
inline constexpr std::string_view abandoned = "abandoned";  // its producer is gone
}  // namespace reason

// What ends a job that was cancelled: thrown by CancelToken::throw_if_cancelled() in it, and by Job::get().
class Cancelled : public basic::PoolError {
 public:
  explicit Cancelled(std::string reason) : PoolError("pool: cancelled (" + reason + ")"), reason_(std::move(reason)) {}
  [[nodiscard]] const std::string& reason() const { return reason_; }

 private:
  std::string reason_;
};

class CancelCallback;

// The side that is asked. A default one is never cancelled.
class CancelToken {
 public:
  CancelToken() = default;

  [[nodiscard]] bool is_cancelled() const;
  [[nodiscard]] bool can_be_cancelled() const { return state_ != nullptr; }  // it has a source
  [[nodiscard]] std::string reason() const;                                  // empty as long as it is not cancelled
  void throw_if_cancelled() const;                                           // Cancelled

  // Waits until it is cancelled, or so long; says whether it is. Throws std::invalid_argument for a negative timeout.
  template <class Rep, class Period>
  bool wait(std::chrono::duration<Rep, Period> timeout) const {
    return wait_by(bounded::Deadline::after(timeout));
  }

  // Calls f when it is cancelled, on the thread that cancels; at once if it is cancelled already. As long as the
  // callback object lives: its destructor waits for an f that runs on another thread. What f throws is reported on
  // stderr.
  [[nodiscard]] CancelCallback on_cancel(std::function<void()> f) const;

  // For code that knows the standard's tokens only.
  [[nodiscard]] std::stop_token stop_token() const;

 private:
  friend class CancelSource;
  struct State;
  explicit CancelToken(std::shared_ptr<State> state) : state_(std::move(state)) {}
  bool wait_by(const bounded::Deadline& deadline) const;

  std::shared_ptr<State> state_;
};

// The side that asks. Copies are one source.
class CancelSource {
 public:
  CancelSource();
  // Also cancelled when the parent is, with the parent's reason. Cancelling the child leaves the parent alone.
  explicit CancelSource(const CancelToken& parent);
  explicit CancelSource(const std::stop_token& parent);  // with the reason "asked"

  // Asks. False if it was asked before; the first reason stays. Runs the callbacks on this thread.
  bool cancel(std::string_view why = reason::asked) const;

  [[nodiscard]] CancelToken token() const { return CancelToken(state_); }
  [[nodiscard]] bool is_cancelled() const { return token().is_cancelled(); }

 private:
  std::shared_ptr<CancelToken::State> state_;
};

// A function that is called on cancel, for as long as this lives.
class CancelCallback {
 public:
  CancelCallback() = default;

 private:
  friend class CancelToken;
  struct Reported {  // f, whose errors are reported
    std::function<void()> f;
    void operator()() const noexcept;
  };
  std::unique_ptr<std::stop_callback<Reported>> callback_;
};

}  // namespace pool::priority
