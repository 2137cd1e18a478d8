// What came of the worker processes: who died, and which files are lost; for people and for programs.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include <indexer/report.hpp>

#include "process_run.hpp"

void print_processes(const indexer::Report& report, const indexer::Terminal& terminal, const ProcessResult& result);
void write_processes(indexer::JsonWriter& json, const ProcessResult& result);  // members of an object

// One line for each lost file.
void print_lost(std::ostream& out, const indexer::Terminal& terminal, std::string_view program,
                const ProcessResult& result);
