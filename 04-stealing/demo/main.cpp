// Stage 04's demo: the index of a folder, as before, but with one file as large as all others together. With a job for
// each file, all wait for whoever has that one. With fork and join its halves are jobs, too, and can be stolen.
//
// Both pools index the tree, and so does a single thread. What their workers did, and when, is drawn.

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <fstream>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

#include <indexer/report.hpp>
#include "../../03-priority/demo/interruption.hpp"
#include "contest.hpp"
#include "contest_report.hpp"
#include "large_file.hpp"
#include "options.hpp"
#include "timeline_chart.hpp"

namespace {

using namespace indexer;

constexpr const char* kProgram = "stealing_demo";

void write_file(const std::string& path, const std::string& content) {
  if (path.empty()) return;
  std::ofstream file(path, std::ios::binary);
  if (!(file << content).flush())
    throw std::runtime_error("cannot write '" + printable(path, Encoding::ascii) +
                             "': " + std::generic_category().message(errno));
}

void print_json(const Contest& contest) {
  JsonWriter json;
  json.begin_object();
  write_members(json, contest.found, 5);
  write_members(json, contest);
  json.end_object();
  std::cout << json.text() << '\n';
}

void print_page(const Terminal& terminal, const Contest& contest, const LargeFile& large) {
  const ContestReport report(std::cout, terminal, contest);
  report.beginning(large);
  std::cout << '\n';
  print_timelines(std::cout, terminal, contest);
  std::cout << '\n';
  report.workers();
  std::cout << '\n';
  report.result();
  report.times();
  report.verified();
}

int demo(const Options& options) {
  const Terminal output = Terminal::of(STDOUT_FILENO), errors = Terminal::of(STDERR_FILENO);
  std::optional<LargeFile> large;
  if (!options.large.empty()) large.emplace(options.large);
  const Stopwatch walking;
  const Listing listing = walk(options.folder);  // until here, a signal ends the program: there is nothing to remove
  const double walk_seconds = walking.seconds();

  const Interruption interruption;
  try {
    const pool::priority::CancelToken token = interruption.token();
    if (!large) large.emplace(listing.files, token);
    const TreePlan plan{
        {options.folder, large->path(), options.first}, options.workers, options.piece * std::size_t{1000}, token};
    Contest contest =
        run_contest(plan, options.rounds, listing.files.size() + 1, std::cerr, options.quiet ? Terminal{} : errors);
    contest.found.folder = options.folder;
    contest.found.listing.folders = listing.folders;
    contest.found.walk_seconds = walk_seconds;

    write_file(options.svg, timeline_svg(contest));
    if (options.json) {
      print_json(contest);
    } else if (options.quiet) {
      ContestReport(std::cout, output, contest).result();
    } else {
      print_page(output, contest, *large);
    }
    std::cout.flush();
    print_errors(std::cerr, errors, kProgram, contest.found);
    return exit_status(contest.found);
  } catch (const pool::priority::Cancelled&) {  // half a contest is worth nothing
    std::cerr << kProgram << ": interrupted (" << interruption.token().reason() << ")\n";
    return interruption.exit_status();
  }
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  indexer::CommandLine line(kProgram,
                            "Counts identifiers in all text files of a folder, and in one file as large as\n"
                            "all of them: with a job for each file, on the pool of stage 03, and with fork\n"
                            "and join, on that of stage 04. Shows what their workers did, and when.");
  declare(line, options);
  return indexer::run_demo(argc, argv, line, [&] { return demo(options); });
}
