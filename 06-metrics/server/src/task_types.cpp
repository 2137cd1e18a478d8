#include <pool/server/task_types.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <muParser.h>
#include <unistd.h>

namespace pool::server {
namespace {

constexpr std::size_t kBlock = 64 * 1024;        // bytes
constexpr std::size_t kLongestExpression = 200;  // characters
constexpr std::uint64_t kNumbersBetweenLooks = 1024;

std::uint64_t number_from(const std::string& param) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(param.data(), param.data() + param.size(), number);
  if (problem != std::errc{} || end != param.data() + param.size()) return 0;
  return number;
}

// The check of a param that is a whole number.
auto from_one_to(std::uint64_t most) {
  return [most](const std::string& param) -> std::string {
    const std::uint64_t number = number_from(param);
    if (number >= 1 && number <= most) return {};
    return "param must be a whole number from 1 to " + std::to_string(most);
  };
}

bool is_prime(std::uint64_t number) {
  if (number % 2 == 0) return number == 2;
  for (std::uint64_t divisor = 3; divisor * divisor <= number; divisor += 2) {
    if (number % divisor == 0) return false;
  }
  return number > 1;
}

std::string count_primes(const std::string& param, const CancelToken& token) {
  const std::uint64_t last = number_from(param);
  std::uint64_t count = 0;
  for (std::uint64_t number = 2; number <= last; ++number) {
    if (number % kNumbersBetweenLooks == 0) token.throw_if_cancelled();
    if (is_prime(number)) ++count;
  }
  return std::to_string(count) + " primes up to " + param;
}

// A file that nobody else sees, and that is gone when this is.
class TemporaryFile {
 public:
  TemporaryFile() {
    std::string path = (std::filesystem::temp_directory_path() / "poolcraft-XXXXXX").string();
    descriptor_ = mkostemp(path.data(), O_CLOEXEC);
    if (descriptor_ < 0) fail("a temporary file cannot be made");
    unlink(path.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { close(descriptor_); }

  void write_all(const char* bytes, std::size_t size) const {
    for (std::size_t done = 0; done < size;) {
      const ssize_t step = ::write(descriptor_, bytes + done, size - done);
      if (step < 0 && errno != EINTR) fail("the temporary file cannot be written");
      if (step > 0) done += static_cast<std::size_t>(step);
    }
  }
  void read_all(char* bytes, std::size_t size) const {
    for (std::size_t done = 0; done < size;) {
      const ssize_t step = ::read(descriptor_, bytes + done, size - done);
      if (step == 0) throw std::runtime_error("the temporary file is shorter than what was written");
      if (step < 0 && errno != EINTR) fail("the temporary file cannot be read");
      if (step > 0) done += static_cast<std::size_t>(step);
    }
  }
  void rewind() const {
    if (lseek(descriptor_, 0, SEEK_SET) < 0) fail("the temporary file cannot be read");
  }

 private:
  [[noreturn]] static void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

  int descriptor_ = -1;
};

std::string read_blocks(const std::string& param, const CancelToken& token) {
  const std::uint64_t blocks = number_from(param);
  const TemporaryFile file;
  std::vector<char> block(kBlock);
  for (std::uint64_t number = 0; number < blocks; ++number) {
    token.throw_if_cancelled();
    std::fill(block.begin(), block.end(), static_cast<char>('a' + number % 26));
    file.write_all(block.data(), block.size());
  }
  file.rewind();
  std::uint64_t sum = 0;
  for (std::uint64_t number = 0; number < blocks; ++number) {
    token.throw_if_cancelled();
    file.read_all(block.data(), block.size());
    for (const char byte : block) sum += static_cast<unsigned char>(byte);
  }
  return param + " blocks, " + std::to_string(blocks * kBlock) + " bytes, sum " + std::to_string(sum);
}

std::string evaluate(const std::string& param, const CancelToken& token) {
  token.throw_if_cancelled();
  try {
    mu::Parser parser;
    parser.SetExpr(param);
    int values = 0;
    const double* const value = parser.Eval(values);
    if (values != 1) throw std::runtime_error("an expression has one value, this one has " + std::to_string(values));
    if (!std::isfinite(value[0])) throw std::runtime_error("the value is not finite: a division by zero?");
    std::array<char, 64> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value[0]).ptr;
    return {text.data(), end};
  } catch (const mu::Parser::exception_type& problem) {
    throw std::runtime_error("not an expression: " + problem.GetMsg());
  }
}

// It takes microseconds to know: that it can be evaluated is seen by doing so. What has no finite value is for the task
// to report, no mistake in the request.
std::string expression_problem(const std::string& param) {
  if (param.empty() || param.size() > kLongestExpression) {
    return "param must be an expression of 1 to " + std::to_string(kLongestExpression) +
           " characters, such as 2*(3+4)^2";
  }
  if (std::any_of(param.begin(), param.end(), [](char c) { return c < ' ' || c > '~' || c == '"'; })) {
    return "param must be an expression of numbers, operators and functions, such as 2*(3+4)^2";
  }
  try {
    mu::Parser parser;
    parser.SetExpr(param);
    static_cast<void>(parser.Eval());
  } catch (const mu::Parser::exception_type& problem) {
    return "param is not an expression: " + problem.GetMsg();
  }
  return {};
}

std::string multiply(const std::string& param, const CancelToken& token) {
  const std::size_t size = number_from(param);
  std::vector<double> a(size * size);
  std::vector<double> b(size * size);
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] = static_cast<double>(i % 7);
    b[i] = static_cast<double>(i % 5);
  }
  double trace = 0;
  std::vector<double> row(size);
  for (std::size_t i = 0; i < size; ++i) {
    token.throw_if_cancelled();
    std::fill(row.begin(), row.end(), 0.0);
    for (std::size_t k = 0; k < size; ++k) {
      const double factor = a[i * size + k];
      for (std::size_t j = 0; j < size; ++j) row[j] += factor * b[k * size + j];
    }
    trace += row[i];
  }
  return param + " x " + param + " matrices, trace " + std::to_string(static_cast<std::uint64_t>(trace));
}

}  // namespace

const std::vector<TaskType>& task_types() {
  static const std::vector<TaskType> types{
      {"compute", "100000", "1 to 5000000", from_one_to(5'000'000), count_primes},
      {"io", "64", "1 to 1024 blocks of 64 KiB", from_one_to(1024), read_blocks},
      {"expression", "2*(3+4)^2", "at most 200 characters", expression_problem, evaluate},
      {"heavy", "160", "1 to 800", from_one_to(800), multiply},
  };
  return types;
}

const TaskType* task_type(std::string_view name) {
  for (const TaskType& type : task_types()) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

}  // namespace pool::server
