// expect_defect: what an explored exhibit of the museum asserts of its broken half.
#pragma once

#include <pool/testing/explorer/test.hpp>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

namespace pool::museum {

// Explores the body; expects that it fails with that verdict, and with the report that the page shows
// (reports/NAME.txt). With MUSEUM_RECORD=1 in the environment it writes that report instead.
inline void expect_defect(explorer::Verdict verdict, const std::string& name, const std::function<void()>& body) {
  const explorer::Result result = explorer::explore(body);
  EXPECT_EQ(result.verdict, verdict) << result.report;
  const std::string path = std::string(MUSEUM_REPORTS "/") + name + ".txt";
  const std::string report = "after " + std::to_string(result.executions) +
                             (result.executions == 1 ? " execution: " : " executions: ") + result.report;
  if (std::getenv("MUSEUM_RECORD") != nullptr) {  // NOLINT(concurrency-mt-unsafe): nothing else runs
    std::ofstream(path) << report;
    return;
  }
  std::ifstream file(path);
  const std::string in_the_book{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(in_the_book, report) << "if the new report is right, run this with MUSEUM_RECORD=1 and weave the page";
}

}  // namespace pool::museum
