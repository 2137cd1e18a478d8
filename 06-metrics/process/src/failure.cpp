#include <pool/process/failure.hpp>

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <new>
#include <typeinfo>

#include <pool/process/errors.hpp>

namespace pool::process {

namespace {

std::string readable(const std::type_info* type) {
  if (type == nullptr) return "unknown";
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(type->name(), nullptr, nullptr, &status),
                                                         &std::free);
  return status == 0 ? name.get() : type->name();
}

}  // namespace

Failure failure_of(const std::exception_ptr& error) {
  using Kind = Failure::Kind;
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& thrown) {
    const auto is = [&](auto* type) { return dynamic_cast<decltype(type)>(&thrown) != nullptr; };
    Kind kind = Kind::thrown;
    if (is(static_cast<const UnknownJob*>(nullptr))) kind = Kind::unknown_job;
    if (is(static_cast<const BadArgument*>(nullptr))) kind = Kind::bad_argument;
    if (is(static_cast<const ResultTooLarge*>(nullptr))) kind = Kind::result_too_large;
    if (is(static_cast<const NotSerialisable*>(nullptr))) kind = Kind::not_serialisable;
    if (is(static_cast<const std::bad_alloc*>(nullptr))) kind = Kind::memory;
    return {kind, readable(&typeid(thrown)), thrown.what()};
  } catch (...) {
    return {Kind::thrown, readable(abi::__cxa_current_exception_type()), "something that is not a std::exception"};
  }
}

std::exception_ptr to_exception(const Failure& failure) {
  using Kind = Failure::Kind;
  switch (failure.kind) {
    case Kind::unknown_job:
      return std::make_exception_ptr(UnknownJob(failure.what));
    case Kind::bad_argument:
      return std::make_exception_ptr(BadArgument(failure.what));
    case Kind::result_too_large:
      return std::make_exception_ptr(ResultTooLarge(failure.what));
    case Kind::not_serialisable:
      return std::make_exception_ptr(NotSerialisable(failure.what));
    case Kind::memory:
      return std::make_exception_ptr(OutOfMemory("process: the job wanted more memory than there is: " + failure.what));
    case Kind::thrown:
      break;
  }
  return std::make_exception_ptr(JobFailed(failure.type, failure.what));
}

// A byte, the type, a byte that is 0, and the rest is what it said.
std::string encode(const Failure& failure) {
  return static_cast<char>(failure.kind) + failure.type + '\0' + failure.what;
}

Failure decode_failure(std::string_view payload) {
  const std::size_t end = payload.find('\0', 1);
  if (payload.empty() || payload[0] < 1 || payload[0] > static_cast<char>(Failure::Kind::memory) ||
      end == std::string_view::npos) {
    throw ProtocolError("process: a failure that says nothing");
  }
  return {static_cast<Failure::Kind>(payload[0]), std::string(payload.substr(1, end - 1)),
          std::string(payload.substr(end + 1))};
}

}  // namespace pool::process
