// What the pool tells about itself, as lines for the demo's page.
#pragma once

#include <indexer/report.hpp>

#include "graph_run.hpp"

void print_stats(const indexer::Report& report, const indexer::Terminal& terminal, const GraphResult& result);
