// SPDX-License-Identifier: GPL-2.0-or-later
// When AIO contexts lived: overlapping calls on one address, held against every order that their times allow.
//
// aio.cpp judges each call by what may be: beside an io_destroy a context is there or not, beside any
// io_setup there may be one anywhere. What it cannot see is that no single order explains all of them: two
// io_destroys of one context that both succeed while some io_setup runs, which then fails. Each of these
// calls takes effect, or looks the context up, at one moment (fs/aio.c: ioctx_add_table, kill_ioctx and
// lookup_ioctx, under mm->ioctx_lock or RCU), so that the address is a register of two values, and the
// question is whether its history is linearizable. It is answered as calls end (Wing and Gong's search, just
// in time: Lowe, Concurrency and Computation 2017). A Life has every state that the address can be in:
// whether a context lives there, and for each call that runs, what it can have seen and whether it has had
// its effect. When a call ends,
// 1. running io_setups and io_destroys may have had their effects before it, in any order that works;
// 2. the states in which the call can have had the result that it did are left, and if there is none, it
// diverges.
//
// Nothing is followed but where an io_setup or an io_destroy overlaps other AIO calls, in address spaces of
// which all contexts are known; an address is given up where something else is done to the ring's mapping,
// without which the kernel finds no context. Before 3.16 the kernel was not so strict.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/container/inlined_vector.h>

#include "model/kernel/call.h"
#include "model/kernel/rule.h"

namespace ringtail::kernel {

class Step;
class World;
struct Footprint;
struct Mm;
struct When;

class AioLives {
 public:
  // A call of AIO began; `mm` is its caller's.
  void begin(const World&, Mm& mm, const When&, const Call&);
  // A call of AIO has ended and is about to be judged. False when no order explains it.
  bool end(const Step&, const When&);
  // It has been judged.
  void judged(Mm&);
  // Another call may have done this to mappings.
  void touched(std::uint32_t mm, const Footprint& f) {
    if (!empty()) touch(mm, f);
  }
  // Nobody will tell what the call that the thread was running has done.
  void lost(std::uint32_t mm, std::int32_t tid);
  void clear() {
    groups_.clear();
    last_ = nullptr;
    busy_ = 0;
  }

  bool empty() const { return busy_ == 0; }
  std::size_t addresses() const;  // that are followed
  // Of a call of which end() said that no order explains it.
  static Verdict misfit(const Call&);

 private:
  static constexpr std::size_t kMostRunning = 16, kMostStates = 64, kSomeLives = 8, kMostLives = 256,
                               kMostGroups = 1024;

  struct Running {
    std::int32_t tid = 0;
    Sys sys = Sys::other;
    Word id;
    bool births() const { return sys == Sys::io_setup; }
    bool kills() const { return sys == Sys::io_destroy; }
    bool concerns(std::uint64_t address) const { return births() || !id.known() || id.value == address; }
  };
  // Of each running call, in their order: what it can have seen, and whether it has had its effect.
  using Marks = absl::InlinedVector<std::uint8_t, 8>;
  struct State {
    bool alive = false;
    Marks marks;
    bool operator==(const State&) const = default;
  };
  struct Life {
    std::uint64_t id = 0;
    std::vector<State> states;  // none: given up
  };
  struct Group {  // of an address space; without calls that run it is idle, and kept for the next
    std::uint32_t mm = 0;
    bool busy = false;
    bool spoilt = false;
    std::uint64_t last_seq = 0;  // of the last event
    std::vector<Running> running;
    std::vector<Life> lives;
    void spoil() { spoilt = true, lives.clear(); }
  };

  Group* find(std::uint32_t mm);  // null when it is idle
  Group& wake(std::uint32_t mm);
  void rest(Group&);
  void touch(std::uint32_t mm, const Footprint&);
  static Life& life_of(const World&, Mm&, Group&, std::uint64_t id);
  static void explore(const Group&, Life&);
  static bool ended(const Group&, Life&, std::size_t i, const Step&);
  static void gone(Group&, std::size_t i);
  static void tell(Mm&, const Group&);
  static void drop_settled(Mm&, Group&);

  absl::flat_hash_map<std::uint32_t, std::unique_ptr<Group>> groups_;  // by Mm::id
  Group* last_ = nullptr;                                              // that was looked for
  std::size_t busy_ = 0;
};

}  // namespace ringtail::kernel
