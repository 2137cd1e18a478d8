#include "process_report.hpp"

#include <cstdint>
#include <ostream>

using indexer::printable;

void print_processes(const indexer::Report& report, const indexer::Terminal& terminal, const ProcessResult& result) {
  constexpr std::size_t kLostShown = 6;
  report.line("processes", std::to_string(result.stats.started) + " started; " + std::to_string(result.stats.died) +
                               " died, " + std::to_string(result.stats.killed) + " killed");
  std::vector<std::string> lines;
  for (const auto& [file, why] : result.lost) {
    if (lines.size() == 2 * kLostShown) {
      lines.push_back("and " + std::to_string(result.lost.size() - kLostShown) + " more");
      break;
    }
    lines.push_back(printable(file, terminal.encoding));
    lines.push_back("  " + printable(why, terminal.encoding));
  }
  if (lines.empty()) lines.push_back("no file");
  report.lines("lost", lines);
}

void write_processes(indexer::JsonWriter& json, const ProcessResult& result) {
  json.member("executor", "process").key("processes").begin_object();
  json.member("started", result.stats.started).member("died", result.stats.died).member("killed", result.stats.killed);
  json.end_object().key("lost").begin_array();
  for (const auto& [file, why] : result.lost) {
    json.begin_object().member("file", std::string_view(file)).member("error", std::string_view(why)).end_object();
  }
  json.end_array();
}

void print_lost(std::ostream& out, const indexer::Terminal& terminal, std::string_view program,
                const ProcessResult& result) {
  for (const auto& [file, why] : result.lost) {
    out << program << ": lost '" << printable(file, terminal.encoding) << "': " << printable(why, terminal.encoding)
        << '\n';
  }
}
