// Prints what the tests count, for one job at a time and for four, with the time that it takes. See README.md.
#include <e29_one_job_one_wake_up/crew.hpp>

#include <cstddef>
#include <cstdio>

#include "measure.hpp"

int main() {
  for (const std::size_t jobs : {1U, 4U}) {
    const auto result = measure::rounds<exercise::Crew>(8, jobs, 20'000 / jobs);
    std::printf("%zu at a time: %s\n", jobs, result.text().c_str());
  }
}
