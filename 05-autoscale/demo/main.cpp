// Stage 05's demo: the index of a folder, read from a source that is slow, in bursts. How many workers should there be?
// Two policies decide, one after the other, on the same load; and what they see and do is drawn while it happens.
//
// Files of one type are hostile: the thread that handles one is ended by it. Its worker is replaced.

#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <system_error>

#include <indexer/report.hpp>
#include <indexer/settings.hpp>
#include "../../03-priority/demo/interruption.hpp"
#include "experiment.hpp"
#include "experiment_report.hpp"
#include "load_chart.hpp"
#include "load_svg.hpp"
#include "options.hpp"

namespace {

using namespace indexer;

constexpr const char* kProgram = "autoscale_demo";

void write_file(const std::string& path, const std::string& content) {
  if (path.empty()) return;
  std::ofstream file(path, std::ios::binary);
  if (!(file << content).flush())
    throw std::runtime_error("cannot write '" + printable(path, Encoding::ascii) +
                             "': " + std::generic_category().message(errno));
}

void print_json(const Experiment& experiment) {
  JsonWriter json;
  json.begin_object();
  write_members(json, experiment.found, 5);
  write_members(json, experiment);
  json.end_object();
  std::cout << json.text() << '\n';
}

void print_rest(const Terminal& terminal, const Experiment& experiment) {
  for (const std::string& line : legend_lines(terminal)) std::cout << line << '\n';
  std::cout << '\n';
  const ExperimentReport report(std::cout, terminal, experiment);
  report.policies();
  std::cout << '\n';
  report.recovery();
  report.result();
  report.verified();
}

int demo(const Options& options) {
  check(options);
  const Terminal output = Terminal::of(STDOUT_FILENO), errors = Terminal::of(STDERR_FILENO);
  const bool page = !options.quiet && !options.json;
  Findings walked;
  walked.folder = options.folder;
  walked.listing = walk(options.folder);  // until here, a signal ends the program as it does always

  const Interruption interruption;
  try {
    LoadPlan plan = plan_of(options, walked.listing.files, interruption.token());
    if (page) {
      print_plan(std::cout, output, walked, plan);
      std::cout << std::endl;
    }
    LiveChart live(std::cout, output, page);
    const Terminal screen = options.quiet || (page && output.interactive) ? Terminal{} : errors;
    Experiment experiment = run_experiment(std::move(plan), contenders(options.policy), std::cerr, screen, live);
    experiment.found.folder = options.folder;
    experiment.found.listing.folders = walked.listing.folders;
    for (Run* run : {&experiment.found.parallel, &*experiment.found.sequential})
      run->index.add(walked.listing.skipped, walked.listing.unreadable);

    write_file(options.svg, load_svg(experiment));
    if (options.json) {
      print_json(experiment);
    } else if (options.quiet) {
      ExperimentReport(std::cout, output, experiment).result();
    } else {
      print_rest(output, experiment);
    }
    std::cout.flush();
    print_errors(std::cerr, errors, kProgram, experiment.found);
    return exit_status(experiment.found);
  } catch (const pool::priority::Cancelled&) {  // half an experiment is worth nothing
    std::cerr << kProgram << ": interrupted (" << interruption.token().reason() << ")\n";
    return interruption.exit_status();
  }
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  indexer::CommandLine line(kProgram,
                            "Counts identifiers in all text files of a folder, which is read slowly and in\n"
                            "bursts, on a pool whose workers come and go: first as the load ratio wants it,\n"
                            "then as hill climbing does. Draws what both see and do.");
  declare(line, options);
  return indexer::run_demo(argc, argv, line, [&] { return demo(options); });
}
