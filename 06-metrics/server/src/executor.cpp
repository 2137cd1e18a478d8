#include <pool/server/executor.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace pool::server {

std::string ThreadExecutor::submit(Submission submission) {
  auto work = [run = &submission.type->run, param = std::move(submission.param)](const CancelToken& token) {
    return (*run)(param, token);
  };
  return to_string(pool_.submit(std::move(submission.options), std::move(work)).id());
}

bool ThreadExecutor::wait_idle_for(std::chrono::milliseconds timeout) {
  return pool_.wait_idle_for(timeout);
}

void Executors::add(std::string name, std::unique_ptr<Executor> executor) {
  const auto [place, is_new] = executors_.try_emplace(std::move(name), std::move(executor));
  if (!is_new) throw std::invalid_argument("pool: there is an executor '" + place->first + "' already");
}

Executor* Executors::find(std::string_view name) const {
  const auto found = executors_.find(name);
  return found == executors_.end() ? nullptr : found->second.get();
}

std::vector<std::string> Executors::names() const {
  std::vector<std::string> names;
  names.reserve(executors_.size());
  for (const auto& [name, executor] : executors_) names.push_back(name);
  return names;
}

bool Executors::wait_idle_for(std::chrono::milliseconds timeout) const {
  const auto end = std::chrono::steady_clock::now() + timeout;
  bool idle = true;
  for (const auto& [name, executor] : executors_) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    idle = executor->wait_idle_for(std::max(left, std::chrono::milliseconds(0))) && idle;
  }
  return idle;
}

}  // namespace pool::server
