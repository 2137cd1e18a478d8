// Boost.Asio: its thread_pool, which runs whatever is posted to it.
#ifdef POOL_BENCH_ASIO
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include "../enlist.hpp"

namespace {

class Asio {
 public:
  explicit Asio(std::size_t workers) : pool_(workers) {}
  ~Asio() { pool_.join(); }
  void post(auto job) { boost::asio::post(pool_, std::move(job)); }
  auto submit(auto job) { return boost::asio::post(pool_, boost::asio::use_future(std::move(job))); }

 private:
  boost::asio::thread_pool pool_;
};

const bool enlisted = bench::enlist<Asio>("Boost.Asio");

}  // namespace
#endif
