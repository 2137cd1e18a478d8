#include "session_report.hpp"

#include <ostream>
#include <utility>
#include <vector>

#include "times.hpp"

using namespace indexer;

namespace {

constexpr std::size_t kLabel = 10;  // columns, as in indexer::Report

}  // namespace

SessionReport::SessionReport(std::ostream& out, const Terminal& terminal, const Session& session)
    : out_(out),
      terminal_(terminal),
      session_(session),
      report_(out, terminal, session.found),
      width_(terminal.table_width()) {}

void SessionReport::beginning() const {
  report_.folder();
  report_.pool();
  report_.lines("jobs", wrapped({counted(session_.found.listing.files.size(), "file") + " at low",
                                 "a job each; meanwhile questions at critical"},
                                width_ - kLabel));
  out_ << '\n';
}

void SessionReport::reply(const Reply& reply) const {
  const Answer& answer = reply.answer;
  const auto shown = [&](std::string_view bytes) { return printable(bytes, terminal_.encoding); };
  const std::string took = "waited " + padded_left(short_time(reply.waited, terminal_.encoding), 7) + "  ran " +
                           padded_left(short_time(reply.ran, terminal_.encoding), 7);
  const std::string question = "who mentions " + shown(reply.name) + "?";
  const std::size_t beside = width_ > took.size() + 30 ? width_ - took.size() - 2 : 0;
  if (beside > 0) {
    out_ << styled(terminal_, Style::bold, fit(question, beside, terminal_.encoding)) << "  " << took << '\n';
  } else {
    out_ << styled(terminal_, Style::bold, shorten(question, width_, terminal_.encoding)) << "\n  " << took << '\n';
  }

  const std::string of = " of " + counted(answer.known, "file") + " so far";
  if (answer.mentions.empty()) {
    out_ << "  nobody" << of << '\n';
    return;
  }
  const std::string times_and_files = counted(answer.uses, "time") + " in " + grouped(answer.mentions.size()) + of;
  const std::string_view path =
      path_below(session_.found.folder, session_.found.listing.files[answer.mentions.front().file]);
  const std::string most = "most in ";
  const std::size_t used = 2 + times_and_files.size() + 2 + most.size();
  out_ << "  " << times_and_files;
  if (used + 24 <= width_) {
    out_ << "; " << most << styled(terminal_, Style::dim, shorten(shown(path), width_ - used, terminal_.encoding));
  }
  out_ << '\n';
}

void SessionReport::result() const {
  const Totals totals = session_.index.totals();
  const Index& others = session_.found.parallel.index;
  if (session_.index.files() == 0) {
    report_.line("result", session_.partial() ? "nothing was indexed" : "there is no text in this folder");
  } else {
    report_.lines("result", wrapped({counted(session_.index.files(), "text file"), byte_size(totals.bytes),
                                     counted(totals.lines, "line"), counted(totals.words, "word"),
                                     counted(totals.identifiers, "identifier"),
                                     grouped(session_.index.uses().size()) + " of them different"},
                                    width_ - kLabel));
  }
  if (others.skipped().binary > 0) report_.line("skipped", counted(others.skipped().binary, "binary file"));
  if (const auto unreadable = others.unreadable().size(); unreadable > 0)
    report_.line("unread", styled(terminal_, Style::bad, grouped(unreadable) + " could not be read (see the errors)"));
}

void SessionReport::totals() const {
  const pool::priority::Totals& totals = session_.totals;
  const std::pair<std::size_t, const char*> parts[] = {{totals.completed, "= N completed"},
                                                       {totals.failed, "+ N failed"},
                                                       {totals.cancelled, "+ N cancelled"},
                                                       {totals.active, "+ N active"},
                                                       {totals.pending, "+ N pending"}};
  std::vector<std::string> lines = {grouped(totals.submitted) + " submitted"};
  for (const auto& [count, pattern] : parts) {
    std::string part = pattern;
    part.replace(2, 1, grouped(count));
    if (lines.back().size() + 1 + part.size() > width_ - kLabel) {
      lines.push_back("  " + part);
    } else {
      lines.back() += " " + part;
    }
  }
  report_.lines("totals", lines);
}

void SessionReport::completeness() const {
  if (!session_.partial()) return;
  std::vector<std::string> parts = {"partial: " + grouped(session_.found.parallel.files.size()) + " of " +
                                    counted(session_.found.listing.files.size(), "file")};
  if (session_.expired > 0) parts.push_back(grouped(session_.expired) + " expired before they started");
  if (session_.cancelled > 0) parts.push_back(grouped(session_.cancelled) + " cancelled");
  std::vector<std::string> lines = wrapped(parts, width_ - kLabel);
  for (std::string& line : lines) line = styled(terminal_, Style::bad, line);
  report_.lines("missing", lines);
}

void SessionReport::ending() const {
  report_.distribution();
  out_ << '\n';
  totals();
  report_.times();
  completeness();
  if (session_.partial()) {
    report_.line("verified", "no: a partial result is not compared with one by one");
  } else if (!session_.found.sequential) {
    report_.line("verified", "no: that was not asked for, or it was interrupted");
  }
  report_.shutdown();
}

void write_members(JsonWriter& json, const Session& session) {
  const auto number = [](std::size_t n) { return std::uint64_t{n}; };
  const Totals totals = session.index.totals();
  json.member("folder", session.found.folder).member("files", number(session.index.files()));
  json.member("bytes", totals.bytes).member("lines", totals.lines).member("words", totals.words);
  json.member("identifiers", totals.identifiers).member("distinct", number(session.index.uses().size()));
  json.key("questions").begin_array();
  for (const Reply& reply : session.replies) {
    json.begin_object().member("name", reply.name).member("uses", reply.answer.uses);
    json.member("files", number(reply.answer.mentions.size())).member("known", number(reply.answer.known));
    json.member("waited_seconds", reply.waited).member("ran_seconds", reply.ran).end_object();
  }
  json.end_array().key("workers").begin_array();
  const std::vector<Share> all = shares(session.found.parallel, session.found.workers.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    json.begin_object().member("name", session.found.workers[i]).member("jobs", all[i].jobs).end_object();
  json.end_array().key("totals").begin_object();
  json.member("submitted", number(session.totals.submitted)).member("completed", number(session.totals.completed));
  json.member("failed", number(session.totals.failed)).member("cancelled", number(session.totals.cancelled));
  json.member("active", number(session.totals.active)).member("pending", number(session.totals.pending)).end_object();
  json.member("partial", session.partial()).member("expired", number(session.expired));
  json.member("given_up", number(session.cancelled)).member("seconds", session.found.parallel.seconds);
  json.key("verified");
  if (!session.found.sequential) {
    json.null();
  } else {
    json.value(session.found.comparison.verdict != Comparison::Verdict::different);
  }
}
