// Index: what is known about the files that were added to it.
//
// An index is a value. Each worker fills one of its own, and they are merged at the end: no lock, no sharing.
// Thread safety: none of its own; one thread at a time.
// Invariants:  (I1) totals().identifiers is the sum of all uses
//              (I2) the order of adding and merging does not matter: equal files make equal indexes
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <indexer/count.hpp>
#include <indexer/skipped.hpp>
#include <indexer/text.hpp>

namespace indexer {

// What became of one file.
struct FileReport {
  Outcome outcome = Outcome::unreadable;
  Totals totals;         // zero unless the outcome is text
  Stamp opened, closed;  // the file's state before and after it was read
};

struct IdentifierUse {
  std::string_view identifier;  // lies in the index
  std::uint64_t uses = 0;
};

class Index {
 public:
  // Reads the file and counts what is in it: the two steps below in one.
  FileReport add(const std::string& path);

  // Adds a file that was read already.
  FileReport add(const std::string& path, const FileText& file);

  // Adds what was counted in a piece of a file, and no file: for those who count one in pieces, see K1 of count.hpp.
  void add(const Counts& piece);

  // Adds what a walk could not or would not read.
  void add(const Skipped& skipped, const std::vector<Unreadable>& unreadable);

  // Adds what the other one knows, and leaves it in an unspecified state.
  void merge(Index&& other);

  [[nodiscard]] std::uint64_t files() const { return files_; }
  [[nodiscard]] const Totals& totals() const { return totals_; }
  [[nodiscard]] const Skipped& skipped() const { return skipped_; }
  [[nodiscard]] std::vector<Unreadable> unreadable() const;  // sorted by path
  [[nodiscard]] std::size_t distinct() const { return uses_.size(); }
  [[nodiscard]] std::uint64_t uses(std::string_view identifier) const;  // 0 if it does not occur

  // The n most frequent identifiers, the most frequent first; those used equally often in bytewise order.
  [[nodiscard]] std::vector<IdentifierUse> top(std::size_t n) const;

  friend bool operator==(const Index& a, const Index& b);

 private:
  struct Hash {
    using is_transparent = void;  // so that a string_view is looked up without making a string of it
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  std::uint64_t files_ = 0;  // that were text
  Totals totals_;
  Skipped skipped_;
  std::vector<Unreadable> unreadable_;
  std::unordered_map<std::string, std::uint64_t, Hash, std::equal_to<>> uses_;
};

}  // namespace indexer
