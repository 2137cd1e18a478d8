// What the user may ask of every stage's demo.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include <indexer/command_line.hpp>

namespace indexer {

struct Settings {
  std::string folder = ".";
  std::size_t jobs = default_jobs();  // workers
  std::size_t top = 20;               // identifiers to show
  bool verify = true;                 // run sequentially, too, and compare
  bool quiet = false;
  bool json = false;

  // One for each hardware thread; 4 where their number is unknown; at most 1,000.
  static std::size_t default_jobs();
};

// Declares these settings as options. A stage's demo adds its own to them.
void declare(CommandLine& line, Settings& settings);

// Parses the arguments of main and calls demo(). Returns the exit status of the program:
//   what demo() returned, 0 after --help,
//   1 if demo() threw (memory, threads), or the output could not be written,
//   2 if the arguments are wrong; what is wrong is then on stderr.
int run_demo(int argc, char** argv, const CommandLine& line, int (*demo)(const Settings&), const Settings& settings);

// The same for a demo that has settings beyond these; it may throw a UsageError, too.
int run_demo(int argc, char** argv, const CommandLine& line, const std::function<int()>& demo);

}  // namespace indexer
