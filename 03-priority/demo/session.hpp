// The first part of the demo: a folder is indexed in the background, at low, and meanwhile somebody asks, at critical.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include <indexer/progress.hpp>
#include <indexer/report.hpp>
#include <indexer/terminal.hpp>
#include <pool/priority/thread_pool.hpp>
#include "backlog.hpp"
#include "mention_index.hpp"
#include "question.hpp"

// What whoever asks has to do with: a pool that is busy, an index that grows, and the jobs that fill it.
struct Asking {
  pool::priority::ThreadPool& pool;
  const MentionIndex& index;
  const Backlog<indexer::Completion>& indexing;
  const pool::priority::CancelToken token;  // no more questions, please
  indexer::Progress& progress;
  std::function<void(const Reply&)> answered;
};

struct Session {
  explicit Session(std::size_t workers) : index(workers) { found.workers.resize(workers); }

  MentionIndex index;
  indexer::Findings found;  // its index holds what was not read; what was is in ours
  std::vector<Reply> replies;
  std::size_t expired = 0;    // files whose deadline passed first
  std::size_t cancelled = 0;  // files that were given up
  pool::priority::Totals totals;

  [[nodiscard]] bool partial() const { return expired + cancelled > 0; }
};

struct SessionPlan {
  std::chrono::milliseconds deadline{0};  // 0: none
  pool::priority::CancelToken token;
  std::function<void()> started;  // called when the workers have started, and their names are known
  std::function<void(const Asking&)> ask;
};

// Indexes found.listing, and lets plan.ask() ask meanwhile. Shows its progress.
void run(Session& session, const SessionPlan& plan, indexer::Progress& progress);

// Indexes one by one, too, and compares; if it is cancelled, found.sequential stays empty.
void verify(Session& session, const pool::priority::CancelToken& token, indexer::Progress& progress);
