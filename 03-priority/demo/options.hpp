// What the user may ask of this stage's demo.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <indexer/command_line.hpp>
#include <indexer/settings.hpp>

struct Options {
  std::string folder = ".";
  std::size_t workers = indexer::Settings::default_jobs();
  std::size_t deadline = 0;  // milliseconds within which a file's job must have started; 0: no deadline
  std::string ask;           // names with commas between them; empty: the script's own
  bool script = false;       // ask these also on a terminal
  std::size_t patience = 3;  // seconds that the prompt waits when all is indexed
  bool verify = true;
  bool quiet = false, json = false;
  bool experiment = false, no_experiment = false;
  std::size_t texts = 3000;  // that the experiment generates
  std::string waiting_svg, ageing_svg;

  // What the script asks. Throws indexer::UsageError if --ask has no name.
  [[nodiscard]] std::vector<std::string> names() const;

  // Whether the user is to type the questions: if there is a terminal at both ends.
  [[nodiscard]] bool typed() const;

  // Whether to run the experiments, and not only to index the folder. Throws indexer::UsageError for a contradiction.
  [[nodiscard]] bool runs_experiments() const;
};

void declare(indexer::CommandLine& line, Options& options);
