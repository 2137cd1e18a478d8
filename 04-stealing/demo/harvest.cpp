#include "harvest.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "pieces.hpp"

using namespace indexer;

Folder Harvest::list(std::size_t worker, const std::string& folder, Origin origin) {
  plan_.token.throw_if_cancelled();
  const Recorder::Activity listing(recorder_, worker, Doing::other);
  Folder here = list_folder(folder, origin);
  shares_[worker].index.add(here.skipped, here.unreadable);
  return here;
}

FileText Harvest::read(std::size_t worker, const std::string& file) {
  plan_.token.throw_if_cancelled();
  Recorder::Activity reading(recorder_, worker, Doing::file);
  FileText text = read_text(file);
  if (is_large(text)) reading.turns_out_to_be(Doing::large);
  return text;
}

void Harvest::count(std::size_t worker, const std::string& file, const FileText& text) {
  const Recorder::Activity counting(recorder_, worker, is_large(text) ? Doing::large : Doing::file);
  note(worker, file, shares_[worker].index.add(file, text));
}

Totals Harvest::count_piece(std::size_t worker, std::string_view piece, bool last) {
  plan_.token.throw_if_cancelled();
  const Recorder::Activity counting(recorder_, worker, Doing::large);
  const Counts counts = ::count_piece(piece, last);
  shares_[worker].index.add(counts);
  ++shares_[worker].pieces;
  return counts.totals;
}

// The pieces are in the indexes already: what is missing is one more file.
void Harvest::counted(std::size_t worker, const std::string& file, FileText&& text, const Totals& totals) {
  text.text = {};
  FileReport report = shares_[worker].index.add(file, text);
  report.totals = totals;
  note(worker, file, report);
}

void Harvest::note(std::size_t worker, const std::string& file, const FileReport& report) {
  shares_[worker].found.push_back({file, {report, worker, finished_++}});
  progress_.completed(report.totals.bytes);
}

TreeRun Harvest::gather() {
  TreeRun result;
  {
    const Recorder::Activity merging(recorder_, caller(), Doing::other);
    for (Share& share : shares_) result.run.index.merge(std::move(share.index));
  }
  result.run.seconds = recorder_.seconds();  // what follows is for the report alone
  std::vector<Found> all;
  for (Share& share : shares_) {
    result.tallies.push_back({share.found.size(), share.pieces});
    std::move(share.found.begin(), share.found.end(), std::back_inserter(all));
  }
  std::sort(all.begin(), all.end(), [](const Found& a, const Found& b) { return a.path < b.path; });
  for (Found& found : all) {
    result.paths.push_back(std::move(found.path));
    result.run.files.push_back(found.done);
  }
  return result;
}
