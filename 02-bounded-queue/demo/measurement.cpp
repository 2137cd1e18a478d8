#include "measurement.hpp"

#include <sys/resource.h>

#include <array>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace {

constexpr std::chrono::milliseconds kInterval{2};

// The whole numbers of a measurement and their names, for writing and for reading.
auto counts_of(auto& m) {
  using Count = std::pair<const char*, decltype(&m.accepted)>;
  return std::array{Count{"accepted", &m.accepted}, Count{"completed", &m.completed},
                    Count{"rejected", &m.rejected}, Count{"ran_in_caller", &m.ran_in_caller},
                    Count{"dropped", &m.dropped},   Count{"high_water", &m.high_water},
                    Count{"arrivals", &m.arrivals}, Count{"peak_memory", &m.peak_memory}};
}

auto times_of(auto& m) {
  using Time = std::pair<const char*, decltype(&m.seconds)>;
  return std::array{Time{"seconds", &m.seconds}, Time{"stayed_seconds", &m.stayed_seconds}};
}

bool read_into(const auto& targets, const std::string& name, std::istream& in) {
  for (const auto& [known, target] : targets)
    if (name == known) return static_cast<bool>(in >> *target);
  return false;
}

}  // namespace

double Measurement::arrival_rate() const {
  return seconds > 0 ? static_cast<double>(arrivals) / seconds : 0;
}

double Measurement::mean_stay() const {
  return arrivals > 0 ? stayed_seconds / static_cast<double>(arrivals) : 0;
}

double Measurement::mean_in_system() const {
  double area = 0;  // texts * seconds, by trapezoids
  for (std::size_t i = 1; i < samples.size(); ++i) {
    const Sample &a = samples[i - 1], &b = samples[i];
    area += static_cast<double>(a.texts + b.texts) / 2 * (b.seconds - a.seconds);
  }
  return seconds > 0 ? area / seconds : 0;
}

Sampler::Sampler(const InSystem& in_system)
    : in_system_(in_system), thread_([this](const std::stop_token& stop) { run(stop); }) {}

std::vector<Sample> Sampler::stop(double& seconds) {
  thread_.request_stop();
  thread_.join();
  samples_.push_back(look());
  seconds = samples_.back().seconds;
  return std::move(samples_);
}

void Sampler::run(const std::stop_token& stop) {
  auto next = std::chrono::steady_clock::now();
  while (!stop.stop_requested()) {
    samples_.push_back(look());
    std::this_thread::sleep_until(next += kInterval);
  }
}

Sample Sampler::look() const {
  return {time_.seconds(), in_system_.bytes(), in_system_.texts()};
}

std::uint64_t peak_memory() {
#ifdef __linux__
  // Not ru_maxrss: that one remembers what the process was before it became this program.
  std::ifstream status("/proc/self/status");
  for (std::string name; status >> name; status.ignore(std::numeric_limits<std::streamsize>::max(), '\n')) {
    std::uint64_t kibibytes = 0;
    if (name == "VmHWM:" && status >> kibibytes) return kibibytes * 1024;
  }
#endif
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return static_cast<std::uint64_t>(usage.ru_maxrss);
#else
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
#endif
}

void write(std::ostream& out, const Measurement& measurement) {
  out.precision(9);
  for (const auto& [name, count] : counts_of(measurement)) out << name << ' ' << *count << '\n';
  for (const auto& [name, time] : times_of(measurement)) out << name << ' ' << *time << '\n';
  for (const Sample& s : measurement.samples) out << "sample " << s.seconds << ' ' << s.bytes << ' ' << s.texts << '\n';
  out << "end\n";
}

Measurement read_measurement(const std::string& text) {
  Measurement m;
  std::istringstream in(text);
  std::string name;
  while (in >> name && name != "end") {
    Sample sample;
    if (name == "sample" && in >> sample.seconds >> sample.bytes >> sample.texts) {
      m.samples.push_back(sample);
    } else if (!read_into(counts_of(m), name, in) && !read_into(times_of(m), name, in)) {
      throw std::runtime_error("the measuring process printed something else than a measurement: " + name);
    }
  }
  if (name != "end") throw std::runtime_error("the measuring process did not print its measurement to the end");
  return m;
}
