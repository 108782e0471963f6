// SPDX-License-Identifier: GPL-2.0-or-later
// The state of a thread as plain data, and where such states are kept.
//
// A snapshot is one block: a header, then the arrays whose sizes it names. It is never changed once made, so
// that any number of execution graphs may share it. Snapshots live in an arena that grows like a stack: the
// search goes back to a mark when it leaves a branch, and all that was made below the branch is gone at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "model/machine/request.h"

namespace ringtail::machine {

struct Frame {
  std::uint32_t function = 0;
  std::uint32_t pc = 0;
  std::uint32_t base = 0;    // its first register
  std::uint16_t locals = 0;  // objects of the frames below it
  std::uint16_t own = 0;     // those of them that no other thread can see
  ir::Reg result = ir::no_reg;
  bool interrupt = false;  // of an IRQ_ON handler
};

// A branch that has not reached its join: all that follows is control-dependent on `deps`.
struct Control {
  std::uint32_t depth = 0;  // frame
  std::uint32_t join = 0;
  DepSet deps = 0;  // with those of the controls around it
};

// A local object that no other thread can see: escape.h.
struct OwnObject {
  std::uint32_t at = 0;  // its first byte, among those of all
  std::uint32_t size = 0;
};

struct LoopMark {
  std::uint32_t id = 0;
  std::uint32_t depth = 0;
  std::uint32_t iterations = 0;
  std::uint32_t effects = 0;
  std::uint32_t reads = 0, writes = 0;  // the thread's, when it was at the head
  std::uint64_t state = 0;              // hash of the live registers at the head
  std::uint8_t undone = 0;              // iterations, one after the other, that were taken back
  bool watched = false;  // the last iteration left these as they were, so that this one is watched:
  bool lasting = false;  // it did something that no store takes back
};

// What a watched iteration of a loop did to one place.
struct Touched {
  std::uint64_t address = 0;
  std::int64_t before = 0, now = 0;
  std::uint16_t loop = 0;  // among the loop marks
  std::uint8_t size = 0;
  bool known = false;  // what was there before
};

struct Header {
  Status status = Status::running;
  Failure failure = Failure::none;
  bool deciding = false;  // the request asks which interrupt comes next, if any
  bool asked = false;     // that has been decided: none comes before the next request
  bool in_irq = false;
  std::uint8_t prologue = 0;  // of a call_rcu() callback: requests before its function begins
  std::uint16_t frames = 0, registers = 0, deps = 0, controls = 0, loops = 0, locals = 0, held = 0;
  std::uint16_t touched = 0;
  std::uint16_t own = 0;        // objects that no other thread can see,
  std::uint32_t own_bytes = 0;  // what is in them,
  std::uint32_t own_deps = 0;   // and on what that depends
  std::uint16_t part = 0;       // of a structure assignment
  std::uint16_t kept_part = 0;  // of one that an interrupt came into the middle of
  std::uint16_t irqs_off = 0, preempt_off = 0, rcu_depth = 0;
  std::uint16_t spawned = 0, tokens = 0;
  std::uint32_t objects = 0;            // given so far
  std::uint32_t effects = 0;            // writes and the like so far
  std::uint32_t reads = 0, writes = 0;  // so far; a read-modify-write may be both
  // Of a spinning thread, the reads and writes of the iteration that changed nothing, or took it back.
  std::uint32_t round = 0, round_writes = 0;
  std::uint32_t irqs = 0;       // handlers that have yet to run, a bit each
  std::uint32_t failed_at = 0;  // Machine::instr
  DepSet carried_deps = 0;
  DepSet branched = 0;  // what any branch so far depended on
  std::int64_t carried =
      0;  // between the load and the store of a structure assignment; what the thread returned
  std::int64_t kept = 0;  // `carried` and its dependencies, likewise
  DepSet kept_deps = 0;
  Request request;
};

// What a thread does with a value, for whoever asked before; and whether the snapshot stays.
struct Memo {
  static constexpr std::size_t most = 4;
  std::uint8_t n = 0;
  bool kept = false;  // for good
  std::uint8_t answer[most];
  std::int64_t value[most];
};

struct Snapshot {
  Header header;
  mutable Memo memo;  // the explorer's: a snapshot is never looked at by two threads
  // Frame[frames], Control[controls], LoopMark[loops], Touched[touched], locals[locals], held[held],
  // registers, their deps if they are tracked, OwnObject[own], bytes[own_bytes], and theirs
};

std::size_t size_of(const Header& h);  // of the snapshot

class Arena {
 public:
  struct Mark {
    std::size_t chunk = 0, used = 0;
  };
  void* get(std::size_t bytes) {
    bytes = (bytes + 15) & ~std::size_t{15};
    while (at_.chunk < chunks_.size() && at_.used + bytes > chunks_[at_.chunk].size) at_ = {at_.chunk + 1, 0};
    if (at_.chunk == chunks_.size()) {
      // small at first: functions that run alone have an arena each
      const std::size_t usual = chunks_.empty() ? kChunk / 64 : kChunk;
      const std::size_t size = bytes > usual ? bytes : usual;
      chunks_.push_back({std::make_unique_for_overwrite<std::byte[]>(size), size});
    }
    void* p = chunks_[at_.chunk].data.get() + at_.used;
    at_.used += bytes;
    return p;
  }
  Mark mark() const { return at_; }
  void release(Mark m) { at_ = m; }

 private:
  static constexpr std::size_t kChunk = 256 * 1024;
  struct Chunk {
    std::unique_ptr<std::byte[]> data;
    std::size_t size;
  };
  std::vector<Chunk> chunks_;
  Mark at_;
};

}  // namespace ringtail::machine
