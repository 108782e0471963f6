// SPDX-License-Identifier: GPL-2.0-or-later
// Every execution of a program that a memory model allows, each once.
//
// The search grows one execution graph, event by event, the lowest runnable thread first. A read is tried
// with every write that is there. A write that comes later than a read it could feed "revisits" it: the graph
// is taken back to what was there before the read, together with all that the write depends on, and the read
// takes the write's value. Nothing is remembered between branches: a revisit is made only from the one graph
// in which everything that it drops had been added in the default way (each read from the latest write, each
// write at the end of its coherence order), so that each graph is reached along one way only. This is TruSt
// (Kokologiannakis, Marmanis, Gladstein, Vafeiadis, POPL 2022). Memory is linear in the size of a graph.
//
// Where it departs from the paper:
//  1. "The default way" is the latest that is consistent: a grace period may rule the latest out.
//  2. A thread that waits (for a lock, for a value, in a loop that does nothing else) is not in the graph
//  before
//     something may let it go: what it looks at until then is not enumerated. From then on its read is an
//     event like any other. It may be *refused*: it reads the last write, which does not let the thread go,
//     and nothing follows it until another write takes that one's place. Without refused reads the thread
//     could not be overtaken by who closes the way and opens it again. For locks there is less to it: who
//     takes the lock that another one had taken evicts that one, and it leaves a ghost in its place in the
//     order of addition, which is what keeps the way to each graph unique.
//  3. A thread waits where it would only take a loop round once more (Machine, invariants 5 and 6), and where
//     an assumption would not hold. Refused are such reads, too.
//     A round that was taken back, and that nobody else saw, can be left out of an execution: those rounds
//     after it come in its place. (GenMC's zero-net-effect loops: Kokologiannakis, Ren, Vafeiadis, FMCAD
//     2021.) What others saw of it, they may see any number of times, and the outcome is bounded. Under LKMM
//     an execution in which a round is seen only by who has seen a later one is not looked at.
//     Where what others saw does not matter to them no such round is looked at (retries.h).
//  4. Whether a graph is sequentially consistent is kept up to date event by event, and under TSO whether it
//     is in total store order. Most graphs of LKMM are sequentially consistent; the model proper is asked
//     only about the others, and where there are grace periods.
//     Nor is it asked about an event that nothing in a consistent graph comes after: what reads the last
//     write, and what writes last. It has edges from others only, so that no cycle passes it. (Where there
//     are grace periods, a section's end leads back to its beginning.)
//  5. Guesses. Whatever no graph that grows along po | rf can reach is found in further rounds:
//     - LKMM allows a write to be seen before po-earlier reads are done (load buffering), so that po | rf may
//       have cycles. A read may be *promised* a value, unless its thread may wait there: stores after a
//       waiting loop come after what let it go, as smp_cond_load_relaxed()'s users rely on. It then has no rf
//       until the graph is complete, when writes that keep all promises are looked for.
//     - A grace period may last for ever, for a section that never ends: its thread is *parked*, and the
//       graph counts if that is so at its end.
//     Guesses are made on evidence only: the first round finds all graphs without any, and notes which write
//     would have fed a read that it depends on, in a way that LKMM does not forbid at once. Rounds go on
//     until no new evidence turns up. What a promise is kept by must depend on it, and among the reads of a
//     cycle one is named by a fixed rule (promise.cpp), so that here too each graph is found once.
//     Of two threads one must be loose (loose.h) for that: what can be read off the text is not promised.
//       What no graph can give evidence of is a litmus test's store that is reached by what it stores itself,
//     which LKMM allows where a plain access takes the order out of a branch: when all else is found, what
//     the stores would store to which no graph has come is promised to any read.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/container/inlined_vector.h>

#include "checker/explore/known.h"
#include "checker/explore/loose.h"
#include "checker/explore/retries.h"
#include "checker/explore/share.h"
#include "checker/explore/state.h"
#include "model/memory/model.h"

namespace ringtail::explore {

// Values of memory before the threads start, and what may be accessed.
struct Initial {
  absl::flat_hash_map<std::uint64_t, std::int64_t> values;
  struct Object {
    std::uint64_t address = 0, size = 0;
    bool freed = false;
    std::uint32_t source = 0;  // of INIT's: the instruction that made it
  };
  std::vector<Object> objects;  // by address; of init's making, beside the program's globals
  bool changed = false;         // something was written to values
};

// A read, whatever the graph: the n-th time that a thread comes to an instruction, and where it reads.
struct ReadName {
  std::uint8_t thread = 0;
  std::uint32_t source = 0;
  std::uint16_t nth = 0;
  std::uint64_t address = 0;
  friend auto operator<=>(const ReadName&, const ReadName&) = default;
};

// What may be guessed, see above.
struct Guesses {
  std::map<ReadName, std::set<std::int64_t>> promises;
  std::set<ReadName> open;           // reads that may be promised any value, see note_comparison()
  std::set<std::int64_t> anywhere;   // what any read may be promised
  std::set<ReadName> grace_periods;  // which may last for ever,
  bool waits_in_section = false;     // as some thread waits in an RCU or SRCU section
  bool empty() const { return promises.empty() && open.empty() && anywhere.empty() && grace_periods.empty(); }
  // What the read may be promised.
  const std::set<std::int64_t>& of(const ReadName& read) const {
    const auto it = promises.find(read);
    return it == promises.end() ? anywhere : it->second;
  }
  // Without what can lead to nothing new.
  Guesses worth_a_round() const {
    Guesses g = *this;
    if (!waits_in_section) g.grace_periods.clear();
    g.waits_in_section = !g.grace_periods.empty();
    for (auto& [read, values] : g.promises) values.insert(anywhere.begin(), anywhere.end());
    return g;
  }
  void add(const Guesses& more) {
    for (const auto& [read, values] : more.promises) promises[read].insert(values.begin(), values.end());
    open.insert(more.open.begin(), more.open.end());
    anywhere.insert(more.anywhere.begin(), more.anywhere.end());
    grace_periods.insert(more.grace_periods.begin(), more.grace_periods.end());
    waits_in_section |= more.waits_in_section;
  }
  friend bool operator==(const Guesses&, const Guesses&) = default;
};

// Callbacks that call_rcu() may start, a thread.
inline constexpr std::size_t callbacks_each = 3;
// The machine's own, and those that callbacks run in.
std::size_t threads_of(const machine::Machine& m);

struct Counts {
  std::uint64_t executions = 0;
  std::uint64_t blocked = 0;
  bool bounded = false;
};

template <int W>
class Search {
 public:
  using S = State<W>;
  using Set = Bits<W>;
  // Called with each complete graph, blocked or not; false ends the search.
  using Complete = std::function<bool(S&)>;

  // With `share`, parts of the search.
  Search(const machine::Machine& m, const Initial& initial, memory::Model model, Complete complete,
         Share* share = nullptr);

  // Additions to counters (commute.h) are no conflicts from now on; without effect under LKMM.
  void commute();
  // Threads wait where their tries would be taken back (retries.h); without effect under LKMM.
  void leave_out_retries();
  // What executions so far have shown of them.
  const RetriedCounters& retried() const { return retried_; }
  // Of executions in which threads that are alike have changed places one is enough (symmetry.h); without
  // effect on rounds of guesses, which name threads.
  void merge_twins();
  // One round: all graphs that make at least one of `guesses`, or none where that is empty.
  void run(const Guesses& guesses);
  // What may be guessed in the next round, after those of this one.
  const Guesses& evidence() const { return evidence_; }
  // Asked now and then; true ends the run.
  static constexpr std::uint32_t steps_between = 256;
  std::function<bool()> give_up;

  // Of a litmus test under LKMM: the stores that were met.
  const std::set<const ir::Instr*>& written() const { return written_; }

  bool overflowed() const { return overflow_; }
  // Accesses of different sizes met in one place of one execution, which events that are whole locations
  // cannot tell of.
  bool mixed_sizes() const { return mixed_; }
  // Of a shared search: the part under way, or the last; and the one in which this search ended, or none.
  const Part* part() const { return part_; }
  const Part* stopped_in() const { return stop_ ? part_ : nullptr; }
  Counts counts;

  // For what looks at complete graphs.
  // With `frees`, kfree() shows as plain writes to all of its object that anyone accesses.
  memory::Graph graph_of(const S& s, std::vector<Slot>* slots = nullptr, bool frees = false) const;
  std::int64_t initial_value(std::uint64_t address) const;
  std::int64_t final_value(const S& s, std::uint64_t address) const;
  // Of every place that any execution so far has accessed.
  void final_values(const S& s, Initial& memory) const;
  // Appends address and value of the places that end otherwise than INIT left them.
  void changes(const S& s, std::vector<std::int64_t>& out) const;
  // A thread that waits for what will never be written.
  bool stuck(const S& s, std::size_t thread);
  // Of a thread that took back what it did in a round of a loop, whether anyone else saw it.
  bool seen_by_others(const S& s, std::size_t thread);
  // A thread whose next read leads to an assumption that does not hold.
  bool drops(const S& s, std::size_t thread);
  // What a thread has done since it came to the head of the loop that it waits in, or would wait in if its
  // next read saw the last write; nothing of a thread that would go on.
  struct Round {
    std::uint32_t reads = 0, writes = 0;
  };
  Round round_before(const S& s, std::uint8_t t);
  // Makes before[] and sc of a complete graph speak of SC, whatever the model.
  void in_sequence(S& s) const;
  // All that is before the event in (po | rf | co | fr)+.
  Set ordered_before(const S& s, Slot e) const;
  const Initial& initial() const { return initial_; }
  const machine::Machine& machine() const { return m_; }
  memory::Model model() const { return model_; }

 protected:  // what checker/schedule grows its graphs with
  memory::Graph graph_of(const S& s, std::vector<Slot>* slots, bool frees, bool unfinished) const;
  // The RCU and SRCU sections that a thread is in, by their locks; and where in po, among what a graph shows.
  static constexpr int kMostCarries = 16;
  bool carried(const S& s, machine::DepSet data, Slot lock, int steps) const;
  std::vector<std::pair<std::uint16_t, Slot>> open_sections(const S& s, std::size_t t) const;
  void close_sections(const S& s, std::size_t t, memory::Graph& g) const;
  enum class Step : std::uint8_t { done, none, dead };

  void search_tree();
  void visit(S& s);
  void walk(S& s);
  bool our_child();
  bool no_more_of_ours() const;
  Step advance_thread(S& s, std::uint8_t t);
  Step step_simple(S& s, std::uint8_t t);
  Step step_choose(S& s, std::uint8_t t);
  Step step_write(S& s, std::uint8_t t);
  Step step_read(S& s, std::uint8_t t);
  Step step_count(S& s, std::uint8_t t);
  bool counts_only(const machine::Request& q) const;
  std::vector<Slot> counts_in_order(const S& s) const;

  machine::Failure wrong_address(const S& s, const machine::Request& q) const;
  Event event_of(const S& s, std::uint8_t t, What what) const;
  std::uint16_t location(S& s, std::uint64_t address, std::uint8_t size);
  std::int64_t final_of(const S& s, std::uint16_t loc) const;
  std::uint16_t occurrence(const S& s, std::uint8_t t, std::uint32_t source, What what) const;
  std::int64_t value_of(const S& s, std::uint16_t loc, Slot w) const;
  void resume(S& s, std::uint8_t t, const machine::Snapshot& at, std::int64_t value, Slot read);
  void compute_prefix(S& s, Slot e) const;
  Set deciders(const S& s, Slot e) const;
  void happens_before(S& s, Slot e) const;
  Set flows_into(const S& s, Slot e) const;
  bool excluded(const S& s, Slot r, Slot w) const;
  bool goes_the_same_way(const S& s, Slot r, Slot w, std::int64_t value);
  bool too_early(const S& s, Slot r, Slot w);
  ReadName name_of(const Event& read) const { return {read.thread, read.source, read.nth, read.address}; }
  void note_evidence(const S& s, Slot w, Slot rival);
  void note_comparison(const S& s, const machine::Request& q);
  void note_dead_ends(const S& s);
  void note_promise(const S& s, Slot r, Slot w);
  bool comes_right_after(const S& s, Slot w, Slot r) const;
  bool sees_past(const S& s, Slot read, Slot r) const;
  bool comes_too_late(const S& s, Slot r, Slot w) const;
  Set made_of(const S& s, Slot w) const;
  bool branched_on(const S& s, Slot r) const;
  bool breaks_cycle(const S& s, Slot r, Slot w) const;
  const std::set<std::int64_t>* promises(const S& s, std::uint8_t t) const;
  void note_wait(const S& s, std::uint8_t t);
  bool held_up(const S& s, std::size_t t) const;
  bool last_chance(const S& s, std::uint8_t t) const;
  void promise(S& s, std::uint8_t t, std::int64_t value);
  void finish(S& s);
  void complete(S& s);
  void keep_promises(S& s);
  bool acyclic_without(const S& s, const Set& broken) const;
  bool named_by_rule(const S& s) const;
  template <class F>
  void each_dependency(machine::DepSet d, F f) const {
    if (d == 0) return;
    const auto& bits = deps_.bits(d);
    for (std::size_t i = 0; i < W && i < bits.size(); ++i)
      for (std::uint64_t x = bits[i]; x != 0; x &= x - 1)
        f(static_cast<Slot>(i * 64 + static_cast<std::size_t>(std::countr_zero(x))));
  }
  std::uint16_t together(const S& s, std::uint8_t t) const;
  Slot twin_event(const S& s, std::uint8_t t, std::uint16_t i) const;
  bool held_back(const S& s, std::uint8_t t) const;
  bool in_order(const S& s, Slot e) const;
  Set needs(const S& s, Slot e) const;
  void link_before(S& s, Slot e);
  void add_rmw_write(S& s, Slot read);
  bool coherent(const S& s, std::uint8_t t, std::uint16_t loc, Slot src, std::size_t end) const;
  void look(S& s, Slot e) const;
  bool sees_nothing_later(const S& s, std::uint8_t t, std::uint16_t loc, Slot src, std::size_t end) const;
  Slot ghost_of(const S& s, std::uint8_t t, const machine::Request& q) const;
  void add_ghost(S& s, const Event& e);
  bool accepts(const machine::Snapshot& at, std::int64_t value, std::uint8_t t);
  bool may_be_retried(const machine::Request& q, std::int64_t value) const;
  bool takes_back(const machine::Snapshot& at, std::int64_t value, std::int64_t best, std::uint8_t t);
  bool tries_again(const machine::Snapshot& at, std::int64_t value, std::uint8_t t);
  void look_for_retries(const S& s);
  // How a thread stands once it has read `value`, and has come to what it asks for next or to its end.
  machine::Status after(const machine::Snapshot& at, std::int64_t value, std::uint8_t t);
  // A read that would lead to an assumption which does not hold is none. LKMM has executions in which such a
  // read is promised something else.
  bool may_drop(const machine::Request& q) const { return q.may_drop && !lkmm_; }
  // Not of a thread that may wait there: what lets it go is there before it goes on.
  static bool may_be_promised(const machine::Request& q) {
    return !q.blocking && !q.may_spin && !q.may_sleep;
  }
  // Requests to read that some values do not answer.
  bool may_wait(const machine::Request& q) const { return q.blocking || q.may_spin || may_drop(q); }
  bool order_allows_read(const S& s, std::uint8_t t, std::uint16_t loc, Slot src, bool writes) const;
  bool order_allows_write(const S& s, Slot w, Slot prev) const;
  bool order_allows_place(const S& s, Slot w, Slot r, Slot prev) const;
  void link_place(S& s, Slot w, Slot r);
  bool consistent(S& s);
  bool free_to_add(const S& s, std::uint8_t t) const;
  void revisits(S& s, Slot w, Slot conflict);
  enum class Revisit : std::uint8_t { read, refuse, evict };
  void revisit(const S& s, Slot w, Slot r, const Set& kept, bool from_conflict, Revisit how);
  bool by_default(S& s, Slot e, Slot w, const Set& needed);
  bool possible(const S& s, Slot e, Slot source, const Set& previous);
  Slot apply_read(S& s, std::uint8_t t, Slot src);
  bool refuse(S& s, std::uint8_t t, Slot src);
  bool leaves_behind(const S& s, Slot w) const;
  Slot add_read(S& s, std::uint8_t t, Event e);
  void park(S& s, std::uint8_t t);

  struct Pooled {
    S state;
    machine::Arena::Mark mark;
  };
  S& borrow(const S& from);
  void give_back();

  const machine::Machine& m_;
  const Initial& initial_;
  memory::Model model_;
  bool lkmm_;
  bool sections_;  // the program has RCU or SRCU sections,
  bool balanced_;  // and every thread ends those that it begins
  Guesses guesses_, evidence_;
  std::set<const ir::Instr*> written_;
  Complete complete_;
  std::size_t threads_;  // callbacks' included
  machine::DepTable deps_;
  machine::Arena arena_;
  Known known_;
  std::vector<const machine::Snapshot*> starts_;
  // An address is a location for each size that it is accessed with in some execution.
  absl::flat_hash_map<std::uint64_t, absl::InlinedVector<std::uint16_t, 1>> locations_;
  std::vector<std::uint64_t> addresses_;              // of locations
  std::vector<std::vector<std::uint16_t>> overlaps_;  // of locations, with others
  std::vector<std::int64_t> initial_values_;
  std::vector<std::unique_ptr<Pooled>> pool_;
  std::size_t depth_ = 0;
  std::vector<std::uint8_t> sizes_;          // of locations
  std::optional<Loose> loose_;               // under LKMM, of two threads
  std::vector<std::uint64_t> counters_;      // commute.h
  RetriedCounters retried_;                  // retries.h
  std::vector<std::uint8_t> alike_, twins_;  // symmetry.h; in rounds of guesses there are no twins
  unsigned steps_ = 0;
  // Of a shared search:
  Share* share_;
  Part* part_ = nullptr;
  std::vector<std::uint32_t> children_;  // met so far of each node under way, from the root on
  std::vector<std::uint32_t> path_;      // of these nodes' children the only ones that are ours
  bool stop_ = false, overflow_ = false, mixed_ = false;
};

}  // namespace ringtail::explore
