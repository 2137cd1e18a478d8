#include <pool/basic/user_code.hpp>

#include <cstdio>

namespace pool::basic {

void print_error(const std::string& who, const char* from, std::exception_ptr error) {
  try {
    std::rethrow_exception(std::move(error));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s: exception from %s: %s\n", who.c_str(), from, e.what());
  } catch (...) {
    std::fprintf(stderr, "%s: exception from %s, not derived from std::exception\n", who.c_str(), from);
  }
}

}  // namespace pool::basic
