#include "session.hpp"

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <utility>

#include "counting.hpp"

using namespace pool::priority;
using indexer::Completion;
using indexer::FileReport;
using indexer::FileText;

namespace {

std::string own_name() {
  char name[64] = "?";
  pthread_getname_np(pthread_self(), name, sizeof name);  // asked of the system, as a debugger would
  return name;
}

// Waits for all jobs, and sorts them by what became of them.
void collect(Session& session, const Backlog<Completion>& indexing, indexer::Progress& progress) {
  while (!indexing.wait_until(std::chrono::steady_clock::now() + progress.interval(), indexing.size())) progress.show();
  const std::vector<std::string>& files = session.found.listing.files;
  for (std::size_t i = 0; i < files.size(); ++i) {
    // #region outcomes
    try {
      const Completion& done = indexing.jobs()[i].get();
      session.found.parallel.files.push_back(done);
    } catch (const Cancelled& cancelled) {
      ++(cancelled.reason() == reason::deadline ? session.expired : session.cancelled);
    }
    // #endregion outcomes
  }
}

}  // namespace

void run(Session& session, const SessionPlan& plan, indexer::Progress& progress) {
  indexer::Findings& found = session.found;
  const std::vector<std::string>& files = found.listing.files;
  std::vector<indexer::Index> others(found.workers.size());  // what is no text, for each worker
  std::atomic<std::size_t> finished{0}, ended{0};
  const indexer::Stopwatch time;

  // The pool comes after all that its jobs use: so it is the first to go, and they never use what is gone.
  ThreadPool pool({.workers = found.workers.size(),
                   .on_start = [&](std::size_t worker) { found.workers[worker] = own_name(); },
                   .on_stop = [&](std::size_t) { ++ended; }});
  plan.started();

  // #region launch
  JobOptions options{.name = "index", .priority = Priority::low, .token = plan.token};
  if (plan.deadline.count() > 0) options.deadline = std::chrono::steady_clock::now() + plan.deadline;

  const Backlog<Completion> indexing(pool, files.size(), options, [&](std::size_t number) {
    return [&, number](const CancelToken& token) {
      const std::size_t worker = pool.current_worker().value();
      token.throw_if_cancelled();
      const FileText file = indexer::read_text(files[number]);
      FileReport report{file.outcome, {}, file.opened, file.closed};
      if (file.outcome == indexer::Outcome::text) {
        const indexer::Counts counts = count_in_blocks(file.text, token);
        session.index.add(worker, static_cast<std::uint32_t>(number), counts);
        report.totals = counts.totals;
      } else {
        others[worker].add(files[number], file);
      }
      progress.completed(report.totals.bytes);
      return Completion{report, worker, finished++};
    };
  });
  // #endregion launch

  plan.ask({pool, session.index, indexing, plan.token, progress,
            [&](const Reply& reply) { session.replies.push_back(reply); }});
  collect(session, indexing, progress);
  pool.wait_idle();
  session.totals = pool.totals();
  pool.shutdown();
  found.left = pool.pending();
  found.ended = ended;
  for (indexer::Index& index : others) found.parallel.index.merge(std::move(index));
  found.parallel.index.add(found.listing.skipped, found.listing.unreadable);
  found.parallel.seconds = time.seconds();
}

void verify(Session& session, const CancelToken& token, indexer::Progress& progress) {
  indexer::Findings& found = session.found;
  const indexer::Index& ours = found.parallel.index;
  MentionIndex alone(1);    // the same work by one thread, for the time that it takes
  indexer::Run sequential;  // as indexer::index_sequentially() makes it, which knows no tokens
  for (const std::string& file : found.listing.files) {
    if (token.is_cancelled()) return;
    const indexer::Stopwatch time;
    if (const FileText text = indexer::read_text(file); text.outcome == indexer::Outcome::text)
      alone.add(0, static_cast<std::uint32_t>(sequential.files.size()), indexer::count(text.text));
    sequential.seconds += time.seconds();
    sequential.files.push_back({sequential.index.add(file), 0, sequential.files.size()});
    progress.completed(sequential.files.back().file.totals.bytes);
    progress.show();
  }
  found.sequential = std::move(sequential);
  found.sequential->index.add(found.listing.skipped, found.listing.unreadable);
  const indexer::Index& theirs = found.sequential->index;

  // The runs are compared file by file, and then what their indexes say, which are not of one kind.
  using Verdict = indexer::Comparison::Verdict;
  found.comparison = indexer::compare({{}, found.parallel.files, 0}, {{}, found.sequential->files, 0});
  const bool equal =
      agree(session.index, theirs) && ours.skipped() == theirs.skipped() && ours.unreadable() == theirs.unreadable();
  if (!equal && found.comparison.verdict == Verdict::same)
    found.comparison.verdict = found.comparison.changed.empty() ? Verdict::different : Verdict::changed;
}
