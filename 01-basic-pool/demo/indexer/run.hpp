// One run over the files of a folder: what came of it, how long it took, and whether two runs agree.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <indexer/index.hpp>
#include <indexer/progress.hpp>

namespace indexer {

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const { return std::chrono::duration<double>(Clock::now() - started_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  const Clock::time_point started_ = Clock::now();
};

// A job that is done: one file.
struct Completion {
  FileReport file;
  std::size_t worker = 0;  // who did it
  std::size_t order = 0;   // how many were done before it
};

struct Run {
  Index index;
  std::vector<Completion> files;  // in the order of the walk
  double seconds = 0;
};

// One file after the other, on this thread: what every parallel run is measured against, and compared with.
Run index_sequentially(const std::vector<std::string>& files, Progress& progress);

// Whether two runs over the same files, the first one over before the second began, found the same.
struct Comparison {
  enum class Verdict {
    same,       // all is equal
    changed,    // some files were not the same in both runs, and the runs agree on all others
    different,  // there is a file that did not change, and yet the runs differ: one of them is wrong
  };
  Verdict verdict = Verdict::same;
  std::vector<std::size_t> changed;    // which files changed, were added to or vanished meanwhile
  std::vector<std::size_t> different;  // which unchanged files were reported differently
};

Comparison compare(const Run& first, const Run& second);

// What one worker did of a run.
struct Share {
  std::uint64_t jobs = 0;
  std::uint64_t bytes = 0;
};

std::vector<Share> shares(const Run& run, std::size_t workers);

}  // namespace indexer
