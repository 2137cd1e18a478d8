// LiveChart: the chart of a policy while it decides, drawn over itself. Only on a screen that can move its cursor up;
// elsewhere it draws nothing until the run is over.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

#include <indexer/terminal.hpp>
#include "load_plan.hpp"
#include "policy_run.hpp"

class LiveChart {
 public:
  // wanted: false: it never draws anything.
  LiveChart(std::ostream& out, const indexer::Terminal& terminal, bool wanted);

  void show(const LoadPlan& plan, const PolicyRun& so_far);  // if it can be drawn over
  void done(const LoadPlan& plan, const PolicyRun& run);     // for the last time: what follows stands below

 private:
  void draw(const std::vector<std::string>& lines);

  std::ostream& out_;
  const indexer::Terminal terminal_;
  const bool wanted_, moves_;
  std::size_t drawn_ = 0;  // lines that are on the screen, and may be drawn over
};
