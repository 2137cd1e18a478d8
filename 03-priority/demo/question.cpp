#include "question.hpp"

#include <chrono>

using namespace pool::priority;

namespace {

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

// #region ask
Job<Answer> ask(ThreadPool& pool, const MentionIndex& index, const std::string& name, const Urgency& urgency) {
  return pool.launch({.name = "who mentions " + name + "?", .priority = urgency.priority, .token = urgency.token},
                     [&index, name] { return index.who_mentions(name); });
}
// #endregion ask

// #region reply_to
std::optional<Reply> reply_to(const std::string& name, const Job<Answer>& job) {
  try {
    const Answer& answer = job.get();
    const JobInfo info = job.info();
    return Reply{name, answer, waited(info), seconds(info.execution_time(Time::max()))};
  } catch (const Cancelled&) {
    return std::nullopt;
  }
}
// #endregion reply_to

double waited(const JobInfo& info) {
  return seconds(info.wait_time(Time::max()));  // it has started, so it does not matter what time it is
}
