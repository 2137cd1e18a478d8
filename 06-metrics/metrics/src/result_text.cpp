#include <pool/metrics/result_text.hpp>

#include <cxxabi.h>
#include <cstdlib>
#include <memory>

#include <pool/basic/user_code.hpp>

namespace pool::metrics {

std::string type_text(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status),
                                                         &std::free);
  return status == 0 && name ? name.get() : type.name();
}

std::string error_text(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  } catch (const std::string& text) {
    return text;
  } catch (const char* text) {
    return text;
  } catch (const basic::forced_unwind&) {
    throw;
  } catch (...) {
    const std::type_info* const type = abi::__cxa_current_exception_type();
    return type != nullptr ? "(a value of type " + type_text(*type) + " was thrown)" : "(something unknown was thrown)";
  }
}

}  // namespace pool::metrics
