// TaskIds: the ids of a pool's tasks, and of everything else that it names: a random prefix that is the pool's, and a
// number that is the task's. The text is made of them when somebody wants to read it.
//
// It is a UUID of version 8 (RFC 9562, 5.8): 60 random bits and 62 of the number, beside the bits that say so. Two
// pools share a prefix by chance once in 2^60; within a pool no number comes twice.
// Thread safety: every member may be called from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <pool/basic/sync.hpp>

namespace pool::metrics {

class TaskIds {
 public:
  TaskIds();                               // throws std::exception, if the system has no random numbers
  explicit TaskIds(std::uint64_t prefix);  // for tests

  [[nodiscard]] std::uint64_t next() { return last_.fetch_add(1, std::memory_order_relaxed) + 1; }  // 1, 2, …
  [[nodiscard]] std::uint64_t last() const { return last_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::string text(std::uint64_t number) const;
  // Whose text that is; none: it is no id of this pool.
  [[nodiscard]] std::optional<std::uint64_t> number(std::string_view text) const;

 private:
  const std::uint64_t prefix_;
  sync::atomic<std::uint64_t> last_{0};
};

}  // namespace pool::metrics
