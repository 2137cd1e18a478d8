// The indexer's parser in worker processes: a file that crashes it costs one file.
//
//   process_untrusted [FOLDER]     default: the current one
//
// The parser here has a mistake, as those of larger formats have: it follows a null pointer where a file begins with
// "%crash", and never ends where one begins with "%hang". Two such files are added to those of the folder.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <indexer/count.hpp>
#include <indexer/printable.hpp>
#include <indexer/text.hpp>
#include <indexer/walk.hpp>
#include <pool/process/process_pool.hpp>
#include <pool/process/worker_main.hpp>

namespace {

using pool::process::Job;
using pool::process::json;
using pool::process::ProcessPool;

// #region parse
json parse(const json& argument) {
  const indexer::FileText file = indexer::read_text(argument.get<std::string>());
  if (file.outcome != indexer::Outcome::text) return nullptr;
  if (file.text.starts_with("%crash")) *static_cast<volatile int*>(nullptr) = 1;  // NOLINT: the mistake
  while (file.text.starts_with("%hang")) {                                        // NOLINT: the other one
    static_cast<void>(*static_cast<const volatile char*>(file.text.data()));
  }
  const indexer::Totals totals = indexer::count(file.text).totals;
  return {{"lines", totals.lines}, {"words", totals.words}, {"identifiers", totals.identifiers}};
}
// #endregion parse

std::string bad_file(const std::filesystem::path& folder, const std::string& name, const std::string& text) {
  std::ofstream(folder / name) << text;
  return folder / name;
}

}  // namespace

// #region main
int main(int argc, char** argv) {
  pool::process::jobs().add("parse", parse);
  if (const auto status = pool::process::worker_main(argc, argv)) return *status;  // in a worker, this is all

  const std::string folder = argc > 1 ? argv[1] : ".";
  if (const std::string fault = indexer::folder_fault(folder); !fault.empty()) {
    std::fprintf(stderr, "untrusted: %s\n", fault.c_str());
    return EXIT_FAILURE;
  }
  std::vector<std::string> paths = indexer::walk(folder).files;
  std::string name = std::filesystem::temp_directory_path() / "untrusted-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) return EXIT_FAILURE;
  paths.insert(paths.begin(), bad_file(name, "crashes.txt", "%crash\n"));
  paths.push_back(bad_file(name, "hangs.txt", "%hang\n"));

  ProcessPool pool({.grace = std::chrono::milliseconds(100)});
  std::vector<std::pair<std::string, Job<json>>> jobs;
  for (const std::string& path : paths) {
    try {
      jobs.emplace_back(path, pool.submit("parse", path, {.timeout = std::chrono::seconds(1)}));
    } catch (const pool::process::NotSerialisable&) {  // a name that is not UTF-8
      std::printf("left out: %s, whose name is no text\n", indexer::printable(path, indexer::Encoding::utf8).c_str());
    }
  }
  std::uint64_t files = 0;
  std::uint64_t identifiers = 0;
  std::uint64_t lost = 0;
  for (const auto& [path, job] : jobs) {
    try {
      const json& counts = job.get();
      if (counts.is_null()) continue;
      ++files;
      identifiers += counts["identifiers"].get<std::uint64_t>();
    } catch (const std::exception& error) {
      ++lost;
      std::printf("lost: %s\n      %s\n", indexer::printable(path, indexer::Encoding::utf8).c_str(), error.what());
    }
  }
  const auto stats = pool.stats();
  std::printf("%llu files, %llu identifiers; %llu files lost; %llu workers started, %llu died, %llu killed\n",
              static_cast<unsigned long long>(files), static_cast<unsigned long long>(identifiers),
              static_cast<unsigned long long>(lost), static_cast<unsigned long long>(stats.started),
              static_cast<unsigned long long>(stats.died), static_cast<unsigned long long>(stats.killed));
  std::filesystem::remove_all(name);
  return EXIT_SUCCESS;
}
// #endregion main
