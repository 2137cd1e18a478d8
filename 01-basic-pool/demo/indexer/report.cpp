#include <indexer/report.hpp>

#include <algorithm>
#include <cstdio>
#include <ostream>

namespace indexer {
namespace {

constexpr std::size_t kLabel = 10;        // columns
constexpr std::size_t kCompletions = 5;   // shown at most
constexpr std::size_t kWorkersShown = 8;  // at most

// How large a text file is; what another one turned out to be.
std::string size_or_fate(const FileReport& file) {
  switch (file.outcome) {
    case Outcome::text:
      return byte_size(file.totals.bytes);
    case Outcome::binary:
      return "binary";
    case Outcome::vanished:
      return "vanished";
    case Outcome::link:
      return "link";
    case Outcome::special:
      return "special";
    case Outcome::unreadable:
      break;
  }
  return "unreadable";
}

// {"2 binary files", "1 symbolic link"}
std::vector<std::string> kinds(const Skipped& skipped) {
  std::vector<std::string> parts;
  const auto add = [&](std::uint64_t number, std::string_view noun) {
    if (number > 0) parts.push_back(counted(number, noun));
  };
  add(skipped.binary, "binary file");
  add(skipped.links, "symbolic link");
  add(skipped.special, "special file");  // a pipe, a socket, a device
  add(skipped.version_control, "version-control folder");
  add(skipped.caches, "cache or build folder");
  if (skipped.vanished > 0) parts.push_back(grouped(skipped.vanished) + " that vanished meanwhile");
  return parts;
}

}  // namespace

int exit_status(const Findings& findings) {
  const bool differs = findings.sequential && findings.comparison.verdict == Comparison::Verdict::different;
  return differs || !findings.parallel.index.unreadable().empty() ? 1 : 0;
}

Report::Report(std::ostream& out, const Terminal& terminal, const Findings& findings)
    : out_(out), terminal_(terminal), findings_(findings), width_(terminal.table_width()) {}

void Report::everything(std::size_t top) const {
  folder();
  pool();
  out_ << '\n';
  completions();
  out_ << '\n';
  result();
  out_ << '\n';
  identifiers(top);
  out_ << '\n';
  distribution();
  out_ << '\n';
  times();
  shutdown();
}

void Report::line(std::string_view label, std::string_view text) const {
  out_ << styled(terminal_, Style::bold, label) << std::string(kLabel - label.size(), ' ') << text << '\n';
}

void Report::lines(std::string_view label, const std::vector<std::string>& texts) const {
  for (std::size_t i = 0; i < texts.size(); ++i) line(i == 0 ? label : "", texts[i]);
}

void Report::folder() const {
  line("folder", shorten(shown(findings_.folder), width_ - kLabel, terminal_.encoding));
  line("", counted(findings_.listing.files.size(), "file") + " in " + counted(findings_.listing.folders, "folder") +
               ", found in " + duration(findings_.walk_seconds));
}

void Report::pool() const {
  const std::vector<std::string>& names = findings_.workers;
  std::vector<std::string> parts;
  parts.reserve(names.size());
  for (const std::string& name : names) parts.push_back(shown(name));
  if (names.size() > 4) parts = {parts[0], parts[1], std::string(dots()), parts.back()};
  parts.front() = counted(names.size(), "worker") + " started: " + parts.front();
  lines("pool", wrapped(parts, width_ - kLabel));
}

void Report::completions() const {
  std::vector<std::size_t> first(std::min(kCompletions, findings_.parallel.files.size()));
  for (std::size_t i = 0; i < findings_.parallel.files.size(); ++i)
    if (const std::size_t order = findings_.parallel.files[i].order; order < first.size()) first[order] = i;

  line("completed", counted(findings_.parallel.files.size(), "job") + ", one for each file, in " +
                        duration(findings_.parallel.seconds) + (first.empty() ? "." : "; the first were:"));
  std::size_t name_width = 0;
  for (const std::size_t i : first)
    name_width = std::max(name_width, columns(shown(findings_.workers[findings_.parallel.files[i].worker])));
  for (const std::size_t i : first) {
    const Completion& done = findings_.parallel.files[i];
    const std::string size = padded_left(size_or_fate(done.file), 10);
    const std::string_view path = path_below(findings_.folder, findings_.listing.files[i]);
    const std::size_t path_width = width_ - kLabel - name_width - 2 - size.size();
    line("", fit(shown(findings_.workers[done.worker]), name_width, terminal_.encoding) + "  " +
                 fit(shown(path), path_width, terminal_.encoding) + styled(terminal_, Style::dim, size));
  }
  if (const std::size_t more = findings_.parallel.files.size() - first.size(); more > 0)
    line("", std::string(dots()) + " and " + grouped(more) + " more");
}

void Report::result() const {
  const Index& index = findings_.parallel.index;
  const Totals& totals = index.totals();
  if (index.files() == 0) {
    line("result", "there is no text in this folder");
  } else {
    lines("result",
          wrapped({counted(index.files(), "text file"), byte_size(totals.bytes), counted(totals.lines, "line"),
                   counted(totals.words, "word"), counted(totals.identifiers, "identifier"),
                   grouped(index.distinct()) + " of them different"},
                  width_ - kLabel));
  }
  if (const auto parts = kinds(index.skipped()); !parts.empty()) lines("skipped", wrapped(parts, width_ - kLabel));
  if (const auto unreadable = index.unreadable(); !unreadable.empty())
    line("unread", styled(terminal_, Style::bad, grouped(unreadable.size()) + " could not be read (see the errors)"));
}

void Report::identifiers(std::size_t top) const {
  const std::vector<IdentifierUse> uses = findings_.parallel.index.top(top);
  if (uses.empty()) return;
  const std::size_t number_width = std::to_string(uses.size()).size() + 1;
  const std::size_t count_width = grouped(uses.front().uses).size();
  const std::size_t room = width_ - number_width - 2 - 2 - count_width - 2;
  std::size_t name_width = 0;
  for (const IdentifierUse& use : uses) name_width = std::max(name_width, use.identifier.size());
  name_width = std::min(name_width, room / 2);
  const std::size_t bar_width = room - name_width;

  out_ << styled(terminal_, Style::bold, "the most frequent identifiers") << '\n';
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const auto [name, count] = uses[i];
    out_ << styled(terminal_, Style::dim, padded_left(std::to_string(i + 1), number_width)) << "  "
         << fit(name, name_width, terminal_.encoding) << "  " << padded_left(grouped(count), count_width) << "  "
         << styled(terminal_, Style::bar,
                   bar(terminal_, static_cast<double>(count), static_cast<double>(uses.front().uses), bar_width))
         << '\n';
  }
}

void Report::distribution() const {
  const std::vector<Share> all = shares(findings_.parallel, findings_.workers.size());
  const std::size_t shown_workers = all.size() > kWorkersShown ? kWorkersShown - 1 : all.size();
  std::uint64_t most = 0;
  std::size_t name_width = 0, jobs_width = 0;
  for (std::size_t i = 0; i < shown_workers; ++i) {
    most = std::max(most, all[i].jobs);
    name_width = std::max(name_width, columns(shown(findings_.workers[i])));
    jobs_width = std::max(jobs_width, counted(all[i].jobs, "job").size());
  }
  name_width = std::min(name_width, width_ / 3);
  const std::size_t size_width = 9;
  const std::size_t used = 2 + name_width + 2 + jobs_width + 2 + size_width + 2;
  const std::size_t bar_width = used < width_ ? width_ - used : 1;

  out_ << styled(terminal_, Style::bold, "who did the jobs") << '\n';
  for (std::size_t i = 0; i < shown_workers; ++i) {
    out_ << "  " << fit(shown(findings_.workers[i]), name_width, terminal_.encoding) << "  "
         << padded_left(counted(all[i].jobs, "job"), jobs_width) << "  "
         << padded_left(byte_size(all[i].bytes), size_width);
    const std::string drawn = bar(terminal_, static_cast<double>(all[i].jobs), static_cast<double>(most), bar_width);
    out_ << (drawn.empty() ? "" : "  ") << styled(terminal_, Style::bar, drawn) << '\n';
  }
  if (shown_workers == all.size()) return;
  const auto [least, greatest] =
      std::minmax_element(all.begin() + static_cast<std::ptrdiff_t>(shown_workers), all.end(),
                          [](const Share& a, const Share& b) { return a.jobs < b.jobs; });
  out_ << "  " << dots() << " and " << grouped(all.size() - shown_workers) << " more, with " << grouped(least->jobs)
       << " to " << counted(greatest->jobs, "job") << " each\n";
}

void Report::times() const {
  const double parallel = findings_.parallel.seconds;
  if (!findings_.sequential) {
    line("time", counted(findings_.workers.size(), "worker") + ": " + duration(parallel));
    return;
  }
  const double sequential = findings_.sequential->seconds;
  const std::string names[] = {counted(findings_.workers.size(), "worker"), "one by one"};
  const double seconds[] = {parallel, sequential};
  const std::size_t name_width = std::max(names[0].size(), names[1].size());
  for (const int i : {0, 1})
    line(i == 0 ? "time" : "",
         fit(names[i], name_width, terminal_.encoding) + "  " + padded_left(duration(seconds[i]), 12) + "  " +
             styled(terminal_, Style::bar,
                    bar(terminal_, seconds[i], std::max(parallel, sequential), width_ - kLabel - name_width - 16)));

  char factor[32];
  std::snprintf(factor, sizeof factor, "%.2f times as fast", parallel > 0 ? sequential / parallel : 0.0);
  line("", factor);
  const Comparison& comparison = findings_.comparison;
  switch (comparison.verdict) {
    case Comparison::Verdict::same:
      line("verified", styled(terminal_, Style::good, "both runs found exactly the same"));
      break;
    case Comparison::Verdict::changed:
      line("verified", counted(comparison.changed.size(), "file") + " changed between the runs;");
      line("", "both found the same in all others. The first one:");
      line("", shorten(shown(path_below(findings_.folder, findings_.listing.files[comparison.changed.front()])),
                       width_ - kLabel, terminal_.encoding));
      break;
    case Comparison::Verdict::different:
      line("verified", styled(terminal_, Style::bad, "no: the runs found different things (see the errors)"));
      break;
  }
}

void Report::shutdown() const {
  line("shutdown", (findings_.left == 0 ? "queue drained, " : grouped(findings_.left) + " jobs left, ") +
                       counted(findings_.ended, "worker") + " joined");
}

}  // namespace indexer
