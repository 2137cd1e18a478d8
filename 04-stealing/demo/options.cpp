#include "options.hpp"

void declare(indexer::CommandLine& line, Options& options) {
  line.folder("FOLDER", options.folder, "what to index (the current folder)");
  line.number("--workers", "N", options.workers, 1, 1000,
              "of each pool, 1 to 1000 (" + std::to_string(options.workers) + ": one for each hardware thread)");
  line.text("--large", "FILE", options.large, "the large file (one made of all the folder's texts)");
  line.flag("--first", options.first, true, "the large file is found first, not last");
  line.number("--piece", "KB", options.piece, 1, 1'000'000,
              "cut larger files in such pieces (" + std::to_string(options.piece) + ")");
  line.number("--rounds", "N", options.rounds, 1, 100,
              "how often each way is run; the fastest counts (" + std::to_string(options.rounds) + ")");
  line.text("--svg", "FILE", options.svg, "write the timelines there, as SVG");
  line.flag("--quiet", options.quiet, true, "the result alone");
  line.flag("--json", options.json, true, "the result as one JSON object");
}
