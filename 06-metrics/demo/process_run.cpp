#include "process_run.hpp"

#include <stdlib.h>

#include <cerrno>
#include <deque>
#include <exception>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "parse.hpp"

using pool::process::Job;
using pool::process::ProcessPool;

ProcessResult run_processes(const std::vector<std::string>& files, std::size_t workers,
                            std::chrono::milliseconds timeout, const std::function<void()>& show,
                            indexer::Progress& progress) {
  constexpr std::size_t kAhead = 1000;  // results that may wait for being added: so memory is bounded
  const indexer::Stopwatch time;
  ProcessResult result;
  ProcessPool pool({.max_workers = workers, .grace = std::chrono::milliseconds(100)});
  std::deque<std::pair<std::string, Job<json>>> sent;

  const auto take_first = [&] {
    const auto [path, job] = std::move(sent.front());
    sent.pop_front();
    while (!job.wait_for(progress.interval())) show();
    std::uint64_t bytes = 0;
    try {
      const indexer::FileReport report = add_parsed(result.run.index, path, job.get());
      result.run.files.push_back({report, job.info().worker.value_or(0), result.files.size()});
      result.files.push_back(path);
      bytes = report.totals.bytes;
    } catch (const std::exception& error) {  // this file is lost, and no other
      result.lost.push_back({path, error.what()});
    }
    progress.completed(bytes);
  };
  for (const std::string& path : files) {
    if (sent.size() == kAhead) take_first();
    sent.emplace_back(path, pool.submit(kParse, parse_argument(path), {.timeout = timeout}));
  }
  while (!sent.empty()) take_first();

  result.run.seconds = time.seconds();
  result.stats = pool.stats();
  return result;
}

HostileFiles::HostileFiles() : folder_(std::filesystem::temp_directory_path() / "poolcraft-hostile-XXXXXX") {
  if (mkdtemp(folder_.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "a temporary folder");
  }
  for (const auto& [name, text] : {std::pair("crashes.txt", "%crash\n"), std::pair("hangs.txt", "%hang\n")}) {
    paths_.push_back(folder_ + "/" + name);
    std::ofstream(paths_.back()) << text;
  }
}

HostileFiles::~HostileFiles() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}
