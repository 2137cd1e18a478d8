// What the user may ask of this stage's demo.
#pragma once

#include <cstddef>
#include <string>

#include <indexer/command_line.hpp>
#include <indexer/settings.hpp>

struct Options {
  std::string folder = ".";
  std::size_t jobs = indexer::Settings::default_jobs();
  std::size_t top = 8;
  bool verify = true;
  bool quiet = false, json = false;
  std::string trace;  // where the timeline goes; empty: a file among the temporary ones

  std::string executor = "thread";
  std::size_t timeout = 2000;  // milliseconds for a file
  bool hostile = false;

  [[nodiscard]] bool in_processes() const { return executor == "process"; }
  [[nodiscard]] bool page() const { return !json && !quiet; }
  [[nodiscard]] bool adds_hostile_files() const { return in_processes() && (hostile || (folder == "." && page())); }
};

void declare(indexer::CommandLine& line, Options& options);
void check(const Options& options);  // throws UsageError

// The file that is written if the user names none.
[[nodiscard]] std::string default_trace_file();
