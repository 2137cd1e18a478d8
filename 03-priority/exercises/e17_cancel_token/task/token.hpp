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
#include <pool/testing/todo.hpp>

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
    POOL_TODO("sleep until it is cancelled");
  }

  // The same, but waits so long at most; whether it is cancelled.
  bool wait_for(std::chrono::milliseconds timeout) const {
    static_cast<void>(timeout);
    POOL_TODO("wait() with a limit");
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
    POOL_TODO("register it, or call it");
  }

  ~Callback() {
    POOL_TODO("take it out; if it is out already: who runs it?");
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
    POOL_TODO("once; wake all who wait; then call one function after the other");
  }

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace exercise
