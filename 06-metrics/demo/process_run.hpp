// The files of a walk, parsed in worker processes: a file that crashes the parser, or never lets it end, costs this one
// file. What can be read of all others is counted.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <indexer/run.hpp>
#include <pool/process/process_pool.hpp>

struct Lost {
  std::string file;
  std::string why;
};

struct ProcessResult {
  indexer::Run run;                // over the files that came back:
  std::vector<std::string> files;  // these, in the order of the walk
  std::vector<Lost> lost;          // all others
  pool::process::Stats stats;
};

// A file may take the parser so long, and is lost then. show() is called on this thread, a few times a second.
[[nodiscard]] ProcessResult run_processes(const std::vector<std::string>& files, std::size_t workers,
                                          std::chrono::milliseconds timeout, const std::function<void()>& show,
                                          indexer::Progress& progress);

// Two files that hurt the parser, among the temporary ones: as long as this lives.
class HostileFiles {
 public:
  HostileFiles();
  ~HostileFiles();
  HostileFiles(const HostileFiles&) = delete;
  HostileFiles& operator=(const HostileFiles&) = delete;
  [[nodiscard]] const std::vector<std::string>& paths() const { return paths_; }
  [[nodiscard]] bool holds(const std::string& path) const { return path.starts_with(folder_); }

 private:
  std::string folder_;
  std::vector<std::string> paths_;
};
