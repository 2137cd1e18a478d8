#include <pool/autoscale/cpu_budget.hpp>

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#ifdef __linux__
#include <sched.h>
#endif

namespace pool::autoscale {

namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();  // which, unlike the buffer's iterators, throws nothing if the file cannot be read after all
  return text.str();
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

// All of the word, or it is no number.
std::optional<long long> number(std::string_view word) {
  long long value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc{} && end == word.data() + word.size() ? std::optional(value) : std::nullopt;
}

std::optional<long long> number_in(const fs::path& file) {
  const std::vector<std::string> words = words_of(text_of(file));
  return words.size() == 1 ? number(words[0]) : std::nullopt;
}

template <class T>
void lower(std::optional<T>& least, std::optional<T> other) {
  if (other && (!least || *other < *least)) least = other;
}

// Whether a list as "cpu,cpuacct" has the word.
bool lists(std::string_view list, std::string_view word) {
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    if (list.substr(begin, end - begin) == word) return true;
    begin = end + 1;
  }
  return false;
}

// The path of the process's group in the hierarchy of this controller; "" is that of version 2.
// A line is number:controllers:path.
std::optional<fs::path> group_of(const std::string& groups, std::string_view controller) {
  std::istringstream lines(groups);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first == std::string::npos ? first : first + 1);
    if (second == std::string::npos) continue;
    if (lists(std::string_view(line).substr(first + 1, second - first - 1), controller)) return line.substr(second + 1);
  }
  return std::nullopt;
}

struct Mount {
  fs::path root, point;  // which folder of the hierarchy is seen, and where
};

// A line is: id parent major:minor root point options… - type source options. (A space in a path is written \040: such
// a path is not found, and what is there is unknown.)
std::optional<Mount> mount_of(const std::string& mounts, std::string_view controller) {
  std::istringstream lines(mounts);
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> words = words_of(line);
    const auto dash = std::find(words.begin(), words.end(), "-");
    if (dash - words.begin() < 6 || words.end() - dash < 4) continue;
    const bool found = controller.empty() ? dash[1] == "cgroup2" : dash[1] == "cgroup" && lists(dash[3], controller);
    if (found) return Mount{words[3], words[4]};
  }
  return std::nullopt;
}

// The folders of the process's group and of all that it lies in, innermost first, as far as they can be seen.
// #region folders
std::vector<fs::path> folders(const fs::path& root, std::string_view controller) {
  const std::optional<fs::path> group = group_of(text_of(root / "proc/self/cgroup"), controller);
  const std::optional<Mount> mount = mount_of(text_of(root / "proc/self/mountinfo"), controller);
  if (!group || !mount) return {};
  const fs::path outermost = root / mount->point.relative_path();
  // In a container, the group may lie outside of what is seen: then the outermost folder is its own.
  fs::path below = group->lexically_relative(mount->root);
  if (below == "." || below.empty() || *below.begin() == "..") below.clear();
  std::vector<fs::path> all;
  for (; !below.empty(); below = below.parent_path()) all.push_back(outermost / below);
  all.push_back(outermost);
  return all;
}
// #endregion folders

std::optional<double> quota(std::optional<long long> time, std::optional<long long> period) {
  if (!time || !period || *time <= 0 || *period <= 0) return std::nullopt;
  return static_cast<double>(*time) / static_cast<double>(*period);
}

// So many of `unit` bytes.
std::optional<std::size_t> bytes(std::optional<long long> count, long long unit = 1) {
  constexpr long long kNone = 1LL << 62;  // version 1 says "none" by the largest number of whole pages
  if (!count || *count < 0 || *count >= kNone / unit) return std::nullopt;
  return static_cast<std::size_t>(*count * unit);
}

std::optional<std::size_t> affinity() {
#ifdef __linux__
  for (int most = 1024; most <= 1 << 20; most *= 2) {  // a set that is too small for the machine is refused
    cpu_set_t* const set = CPU_ALLOC(most);
    if (set == nullptr) return std::nullopt;
    const bool known = ::sched_getaffinity(0, CPU_ALLOC_SIZE(most), set) == 0;
    const int count = known ? CPU_COUNT_S(CPU_ALLOC_SIZE(most), set) : 0;
    CPU_FREE(set);
    if (count > 0) return static_cast<std::size_t>(count);
  }
#endif
  const long online = ::sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? std::optional(static_cast<std::size_t>(online)) : std::nullopt;
}

}  // namespace

std::size_t cpu_budget(const fs::path& root) {
  return cpu_budget(affinity(), cpu_quota(root));
}

// #region cpu_budget
std::size_t cpu_budget(std::optional<std::size_t> affinity, std::optional<double> quota) {
  if (!quota) return std::max<std::size_t>(affinity.value_or(kUnknownCpus), 1);
  const double whole = std::ceil(*quota);
  if (affinity && static_cast<double>(*affinity) < whole) return std::max<std::size_t>(*affinity, 1);
  return static_cast<std::size_t>(std::max(whole, 1.0));
}
// #endregion cpu_budget

std::optional<double> cpu_quota(const fs::path& root) {
  std::optional<double> least;
  for (const fs::path& folder : folders(root, "")) {
    const std::vector<std::string> words = words_of(text_of(folder / "cpu.max"));  // "max 100000": none
    if (words.size() == 2) lower(least, quota(number(words[0]), number(words[1])));
  }
  for (const fs::path& folder : folders(root, "cpu")) {  // -1: none
    lower(least, quota(number_in(folder / "cpu.cfs_quota_us"), number_in(folder / "cpu.cfs_period_us")));
  }
  return least;
}

std::optional<std::size_t> memory_limit(const fs::path& root) {
  std::optional<std::size_t> least;
  for (const fs::path& folder : folders(root, "")) lower(least, bytes(number_in(folder / "memory.max")));
  for (const fs::path& folder : folders(root, "memory")) {
    lower(least, bytes(number_in(folder / "memory.limit_in_bytes")));
  }
  const std::vector<std::string> words = words_of(text_of(root / "proc/meminfo"));  // its first line: MemTotal: 123 kB
  if (words.size() >= 3 && words[0] == "MemTotal:" && words[2] == "kB") lower(least, bytes(number(words[1]), 1024));
  return least;
}

std::optional<std::size_t> memory_used(const fs::path& root) {
  const std::vector<std::string> words = words_of(text_of(root / "proc/self/statm"));  // pages: in all, in memory, …
  const long page = ::sysconf(_SC_PAGESIZE);
  return words.size() >= 2 && page > 0 ? bytes(number(words[1]), page) : std::nullopt;
}

}  // namespace pool::autoscale
