#include <pool/stealing/parts.hpp>

namespace pool::stealing {

// #region end_awaited
// Nobody changes kAwaited while we have the lock. If it is gone, nobody sleeps any more who would need the lock before he
// leaves; then we must not end with it in our hands.
void Parts::end_awaited() {
  {
    const std::lock_guard lock(mutex_);
    if ((state_.load(std::memory_order_relaxed) & kAwaited) != 0) {
      const std::uint64_t before = state_.fetch_add(kOne, std::memory_order_acq_rel);  // [over]
      if (!all_of(before + kOne)) return;
      ++calls_.write();
      return called_->notify_all();
    }
  }
  end();
}
// #endregion end_awaited

void Parts::call() {
  const std::lock_guard lock(mutex_);
  if (sleepers_.read() == 0) return;
  ++calls_.write();
  called_->notify_all();
}

// Its own error is let go without the lock, if it is not the first.
void Parts::keep(std::exception_ptr& error, bool failed) {
  const std::lock_guard lock(mutex_);
  if (failed) ++failed_.write();
  if (!error_.read()) error_.write() = std::exchange(error, nullptr);
  trouble_.store(true, std::memory_order_relaxed);  // before the end of the part
}

Ending Parts::ended(std::exception_ptr error) {
  Ending how = Ending::failed;
  try {
    std::rethrow_exception(error);
  } catch (const priority::Cancelled&) {
    how = Ending::cancelled;
  } catch (...) {
  }
  if (how == Ending::failed || !cancelled()) keep(error, how == Ending::failed);
  return how;
}

void Parts::dropped(std::string_view why) {
  if (cancelled()) return;
  std::exception_ptr error = basic::catching([&] { throw priority::Cancelled(std::string(why)); });
  keep(error, false);
}

std::exception_ptr Parts::take_error() {
  const std::lock_guard lock(mutex_);
  return std::exchange(error_.write(), nullptr);
}

std::size_t Parts::failed() const {
  const std::lock_guard lock(mutex_);
  return failed_.read();
}

void Parts::cancel(std::string_view why) {
  std::optional<CancelSource> source;
  {
    const std::lock_guard lock(mutex_);
    cancelled_.store(true, std::memory_order_release);  // [cancelled] pairs with cancelled()
    if (source_.read()) source = *source_.read();
  }
  if (source) source->cancel(why);
}

CancelToken Parts::token(const CancelToken& other) {
  const std::lock_guard lock(mutex_);
  if (!source_.read()) source_.write() = std::make_unique<CancelSource>(other);
  return source_.read()->token();
}

void Parts::list(Outside& part) {
  const std::lock_guard lock(mutex_);
  part.older_ = newest_.read();
  if (part.older_ != nullptr) part.older_->newer_ = &part;
  newest_.write() = &part;
  part.listed_ = true;
}

void Parts::unlist(Outside& part) {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(part.listed_, false)) return;
  (part.newer_ != nullptr ? part.newer_->older_ : newest_.write()) = part.older_;
  if (part.older_ != nullptr) part.older_->newer_ = part.newer_;
}

}  // namespace pool::stealing
