#include "parse.hpp"

#include <array>
#include <cstdint>
#include <vector>

#include <indexer/count.hpp>
#include <indexer/text.hpp>

namespace {

using indexer::Stamp;

json from_stamp(const Stamp& stamp) {
  return {{stamp.device, stamp.inode, stamp.size},
          {stamp.modified_s, stamp.modified_ns, stamp.changed_s, stamp.changed_ns}};
}

Stamp to_stamp(const json& parsed) {
  const auto [device, inode, size] = parsed.at(0).get<std::array<std::uint64_t, 3>>();
  const auto [modified_s, modified_ns, changed_s, changed_ns] = parsed.at(1).get<std::array<std::int64_t, 4>>();
  return {device, inode, size, modified_s, modified_ns, changed_s, changed_ns};
}

}  // namespace

json parse_argument(const std::string& path) {
  return std::vector<unsigned char>(path.begin(), path.end());  // as numbers: a path need not be UTF-8
}

// #region parse
json parse(const json& argument) {
  const auto path = argument.get<std::vector<unsigned char>>();
  const indexer::FileText file = indexer::read_text({path.begin(), path.end()});
  if (file.text.starts_with("%crash")) *static_cast<volatile int*>(nullptr) = 1;  // NOLINT: the mistake
  while (file.text.starts_with("%hang")) {                                        // NOLINT: the other one
    static_cast<void>(*static_cast<const volatile char*>(file.text.data()));
  }
  const auto [totals, uses] = indexer::count(file.text);
  return {{"outcome", file.outcome},
          {"error", file.error},
          {"opened", from_stamp(file.opened)},
          {"closed", from_stamp(file.closed)},
          {"totals", {totals.bytes, totals.lines, totals.words, totals.identifiers}},
          {"uses", uses}};
}
// #endregion parse

indexer::FileReport add_parsed(indexer::Index& index, const std::string& path, const json& parsed) {
  indexer::FileText file;  // without its text: that was counted elsewhere
  file.outcome = parsed.at("outcome").get<indexer::Outcome>();
  file.error = parsed.at("error").get<int>();
  file.opened = to_stamp(parsed.at("opened"));
  file.closed = to_stamp(parsed.at("closed"));
  indexer::Counts counts;
  const auto [bytes, lines, words, identifiers] = parsed.at("totals").get<std::array<std::uint64_t, 4>>();
  counts.totals = {bytes, lines, words, identifiers};
  for (const auto& [identifier, uses] : parsed.at("uses").get_ref<const json::object_t&>()) {
    counts.uses.emplace(identifier, uses.get<std::uint64_t>());
  }
  indexer::FileReport report = index.add(path, file);
  index.add(counts);
  report.totals = counts.totals;
  return report;
}
