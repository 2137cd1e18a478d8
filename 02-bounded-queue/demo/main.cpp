// Stage 02's demo: an index of all identifiers in a folder, as before, but now the main thread reads the files, and the
// jobs own what was read. How much of that may wait is what this stage's pool is told.
//
// Without a folder, the memory experiment follows: what a queue with a limit, and one without, do to the memory.

#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include <indexer/report.hpp>
#include "experiment.hpp"
#include "experiment_report.hpp"
#include "interruption.hpp"
#include "memory_svg.hpp"
#include "options.hpp"
#include "pool_report.hpp"

namespace {

using namespace indexer;

constexpr const char* kProgram = "bounded_demo";

struct Screens {
  Terminal output = Terminal::of(STDOUT_FILENO);
  Terminal errors = Terminal::of(STDERR_FILENO);
  Terminal progress;  // where its line goes, if anywhere
};

struct Indexed {
  Findings found;
  BoundedRun run;
};

void index_folder(const Options& options, const Terminal& screen, Indexed& result) {
  Findings& found = result.found;
  found.folder = options.folder;
  const Stopwatch walking;
  found.listing = walk(options.folder);
  found.walk_seconds = walking.seconds();
  const std::vector<std::string>& files = found.listing.files;
  {
    InSystem in_system;
    Progress progress(std::cerr, screen, "indexing", files.size());
    result.run = index_bounded(files, options.plan(), in_system, progress);
  }
  found.parallel = std::move(result.run.run);
  found.parallel.index.add(found.listing.skipped, found.listing.unreadable);
  found.workers = result.run.workers;
  found.caller = result.run.stats.ran_in_caller > 0 ? kCaller : "";
  found.ended = result.run.ended;
  found.left = result.run.left;

  if (!options.verify || result.run.partial()) return;
  Progress progress(std::cerr, screen, "one by one", files.size());
  found.sequential = index_sequentially(files, progress);
  found.sequential->index.add(found.listing.skipped, found.listing.unreadable);
  found.comparison = compare(found.parallel, *found.sequential);
}

void print_page(const Options& options, const Terminal& terminal, const Indexed& indexed) {
  const Report report(std::cout, terminal, indexed.found);
  const PoolReport pool(std::cout, terminal, report, options.plan(), indexed.run);
  report.folder();
  report.pool();
  pool.queue();
  std::cout << '\n';
  report.result();
  std::cout << '\n';
  report.identifiers(options.top);
  std::cout << '\n';
  pool.counts();
  pool.workers();
  std::cout << '\n';
  report.times();
  pool.completeness();
  if (options.verify && indexed.run.partial())
    report.line("verified", "no: a partial result is not compared with one by one");
  report.shutdown();
}

void write_file(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  if (!(file << content).flush())
    throw std::runtime_error("cannot write '" + printable(path, Encoding::ascii) +
                             "': " + std::generic_category().message(errno));
}

Experiment experiment_with_chart(const Options& options, const Screens& screens) {
  Experiment experiment = run_experiment(options, std::cerr, screens.progress);
  if (!options.svg.empty()) write_file(options.svg, memory_svg(experiment));
  return experiment;
}

void print_json(const Options& options, const Screens& screens, const Indexed& indexed) {
  JsonWriter json;
  json.begin_object();
  write_members(json, indexed.found, options.top);
  write_members(json, options.plan(), indexed.run);
  if (options.runs_experiment()) {
    json.key("experiment");
    write_json(json, experiment_with_chart(options, screens));
  }
  json.end_object();
  std::cout << json.text() << '\n';
}

int demo(const Options& options) try {
  Screens screens;
  if (!options.quiet) screens.progress = screens.errors;
  if (options.measure) return measure(options, std::cout, std::cerr, screens.progress);
  const bool experiment = options.runs_experiment();

  Indexed indexed;
  index_folder(options, screens.progress, indexed);
  if (options.json) {
    print_json(options, screens, indexed);
  } else {
    const Report report(std::cout, screens.output, indexed.found);
    if (options.quiet) {
      report.result();
      PoolReport(std::cout, screens.output, report, options.plan(), indexed.run).completeness();
    } else {
      print_page(options, screens.output, indexed);
    }
    std::cout.flush();
    if (experiment) {
      const Experiment done = experiment_with_chart(options, screens);
      std::cout << '\n';
      ExperimentReport(std::cout, screens.output, done).everything();
    }
  }
  std::cout.flush();
  print_errors(std::cerr, screens.errors, kProgram, indexed.found);
  return exit_status(indexed.found);
} catch (const Interrupted& interrupted) {
  interrupted.end_process();
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  indexer::CommandLine line(kProgram,
                            "Counts lines, words and identifiers in all text files of a folder. The main\n"
                            "thread reads them, the thread pool of stage 02 counts what is in them, and what\n"
                            "waits in between is bounded.");
  declare(line, options);
  return indexer::run_demo(argc, argv, line, [&] { return demo(options); });
}
