// The parts of the report that are not for reading at leisure: errors, and JSON.
#include <cstdint>
#include <ostream>
#include <system_error>

#include <indexer/report.hpp>

namespace indexer {
namespace {

std::string reason(int error) {
  return std::generic_category().message(error);
}

}  // namespace

void print_errors(std::ostream& out, const Terminal& terminal, std::string_view program, const Findings& findings) {
  for (const auto& [path, error] : findings.parallel.index.unreadable())
    out << program << ": cannot read '" << printable(path, terminal.encoding) << "': " << reason(error) << '\n';
  if (!findings.sequential || findings.comparison.verdict != Comparison::Verdict::different) return;
  out << program << ": the parallel and the sequential run differ";
  if (const auto& files = findings.comparison.different; !files.empty())
    out << ", first in '" << printable(findings.listing.files[files.front()], terminal.encoding) << "'";
  out << "; unless the folder's files have no fixed content (as in /proc), this is a bug\n";
}

void write_members(JsonWriter& json, const Findings& findings, std::size_t top) {
  const Index& index = findings.parallel.index;
  const Totals& totals = index.totals();
  const Skipped& skipped = index.skipped();
  json.member("folder", std::string_view(findings.folder));
  json.member("files", index.files()).member("bytes", totals.bytes).member("lines", totals.lines);
  json.member("words", totals.words).member("identifiers", totals.identifiers);
  json.member("distinct_identifiers", static_cast<std::uint64_t>(index.distinct()));

  json.key("skipped").begin_object();
  json.member("binary", skipped.binary).member("links", skipped.links).member("special", skipped.special);
  json.member("version_control", skipped.version_control).member("caches", skipped.caches);
  json.member("vanished", skipped.vanished).end_object();

  json.key("unreadable").begin_array();
  for (const auto& [path, error] : index.unreadable()) {
    json.begin_object().member("path", std::string_view(path));
    json.member("reason", std::string_view(reason(error))).end_object();
  }
  json.end_array();

  json.key("top").begin_array();
  for (const auto& [identifier, uses] : index.top(top))
    json.begin_object().member("identifier", identifier).member("uses", uses).end_object();
  json.end_array();

  json.key("workers").begin_array();
  std::vector<std::string> names = findings.workers;
  if (!findings.caller.empty()) names.push_back(findings.caller);
  const std::vector<Share> all = shares(findings.parallel, names.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    json.begin_object().member("name", std::string_view(names[i]));
    json.member("jobs", all[i].jobs).member("bytes", all[i].bytes).end_object();
  }
  json.end_array();

  json.key("seconds").begin_object().member("walk", findings.walk_seconds);
  json.member("parallel", findings.parallel.seconds).key("sequential");
  if (findings.sequential) {
    json.value(findings.sequential->seconds).end_object();
    json.member("verified", findings.comparison.verdict != Comparison::Verdict::different);
    json.member("changed_meanwhile", static_cast<std::uint64_t>(findings.comparison.changed.size()));
  } else {
    json.null().end_object().key("verified").null().key("changed_meanwhile").null();
  }
}

}  // namespace indexer
