#include "experiment.hpp"

#include <algorithm>
#include <ostream>
#include <string>

#include <indexer/report.hpp>
#include "interruption.hpp"
#include "own_process.hpp"
#include "text_folder.hpp"

namespace {

std::string name_of(const PoolPlan& plan) {
  if (plan.capacity == 0) return "no limit";
  return std::string(to_string(plan.overflow));
}

Measurement measured(const PoolPlan& plan, const std::string& folder, bool quiet, const Interruption& interruption) {
  std::vector<std::string> arguments = {"--measure", "--jobs=" + std::to_string(plan.workers),
                                        "--capacity=" + std::to_string(plan.capacity),
                                        "--overflow=" + std::string(to_string(plan.overflow))};
  if (quiet) arguments.emplace_back("--quiet");
  arguments.insert(arguments.end(), {"--", folder});
  Measurement measurement = read_measurement(output_of_own_process(std::move(arguments), interruption));
  measurement.plan = plan;
  return measurement;
}

}  // namespace

std::size_t experiment_workers(const Options& options) {
  return std::min<std::size_t>(options.jobs, 2);
}

std::size_t experiment_capacity(const Options& options) {
  return options.capacity == 0 ? kDefaultCapacity : options.capacity;
}

Experiment run_experiment(const Options& options, std::ostream& errors, const indexer::Terminal& screen) {
  Experiment experiment;
  experiment.files = options.files;
  experiment.bytes = options.files * TextFolder::kFileSize;
  experiment.workers = experiment_workers(options);
  experiment.capacity = experiment_capacity(options);

  const Interruption interruption;
  const TextFolder folder(options.files, interruption, errors, screen);
  const auto run = [&](std::size_t capacity, pool::bounded::Overflow overflow) {
    return measured({experiment.workers, capacity, overflow}, folder.path(), options.quiet, interruption);
  };
  experiment.unlimited = run(0, pool::bounded::Overflow::block);
  for (const auto& [policy, name] : pool::bounded::kOverflowNames)
    experiment.policies.push_back(run(experiment.capacity, policy));
  return experiment;
}

int measure(const Options& options, std::ostream& out, std::ostream& errors, const indexer::Terminal& screen) {
  Measurement measurement;
  measurement.plan = options.plan();
  indexer::Findings found;
  found.folder = options.folder;
  found.listing = indexer::walk(options.folder);
  {
    indexer::Progress progress(errors, screen, name_of(measurement.plan), found.listing.files.size());
    InSystem in_system;
    Sampler sampler(in_system);
    BoundedRun run = index_bounded(found.listing.files, measurement.plan, in_system, progress);
    measurement.samples = sampler.stop(measurement.seconds);
    measurement.accepted = run.stats.accepted;
    measurement.completed = run.stats.completed();
    measurement.rejected = run.stats.rejected;
    measurement.ran_in_caller = run.stats.ran_in_caller;
    measurement.dropped = run.stats.dropped;
    measurement.high_water = run.stats.high_water;
    measurement.arrivals = in_system.arrivals();
    measurement.stayed_seconds = in_system.stayed_seconds();
    found.parallel = std::move(run.run);
  }
  found.parallel.index.add(found.listing.skipped, found.listing.unreadable);
  measurement.peak_memory = peak_memory();
  write(out, measurement);
  print_errors(errors, screen, "bounded_demo", found);
  return exit_status(found);
}

void write_json(indexer::JsonWriter& json, const Experiment& experiment) {
  json.begin_object().member("files", std::uint64_t{experiment.files}).member("bytes", experiment.bytes);
  json.member("workers", std::uint64_t{experiment.workers}).key("runs").begin_array();
  const auto write_run = [&](const Measurement& m) {
    json.begin_object().member("capacity", std::uint64_t{m.plan.capacity});
    json.member("overflow", to_string(m.plan.overflow)).member("accepted", m.accepted);
    json.member("completed", m.completed).member("rejected", m.rejected).member("ran_in_caller", m.ran_in_caller);
    json.member("dropped", m.dropped).member("high_water", m.high_water).member("seconds", m.seconds);
    json.member("peak_memory", m.peak_memory).member("arrivals_per_second", m.arrival_rate());
    json.member("mean_stay_seconds", m.mean_stay()).member("mean_in_system", m.mean_in_system()).end_object();
  };
  write_run(experiment.unlimited);
  for (const Measurement& policy : experiment.policies) write_run(policy);
  json.end_array().end_object();
}
