// The contest as a page for people.
#pragma once

#include <iosfwd>

#include <indexer/report.hpp>
#include <indexer/terminal.hpp>
#include "contest.hpp"
#include "large_file.hpp"

class ContestReport {
 public:
  ContestReport(std::ostream& out, const indexer::Terminal& terminal, const Contest& contest)
      : out_(out), terminal_(terminal), contest_(contest), report_(out, terminal, contest.found) {}

  void beginning(const LargeFile& large) const;
  void workers() const;   // who did how much
  void times() const;     // of the three ways
  void verified() const;  // whether they agree
  void result() const { report_.result(); }

 private:
  std::ostream& out_;
  const indexer::Terminal terminal_;
  const Contest& contest_;
  const indexer::Report report_;
};
