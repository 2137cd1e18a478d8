#include "options.hpp"

#include <indexer/printable.hpp>

void declare(indexer::CommandLine& line, Options& options) {
  line.folder("FOLDER", options.folder, "what to index (the current folder)");
  line.choice("--policy", options.policy, {"load-ratio", "hill-climbing", "both"},
              "who decides (" + options.policy + ")");
  line.number("--min", "N", options.min, 1, 999, "workers that there are always (" + std::to_string(options.min) + ")");
  line.number("--max", "N", options.max, 2, 1000,
              "workers at most, more than --min (" + std::to_string(options.max) + ")");
  line.number("--interval", "MS", options.interval, 5, 10'000,
              "the policy is asked so often (" + std::to_string(options.interval) + "; 10000 in the pool)");
  line.number("--seconds", "N", options.seconds, 1, 600,
              "of load for each policy (" + std::to_string(options.seconds) + ")");
  line.number("--lanes", "N", options.lanes, 1, 1000,
              "reads that are served at a time (" + std::to_string(options.lanes) + ")");
  line.text("--hostile", "EXT", options.hostile,
            "such files end the thread that handles them (" + options.hostile + ")");
  line.text("--svg", "FILE", options.svg, "write the charts there, as SVG");
  line.flag("--quiet", options.quiet, true, "the result alone");
  line.flag("--json", options.json, true, "the result as one JSON object");
}

void check(const Options& options) {
  if (options.min < options.max) return;
  throw indexer::UsageError("--min " + std::to_string(options.min) + " wants a larger --max than " +
                            std::to_string(options.max) + ": else there is nothing to decide");
}
