// Source, Token, Callback: asking others to stop.
//
// Thread safety: every member may be called from any thread; each object is destroyed by one.
// Invariants:  (K1) a function is called once if its callback lives when it is cancelled, or is made after that
//              (K2) when a callback's destructor has returned, its function does not run, unless on this very thread
//              (K3) no function runs under the lock
// Memory ordering: what happens before cancel() is visible to whoever sees is_cancelled(), returns from a wait, or is
// called back.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <utility>

#include <pool/basic/sync.hpp>

namespace exercise {

namespace sync = pool::sync;

class Callback;

// What a source, its tokens and their callbacks share.
struct Shared {
  sync::mutex mutex;
  sync::condition_variable changed;             // it was cancelled, or a function has returned
  sync::cell<bool> cancelled{false};            // this and all below are guarded by mutex
  sync::cell<std::list<Callback*>> registered;  // whose functions wait to be called
  sync::cell<Callback*> calling{nullptr};       // whose function runs
  sync::cell<sync::thread::id> caller;          // the thread that cancelled, on which functions run
};

class Token {
 public:
  [[nodiscard]] bool is_cancelled() const {
    std::lock_guard lock(shared_->mutex);
    return shared_->cancelled.read();
  }

  // Returns when it is cancelled.
  void wait() const {
    // #todo sleep until it is cancelled
    std::unique_lock lock(shared_->mutex);
    shared_->changed.wait(lock, [this] { return shared_->cancelled.read(); });
    // #end
  }

  // The same, but waits so long at most; whether it is cancelled.
  bool wait_for(std::chrono::milliseconds timeout) const {
    // #todo
    std::unique_lock lock(shared_->mutex);
    return shared_->changed.wait_for(lock, timeout, [this] { return shared_->cancelled.read(); });
    // #instead
    // static_cast<void>(timeout);
    // POOL_TODO("wait() with a limit");
    // #end
  }

 private:
  friend class Source;
  friend class Callback;
  explicit Token(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  std::shared_ptr<Shared> shared_;
};

// A function that is called on cancel, for as long as this lives.
class Callback {
 public:
  // Calls f when the token is cancelled, on the thread that cancels; here and now if it is cancelled already.
  Callback(const Token& token, std::function<void()> f) : shared_(token.shared_), f_(std::move(f)) {
    // #todo register it, or call it
    {
      std::lock_guard lock(shared_->mutex);
      if (!shared_->cancelled.read()) {
        shared_->registered.write().push_back(this);
        return;
      }
    }
    f_();
    // #end
  }

  ~Callback() {
    // #todo take it out; if it is out already: who runs it?
    std::unique_lock lock(shared_->mutex);
    if (shared_->registered.write().remove(this) != 0) return;          // nobody has taken it up
    if (shared_->caller.read() == sync::this_thread::get_id()) return;  // it is f_ that destroys us, or it is over
    shared_->changed.wait(lock, [this] { return shared_->calling.read() != this; });
    // #end
  }

  Callback(const Callback&) = delete;
  Callback& operator=(const Callback&) = delete;

 private:
  friend class Source;

  const std::shared_ptr<Shared> shared_;
  const std::function<void()> f_;
};

class Source {
 public:
  Source() : shared_(std::make_shared<Shared>()) {}

  [[nodiscard]] Token token() const { return Token(shared_); }

  // False: it was cancelled before.
  bool cancel() const {
    // #todo once; wake all who wait; then call one function after the other
    const auto shared = shared_;  // a function may destroy this source
    std::unique_lock lock(shared->mutex);
    if (std::exchange(shared->cancelled.write(), true)) return false;
    shared->caller.write() = sync::this_thread::get_id();
    shared->changed.notify_all();
    while (!shared->registered.read().empty()) {
      Callback* const next = shared->registered.read().front();
      shared->registered.write().pop_front();
      shared->calling.write() = next;
      lock.unlock();
      next->f_();  // and now it may be gone: only its address may be used
      lock.lock();
      shared->calling.write() = nullptr;
      shared->changed.notify_all();
    }
    return true;
    // #end
  }

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace exercise

// #todo
// Why this. There are four cases for the destructor. Its function waits to be called: out with it, and it never will
// be. It was never in the list, or has returned: there is nothing to wait for. It runs on another thread: wait until
// `calling` is somebody else. It runs on this thread: then we stand in the midst of it, and it can only return after
// us. The list and `calling` change together under the lock, so a function is always in one of these cases.
//
// Why everything about a running call lies in Shared, and nothing in the Callback: the function may destroy its
// callback, and what cancel() wrote into it afterwards would be written into nothing. (libstdc++ keeps a pointer to a
// flag on the canceller's stack, which the destructor sets: "do not touch me again".) Why not hold the lock during the
// call: then waiting comes for free, and each function that asks the token stands still. Why not wait until no function
// at all runs: the one that runs may wait for the very thread that destroys.
//
// Why not take the whole list out at once and call without a lock in between: another thread that destroys the second
// callback while the first is called would find it nowhere, and return.
// #end
