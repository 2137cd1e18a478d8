#include <pool/priority/cancellation.hpp>

#include <mutex>
#include <utility>

#include <pool/basic/sync.hpp>
#include <pool/basic/user_code.hpp>

namespace pool::priority {

struct CancelToken::State {
  std::stop_source source;
  sync::mutex mutex;
  sync::condition_variable changed;
  sync::cell<std::optional<std::string>> reason;                       // guarded by mutex; set once
  std::optional<std::stop_callback<std::function<void()>>> to_parent;  // the last member, so the first to go

  bool cancel(std::string_view why) {
    {
      std::lock_guard lock(mutex);  // [asked] pairs with whoever looks at the reason
      if (reason.read()) return false;
      reason.write() = std::string(why);
    }
    changed.notify_all();
    source.request_stop();
    return true;
  }
};

CancelSource::CancelSource() : state_(std::make_shared<CancelToken::State>()) {}

// #region linked
CancelSource::CancelSource(const CancelToken& parent) : CancelSource() {
  if (!parent.state_) return;
  // Weak, because the child may go while the parent cancels; locked, because it must not go in the midst of it.
  const auto cancel = [child = std::weak_ptr(state_), up = std::weak_ptr(parent.state_)] {
    const auto from = up.lock();
    if (const auto to = child.lock()) to->cancel(from ? CancelToken(from).reason() : std::string(reason::asked));
  };
  state_->to_parent.emplace(parent.stop_token(), cancel);
}
// #endregion linked

CancelSource::CancelSource(const std::stop_token& parent) : CancelSource() {
  const auto cancel = [child = std::weak_ptr(state_)] {
    if (const auto to = child.lock()) to->cancel(reason::asked);
  };
  state_->to_parent.emplace(parent, cancel);
}

bool CancelSource::cancel(std::string_view why) const {
  const auto keep = state_;  // a callback may destroy this source
  return keep->cancel(why);
}

bool CancelToken::is_cancelled() const {
  if (!state_) return false;
  std::lock_guard lock(state_->mutex);
  return state_->reason.read().has_value();
}

std::string CancelToken::reason() const {
  if (!state_) return {};
  std::lock_guard lock(state_->mutex);
  return state_->reason.read().value_or("");
}

void CancelToken::throw_if_cancelled() const {
  if (is_cancelled()) throw Cancelled(reason());
}

bool CancelToken::wait_by(const bounded::Deadline& deadline) const {
  if (!state_) {  // nobody will ever ask: all there is to wait for is the time
    const CancelSource nobody;
    return nobody.token().wait_by(deadline);
  }
  std::unique_lock lock(state_->mutex);
  while (!state_->reason.read()) {
    if (deadline.is_now() || !deadline.wait(state_->changed, lock)) break;
  }
  return state_->reason.read().has_value();
}

CancelCallback CancelToken::on_cancel(std::function<void()> f) const {
  CancelCallback callback;
  callback.callback_ = std::make_unique<std::stop_callback<CancelCallback::Reported>>(
      stop_token(), CancelCallback::Reported{std::move(f)});
  return callback;
}

void CancelCallback::Reported::operator()() const noexcept {
  if (auto error = basic::catching(f)) basic::print_error("pool", "a callback on cancel", std::move(error));
}

std::stop_token CancelToken::stop_token() const {
  return state_ ? state_->source.get_token() : std::stop_token();
}

}  // namespace pool::priority
