#include <pool/priority/priority_channel.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace pool::priority {

PriorityChannel::PriorityChannel(std::size_t capacity, Duration ageing, Clock& clock)
    : waiting_(capacity), clock_(clock), ageing_(ageing) {
  if (ageing.count() < 0) {
    throw std::invalid_argument("pool: ageing = " + std::to_string(std::chrono::duration<double>(ageing).count()) +
                                " s, but it is 0 (no ageing) or more");
  }
}

// Before the lock is taken: a reading of the clock takes longer than all that is done with it.
void PriorityChannel::note_time(Unit& unit) {
  if (ageing_.count() > 0 && unit.since == Time{}) unit.since = clock_.now();
}

// What is over needs no room.
Send PriorityChannel::wait_for_room(Visit& visit, const Unit& unit, const Deadline& deadline) {
  return unit.is_over() && !visit.closed() ? Send::ok : visit.wait_for_room(deadline);
}

Send PriorityChannel::send(UnitPtr& unit, const Deadline& deadline) {
  note_time(*unit);
  Visit visit(waiting_);  // [hand-over] its end pairs with the beginning of the one in receive()
  const Send sent = wait_for_room(visit, *unit, deadline);
  if (sent == Send::ok) append(visit, unit);
  return sent;
}

// #region displacing
Send PriorityChannel::send_displacing(UnitPtr& unit, UnitPtr& displaced) {
  note_time(*unit);
  Visit visit(waiting_);  // [hand-over]
  // Where all room is reserved there is nothing to displace: its owners are about to send.
  Send sent = wait_for_room(visit, *unit, visit.empty() ? Deadline::never() : Deadline::now());
  if (sent == Send::full) {
    displaced = take_oldest_not_above(visit, unit->priority);
    sent = Send::ok;
    if (!displaced) {
      displaced = std::move(unit);
      visit.sent_in_vain();
    }
  }
  if (sent == Send::ok && unit) append(visit, unit);
  return sent;
}

UnitPtr PriorityChannel::take_oldest_not_above(Visit& visit, Priority priority) {
  for (std::size_t level = kLevels; level-- > level_of(priority);) {
    if (levels_.read()[level].empty()) continue;
    visit.received();
    return levels_.write()[level].pop_front();
  }
  return nullptr;
}
// #endregion displacing

Send PriorityChannel::reserve(Room& room, const Deadline& deadline) {
  Visit visit(waiting_);
  const Send sent = visit.wait_for_room(deadline);
  if (sent != Send::ok) return sent;
  visit.reserved();
  room.waiting_ = &waiting_;
  return Send::ok;
}

Send PriorityChannel::send(Room&& room, UnitPtr& unit) {
  if (room.waiting_ != &waiting_)
    throw std::logic_error("priority channel: a unit was sent into room that nobody reserved");
  note_time(*unit);
  Visit visit(waiting_);  // [hand-over]
  room.waiting_ = nullptr;
  visit.given_back();
  if (visit.closed()) return Send::closed;
  append(visit, unit);
  return Send::ok;
}

UnitPtr PriorityChannel::receive() {
  Visit visit(waiting_);  // [hand-over]
  if (visit.wait_for_value(Deadline::never()) != Receive::ok) return nullptr;
  return take_next(visit);
}

// #region take_next
UnitPtr PriorityChannel::take_next(Visit& visit) {
  Heads heads;
  std::size_t waiting = 0;  // levels in which somebody waits
  for (std::size_t level = 0; level < kLevels; ++level) {
    if (levels_.read()[level].empty()) continue;
    heads[level] = levels_.read()[level].front().since;
    ++waiting;
  }
  // With one level there is nothing to decide, and no need to ask the clock.
  const Time now = waiting > 1 && ageing_.count() > 0 ? clock_.now() : Time{};
  visit.received();
  return levels_.write()[next_level(heads, now, ageing_).value()].pop_front();
}
// #endregion take_next

UnitPtr PriorityChannel::withdraw(Unit& unit) {
  Visit visit(waiting_);
  UnitList& level = levels_.write()[level_of(unit.priority)];
  if (!level.holds(unit)) return nullptr;
  visit.received();
  return level.remove(unit);
}

UnitList PriorityChannel::drain() {
  UnitList all;
  Visit visit(waiting_);
  for (UnitList& level : levels_.write()) all.take_all(level);
  visit.received(all.size());
  return all;
}

void PriorityChannel::append(Visit& visit, UnitPtr& unit) {
  if (unit->is_over()) return visit.sent_in_vain();  // it was cancelled on its way here
  UnitList& level = levels_.write()[level_of(unit->priority)];
  if (!level.empty()) unit->since = std::max(unit->since, level.back().since);  // it may have waited for room
  level.push_back(std::move(unit));
  visit.sent();
}

}  // namespace pool::priority
