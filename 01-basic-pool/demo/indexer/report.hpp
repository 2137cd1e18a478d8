// The report: what a demo found, for people and for programs.
//
// For people it is a page of at most 60 lines (unless more than 20 identifiers are asked for) and 80 columns, made of
// sections; a stage's demo prints those that suit it, between sections of its own. All numbers are measured.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <indexer/json.hpp>
#include <indexer/run.hpp>
#include <indexer/terminal.hpp>
#include <indexer/walk.hpp>

namespace indexer {

struct Findings {
  std::string folder;
  Listing listing;
  double walk_seconds = 0;
  std::vector<std::string> workers;  // the names of the threads, by the number of the worker
  std::string caller;                // a thread that is no worker and did jobs, too; empty if there is none
  std::size_t ended = 0;             // how many workers have ended
  std::size_t left = 0;              // jobs still queued when the workers had ended
  Run parallel;
  std::optional<Run> sequential;
  Comparison comparison;  // of the two; means nothing without the second
};

// 0; or 1 if something could not be read, or the two runs differ.
int exit_status(const Findings& findings);

class Report {
 public:
  Report(std::ostream& out, const Terminal& terminal, const Findings& findings);

  void everything(std::size_t top) const;  // the sections below, in their order

  void folder() const;
  void pool() const;         // the workers that were started
  void completions() const;  // the first jobs that were done, by whom, and how many there were
  void result() const;       // files, lines, words, identifiers, what was skipped
  void identifiers(std::size_t top) const;
  void distribution() const;  // of the jobs over the workers
  void times() const;         // parallel against sequential, and whether they agree
  void shutdown() const;

  // What sections are made of: a label and text, of one line or several.
  void line(std::string_view label, std::string_view text) const;
  void lines(std::string_view label, const std::vector<std::string>& texts) const;

 private:
  [[nodiscard]] std::string shown(std::string_view bytes) const { return printable(bytes, terminal_.encoding); }
  [[nodiscard]] std::string_view dots() const { return terminal_.encoding == Encoding::utf8 ? "…" : "..."; }

  std::ostream& out_;
  const Terminal terminal_;
  const Findings& findings_;
  const std::size_t width_;
};

// One line for each file or folder that could not be read, and one if the runs differ.
void print_errors(std::ostream& out, const Terminal& terminal, std::string_view program, const Findings& findings);

// The same for programs: the members of a JSON object, which the caller begins and ends.
void write_members(JsonWriter& json, const Findings& findings, std::size_t top);

}  // namespace indexer
