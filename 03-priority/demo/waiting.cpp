#include "waiting.hpp"

#include <algorithm>
#include <cstdint>

#include <indexer/progress.hpp>
#include <indexer/run.hpp>
#include "backlog.hpp"
#include "counting.hpp"
#include "generated_texts.hpp"
#include "question.hpp"

using namespace pool::priority;

namespace {

constexpr std::size_t kDifferentTexts = 64;  // each is indexed many times: it is the work that counts

std::string name_of(Priority texts, Priority questions) {
  if (texts == questions) return "all at " + std::string(to_string(texts));
  return std::string(to_string(questions)) + " before " + std::string(to_string(texts));
}

}  // namespace

WaitingRun run_waiting(const WaitingPlan& plan, Priority texts, Priority questions, std::ostream& errors,
                       const indexer::Terminal& screen) {
  const std::vector<std::string> generated = generated_texts(std::min(plan.texts, kDifferentTexts));
  const std::string name = name_of(texts, questions);
  indexer::Progress progress(errors, screen, name, plan.texts);
  MentionIndex index(plan.workers);
  std::vector<Job<Answer>> asked;
  const indexer::Stopwatch time;
  double seconds = 0;
  {
    // Ageing is the next experiment; here, what is more urgent goes first, whatever happens.
    ThreadPool pool({.workers = plan.workers, .ageing = Duration::zero()});
    // #region experiment
    const JobOptions options{.name = "index", .priority = texts, .token = plan.token};
    const Backlog<void> indexing(pool, plan.texts, options, [&](std::size_t number) {
      return [&, number](const CancelToken& token) {
        const std::string& text = generated[number % generated.size()];
        const indexer::Counts counts = count_in_blocks(text, token);
        index.add(pool.current_worker().value(), static_cast<std::uint32_t>(number), counts);
        progress.completed(text.size());
      };
    });
    auto next = std::chrono::steady_clock::now();
    do {
      asked.push_back(ask(pool, index, generated_word(asked.size() % 100), {questions, plan.token}));
      next += plan.interval;
      progress.show();
    } while (!indexing.wait_until(next, indexing.size()));
    // #endregion experiment
    seconds = time.seconds();
  }
  const double all_seconds = time.seconds();
  plan.token.throw_if_cancelled();

  WaitingRun run{name, Histogram({}), seconds, all_seconds, index.files()};
  std::vector<double> waits;
  for (const Job<Answer>& job : asked) waits.push_back(waited(job.info()));
  run.waits = Histogram(std::move(waits));
  return run;
}

WaitingExperiment measure_waiting(const WaitingPlan& plan, std::ostream& errors, const indexer::Terminal& screen) {
  const auto run = [&](Priority texts, Priority questions) {
    return run_waiting(plan, texts, questions, errors, screen);
  };
  // The first use of memory is slower than the next: a short run in advance keeps that out of the comparison.
  WaitingPlan warm_up = plan;
  warm_up.texts = std::min<std::size_t>(plan.texts, 200);
  static_cast<void>(run_waiting(warm_up, Priority::normal, Priority::normal, errors, {}));
  WaitingRun one_line = run(Priority::normal, Priority::normal);
  return {plan, std::move(one_line), run(Priority::low, Priority::critical)};
}

void write_json(indexer::JsonWriter& json, const WaitingExperiment& experiment) {
  json.begin_object().member("texts", std::uint64_t{experiment.plan.texts});
  json.member("workers", std::uint64_t{experiment.plan.workers}).key("runs").begin_array();
  for (const WaitingRun* run : {&experiment.one_line, &experiment.priorities}) {
    json.begin_object().member("name", run->name).member("questions", std::uint64_t{run->waits.size()});
    json.member("p50_seconds", run->waits.quantile(0.5)).member("p90_seconds", run->waits.quantile(0.9));
    json.member("max_seconds", run->waits.quantile(1)).member("indexed", std::uint64_t{run->known});
    json.member("seconds", run->seconds).member("all_seconds", run->all_seconds).end_object();
  }
  json.end_array().end_object();
}
