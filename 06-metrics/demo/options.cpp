#include "options.hpp"

#include <filesystem>

std::string default_trace_file() {
  return (std::filesystem::temp_directory_path() / "poolcraft-trace.json").string();
}

void declare(indexer::CommandLine& line, Options& options) {
  line.folder("FOLDER", options.folder, "what to index (the current folder)");
  line.number("--jobs", "N", options.jobs, 1, 1000, "workers (" + std::to_string(options.jobs) + ")");
  line.number("--top", "N", options.top, 0, 1000, "identifiers to show (" + std::to_string(options.top) + ")");
  line.text("--trace", "FILE", options.trace, "write the timeline there (" + default_trace_file() + ")");
  line.choice("--executor", options.executor, {"thread", "process"},
              "where files are parsed (" + options.executor + "); one that crashes a process is lost");
  line.number("--timeout", "MS", options.timeout, 1, 3'600'000,
              "with processes: so long for a file, then it is lost (" + std::to_string(options.timeout) + ")");
  line.flag("--hostile", options.hostile, true,
            "with processes: add files that crash and hang them (the default for '.')");
  line.flag("--no-verify", options.verify, false, "do not run one by one as well, to compare");
  line.flag("--quiet", options.quiet, true, "the result alone");
  line.flag("--json", options.json, true, "the result as one JSON object");
}

void check(const Options& options) {
  if (options.in_processes() && !options.trace.empty())
    throw indexer::UsageError("--trace is for --executor thread: processes have no timeline");
  if (!options.in_processes() && options.hostile)
    throw indexer::UsageError("--hostile wants --executor process: in a thread, such a file would end this program");
}
