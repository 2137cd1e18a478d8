// Stage 06's demo: the index of a folder as a graph of tasks, each of them known to the pool's registry; and what the pool
// tells about itself when they have ended: groups, percentiles, workers, and a timeline for a trace viewer.
// Or, with --executor process: the same index by worker processes, for files that might crash the parser.

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <indexer/report.hpp>
#include <indexer/settings.hpp>
#include <pool/process/worker_main.hpp>

#include "graph_run.hpp"
#include "options.hpp"
#include "parse.hpp"
#include "process_report.hpp"
#include "process_run.hpp"
#include "stats_report.hpp"

namespace {

constexpr const char* kProgram = "system_demo";

void write_file(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  if (file << content << std::flush) return;
  throw std::runtime_error("cannot write '" + indexer::printable(path, indexer::Encoding::ascii) +
                           "': " + std::generic_category().message(errno));
}

struct Screens {
  indexer::Terminal output = indexer::Terminal::of(STDOUT_FILENO), errors = indexer::Terminal::of(STDERR_FILENO);
  indexer::Terminal progress;
};

indexer::Findings walk(const Options& options) {
  indexer::Findings found;
  found.folder = options.folder;
  const indexer::Stopwatch walking;
  found.listing = indexer::walk(options.folder);
  found.walk_seconds = walking.seconds();
  return found;
}

// What else is to be known of the run that has just been.
void complete(indexer::Findings& found, const Options& options, const Screens& screens) {
  found.parallel.index.add(found.listing.skipped, found.listing.unreadable);
  if (!options.verify) return;
  indexer::Progress progress(std::cerr, screens.progress, "one by one", found.listing.files.size());
  found.sequential = indexer::index_sequentially(found.listing.files, progress);
  found.sequential->index.add(found.listing.skipped, found.listing.unreadable);
  found.comparison = compare(found.parallel, *found.sequential);
}

// more(json): what a run has beyond an index.
void print_json(const indexer::Findings& found, const Options& options, const auto& more) {
  indexer::JsonWriter json;
  json.begin_object();
  write_members(json, found, options.top);
  more(json);
  json.end_object();
  std::cout << json.text() << '\n';
}

int demo_of_threads(const Options& options, const Screens& screens) {
  indexer::Findings found = walk(options);
  GraphResult result;
  {
    indexer::Progress progress(std::cerr, screens.progress, "indexing", found.listing.files.size());
    result = run_graph(
        options.folder, found.listing.files, options.jobs, [&] { progress.show(); }, progress);
  }
  found.parallel = std::move(result.run);
  found.workers = result.workers;
  complete(found, options, screens);

  const std::string trace = options.trace.empty() ? default_trace_file() : options.trace;
  if (options.page() || !options.trace.empty()) write_file(trace, result.trace);

  const indexer::Report report(std::cout, screens.output, found);
  if (options.json) {
    print_json(found, options, [](indexer::JsonWriter&) {});
  } else if (options.quiet) {
    report.result();
  } else {
    report.folder();
    report.pool();
    print_stats(report, screens.output, result);
    report.line("timeline", printable(trace, screens.output.encoding) + ", for https://ui.perfetto.dev");
    report.result();
    report.identifiers(options.top);
    report.times();
  }
  std::cout.flush();
  print_errors(std::cerr, screens.errors, kProgram, found);
  return exit_status(found);
}

int demo_of_processes(const Options& options, const Screens& screens) {
  indexer::Findings found = walk(options);
  std::vector<std::string> files = found.listing.files;
  std::optional<HostileFiles> hostile;
  if (options.adds_hostile_files()) {
    hostile.emplace();
    files.insert(files.begin(), hostile->paths().begin(), hostile->paths().end());
  }
  ProcessResult result;
  {
    indexer::Progress progress(std::cerr, screens.progress, "indexing", files.size());
    result = run_processes(
        files, options.jobs, std::chrono::milliseconds(options.timeout), [&] { progress.show(); }, progress);
  }
  found.parallel = std::move(result.run);
  found.listing.files = result.files;  // nobody else is to parse what was lost
  for (std::size_t i = 0; i < options.jobs; ++i) found.workers.push_back("process " + std::to_string(i));
  complete(found, options, screens);

  const indexer::Report report(std::cout, screens.output, found);
  if (options.json) {
    print_json(found, options, [&](indexer::JsonWriter& json) { write_processes(json, result); });
  } else if (options.quiet) {
    report.result();
  } else {
    report.folder();
    print_processes(report, screens.output, result);
    report.result();
    report.identifiers(options.top);
    report.times();
  }
  std::cout.flush();
  if (hostile) {  // their loss is no error
    std::erase_if(result.lost, [&](const Lost& lost) { return hostile->holds(lost.file); });
  }
  print_errors(std::cerr, screens.errors, kProgram, found);
  print_lost(std::cerr, screens.errors, kProgram, result);
  return result.lost.empty() ? exit_status(found) : 1;
}

int demo(const Options& options) {
  check(options);
  Screens screens;
  if (!options.quiet) screens.progress = screens.errors;
  return options.in_processes() ? demo_of_processes(options, screens) : demo_of_threads(options, screens);
}

}  // namespace

int main(int argc, char** argv) {
  pool::process::jobs().add(kParse, parse);
  if (const auto status = pool::process::worker_main(argc, argv)) return *status;  // in a worker, this is all

  Options options;
  indexer::CommandLine line(kProgram,
                            "Counts lines, words and identifiers in all text files of a folder: a graph of\n"
                            "tasks on the pool of stage 06, which tells what it saw; or, for files that might\n"
                            "crash the parser, worker processes.");
  declare(line, options);
  return indexer::run_demo(argc, argv, line, [&] { return demo(options); });
}
