#include <pool/testing/process.hpp>

#include <filesystem>
#include <fstream>
#include <thread>

namespace pool::testing {

namespace {

std::vector<std::string> entries(const char* folder) {
  std::vector<std::string> names;
  std::error_code none;
  for (auto it = std::filesystem::directory_iterator(folder, none); it != std::filesystem::directory_iterator();
       it.increment(none)) {
    names.push_back(it->path().filename().string());
  }
  return names;
}

std::string first_line(int id, const char* file) {
  std::ifstream in("/proc/self/task/" + std::to_string(id) + "/" + file);
  std::string line;
  std::getline(in, line);  // stays empty if the thread has ended meanwhile
  return line;
}

}  // namespace

std::vector<int> thread_ids() {
  std::vector<int> ids;
  for (const auto& name : entries("/proc/self/task")) ids.push_back(std::stoi(name));
  return ids;
}

std::size_t thread_count() {
  return entries("/proc/self/task").size();
}
std::size_t descriptor_count() {
  return entries("/proc/self/fd").size();
}

std::vector<std::string> thread_names() {
  std::vector<std::string> names;
  for (int id : thread_ids()) names.push_back(first_line(id, "comm"));
  return names;
}

std::chrono::nanoseconds cpu_time_of_threads(std::string_view named) {
  long long sum = 0;
  for (int id : thread_ids()) {
    const std::string times = first_line(id, "schedstat");  // on a CPU, waiting for one, number of turns
    if (!times.empty() && first_line(id, "comm").starts_with(named)) sum += std::stoll(times);
  }
  return std::chrono::nanoseconds(sum);
}

bool thread_count_becomes(std::size_t wanted) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (thread_count() != wanted) {
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace pool::testing
