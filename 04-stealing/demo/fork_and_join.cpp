#include <cstddef>
#include <future>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <pool/stealing/invoke.hpp>
#include <pool/stealing/thread_pool.hpp>
#include "harvest.hpp"
#include "pieces.hpp"

using namespace indexer;
using pool::stealing::invoke;

namespace {

// One job, which divides what it finds in two, again and again, and waits for both halves.
class Forking {
 public:
  Forking(pool::stealing::ThreadPool& pool, Harvest& harvest) : pool_(pool), harvest_(harvest) {}

  void tree() {
    const Tree& tree = harvest_.plan().tree;
    const auto below = [&] { folder(tree.folder, Origin::given); };
    const auto beside = [&] { file(tree.large); };
    if (tree.large_first) {
      invoke(pool_, beside, below);
    } else {
      invoke(pool_, below, beside);
    }
  }

 private:
  // #region folder
  void folder(const std::string& path, Origin origin) {
    const Folder here = harvest_.list(self(), path, origin);
    invoke(
        pool_, [&] { each(here.files, [this](const std::string& found) { file(found); }); },
        [&] { each(here.folders, [this](const std::string& found) { folder(found, Origin::found); }); });
  }

  // The halves of the halves, down to a single one.
  template <class F>
  void each(std::span<const std::string> paths, const F& f) {
    if (paths.empty()) return;
    if (paths.size() == 1) return f(paths.front());
    const std::size_t half = paths.size() / 2;
    invoke(
        pool_, [&] { each(paths.first(half), f); }, [&] { each(paths.subspan(half), f); });
  }
  // #endregion folder

  // #region large
  void file(const std::string& path) {
    FileText text = harvest_.read(self(), path);
    if (!harvest_.is_large(text)) return harvest_.count(self(), path, text);
    const Totals totals = pieces(text.text, true);
    harvest_.counted(self(), path, std::move(text), totals);
  }

  // The halves of the halves, down to a piece. `last`: nothing of the text follows.
  Totals pieces(std::string_view text, bool last) {
    const std::size_t cut = text.size() > harvest_.plan().piece ? cut_near_middle(text) : text.size();
    if (cut == text.size()) return harvest_.count_piece(self(), text, last);
    Totals first, second;
    invoke(
        pool_, [&] { first = pieces(text.substr(0, cut), false); }, [&] { second = pieces(text.substr(cut), last); });
    return first += second;
  }
  // #endregion large

  [[nodiscard]] std::size_t self() const { return pool_.current_worker().value(); }

  pool::stealing::ThreadPool& pool_;
  Harvest& harvest_;
};

}  // namespace

TreeRun fork_and_join(const TreePlan& plan, Progress& progress) {
  Harvest harvest(plan, progress);
  TreeRun result;
  {
    pool::stealing::ThreadPool pool({.workers = plan.workers, .observer = &harvest.recorder()});
    Forking forking(pool, harvest);
    harvest.recorder().start();
    std::future<void> all = pool.submit([&] { forking.tree(); });
    while (all.wait_for(progress.interval()) == std::future_status::timeout) progress.show();
    all.get();
    result = harvest.gather();
  }
  result.timeline = harvest.recorder().timeline();  // when the workers have gone
  result.timeline.seconds = result.run.seconds;
  return result;
}
