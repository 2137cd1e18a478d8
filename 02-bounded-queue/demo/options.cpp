#include "options.hpp"

#include <vector>

bool Options::runs_experiment() const {
  const bool wanted = experiment || !svg.empty();
  if (wanted && no_experiment)
    throw indexer::UsageError(std::string(experiment ? "--experiment" : "--svg, the chart of the experiment,") +
                              " and --no-experiment contradict each other");
  return wanted || (folder == "." && !no_experiment && !quiet && !json);
}

void declare(indexer::CommandLine& line, Options& options) {
  indexer::declare(line, options);
  std::vector<std::string> policies;
  for (const auto& [policy, name] : pool::bounded::kOverflowNames) policies.emplace_back(name);
  line.number("--capacity", "N", options.capacity, 0, pool::bounded::kMaxCapacity,
              "how many texts may wait in the queue; 0: no limit (" + std::to_string(options.capacity) + ")");
  line.choice("--overflow", options.overflow, policies, "when there is no room");
  line.flag("--experiment", options.experiment, true, "the memory experiment, too (the default for '.')");
  line.flag("--no-experiment", options.no_experiment, true, "without it");
  line.number("--files", "N", options.files, 1, 100'000,
              "how many files the experiment generates (" + std::to_string(options.files) + ")");
  line.text("--svg", "FILE", options.svg, "write the experiment's chart there, as SVG");
  line.flag("--measure", options.measure, true, "print samples of the queue: what it runs itself");
}
