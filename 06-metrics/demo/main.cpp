// Stage 06's demo: the index of a folder as a graph of tasks, each of them known to the pool's registry; and what the pool
// tells about itself when they have ended: groups, percentiles, workers, and a timeline for a trace viewer.

#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <system_error>

#include <indexer/report.hpp>
#include <indexer/settings.hpp>

#include "graph_run.hpp"
#include "options.hpp"
#include "stats_report.hpp"

namespace {

constexpr const char* kProgram = "system_demo";

void write_file(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  if (file << content << std::flush) return;
  throw std::runtime_error("cannot write '" + indexer::printable(path, indexer::Encoding::ascii) +
                           "': " + std::generic_category().message(errno));
}

int demo(const Options& options) {
  using namespace indexer;
  const Terminal output = Terminal::of(STDOUT_FILENO), errors = Terminal::of(STDERR_FILENO);
  const Terminal screen = options.quiet ? Terminal{} : errors;  // for the progress line

  Findings found;
  found.folder = options.folder;
  const Stopwatch walking;
  found.listing = walk(options.folder);
  found.walk_seconds = walking.seconds();
  const std::vector<std::string>& files = found.listing.files;

  GraphResult result;
  {
    Progress progress(std::cerr, screen, "indexing", files.size());
    result = run_graph(
        options.folder, files, options.jobs, [&] { progress.show(); }, progress);
  }
  found.parallel = std::move(result.run);
  found.parallel.index.add(found.listing.skipped, found.listing.unreadable);
  found.workers = result.workers;
  if (options.verify) {
    Progress progress(std::cerr, screen, "one by one", files.size());
    found.sequential = index_sequentially(files, progress);
    found.sequential->index.add(found.listing.skipped, found.listing.unreadable);
    found.comparison = compare(found.parallel, *found.sequential);
  }

  const std::string trace = options.trace.empty() ? default_trace_file() : options.trace;
  const bool page = !options.json && !options.quiet;
  if (page || !options.trace.empty()) write_file(trace, result.trace);

  const Report report(std::cout, output, found);
  if (options.json) {
    JsonWriter json;
    json.begin_object();
    write_members(json, found, options.top);
    json.end_object();
    std::cout << json.text() << '\n';
  } else if (!page) {
    report.result();
  } else {
    report.folder();
    report.pool();
    print_stats(report, output, result);
    report.line("timeline", printable(trace, output.encoding) + ", for https://ui.perfetto.dev");
    report.result();
    report.identifiers(options.top);
    report.times();
  }
  std::cout.flush();
  print_errors(std::cerr, errors, kProgram, found);
  return exit_status(found);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  indexer::CommandLine line(kProgram,
                            "Counts lines, words and identifiers in all text files of a folder: a graph of\n"
                            "tasks on the pool of stage 06, which tells what it saw.");
  declare(line, options);
  return indexer::run_demo(argc, argv, line, [&] { return demo(options); });
}
