#include <indexer/run.hpp>

#include <algorithm>

namespace indexer {

Run index_sequentially(const std::vector<std::string>& files, Progress& progress) {
  const Stopwatch time;
  Run run;
  run.files.reserve(files.size());
  for (const std::string& file : files) {
    run.files.push_back({run.index.add(file), 0, run.files.size()});
    progress.completed(run.files.back().file.totals.bytes);
    progress.show();
  }
  run.seconds = time.seconds();
  return run;
}

Comparison compare(const Run& first, const Run& second) {
  Comparison result;
  for (std::size_t i = 0; i < std::min(first.files.size(), second.files.size()); ++i) {
    const FileReport& a = first.files[i].file;
    const FileReport& b = second.files[i].file;
    if (a.outcome != b.outcome || !(a.opened == b.closed)) {
      result.changed.push_back(i);
    } else if (!(a.totals == b.totals)) {
      result.different.push_back(i);
    }
  }
  const bool equal = first.index == second.index && first.files.size() == second.files.size();
  if (!result.different.empty() || (!equal && result.changed.empty())) {
    result.verdict = Comparison::Verdict::different;
  } else if (!equal) {
    result.verdict = Comparison::Verdict::changed;
  }
  return result;
}

std::vector<Share> shares(const Run& run, std::size_t workers) {
  std::vector<Share> result(workers);
  for (const Completion& done : run.files) {
    Share& share = result.at(done.worker);
    ++share.jobs;
    share.bytes += done.file.totals.bytes;
  }
  return result;
}

}  // namespace indexer
