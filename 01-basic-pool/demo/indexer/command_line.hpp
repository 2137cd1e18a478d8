// CommandLine: the options of a demo, declared once; from that come the parsing, the errors and the help.
//
//   std::size_t jobs = 4;
//   CommandLine line("basic_demo", "Indexes a folder.");
//   line.number("--jobs", "N", jobs, 1, 1000, "how many workers");
//   if (line.parse({argv + 1, argv + argc}) == Parsed::help) return print(line.help()), 0;
//
// Understood are "--jobs 4" and "--jobs=4"; "--" ends the options, so that a folder's name may begin with a dash.
// Errors: UsageError says what is wrong and what would be right. The targets keep what was parsed before it.
#pragma once

#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace indexer {

class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class [[nodiscard]] Parsed{run, help};

class CommandLine {
 public:
  // The targets of the options must outlive the object.
  CommandLine(std::string program, std::string purpose);

  void flag(std::string name, bool& target, bool meaning, std::string help);
  void number(std::string name, std::string placeholder, std::size_t& target, std::size_t least, std::size_t most,
              std::string help);
  // One of several words, such as "--overflow block".
  void choice(std::string name, std::string& target, std::vector<std::string> words, std::string help);
  // Any text that is not empty, such as the name of a file to write.
  void text(std::string name, std::string placeholder, std::string& target, std::string help);
  // The one argument without a name. Must be a folder that can be read.
  void folder(std::string placeholder, std::string& target, std::string help);

  Parsed parse(const std::vector<std::string>& arguments) const;
  [[nodiscard]] std::string help() const;
  [[nodiscard]] const std::string& program() const { return program_; }

 private:
  struct Option {
    std::string name, placeholder, help;  // the placeholder is empty if the option takes no value
    std::function<void(const std::string& value)> take;
  };

  [[nodiscard]] const Option& find(std::string_view name) const;

  std::string program_, purpose_;
  std::vector<Option> options_;
  Option folder_;
};

}  // namespace indexer
