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

namespace exercise {

class Once {
 public:
  explicit Once(std::size_t capacity) : capacity_(capacity) {}

  int run([[maybe_unused]] const std::string& key, [[maybe_unused]] const std::function<int()>& work) {
    // #todo look the key up; wait if its work is running; else do it, and keep what it gives
    std::unique_lock lock(mutex_);
    while (true) {
      const auto found = entries_.find(key);
      if (found == entries_.end()) break;
      if (found->second) return *found->second;
      changed_.wait(lock);  // then look again: it may have failed, or be forgotten already
    }
    entries_[key] = std::nullopt;  // running
    lock.unlock();
    try {
      const int result = work();
      lock.lock();
      keep(key, result);
      changed_.notify_all();
      return result;
    } catch (...) {
      if (!lock.owns_lock()) lock.lock();
      entries_.erase(key);
      changed_.notify_all();
      throw;
    }
    // #end
  }

  [[nodiscard]] std::size_t size() const {  // keys that are known: running or kept
    const std::lock_guard lock(mutex_);
    return entries_.size();
  }

 private:
  // #todo
  void keep(const std::string& key, int result) {
    entries_[key] = result;
    finished_.push_back(key);
    if (finished_.size() <= capacity_) return;
    entries_.erase(finished_.front());
    finished_.pop_front();
  }
  // #end

  [[maybe_unused]] const std::size_t capacity_;
  mutable pool::sync::mutex mutex_;
  pool::sync::condition_variable changed_;
  std::map<std::string, std::optional<int>> entries_;  // none: its work is running
  std::deque<std::string> finished_;                   // oldest first
};

}  // namespace exercise

// #todo
// Why an entry while it runs. A look, then the work, then a note of it: between the look and the note a second delivery
// finds nothing and pays as well. The entry must be there before the work begins, and it has two states.
//
// Why failures are not kept. A delivery that failed is what the retry is for. And those who waited must look again
// rather than take the failure for theirs: one of them becomes the one who works.
//
// Why it forgets. Keys come for ever, and memory does not. So the promise has a limit: a delivery that comes after
// `capacity` others are finished is done twice. Real systems say it in time (JetStream drops a message whose id it has
// seen within the duplicate window) or keep the key with the row that the job has written, for as long as the row.
// #end
