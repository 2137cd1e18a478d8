#include <pool/process/jobs.hpp>

#include <stdexcept>

namespace pool::process {

namespace {
constexpr std::size_t kLongestName = 255;  // bytes
}  // namespace

Jobs& jobs() {
  static Jobs registry;
  return registry;
}

void Jobs::insert(std::string name, Function function) {
  if (name.empty() || name.size() > kLongestName) {
    throw std::invalid_argument("process: a job's name has 1 to 255 bytes, but this one has " +
                                std::to_string(name.size()));
  }
  auto shared = std::make_shared<const Function>(std::move(function));
  const std::lock_guard lock(mutex_);
  if (!functions_.try_emplace(name, std::move(shared)).second) {
    throw std::invalid_argument("process: there is a job '" + name + "' already; a name stands for one job");
  }
}

std::shared_ptr<const Jobs::Function> Jobs::find(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = functions_.find(name);
  return found == functions_.end() ? nullptr : found->second;
}

bool Jobs::has(const std::string& name) const {
  return find(name) != nullptr;
}

std::vector<std::string> Jobs::names() const {
  std::vector<std::string> names;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, function] : functions_) names.push_back(name);
  return names;
}

void Jobs::require(const std::string& name) const {
  if (has(name)) return;
  std::string known;
  for (const std::string& other : names()) known += (known.empty() ? "" : ", ") + other;
  throw UnknownJob("process: no job is called '" + name + "'; " +
                   (known.empty() ? "none is registered" : "there are " + known));
}

json Jobs::call(const std::string& name, const json& argument, const JobContext& context) const {
  const auto function = find(name);
  if (!function) require(name);
  const auto refuse = [&](const json::exception& error) {
    return BadArgument("process: '" + name + "' cannot use its argument: " + error.what());
  };
  try {
    return (*function)(argument, context);
  } catch (const json::type_error& error) {
    throw refuse(error);
  } catch (const json::out_of_range& error) {
    throw refuse(error);
  }
}

}  // namespace pool::process
