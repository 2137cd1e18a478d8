// Once: work that is handed in twice by the same key is done once.
//
// Thread safety: every member may be called from any thread. No lock is held while work runs.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <pool/basic/sync.hpp>
#include <pool/testing/todo.hpp>

namespace exercise {

class Once {
 public:
  explicit Once(std::size_t capacity) : capacity_(capacity) {}

  int run([[maybe_unused]] const std::string& key, [[maybe_unused]] const std::function<int()>& work) {
    POOL_TODO("look the key up; wait if its work is running; else do it, and keep what it gives");
  }

  [[nodiscard]] std::size_t size() const {  // keys that are known: running or kept
    const std::lock_guard lock(mutex_);
    return entries_.size();
  }

 private:

  [[maybe_unused]] const std::size_t capacity_;
  mutable pool::sync::mutex mutex_;
  pool::sync::condition_variable changed_;
  std::map<std::string, std::optional<int>> entries_;  // none: its work is running
  std::deque<std::string> finished_;                   // oldest first
};

}  // namespace exercise
