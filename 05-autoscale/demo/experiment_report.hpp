// The experiment as a page for people: what stands around its charts.
#pragma once

#include <iosfwd>

#include <indexer/report.hpp>
#include <indexer/terminal.hpp>
#include "experiment.hpp"

// What is going to happen.
void print_plan(std::ostream& out, const indexer::Terminal& terminal, const indexer::Findings& walked,
                const LoadPlan& plan);

class ExperimentReport {
 public:
  ExperimentReport(std::ostream& out, const indexer::Terminal& terminal, const Experiment& experiment)
      : out_(out), terminal_(terminal), experiment_(experiment), report_(out, terminal, experiment.found) {}

  void policies() const;  // side by side
  void recovery() const;  // who has died, and who has come in their place
  void result() const { report_.result(); }
  void verified() const;

 private:
  std::ostream& out_;
  const indexer::Terminal terminal_;
  const Experiment& experiment_;
  const indexer::Report report_;
};
