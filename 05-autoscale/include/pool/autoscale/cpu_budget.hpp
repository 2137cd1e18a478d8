// What of the machine this process may use: CPUs and memory.
//
// A container sees all CPUs of its machine and may use two of them; whoever starts a thread for each that it sees has
// far too many. The system says what is granted in two places: the affinity of the thread, and the quotas of the
// control groups that the process is in (cgroups, version 1 or 2, or both at once). A group's quota holds for all
// groups in it, so the least counts, from the process's own group up to the outermost that it can see. See cgroups(7),
// and the kernel's Documentation/admin-guide/cgroup-v2.rst and .../cgroup-v1/memory.rst.
//
// Linux only; elsewhere nothing is known but the number of CPUs. Nothing here fails: what cannot be read, or is no
// number, is unknown. `root` stands before all paths, for tests. The figures are those of the moment. Thread safety:
// every function may be called from any thread. They read files: call them once a second, not once a job.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>

namespace pool::autoscale {

constexpr std::size_t kUnknownCpus = 4;  // what is taken for the number of CPUs where it is unknown

// How many threads can run at once: the CPUs of the calling thread's affinity, but no more than the quota, rounded up
// (a worker too few would leave a part of it unused). At least 1; kUnknownCpus if neither is known.
[[nodiscard]] std::size_t cpu_budget(const std::filesystem::path& root = "/");

// Of which that is made. Pure.
[[nodiscard]] std::size_t cpu_budget(std::optional<std::size_t> affinity, std::optional<double> quota);

// How many CPUs' time the process may use, by its control groups: 1.5 is three seconds in two. None: no quota, or
// unknown.
[[nodiscard]] std::optional<double> cpu_quota(const std::filesystem::path& root = "/");

// How many bytes of memory the process may use: the least of its control groups' limits and the machine's memory.
[[nodiscard]] std::optional<std::size_t> memory_limit(const std::filesystem::path& root = "/");

// How many bytes of memory it uses: what is in memory now, files that it has mapped included.
[[nodiscard]] std::optional<std::size_t> memory_used(const std::filesystem::path& root = "/");

}  // namespace pool::autoscale
