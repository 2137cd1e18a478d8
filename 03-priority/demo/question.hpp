// A question, "who mentions NAME?", as a job, and how its asker fared.
#pragma once

#include <optional>
#include <string>

#include <pool/priority/thread_pool.hpp>
#include "mention_index.hpp"

// How a question is asked.
struct Urgency {
  pool::priority::Priority priority = pool::priority::Priority::critical;
  pool::priority::CancelToken token = {};
};

// Hands it in. The index must outlive the job.
pool::priority::Job<Answer> ask(pool::priority::ThreadPool& pool, const MentionIndex& index, const std::string& name,
                                const Urgency& urgency);

struct Reply {
  std::string name;
  Answer answer;
  double waited = 0, ran = 0;  // seconds
};

// Waits for the answer. Nothing if the question was cancelled before it was answered.
std::optional<Reply> reply_to(const std::string& name, const pool::priority::Job<Answer>& job);

// How long it was queued, in seconds.
double waited(const pool::priority::JobInfo& info);
