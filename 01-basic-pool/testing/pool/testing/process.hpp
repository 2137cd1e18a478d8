// What the kernel says of this process: its threads, its open files, the CPU time of its threads.
//
// Linux only (/proc); elsewhere the counts are 0, and tests of them compare 0 with 0.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pool::testing {

[[nodiscard]] std::size_t thread_count();
[[nodiscard]] std::size_t descriptor_count();
[[nodiscard]] std::vector<int> thread_ids();

// The names of all threads, as /proc/self/task/*/comm has them.
[[nodiscard]] std::vector<std::string> thread_names();

// Time on a CPU so far, of all threads whose names start with that.
[[nodiscard]] std::chrono::nanoseconds cpu_time_of_threads(std::string_view named);

// Waits until this process has as many threads as that: a thread that was joined is gone for us a little before it is
// gone for the kernel. False if it does not come to that within seconds.
[[nodiscard]] bool thread_count_becomes(std::size_t wanted);

}  // namespace pool::testing
