// The sections of the report that this stage adds: questions and answers, what became of the jobs.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>

#include <indexer/json.hpp>
#include <indexer/report.hpp>
#include <indexer/terminal.hpp>
#include "session.hpp"

class SessionReport {
 public:
  SessionReport(std::ostream& out, const indexer::Terminal& terminal, const Session& session);

  void beginning() const;                // the folder, the pool, and what is to come
  void reply(const Reply& reply) const;  // one question: its answer, and how long it took
  void result() const;                   // what is in the files
  void ending() const;                   // everything below result()
  void completeness() const;             // nothing, or how many files are not in the result, and why

 private:
  void totals() const;

  std::ostream& out_;
  const indexer::Terminal terminal_;
  const Session& session_;
  const indexer::Report report_;
  const std::size_t width_;
};

// The same for programs: the members of a JSON object.
void write_members(indexer::JsonWriter& json, const Session& session);
