// Stage 03's demo: the index of a folder, as before, but now somebody asks about it while it is being made. The jobs
// that index are low, the questions critical; Ctrl-C cancels, and what is there is shown.
//
// Without a folder, two experiments follow: how long questions wait, and when low jobs start if there is always
// something more urgent.

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <indexer/report.hpp>
#include "ageing_chart.hpp"
#include "interruption.hpp"
#include "options.hpp"
#include "prompt.hpp"
#include "script.hpp"
#include "session.hpp"
#include "session_report.hpp"
#include "waiting_chart.hpp"

namespace {

using namespace indexer;

constexpr const char* kProgram = "priority_demo";

struct Screens {
  Terminal output = Terminal::of(STDOUT_FILENO);
  Terminal errors = Terminal::of(STDERR_FILENO);
  Terminal progress;  // where its line goes, if anywhere
};

bool prints_page(const Options& options) {
  return !options.quiet && !options.json;
}

// Indexes the folder; answers are printed as they come.
void index_folder(const Options& options, const std::vector<std::string>& names, const Screens& screens,
                  const Interruption& interruption, Session& session) {
  const std::size_t files = session.found.listing.files.size();
  const SessionReport report(std::cout, screens.output, session);
  SessionPlan plan;
  plan.token = interruption.token();
  plan.deadline = std::chrono::milliseconds(options.deadline);
  plan.started = [&] {
    if (prints_page(options)) report.beginning();
  };
  plan.ask = [&](const Asking& asking) {
    Asking shown = asking;
    shown.answered = [&](const Reply& reply) {
      asking.answered(reply);
      if (prints_page(options)) report.reply(reply), std::cout.flush();
    };
    if (options.typed()) {
      ask_typed(std::cout, shown, std::chrono::seconds(options.patience));
    } else {
      ask_script(names, shown);
    }
  };
  // A line that is drawn again and again would be in the way of the prompt, and of answers on the same screen.
  const bool quiet_line = options.typed() || (prints_page(options) && screens.output.interactive);
  {
    Progress progress(std::cerr, quiet_line ? Terminal{} : screens.progress, "indexing", files);
    run(session, plan, progress);
  }
  if (!options.verify || session.partial() || interruption.token().is_cancelled()) return;
  Progress progress(std::cerr, screens.progress, "one by one", files);
  verify(session, interruption.token(), progress);
}

void write_file(const std::string& path, const std::string& content) {
  if (path.empty()) return;
  std::ofstream file(path, std::ios::binary);
  if (!(file << content).flush())
    throw std::runtime_error("cannot write '" + printable(path, Encoding::ascii) +
                             "': " + std::generic_category().message(errno));
}

struct Experiments {
  WaitingExperiment waiting;
  AgeingExperiment ageing;
};

Experiments run_experiments(const Options& options, const Screens& screens, const Interruption& interruption) {
  // With two workers, or one if the user wants no more, so that what they show depends little on the machine.
  const std::size_t workers = std::min<std::size_t>(options.workers, 2);
  WaitingPlan waiting;
  waiting.workers = workers;
  waiting.texts = options.texts;
  waiting.token = interruption.token();
  AgeingPlan ageing;
  ageing.workers = workers;
  ageing.token = interruption.token();
  Experiments done{measure_waiting(waiting, std::cerr, screens.progress),
                   measure_ageing(ageing, std::cerr, screens.progress)};
  write_file(options.waiting_svg, waiting_svg(done.waiting));
  write_file(options.ageing_svg, ageing_svg(done.ageing));
  return done;
}

void print_json(const Options& options, const Screens& screens, const Interruption& interruption,
                const Session& session) {
  JsonWriter json;
  json.begin_object();
  write_members(json, session);
  json.member("interrupted", interruption.token().is_cancelled());
  if (options.runs_experiments() && !interruption.token().is_cancelled()) {
    const Experiments experiments = run_experiments(options, screens, interruption);
    write_json(json.key("waiting"), experiments.waiting);
    write_json(json.key("ageing"), experiments.ageing);
  }
  json.end_object();
  std::cout << json.text() << '\n';
}

int demo(const Options& options) {
  Screens screens;
  if (!options.quiet) screens.progress = screens.errors;
  // What is wrong with the options is found before anything is done.
  const bool experiments = options.runs_experiments();
  const std::vector<std::string> names = options.names();
  Session session(options.workers);
  Findings& found = session.found;
  found.folder = options.folder;
  const Stopwatch walking;
  found.listing = walk(options.folder);  // until here, a signal ends the program: there is nothing to show
  found.walk_seconds = walking.seconds();

  const Interruption interruption;
  const auto token = interruption.token();
  try {
    index_folder(options, names, screens, interruption, session);
    const SessionReport report(std::cout, screens.output, session);
    if (options.json) {
      print_json(options, screens, interruption, session);
    } else {
      if (!options.quiet) std::cout << '\n';
      report.result();
      if (options.quiet) {
        report.completeness();
      } else {
        std::cout << '\n';
        report.ending();
      }
      std::cout.flush();
      if (experiments && !token.is_cancelled()) {
        const Experiments done = run_experiments(options, screens, interruption);
        if (!options.quiet) {
          std::cout << '\n';
          print(std::cout, screens.output, done.waiting);
          std::cout << '\n';
          print(std::cout, screens.output, done.ageing);
        }
      }
    }
  } catch (const pool::priority::Cancelled&) {  // in the midst of an experiment, of which half is worth nothing
  }
  std::cout.flush();
  print_errors(std::cerr, screens.errors, kProgram, found);
  if (!token.is_cancelled()) return exit_status(found);
  std::cerr << kProgram << ": interrupted (" << token.reason() << ")\n";
  return interruption.exit_status();
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  indexer::CommandLine line(kProgram,
                            "Counts identifiers in all text files of a folder with the thread pool of stage\n"
                            "03, at low priority, and meanwhile answers who mentions a name, at critical.\n"
                            "On a terminal you type the names. Ctrl-C cancels, and shows what is there.");
  declare(line, options);
  return indexer::run_demo(argc, argv, line, [&] { return demo(options); });
}
