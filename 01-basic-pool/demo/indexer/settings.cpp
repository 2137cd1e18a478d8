#include <indexer/settings.hpp>

#include <algorithm>
#include <exception>
#include <iostream>
#include <new>
#include <thread>

namespace indexer {

std::size_t Settings::default_jobs() {
  const std::size_t hardware = std::thread::hardware_concurrency();
  return hardware == 0 ? 4 : std::min<std::size_t>(hardware, 1000);
}

void declare(CommandLine& line, Settings& settings) {
  line.folder("FOLDER", settings.folder, "what to index (the current folder)");
  line.number("--jobs", "N", settings.jobs, 1, 1000,
              "workers, 1 to 1000 (" + std::to_string(Settings::default_jobs()) + ": one for each hardware thread)");
  line.flag("--verify", settings.verify, true, "index sequentially, too, and compare (the default)");
  line.flag("--no-verify", settings.verify, false, "do not: it takes half the time");
  line.number("--top", "N", settings.top, 1, 1000,
              "how many identifiers to show, 1 to 1000 (" + std::to_string(settings.top) + ")");
  line.flag("--quiet", settings.quiet, true, "the result alone");
  line.flag("--json", settings.json, true, "the result as one JSON object");
}

int run_demo(int argc, char** argv, const CommandLine& line, int (*demo)(const Settings&), const Settings& settings) {
  return run_demo(argc, argv, line, [&] { return demo(settings); });
}

int run_demo(int argc, char** argv, const CommandLine& line, const std::function<int()>& demo) {
  const std::string program = line.program() + ": ";
  try {
    int status = 0;
    if (line.parse({argv + std::min(argc, 1), argv + argc}) == Parsed::help) {
      std::cout << line.help();
    } else {
      status = demo();
    }
    if (std::cout.flush()) return status;
    std::cerr << program << "the output could not be written\n";
  } catch (const UsageError& error) {
    std::cerr << program << error.what() << "\nTry '" << line.program() << " --help'.\n";
    return 2;
  } catch (const std::bad_alloc&) {
    std::cerr << program << "there is not enough memory\n";
  } catch (const std::exception& error) {
    std::cerr << program << error.what() << '\n';
  }
  return 1;
}

}  // namespace indexer
