// Stage 01's demo: an index of all identifiers in a folder, one job a file, on the pool of this stage.
//
// What the jobs do (walking, reading, counting, printing) is the library in indexer/, which all six stages share. What
// this stage adds stands below: a pool, a job for each file, a future for each job.

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <future>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <indexer/report.hpp>
#include <indexer/settings.hpp>
#include <pool/basic/thread_pool.hpp>

namespace {

constexpr const char* kProgram = "basic_demo";

// What the workers tell about themselves when they start and when they end.
struct Crew {
  explicit Crew(std::size_t workers) : names(workers) {}

  void started(std::size_t worker) {
    char name[64] = "?";
    pthread_getname_np(pthread_self(), name, sizeof name);  // asked of the system, as a debugger would
    names[worker] = name;
  }

  std::vector<std::string> names;
  std::atomic<std::size_t> ended{0};
  std::size_t left = 0;  // jobs in the queue when all had ended
};

indexer::Run index_in_parallel(const std::vector<std::string>& files, Crew& crew, indexer::Progress& progress) {
  const indexer::Stopwatch time;
  std::vector<indexer::Index> indexes(crew.names.size());  // one for each worker, so that nobody waits for anybody
  std::atomic<std::size_t> finished{0};

  // The pool comes after all that its jobs use: so it is the first to go, and they never use what is gone.
  pool::basic::ThreadPool pool({.workers = indexes.size(),
                                .on_start = [&](std::size_t worker) { crew.started(worker); },
                                .on_stop = [&](std::size_t) { ++crew.ended; }});

  // #region one_job_a_file
  std::vector<std::future<indexer::Completion>> jobs;
  jobs.reserve(files.size());
  for (const std::string& file : files) {
    jobs.push_back(pool.submit([&] {
      const std::size_t worker = pool.current_worker().value();
      const indexer::FileReport report = indexes[worker].add(file);
      progress.completed(report.totals.bytes);
      return indexer::Completion{report, worker, finished++};
    }));
  }
  // #endregion one_job_a_file

  indexer::Run run;
  for (std::future<indexer::Completion>& job : jobs) {
    while (job.wait_for(progress.interval()) == std::future_status::timeout) progress.show();
    progress.show();
    run.files.push_back(job.get());
  }
  pool.shutdown();
  crew.left = pool.pending();
  for (indexer::Index& index : indexes) run.index.merge(std::move(index));
  run.seconds = time.seconds();
  return run;
}

int demo(const indexer::Settings& settings) {
  using namespace indexer;
  const Terminal output = Terminal::of(STDOUT_FILENO);
  const Terminal errors = Terminal::of(STDERR_FILENO);
  const Terminal screen = settings.quiet ? Terminal{} : errors;  // for the progress line

  Findings found;
  found.folder = settings.folder;
  const Stopwatch walking;
  found.listing = walk(settings.folder);
  found.walk_seconds = walking.seconds();
  const std::vector<std::string>& files = found.listing.files;

  Crew crew(settings.jobs);
  {
    Progress progress(std::cerr, screen, "indexing", files.size());
    found.parallel = index_in_parallel(files, crew, progress);
    found.parallel.index.add(found.listing.skipped, found.listing.unreadable);
  }
  found.workers = crew.names;
  found.ended = crew.ended;
  found.left = crew.left;

  if (settings.verify) {
    // The sequential run comes second, when the files are in memory: what the pool gains is rather understated.
    Progress progress(std::cerr, screen, "one by one", files.size());
    found.sequential = index_sequentially(files, progress);
    found.sequential->index.add(found.listing.skipped, found.listing.unreadable);
    found.comparison = compare(found.parallel, *found.sequential);
  }

  const Report report(std::cout, output, found);
  if (settings.json) {
    JsonWriter json;
    json.begin_object();
    write_members(json, found, settings.top);
    json.end_object();
    std::cout << json.text() << '\n';
  } else if (settings.quiet) {
    report.result();
  } else {
    report.everything(settings.top);
  }
  std::cout.flush();
  print_errors(std::cerr, errors, kProgram, found);
  return exit_status(found);
}

}  // namespace

int main(int argc, char** argv) {
  indexer::Settings settings;
  indexer::CommandLine line(kProgram,
                            "Counts lines, words and identifiers in all text files of a folder, one job a\n"
                            "file, on the thread pool of stage 01, and shows who did what.");
  declare(line, settings);
  return run_demo(argc, argv, line, demo, settings);
}
