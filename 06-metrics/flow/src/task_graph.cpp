#include <pool/flow/task_graph.hpp>

#include <algorithm>
#include <functional>
#include <queue>

namespace pool::flow {

std::map<std::string, JobState> GraphRun::states() const {
  std::map<std::string, JobState> states;
  for (const auto& [name, job] : jobs_) states.emplace(name, job.state());
  return states;
}

const Job<void>& GraphRun::job(const std::string& node) const {
  const auto found = jobs_.find(node);
  if (found == jobs_.end()) throw GraphError("graph: there is no node '" + node + "'");
  return found->second;
}

TaskGraph& TaskGraph::add_node(std::string name, std::vector<std::string> after, JobOptions options, Work work) {
  if (name.empty()) throw GraphError("graph: a node needs a name, so that others can come after it");
  if (index_.contains(name)) throw GraphError("graph: there is a node '" + name + "' already; names are unique");
  nodes_.push_back({name, std::move(after), std::move(options), std::move(work)});
  try {
    index_.emplace(std::move(name), nodes_.size() - 1);
  } catch (...) {
    nodes_.pop_back();
    throw;
  }
  return *this;
}

TaskGraph& TaskGraph::connect(const std::string& other, const std::string& node) {
  const auto found = index_.find(node);
  if (found == index_.end()) throw GraphError("graph: there is no node '" + node + "' that could come after others");
  nodes_[found->second].after.push_back(other);
  return *this;
}

std::vector<std::string> TaskGraph::order() const {
  std::vector<std::string> names;
  for (const Node* node : sorted()) names.push_back(node->name);
  return names;
}

// Kahn's algorithm (1962): what waits for nothing comes next.
std::vector<const TaskGraph::Node*> TaskGraph::sorted() const {
  std::vector<std::size_t> missing(nodes_.size());  // so many come before it that have not come yet
  std::vector<std::vector<std::size_t>> followers(nodes_.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    for (const std::string& name : nodes_[i].after) {
      const auto before = index_.find(name);
      if (before == index_.end()) {
        throw GraphError("graph: '" + nodes_[i].name + "' comes after '" + name + "', but there is no such node");
      }
      followers[before->second].push_back(i);
      ++missing[i];
    }
  }
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> next;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (missing[i] == 0) next.push(i);
  }
  std::vector<const Node*> sorted;
  while (!next.empty()) {
    const std::size_t i = next.top();
    next.pop();
    sorted.push_back(&nodes_[i]);
    for (const std::size_t follower : followers[i]) {
      if (--missing[follower] == 0) next.push(follower);
    }
  }
  if (sorted.size() != nodes_.size())
    throw GraphError("graph: nodes wait for each other in a circle: " + cycle(missing));
  return sorted;
}

// Each of those that are missing comes after another one that is; so who goes back from one to the next comes round.
std::string TaskGraph::cycle(const std::vector<std::size_t>& missing) const {
  const auto is_missing = [&](std::size_t i) { return missing[i] != 0; };
  std::vector<std::size_t> way;
  std::size_t at = 0;
  while (!is_missing(at)) ++at;
  while (std::find(way.begin(), way.end(), at) == way.end()) {
    way.push_back(at);
    for (const std::string& name : nodes_[at].after) {
      const std::size_t before = index_.at(name);
      if (!is_missing(before)) continue;
      at = before;
      break;
    }
  }
  // From the one that came first, in the direction of time.
  way.erase(way.begin(), std::find(way.begin(), way.end(), at));
  std::reverse(way.begin(), way.end());
  std::rotate(way.begin(), std::min_element(way.begin(), way.end()), way.end());
  std::string text;
  for (const std::size_t i : way) text += nodes_[i].name + " → ";
  return text + nodes_[way.front()].name;
}

}  // namespace pool::flow
