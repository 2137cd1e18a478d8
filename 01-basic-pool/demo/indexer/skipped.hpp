// What an index leaves out, and why. Nothing is left out silently: every skip is counted by its kind, and what could
// not be read is named.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>

namespace indexer {

// How many of each kind were skipped on purpose.
struct Skipped {
  std::uint64_t links = 0;            // symbolic links, to files or folders: never followed, so no loop can arise
  std::uint64_t special = 0;          // pipes, sockets, devices
  std::uint64_t version_control = 0;  // folders named .git, .hg or .svn
  std::uint64_t caches = 0;           // folders with a cache directory tag, such as build folders
  std::uint64_t binary = 0;           // files that are not text (see is_text)
  std::uint64_t vanished = 0;         // files and folders that were gone when their turn came

  Skipped& operator+=(const Skipped& other) {
    links += other.links;
    special += other.special;
    version_control += other.version_control;
    caches += other.caches;
    binary += other.binary;
    vanished += other.vanished;
    return *this;
  }
  friend bool operator==(const Skipped&, const Skipped&) = default;
};

// A file or folder that is there and should have been indexed, and what the system said when we tried.
struct Unreadable {
  std::string path;
  int error = 0;  // an errno value

  friend bool operator==(const Unreadable&, const Unreadable&) = default;
  friend bool operator<(const Unreadable& a, const Unreadable& b) {
    return std::tie(a.path, a.error) < std::tie(b.path, b.error);
  }
};

}  // namespace indexer
