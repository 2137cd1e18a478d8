#include "options.hpp"

#include <unistd.h>

#include <sstream>

std::vector<std::string> Options::names() const {
  if (ask.empty()) return {"ThreadPool", "mutex", "capacity", "Priority", "deadlock"};
  std::vector<std::string> names;
  std::istringstream list(ask);
  for (std::string name; std::getline(list, name, ',');)
    if (!name.empty()) names.push_back(name);
  if (names.empty()) throw indexer::UsageError("--ask wants names with commas between them, not '" + ask + "'");
  return names;
}

bool Options::typed() const {
  return !script && ask.empty() && !quiet && !json && ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
}

bool Options::runs_experiments() const {
  const bool chart = !waiting_svg.empty() || !ageing_svg.empty();
  if ((experiment || chart) && no_experiment)
    throw indexer::UsageError(std::string(experiment ? "--experiment" : "a chart of the experiments") +
                              " and --no-experiment contradict each other");
  return experiment || chart || (folder == "." && !no_experiment && !quiet && !json);
}

void declare(indexer::CommandLine& line, Options& options) {
  line.folder("FOLDER", options.folder, "what to index (the current folder)");
  line.number("--workers", "N", options.workers, 1, 1000,
              "1 to 1000 (" + std::to_string(options.workers) + ": one for each hardware thread)");
  line.number("--deadline", "MS", options.deadline, 1, 1'000'000, "files not started within so long expire");
  line.text("--ask", "NAMES", options.ask, "ask who mentions these: A,B,C");
  line.flag("--script", options.script, true, "ask on a terminal, too, instead of letting you type");
  line.number("--patience", "S", options.patience, 0, 86'400,
              "how long to wait for typing when all is indexed (" + std::to_string(options.patience) + ")");
  line.flag("--verify", options.verify, true, "index one by one, too, and compare (the default)");
  line.flag("--no-verify", options.verify, false, "do not");
  line.flag("--quiet", options.quiet, true, "the result alone");
  line.flag("--json", options.json, true, "the result as one JSON object");
  line.flag("--experiment", options.experiment, true, "the experiments, too (the default for '.')");
  line.flag("--no-experiment", options.no_experiment, true, "without them");
  line.number("--texts", "N", options.texts, 1, 100'000,
              "how many texts they index (" + std::to_string(options.texts) + ")");
  line.text("--waiting-svg", "FILE", options.waiting_svg, "write the waiting times there, as SVG");
  line.text("--ageing-svg", "FILE", options.ageing_svg, "write the chart of ageing there, as SVG");
}
