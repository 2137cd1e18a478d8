// Reading a file: is it text, and what does it say?
//
// Text is what has no NUL byte in its first 8 KiB. (UTF-16 counts as binary by this rule, as it does for git and grep.)
// The whole text is one std::string, so whoever holds the value holds that memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace indexer {

inline constexpr std::size_t kProbeSize = 8192;  // bytes

// Whether a file that begins so is text.
bool is_text(std::string_view beginning);

// What became of the attempt to read a file. A file may have changed its nature since the walk saw it.
enum class [[nodiscard]] Outcome{text, binary, vanished, link, special, unreadable};

// Which state of which file was read: two equal stamps mean that it did not change in between.
struct Stamp {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified_s = 0, modified_ns = 0, changed_s = 0, changed_ns = 0;
  friend bool operator==(const Stamp&, const Stamp&) = default;
};

struct FileText {
  Outcome outcome = Outcome::unreadable;
  int error = 0;     // an errno value, if unreadable
  std::string text;  // if text
  Stamp opened;      // before the first byte was read
  Stamp closed;      // after the last
};

// Reads a regular file, or its first `limit` bytes. Does not follow a link, does not wait for a pipe's writer, does not
// read a binary file beyond the probe. Too little memory for the file counts as unreadable (ENOMEM).
// Thread safety: may be called from any thread; the file may change meanwhile, and then what is read may be a mixture.
FileText read_text(const std::string& path, std::size_t limit = std::numeric_limits<std::size_t>::max());

}  // namespace indexer
