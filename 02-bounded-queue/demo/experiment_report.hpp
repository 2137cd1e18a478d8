// The experiment for people: two charts on one scale, Little's law, and what each policy did.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include <indexer/report.hpp>
#include <indexer/terminal.hpp>
#include "experiment.hpp"

class ExperimentReport {
 public:
  ExperimentReport(std::ostream& out, const indexer::Terminal& terminal, const Experiment& experiment);

  void everything() const;  // the sections below, in their order

  void setting() const;      // what was done
  void charts() const;       // memory over time, without a limit and with one
  void policies() const;     // one line for each run: its counts, its time, its peak memory
  void littles_law() const;  // mean number in the system, and arrival rate times mean stay

 private:
  void heading(const std::string& text) const;
  using Row = std::vector<std::string>;
  void table(const std::vector<Row>& rows) const;  // the first row is the head

  std::ostream& out_;
  const indexer::Terminal terminal_;
  const Experiment& experiment_;
  const std::size_t width_;
};
