#include <indexer/command_line.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

#include <indexer/printable.hpp>
#include <indexer/walk.hpp>

namespace indexer {
namespace {

std::string quoted(std::string_view text) {
  return "'" + printable(text, Encoding::ascii) + "'";
}

// One line of the help: what to type, and what it does.
std::string help_line(const std::string& left, const std::string& right) {
  return "  " + fit(left, std::max<std::size_t>(18, left.size()), Encoding::ascii) + "  " + right + "\n";
}

}  // namespace

CommandLine::CommandLine(std::string program, std::string purpose)
    : program_(std::move(program)), purpose_(std::move(purpose)) {}

void CommandLine::flag(std::string name, bool& target, bool meaning, std::string help) {
  options_.push_back({std::move(name), "", std::move(help), [&target, meaning](const auto&) { target = meaning; }});
}

void CommandLine::number(std::string name, std::string placeholder, std::size_t& target, std::size_t least,
                         std::size_t most, std::string help) {
  const auto take = [name, &target, least, most](const std::string& value) {
    std::size_t number = 0;
    const char* const end = value.data() + value.size();
    const auto [stopped, error] = std::from_chars(value.data(), end, number);
    if (error != std::errc() || stopped != end || number < least || number > most)
      throw UsageError(name + " wants a number from " + std::to_string(least) + " to " + std::to_string(most) +
                       ", not " + quoted(value));
    target = number;
  };
  options_.push_back({std::move(name), std::move(placeholder), std::move(help), take});
}

void CommandLine::choice(std::string name, std::string& target, std::vector<std::string> words, std::string help) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : "|") + word;
  const auto take = [name, &target, words = std::move(words), all](const std::string& value) {
    if (std::find(words.begin(), words.end(), value) == words.end())
      throw UsageError(name + " wants one of " + all + ", not " + quoted(value));
    target = value;
  };
  options_.push_back({std::move(name), all, std::move(help), take});
}

void CommandLine::text(std::string name, std::string placeholder, std::string& target, std::string help) {
  const auto take = [name, &target](const std::string& value) {
    if (value.empty()) throw UsageError(name + " wants a value that is not empty");
    target = value;
  };
  options_.push_back({std::move(name), std::move(placeholder), std::move(help), take});
}

void CommandLine::folder(std::string placeholder, std::string& target, std::string help) {
  folder_ = {"", std::move(placeholder), std::move(help), [&target](const std::string& value) {
               if (const std::string fault = folder_fault(value); !fault.empty()) throw UsageError(fault);
               target = value;
             }};
}

const CommandLine::Option& CommandLine::find(std::string_view name) const {
  const auto option = std::find_if(options_.begin(), options_.end(), [&](const Option& o) { return o.name == name; });
  if (option != options_.end()) return *option;
  std::string known;
  for (const Option& o : options_) known += " " + o.name;
  throw UsageError("there is no option " + quoted(name) + "; there are:" + known + " --help");
}

Parsed CommandLine::parse(const std::vector<std::string>& arguments) const {
  bool options_ended = false;
  bool folder_seen = false;
  for (auto argument = arguments.begin(); argument != arguments.end(); ++argument) {
    if (options_ended || !argument->starts_with('-') || *argument == "-") {
      if (!folder_.take || folder_seen) throw UsageError("one argument too many: " + quoted(*argument));
      folder_seen = true;
      folder_.take(*argument);
      continue;
    }
    if (*argument == "--") {
      options_ended = true;
      continue;
    }
    if (*argument == "--help" || *argument == "-h") return Parsed::help;

    const std::size_t equals = argument->find('=');
    const Option& option = find(argument->substr(0, equals));
    if (option.placeholder.empty()) {
      if (equals != std::string::npos) throw UsageError(option.name + " takes no value");
      option.take("");
    } else if (equals != std::string::npos) {
      option.take(argument->substr(equals + 1));
    } else if (++argument != arguments.end()) {
      option.take(*argument);
    } else {
      throw UsageError(option.name + " wants a value: " + option.name + " " + option.placeholder);
    }
  }
  return Parsed::run;
}

std::string CommandLine::help() const {
  std::string text = "Usage: " + program_ + " [OPTION]...";
  if (folder_.take) text += " [" + folder_.placeholder + "]";
  text += "\n\n" + purpose_ + "\n\n";
  if (folder_.take) text += help_line(folder_.placeholder, folder_.help);
  for (const Option& option : options_) {
    const std::string value = option.placeholder.empty() ? "" : " " + option.placeholder;
    text += help_line(option.name + value, option.help);
  }
  return text + help_line("--help", "show this and end");
}

}  // namespace indexer
