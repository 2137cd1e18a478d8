#include <pool/process/worker_main.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <mutex>
#include <thread>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <pool/basic/native_thread.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/process/child.hpp>
#include <pool/process/descriptor.hpp>
#include <pool/process/failure.hpp>
#include <pool/process/frame.hpp>

namespace pool::process {

namespace {

using priority::Cancelled;
using priority::CancelSource;

// Receives frames, waiting for them. None: the other side is gone.
class Incoming {
 public:
  explicit Incoming(int socket) : socket_(socket) {}
  void set_limit(std::size_t max_payload) { reader_ = FrameReader(max_payload); }
  std::optional<Frame> next() {
    for (;;) {
      if (auto frame = reader_.next()) return frame;
      const Received received = receive_some(socket_, buffer_.data(), buffer_.size());
      if (received.io != Io::ok) return std::nullopt;
      reader_.feed({buffer_.data(), received.bytes});
    }
  }

 private:
  int socket_;
  FrameReader reader_;
  std::array<char, 1U << 16U> buffer_;
};

// What the second thread does: it waits for cancellations, and for the end.
// Invariant: a cancellation is for one job, by its number; one that comes before its job is kept for it.
class Control {
 public:
  Control() {
    const basic::SignalsBlocked in_the_thread;
    thread_ = std::thread([this] { listen(); });
  }
  ~Control() {
    shutdown(kControlSocket, SHUT_RD);
    thread_.join();
  }
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  // None: the parent is gone.
  std::optional<CancelToken> begin(std::uint64_t job) {
    std::optional<CancelSource> source(std::in_place);
    const std::lock_guard lock(mutex_);
    if (gone_) return std::nullopt;
    if (job == early_) source->cancel(early_reason_);
    job_ = job;
    const CancelToken token = source->token();
    source_.swap(source);
    return token;
  }
  void end() {
    const std::lock_guard lock(mutex_);
    job_ = 0;
  }

 private:
  void listen() {
    basic::name_this_thread("PoolControl");
    Incoming incoming(kControlSocket);
    try {
      while (const auto frame = incoming.next()) {
        if (frame->kind != FrameKind::cancel) break;
        cancel(*frame);
      }
    } catch (...) {  // no memory, or no message: then there is nobody to listen to
    }
    const std::lock_guard lock(mutex_);
    gone_ = true;
    if (job_ != 0) std::_Exit(EXIT_SUCCESS);  // nobody waits for what it does
  }

  void cancel(const Frame& frame) {
    std::optional<CancelSource> source;  // its callbacks are the job's code: without the lock
    {
      const std::lock_guard lock(mutex_);
      if (frame.job == job_) {
        source = source_;
      } else {
        early_ = frame.job;
        early_reason_ = frame.payload;
      }
    }
    if (source) source->cancel(frame.payload);
  }

  std::mutex mutex_;
  std::uint64_t job_ = 0;               // guarded by mutex_, as are all but the thread; 0: none runs
  std::optional<CancelSource> source_;  // its
  std::uint64_t early_ = 0;
  std::string early_reason_;
  bool gone_ = false;
  std::thread thread_;
};

// Bytes of memory that are in use; 0: the system does not say.
std::size_t resident() {
  std::ifstream file("/proc/self/statm");
  std::size_t size = 0;
  std::size_t pages = 0;
  return file >> size >> pages ? pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) : 0;
}

class Worker {
 public:
  explicit Worker(const Jobs& registry) : registry_(registry) {}
  int serve();

 private:
  void set_up(const std::string& payload);
  [[nodiscard]] Frame run(const Frame& frame, const CancelToken& token);
  [[nodiscard]] Frame answer(const Frame& frame, const CancelToken& token);

  const Jobs& registry_;
  Incoming incoming_{kDataSocket};
  std::size_t max_message_ = kDefaultMaxMessage;
  std::size_t recycle_bytes_ = 0;
  JobContext context_;
};

int Worker::serve() try {
  const auto setup = incoming_.next();
  if (!setup) return EXIT_SUCCESS;
  if (setup->kind != FrameKind::setup) return kExitProtocol;
  set_up(setup->payload);
  Control control;
  if (!send_all(kDataSocket, encode(Frame{FrameKind::ready, 0, {}, 0}))) return EXIT_SUCCESS;
  while (const auto frame = incoming_.next()) {
    if (frame->kind != FrameKind::run) return kExitProtocol;
    const auto token = control.begin(frame->job);
    if (!token) break;
    const Frame answer = this->answer(*frame, *token);
    control.end();  // before it is known that the job has ended: a later cancellation is for nobody
    if (!send_all(kDataSocket, encode(answer))) break;
  }
  return EXIT_SUCCESS;
} catch (const ProtocolError& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return kExitProtocol;
} catch (const std::bad_alloc&) {
  return kExitNoMemory;
}

void Worker::set_up(const std::string& payload) {
  const json setup = from_bytes(payload);
  max_message_ = setup.at("max_message").get<std::size_t>();
  recycle_bytes_ = setup.at("recycle_bytes").get<std::size_t>();
  incoming_.set_limit(max_message_);
  context_.state = setup.at("state");
  if (const auto limit = setup.at("memory_limit").get<rlim_t>(); limit != 0) {
    const rlimit both{limit, limit};
    if (setrlimit(RLIMIT_AS, &both) != 0) throw std::bad_alloc();
  }
}

Frame Worker::answer(const Frame& frame, const CancelToken& token) {
  Frame answer;
  try {
    answer = run(frame, token);
  } catch (const basic::forced_unwind&) {
    std::_Exit(kExitThread);  // without this thread nobody would answer
  } catch (const ProtocolError&) {
    throw;
  } catch (const Cancelled& cancelled) {
    answer = {FrameKind::cancelled, 0, cancelled.reason(), 0};
  } catch (...) {
    answer = {FrameKind::failed, 0, encode(failure_of(std::current_exception())), 0};
  }
  if (answer.payload.size() > max_message_) answer.payload.resize(max_message_);  // of what an exception says
  answer.job = frame.job;
  if (recycle_bytes_ != 0 && resident() > recycle_bytes_) answer.flags = kLeaving;
  return answer;
}

Frame Worker::run(const Frame& frame, const CancelToken& token) {
  const Call call = decode_call(frame.payload);
  const json argument = from_bytes(call.argument);
  context_.token = token;
  std::string text = to_bytes(registry_.call(call.name, argument, context_));
  if (text.size() > max_message_) {
    throw ResultTooLarge("process: '" + call.name + "' gives " + std::to_string(text.size()) +
                         " bytes, but there may be " + std::to_string(max_message_) + " (max_message)");
  }
  return {FrameKind::result, 0, std::move(text), 0};
}

bool is_socket(int descriptor) {
  struct stat status {};
  return fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode);
}

}  // namespace

std::optional<int> worker_main(int argc, const char* const* argv, const Jobs& registry) {
  if (argc < 2 || std::strcmp(argv[1], kWorkerArgument) != 0) return std::nullopt;
  if (std::getenv(kWorkerVariable) == nullptr || !is_socket(kDataSocket) || !is_socket(kControlSocket)) {
    std::fprintf(stderr, "process: %s is for a pool that starts its own workers, not for the command line\n",
                 kWorkerArgument);
    return kExitUsage;
  }
  unsetenv(kWorkerVariable);  // a job may have a pool of its own
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // who died before this is seen by the end of the socket
#endif
  for (const int descriptor : {kDataSocket, kControlSocket}) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  return Worker(registry).serve();
}

bool is_stray_worker() {
  return std::getenv(kWorkerVariable) != nullptr;
}

}  // namespace pool::process
