// MentionIndex: which files mention which identifier, and how often. It answers while it is being filled.
//
// Each worker fills a shard of its own, so that workers do not wait for each other; whoever asks looks into one shard
// after the other.
// Thread safety: every member may be called from any thread.
// Invariant:  (M1) a file is in the index as a whole, or not at all: no answer knows half of it
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <indexer/count.hpp>
#include <indexer/index.hpp>

struct Mention {
  std::uint32_t file = 0;  // its number, as it was added
  std::uint64_t uses = 0;
};

// Who mentions a name, of the files that were known when the question was answered.
struct Answer {
  std::vector<Mention> mentions;  // the file with the most uses first; then by number
  std::uint64_t uses = 0;         // in all of them
  std::size_t known = 0;          // files
};

class MentionIndex {
 public:
  explicit MentionIndex(std::size_t shards) : shards_(shards) {}

  // What was counted in a file goes into that shard.
  void add(std::size_t shard, std::uint32_t file, const indexer::Counts& counts);

  [[nodiscard]] Answer who_mentions(std::string_view name) const;

  [[nodiscard]] std::size_t files() const;
  [[nodiscard]] indexer::Totals totals() const;

  // How often each identifier occurs in all files.
  [[nodiscard]] std::unordered_map<std::string, std::uint64_t> uses() const;

 private:
  struct Hash {
    using is_transparent = void;  // so that a string_view is looked up without making a string of it
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::string, std::vector<Mention>, Hash, std::equal_to<>> mentions;  // guarded by mutex
    indexer::Totals totals;                                                                 // guarded by mutex
    std::size_t files = 0;                                                                  // guarded by mutex
  };

  std::vector<Shard> shards_;
};

// Whether it holds the same as an index that was filled file by file.
[[nodiscard]] bool agree(const MentionIndex& mentions, const indexer::Index& index);
