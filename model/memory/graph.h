// SPDX-License-Identifier: GPL-2.0-or-later
// An execution graph: what a program did, without saying when. The events of each thread in program order,
// which write every read takes its value from (rf), and in which order the writes to one location took effect
// (co). Everything else that a memory model speaks of (fr, fences, happens-before ...) follows from these.
//
//   P0: WRITE_ONCE(x, 1)        a  W once x=1   thread 0, po 0
//   P1: r = READ_ONCE(x)        b  R once x=1   thread 1, po 0, rf = a
//
// An event's id is its place in the order in which events were added, so that the explorer can drop what it
// added last
// (`pop`) and relations over a graph can be bit matrices indexed by id. `keep` drops any set of events and
// renumbers.
//
// Invariants:
//  1. po indices of a thread are 0, 1, 2 ... in order of id; the ids of a thread increase.
//  2. Initial writes are not events. A read whose rf is `initial` reads the value before every write; initial
//  writes have
//     no incoming edge in any model here, so that no cycle and no race can pass through one.
//  3. Dependencies stay within a thread and are sets of po indices of earlier reads. They are the syntactic
//  ones of
//     registers; those carried through memory are derived by the model (lkmm.h).
//  4. An atomic read-modify-write is a read with `rmw` and, if it wrote, a write with `rmw` right after it in
//  po. A read
//     with `rmw` and no such write is a failed one (cmpxchg). A lock is such a pair too: LKR and LKW.
//  5. A write is in the co list of its location from the moment it is added; `place` moves it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace ringtail::memory {

using EventId = std::uint16_t;
inline constexpr EventId initial = 0xffff;   // rf: the value before every write
inline constexpr EventId no_event = 0xfffe;  // rf not chosen yet; no such event
inline constexpr std::size_t max_events = 0xfff0;

enum class Kind : std::uint8_t { read, write, fence };

// How the source marks an event, in LKMM's names. It is syntactic: an atomic_fetch_add_acquire() is a read
// and a write that are both tagged `acquire`; the model decides that the tag orders nothing on the write.
enum class Tag : std::uint8_t {
  // reads and writes
  plain,
  once,
  data_race,  // as once, and no race with it is told of
  acquire,
  release,
  noreturn,  // both halves of an atomic that returns nothing
  full,      // 'MB: both halves of a fully ordered atomic (xchg, atomic_add_return ...)
  // lock accesses (spinlocks, and what is built like them)
  lock_read,    // LKR, the read of a lock() or successful trylock()
  lock_write,   // LKW, the write of the same
  unlock,       // UL, a write
  lock_fail,    // LF, the read of a failed trylock()
  is_locked,    // RL, the read of an is_locked() that says yes
  is_unlocked,  // RU, the read of an is_locked() that says no
  srcu_lock,    // a read; its value goes to the matching unlock by data flow
  srcu_unlock,  // a write
  // fences
  mb,
  rmb,
  wmb,
  barrier,
  before_atomic,
  after_atomic,
  after_spinlock,
  after_unlock_lock,
  after_srcu_read_unlock,
  after_ctrl_dep,
  rcu_lock,
  rcu_unlock,
  sync_rcu,
  sync_srcu,  // has an address, its srcu_struct
};
inline constexpr std::size_t tag_count = static_cast<std::size_t>(Tag::sync_srcu) + 1;
std::string_view name(Tag);

struct Event {
  std::uint64_t address = 0;   // of reads, writes and SRCU's events; else 0
  std::int64_t value = 0;      // read or written
  std::uint32_t source = 0;    // the IR instruction, for witnesses; models do not look at it
  std::uint16_t location = 0;  // for Graph::location(), set by add()
  EventId rf = no_event;       // reads
  std::uint16_t po = 0;        // set by add()
  std::uint8_t thread = 0;
  Kind kind = Kind::fence;
  Tag tag = Tag::plain;
  std::uint8_t size = 0;  // bytes
  bool rmw = false;
  friend bool operator==(const Event&, const Event&) = default;
};

// Syntactic dependencies of one event, each a set of po indices of reads of its own thread.
struct Dependencies {
  std::span<const std::uint16_t> addr;
  std::span<const std::uint16_t> data;
  std::span<const std::uint16_t> ctrl;
};

// A view; it holds as long as the graph does not change.
struct Location {
  std::uint64_t address = 0;
  std::span<const EventId> co;  // its writes, oldest first
};

// Lists of events that are copied in one go: rows of equal room, which doubles when one of them is full.
class Lists {
 public:
  std::size_t size() const { return lengths_.size(); }
  std::span<const EventId> operator[](std::size_t i) const {
    return {cells_.data() + i * room_, lengths_[i]};
  }
  std::span<EventId> operator[](std::size_t i) { return {cells_.data() + i * room_, lengths_[i]}; }
  void resize(std::size_t n);
  void insert(std::size_t i, std::size_t at, EventId e);
  void erase(std::size_t i, EventId e);
  void truncate(std::size_t i, std::size_t length) { lengths_[i] = static_cast<std::uint16_t>(length); }
  friend bool operator==(const Lists& a, const Lists& b);

 private:
  std::size_t room_ = 4;
  std::vector<EventId> cells_;
  std::vector<std::uint16_t> lengths_;
};

class Graph {
 public:
  // Appends `e` to its thread. A write goes to the end of its location's co.
  EventId add(const Event& e, const Dependencies& deps = {});
  // Drops the event that was added last.
  void pop();
  // Drops every event whose entry in `kept` is false, with its dependencies. What is kept must be a prefix of
  // each thread, and a kept read must not read from a dropped write unless the caller chooses its rf again:
  // it becomes no_event. Ids change: the kept events move together, in order.
  void keep(const std::vector<bool>& kept);

  void read_from(EventId read, EventId write) { events_[read].rf = write; }
  void set_value(EventId e, std::int64_t value) { events_[e].value = value; }
  void retag(EventId e, Tag tag) { events_[e].tag = tag; }
  // Moves a write to position `at` (0: the oldest) of its location's co.
  void place(EventId write, std::size_t at);

  std::size_t size() const { return events_.size(); }
  bool empty() const { return events_.empty(); }
  const Event& operator[](EventId e) const { return events_[e]; }
  const std::vector<Event>& events() const { return events_; }
  std::size_t thread_count() const { return threads_.size(); }
  // Ids of a thread's events in program order.
  std::span<const EventId> thread(std::size_t t) const { return threads_[t]; }
  std::size_t location_count() const { return addresses_.size(); }
  Location location(std::size_t l) const { return {addresses_[l], co_[l]}; }
  // The location of an address, if anything has touched it.
  std::optional<Location> find(std::uint64_t address) const;
  Dependencies dependencies(EventId e) const;
  // Place of a write in its location's co.
  std::size_t co_index(EventId write) const;
  // The other half of a successful read-modify-write, or no_event.
  EventId rmw_partner(EventId e) const;

  friend bool operator==(const Graph&, const Graph&) = default;

 private:
  // Where an event's dependencies lie in the pool: addr, then data, then ctrl.
  struct DependencySpan {
    std::uint32_t begin = 0;
    std::uint16_t addr = 0, data = 0, ctrl = 0;
    friend bool operator==(const DependencySpan&, const DependencySpan&) = default;
  };
  std::uint16_t location_of(std::uint64_t address);

  // Few vectors, since a graph is copied often.
  std::vector<Event> events_;
  std::vector<DependencySpan> spans_;  // by id
  std::vector<std::uint16_t> pool_;
  Lists threads_;
  std::vector<std::uint64_t> addresses_;
  Lists co_;
};

}  // namespace ringtail::memory
