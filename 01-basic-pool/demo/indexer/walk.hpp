// Walking a folder: which files there are to index.
//
// The order of the files is the same on every run: bytewise by name, the files of a folder before its subfolders.
// Symbolic links are never followed, so a walk ends, and stays below the folder that it was given. Paths are plain
// bytes: a name may hold anything but '/' and NUL, and is kept as it is (see printable() for showing it).
// Thread safety: these are functions without shared state; the folder may change while they run.
// Errors: a folder that cannot be read is named in `unreadable`, and the walk goes on. std::bad_alloc is thrown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <indexer/skipped.hpp>

namespace indexer {

// Where a folder's name came from. A folder that the user gave is opened whatever it is (a link, .git, a cache); one
// that the walk found has to pass the rules of Skipped.
enum class Origin { given, found };

// What is directly in one folder. The vectors hold paths that begin with the folder's own.
struct Folder {
  std::vector<std::string> files;    // regular files, sorted
  std::vector<std::string> folders;  // sorted
  Skipped skipped;
  std::vector<Unreadable> unreadable;
};

Folder list_folder(const std::string& path, Origin origin);

// What is in a folder and all folders below it.
struct Listing {
  std::vector<std::string> files;
  std::size_t folders = 0;  // how many were read
  Skipped skipped;
  std::vector<Unreadable> unreadable;
};

Listing walk(const std::string& path);

// Why the folder cannot be walked, as a sentence for the user; empty if it can.
std::string folder_fault(const std::string& path);

// The path as seen from the folder that was walked.
std::string_view path_below(std::string_view folder, std::string_view path);

// Whether the file's first bytes make its folder a cache: https://bford.info/cachedir/
bool is_cache_tag(std::string_view beginning);

}  // namespace indexer
