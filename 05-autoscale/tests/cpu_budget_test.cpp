// CPUs and memory that a process may use, read from folders that are made up; and once from those of this machine.
#include <gtest/gtest.h>

#include <unistd.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#ifdef __linux__
#include <sched.h>
#endif

#include <pool/autoscale/cpu_budget.hpp>

#include "../../01-basic-pool/tests/temp_folder.hpp"

namespace pool::autoscale {
namespace {

constexpr std::string_view kNoLimit = "9223372036854771712\n";  // as version 1 writes it

// A machine that is only files.
class Machine : public ::testing::Test {
 protected:
  void write(std::string_view file, std::string_view text) { static_cast<void>(folder_.write(file, text)); }
  void groups(std::string_view text) { write("proc/self/cgroup", text); }
  void mounts(std::string_view text) { write("proc/self/mountinfo", text); }

  // Version 2, of which everything is seen; the process is in /a/b.
  void version_2() {
    groups("0::/a/b\n");
    mounts(
        "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
        "31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:4 master:1 - cgroup2 cgroup2 rw,nsdelegate\n");
  }
  // Version 1, in /c (of cpu and cpuacct, which are one hierarchy) and in /m.
  void version_1() {
    groups("4:memory:/m\n3:cpu,cpuacct:/c\n2:cpuset:/s\n1:name=systemd:/x\n");
    mounts(
        "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
        "34 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
        "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
  }
  void quota_1(std::string_view folder, std::string_view quota, std::string_view period) {
    write("sys/fs/cgroup/cpu,cpuacct" + std::string(folder) + "/cpu.cfs_quota_us", quota);
    write("sys/fs/cgroup/cpu,cpuacct" + std::string(folder) + "/cpu.cfs_period_us", period);
  }

  [[nodiscard]] std::optional<double> quota() const { return cpu_quota(folder_.path()); }
  [[nodiscard]] std::optional<std::size_t> limit() const { return memory_limit(folder_.path()); }
  [[nodiscard]] std::optional<std::size_t> used() const { return memory_used(folder_.path()); }

 private:
  TempFolder folder_;
};

// S5.5 (part): affinity, quota, and 4 where unknown
TEST(CpuBudget, IsTheLesserOfAffinityAndQuotaRoundedUp) {
  constexpr std::nullopt_t kUnknown = std::nullopt;
  EXPECT_EQ(cpu_budget(8, kUnknown), 8U);
  EXPECT_EQ(cpu_budget(8, 2.0), 2U);
  EXPECT_EQ(cpu_budget(8, 1.5), 2U);
  EXPECT_EQ(cpu_budget(8, 7.01), 8U);
  EXPECT_EQ(cpu_budget(8, 0.05), 1U);
  EXPECT_EQ(cpu_budget(2, 16.0), 2U);
  EXPECT_EQ(cpu_budget(2, 1e300), 2U);
  EXPECT_EQ(cpu_budget(kUnknown, 3.0), 3U);
  EXPECT_EQ(cpu_budget(kUnknown, kUnknown), 4U);
  EXPECT_EQ(cpu_budget(0, kUnknown), 1U);
}

TEST_F(Machine, WithoutProcNothingIsKnown) {
  EXPECT_EQ(quota(), std::nullopt);
  EXPECT_EQ(limit(), std::nullopt);
  EXPECT_EQ(used(), std::nullopt);
}

TEST_F(Machine, Version2HasTheQuotaInOneFile) {
  version_2();
  EXPECT_EQ(quota(), std::nullopt) << "the group has none";
  write("sys/fs/cgroup/a/b/cpu.max", "150000 100000\n");
  EXPECT_EQ(quota(), 1.5);
  write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  EXPECT_EQ(quota(), std::nullopt);
  write("sys/fs/cgroup/a/b/cpu.max", "5000 100000\n");
  EXPECT_EQ(quota(), 0.05);
}

TEST_F(Machine, TheLeastOfNestedGroupsCounts) {
  version_2();
  write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  write("sys/fs/cgroup/a/cpu.max", "300000 100000\n");
  EXPECT_EQ(quota(), 3.0);
  write("sys/fs/cgroup/cpu.max", "200000 100000\n");
  EXPECT_EQ(quota(), 2.0);
  write("sys/fs/cgroup/a/b/cpu.max", "400000 100000\n");
  EXPECT_EQ(quota(), 2.0);
  write("sys/fs/cgroup/a/b/cpu.max", "100000 100000\n");
  EXPECT_EQ(quota(), 1.0);
  write("sys/fs/cgroup/a/other/cpu.max", "1 100000\n");
  EXPECT_EQ(quota(), 1.0) << "that of another group is not ours";
}

TEST_F(Machine, Version1HasItInTwoFiles) {
  version_1();
  quota_1("/c", "250000\n", "100000\n");
  EXPECT_EQ(quota(), 2.5);
  quota_1("", "50000\n", "50000\n");
  EXPECT_EQ(quota(), 1.0);
  quota_1("", "-1\n", "100000\n");
  quota_1("/c", "-1\n", "100000\n");
  EXPECT_EQ(quota(), std::nullopt);
}

TEST_F(Machine, BothVersionsAtOnce) {
  groups("1:cpu:/c\n0::/u\n");
  mounts(
      "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
      "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
  write("sys/fs/cgroup/cpu/c/cpu.cfs_quota_us", "600000");
  write("sys/fs/cgroup/cpu/c/cpu.cfs_period_us", "100000");
  EXPECT_EQ(quota(), 6.0);
  write("sys/fs/cgroup/unified/u/cpu.max", "500000 100000");
  EXPECT_EQ(quota(), 5.0);
}

// A container without a namespace for groups: it sees its own folder only, but is told the whole path.
TEST_F(Machine, AContainerSeesAPartOfTheHierarchy) {
  groups("0::/docker/1234/inner\n");
  mounts("31 23 0:28 /docker/1234 /sys/fs/cgroup rw - cgroup2 cgroup rw\n");
  write("sys/fs/cgroup/cpu.max", "400000 100000\n");
  EXPECT_EQ(quota(), 4.0);
  write("sys/fs/cgroup/inner/cpu.max", "300000 100000\n");
  EXPECT_EQ(quota(), 3.0);
}

TEST_F(Machine, AGroupOutsideOfWhatIsSeenIsTheOutermostFolder) {
  groups("0::/../elsewhere\n");
  mounts("31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup rw\n");
  write("sys/fs/cgroup/cpu.max", "400000 100000\n");
  write("sys/fs/elsewhere/cpu.max", "100000 100000\n");
  EXPECT_EQ(quota(), 4.0);
  groups("0::/docker/99\n");
  mounts("31 23 0:28 /docker/1234 /sys/fs/cgroup rw - cgroup2 cgroup rw\n");
  EXPECT_EQ(quota(), 4.0);
}

TEST_F(Machine, GarbageIsUnknown) {
  version_2();
  for (const char* text :
       {"", "\n", "100000", "x 100000", "100000 x", "100000 0", "0 100000", "-5 100000", "1e5 100000",
        "100000 100000 1", "99999999999999999999 100000", "max max", "100000k 100000"}) {
    write("sys/fs/cgroup/a/b/cpu.max", text);
    EXPECT_EQ(quota(), std::nullopt) << text;
  }
  write("sys/fs/cgroup/a/cpu.max/is_a_folder", "");
  EXPECT_EQ(quota(), std::nullopt);
}

TEST_F(Machine, GarbageInProcIsUnknown) {
  version_2();
  write("sys/fs/cgroup/a/b/cpu.max", "100000 100000\n");
  ASSERT_EQ(quota(), 1.0);
  for (const char* text : {"", ":", "0:/a/b", "\n\n:::\n", "0:cpu", "x"}) {
    groups(text);
    EXPECT_EQ(quota(), std::nullopt) << text;
  }
  version_2();
  for (const char* text : {"", "-", "- cgroup2", "31 23 0:28 / /sys/fs/cgroup rw cgroup2 cgroup rw",
                           "31 23 / /sys/fs/cgroup - cgroup2 cgroup rw", "31 23 0:28 / /sys/fs/cgroup rw - cgroup2"}) {
    mounts(text);
    EXPECT_EQ(quota(), std::nullopt) << text;
  }
}

TEST_F(Machine, MemoryIsLimitedByGroupsAndByWhatThereIs) {
  version_2();
  write("proc/meminfo", "MemTotal:       2048 kB\nMemFree:        1 kB\n");
  EXPECT_EQ(limit(), 2048U * 1024);
  write("sys/fs/cgroup/a/b/memory.max", "max\n");
  EXPECT_EQ(limit(), 2048U * 1024);
  write("sys/fs/cgroup/a/memory.max", "1000000\n");
  EXPECT_EQ(limit(), 1000000U);
  write("sys/fs/cgroup/a/b/memory.max", "900000\n");
  EXPECT_EQ(limit(), 900000U);
  write("sys/fs/cgroup/a/b/memory.max", "0\n");
  EXPECT_EQ(limit(), 0U) << "which is a limit";
}

TEST_F(Machine, Version1LimitsMemory) {
  version_1();
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", kNoLimit);
  write("sys/fs/cgroup/memory/m/memory.limit_in_bytes", kNoLimit);
  EXPECT_EQ(limit(), std::nullopt);
  write("sys/fs/cgroup/memory/m/memory.limit_in_bytes", "123456789\n");
  EXPECT_EQ(limit(), 123456789U);
}

TEST_F(Machine, GarbageAboutMemoryIsUnknown) {
  version_2();
  for (const char* text : {"", "MemTotal:", "MemTotal: x kB", "MemTotal: -1 kB", "MemTotal: 1 MB", "MemFree: 1 kB",
                           "MemTotal: 9000000000000000000 kB"}) {
    write("proc/meminfo", text);
    EXPECT_EQ(limit(), std::nullopt) << text;
  }
  for (const char* text : {"", "10", "10 x", "10 -1", "x"}) {
    write("proc/self/statm", text);
    EXPECT_EQ(used(), std::nullopt) << text;
  }
}

TEST_F(Machine, MemoryInUseIsCountedInPages) {
  write("proc/self/statm", "1000 30 5 1 0 60 0\n");
  EXPECT_EQ(used(), 30U * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)));
}

// S5.11 (part): where memory use comes from
TEST(ThisMachine, HasABudget) {
  EXPECT_GE(cpu_budget(), 1U);
#ifdef __linux__
  ASSERT_TRUE(memory_used());
  EXPECT_GT(*memory_used(), 100'000U);
  ASSERT_TRUE(memory_limit());
  EXPECT_LT(*memory_used(), *memory_limit());
#endif
}

#ifdef __linux__
TEST(ThisMachine, AffinityIsThatOfTheThread) {
  std::size_t budget = 0;
  std::thread([&] {  // whose affinity ends with it
    cpu_set_t set;
    ASSERT_EQ(::sched_getaffinity(0, sizeof set, &set), 0);
    std::size_t first = 0;
    while (!CPU_ISSET(first, &set)) ++first;
    CPU_ZERO(&set);
    CPU_SET(first, &set);
    ASSERT_EQ(::sched_setaffinity(0, sizeof set, &set), 0);
    budget = cpu_budget();
  })
      .join();
  EXPECT_EQ(budget, 1U);
}
#endif

}  // namespace
}  // namespace pool::autoscale
