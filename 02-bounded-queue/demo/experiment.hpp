// The memory experiment: a large folder of generated texts is indexed without a limit on the queue, and once with each
// overflow policy and a small capacity, each time by a process of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <vector>

#include <indexer/json.hpp>
#include <indexer/terminal.hpp>
#include "measurement.hpp"
#include "options.hpp"

struct Experiment {
  std::size_t files = 0;
  std::uint64_t bytes = 0;  // in these files
  std::size_t workers = 0;
  std::size_t capacity = 0;  // of all runs but the first
  Measurement unlimited;
  std::vector<Measurement> policies;  // one for each policy, in the order of their declaration

  [[nodiscard]] const Measurement& blocking() const { return policies.front(); }
};

// How the experiment is to be done: with two workers, or one if the user wants no more, so that what it shows depends
// little on the machine; and with a capacity that is one.
std::size_t experiment_workers(const Options& options);
std::size_t experiment_capacity(const Options& options);

// Runs it; its folder is gone afterwards. `screen` is for progress, on `errors`.
// Errors: std::runtime_error, std::system_error; Interrupted.
Experiment run_experiment(const Options& options, std::ostream& errors, const indexer::Terminal& screen);

// The other side: indexes options.folder in this process and prints the measurement. Returns the exit status.
int measure(const Options& options, std::ostream& out, std::ostream& errors, const indexer::Terminal& screen);

// The value of a member of a JSON object.
void write_json(indexer::JsonWriter& json, const Experiment& experiment);
