// SPDX-License-Identifier: GPL-2.0-or-later
// One execution, grown step by step as a scheduler says: the operational reading of a memory model.
//
//   Walk walk(...);
//   walk.begin();
//   for (auto agents = walk.ready(); !agents.empty(); agents = walk.ready())
//     walk.step(pick(agents), chooser);
//   if (walk.end(chooser)) judge(walk, walk.state());
//
// An agent is a thread or, under TSO, the store buffer of one, whose steps are its oldest store reaching
// memory. What grows is an execution graph as in checker/explore, so that whoever judges those judges these:
//
//   SC     a read takes the last write to its place
//   TSO    ... or the newest in its own buffer; a write enters coherence when it leaves the buffer
//   LKMM   a read takes any write, a write any place in coherence, that the model allows in the graph so far.
//          A write that is not there yet may be read too (load buffering): the read *guesses* a value that
//          other executions wrote there, and when all threads have ended must find who wrote it; else the
//          execution is none. Read-modify-writes do not guess.
//
// A grace period is two steps, so that it waits for the critical sections that it must: it begins, and it
// ends when those that were open then have been left.
//
// A thread whose next read would only take a waiting loop round once more is not ready. When nobody is, what
// such a thread read before the last writes is taken back: it reads again, as in its next round.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "checker/explore/search.h"

namespace ringtail::schedule {

enum class Discipline : std::uint8_t { sc, tso, lkmm };

using Agent = std::uint8_t;

// Decides what a step leaves open.
class Chooser {
 public:
  virtual ~Chooser() = default;
  virtual std::size_t below(std::size_t n) = 0;  // any number under n
};

// What tells states apart, or executions.
using Fingerprint = std::pair<std::uint64_t, std::uint64_t>;

// Whether executions may have more events than dependencies can name.
inline bool has_room_for_more(const machine::Machine& m) { return !m.options().dependencies; }

// An execution has 64 W events at most.
template <int W>
class Walk : public explore::Search<W> {
 public:
  using Base = explore::Search<W>;
  using Slot = explore::Slot;
  using Base::counts;
  using Base::initial_value;
  using Base::round_before;
  using typename Base::S;
  using typename Base::Set;

  Walk(const machine::Machine& m, const explore::Initial& initial, memory::Model model,
       Discipline discipline);

  // Threads that were there at the start, those of call_rcu(), and the buffers of all of them.
  std::size_t agents() const { return 2 * threads_; }
  bool is_buffer(Agent a) const { return a >= threads_; }
  S& state() { return *s_; }

  void begin(bool guesses = false);
  // Valid until the next call of anything.
  const std::vector<Agent>& ready();
  // In how many ways an agent may step whatever memory is: the values of a choose(), of which the first says
  // that no interrupt comes if it asks_for_interrupt().
  std::size_t ways(Agent a) const;
  bool asks_for_interrupt(Agent a) const;
  // Where a thread is that asks for something, or none; and where it was that asked for what an agent does
  // next.
  const machine::Snapshot* asking(std::uint8_t t) const;
  const machine::Snapshot& asked(Agent a) const;
  // Whether the agent's thread goes where nothing is, or to what it has freed itself.
  bool goes_wrong(Agent a) const;
  // False: the model allows no such step, or there is a limit: the execution is none.
  bool step(Agent a, std::size_t way, Chooser& chooser);
  // When nobody is ready: whether something was done about it.
  bool settle();
  bool failed() const;
  // Completes the graph; false: it is no execution.
  bool end(Chooser& chooser);

  bool at_limit() const { return limit_; }
  // Whether any execution was cut short as it has more events than that.
  bool overflowed() const { return overflowed_; }
  // Of the graph and of all else that steps depend on: alike for those that are.
  Fingerprint fingerprint() const;
  // Under SC and TSO: of the state alone, which may be reached in many ways: where the threads stand and what
  // they hold, what is in memory and in the buffers, which objects are there, and what grace periods wait
  // for.
  Fingerprint state_key() const;
  // Under SC and TSO: what of the threads' writes is in memory, by address.
  std::vector<std::pair<std::uint64_t, std::int64_t>> in_memory() const;
  // Whether the next step of a thread goes to an object that has been freed, or a store that is still in the
  // buffer of another thread than freed it.
  bool touches_freed() const;

  // push() makes a copy, which then goes on; pop() drops it and returns to the original.
  void push();
  void pop();

 private:
  using Base::accepts;
  using Base::apply_read;
  using Base::arena_;
  using Base::borrow;
  using Base::compute_prefix;
  using Base::consistent;
  using Base::each_dependency;
  using Base::event_of;
  using Base::give_back;
  using Base::link_before;
  using Base::location;
  using Base::m_;
  using Base::may_be_promised;
  using Base::resume;
  using Base::threads_;
  using Base::value_of;
  using Base::wrong_address;

  struct GracePeriod {
    // Threads and where in them the section was entered that has to be left.
    std::vector<std::pair<std::uint8_t, std::uint16_t>> waits_for;
    // Of each thread, how many events it had up to the last section's end when the grace period began: stores
    // among them are to leave its buffer, too.
    std::vector<std::uint16_t> left;
    bool begun = false;
  };
  struct Rest {  // what the graph does not hold
    std::vector<std::vector<Slot>> buffers;
    std::vector<GracePeriod> grace;
    std::vector<bool> refused;  // threads that found nothing to read, until another one steps
    std::vector<Slot> guessed;
    bool forced = false;  // a grace period ended although it still had to wait
    unsigned rounds = 0;  // of waiting loops that were taken again
  };

  bool thread_ready(std::uint8_t t);
  bool may_come(const machine::Request& q, machine::Failure f) const;
  bool drains(const machine::Request& q, std::uint8_t t);
  Slot visible(std::uint8_t t, std::uint16_t loc) const;
  bool readable(std::uint8_t t, std::uint16_t loc, Slot source);
  std::optional<std::uint16_t> open_section(std::uint8_t t, const machine::Request& waiter) const;
  // The events of a thread up to the end of its first section that ends after so many events; 0 without one.
  std::uint16_t section_end(std::uint8_t t, const machine::Request& waiter, std::uint16_t after,
                            bool last) const;
  bool buffers_any(std::uint8_t t, std::uint16_t events) const;  // a store among its first so many events
  bool held_up(std::uint8_t t) const;
  bool is_over(std::uint8_t t) const;  // the grace period that the thread waits for
  bool step_thread(std::uint8_t t, std::size_t way, Chooser& chooser);
  bool step_read(std::uint8_t t, Chooser& chooser);
  bool step_write(std::uint8_t t, Chooser& chooser);
  bool step_other(std::uint8_t t, std::size_t way);
  bool guess(std::uint8_t t, Chooser& chooser);
  bool keep_guesses(Chooser& chooser);
  bool is_own_cause() const;
  void flush(std::uint8_t t);
  bool read_again();

  Discipline discipline_;
  S* s_ = nullptr;
  Rest rest_;
  std::vector<Rest> saved_;
  std::vector<S*> states_;
  std::vector<Agent> ready_;
  std::map<std::uint64_t, std::set<std::int64_t>> written_;  // by address, in any execution so far
  std::unique_ptr<S> fresh_ = std::make_unique<S>(), root_ = std::make_unique<S>();
  machine::Arena::Mark empty_;
  bool limit_ = false, overflowed_ = false, guesses_ = false;
};

}  // namespace ringtail::schedule
