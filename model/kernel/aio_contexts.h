// SPDX-License-Identifier: GPL-2.0-or-later
// The AIO contexts of an address space: which addresses name one, and the requests in each.
//
// A context's id is the address of its ring, so that one address may name one context after another, and,
// while calls overlap, two at once: io_destroy unmaps the ring first and then waits, so that another thread's
// io_setup may return the same address before that io_destroy does. A record therefore stands for an address,
// not for a context:
//
//   live         whether the last call that showed it left a context there
//   since        which calls that call overlaps: those that began up to then. They may have come before it
//   owed_deaths  contexts that stood here before this one, each killed by an io_destroy that has not returned
//   early        it was seen to be used, or destroyed, while an io_setup ran that may have made it and had
//                not returned yet
//   older        what was seen to be used so early, or what an io_destroy that ran when this one came was to
//                kill, may have been one of which nobody saw the beginning: that io_destroy may mean either
//
// In an address space whose beginning the capture shows (fork, execve), an address without a record names no
// context. In others, one that is seen to work becomes a record, with requests that nobody saw submitted
// (`wild`).
#pragma once

#include <cstdint>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "model/kernel/address_space.h"
#include "model/kernel/aio_requests.h"
#include "model/kernel/tri.h"

namespace ringtail::kernel {

struct AioContext {
  std::uint64_t id = 0;
  std::uint32_t owner = 0;  // the group of threads that this is known for, where groups may share an mm
  Tri live = Tri::no;
  bool wild = false;  // may have requests that the capture does not show
  bool early = false, older = false;
  bool reborn = false;     // another context stood here; calls that began up to `since` may mean that one
  bool cancelled = false;  // io_cancel may have taken effect on a request
  bool ffs = false;        // has requests that a driver may be able to cancel
  std::uint32_t owed_deaths = 0;
  std::uint64_t since = 0, touched = 0;
  std::uint64_t events = 0;  // as io_setup was asked for; 0: not known
  std::uint64_t ring = 0;    // bytes of the ring's mapping, at least
  Requests requests;
};

// A call of io_submit that runs: its iocbs are among the requests of `id` already, as an event may come
// before it ends.
struct Submitting {
  std::int32_t tid = 0;
  std::uint64_t id = 0;
  std::uint64_t since = 0;   // of the context then, which tells one context at an address from the next
  std::int64_t iocbs = 0;    // how many of them were recorded
  std::int64_t unknown = 0;  // and how many more there may be
};

class AioContexts {
 public:
  // Every context is known: the capture shows how the address space began.
  bool whole = false;
  // What was known was forgotten while calls ran that began up to here: what they tell may be over.
  std::uint64_t forgotten_until = 0;

  AioContext* find(std::uint64_t id) {
    if (recent_.found && recent_.found->id == id) return recent_.found;
    const auto it = contexts_.find(id);
    return it == contexts_.end() ? nullptr : recent_.found = &it->second;
  }
  AioContext& at(std::uint64_t id) {
    if (contexts_.size() > kMost && !contexts_.contains(id)) shrink();
    AioContext& c = contexts_[id];
    c.id = id;
    return *(recent_.found = &c);
  }
  // Drops the records of dead contexts that no running call can mean (`running`: one that began up to
  // `since`).
  template <class F>
  void bury(F&& running) {
    if (dead_.empty()) return;
    std::erase_if(dead_, [&](std::uint64_t id) {
      AioContext* c = find(id);
      if (!c || c->live != Tri::no) return true;
      if (running(c->since)) return false;
      recent_.found = nullptr;
      contexts_.erase(id);
      return true;
    });
  }
  void died(std::uint64_t id) {
    if (whole) dead_.push_back(id);  // where not, that it is dead is knowledge
  }

  // A context came whose id was not recorded, as perf shows none: it may stand wherever none did. `until` as
  // above.
  void came_unseen(std::uint64_t until);

  // What the contexts that are certainly there were asked for in all, each for `least` or more: aio-nr is at
  // least that.
  std::uint64_t charged(std::uint64_t least) const;

  // The contexts whose rings have a page of `r`.
  std::vector<std::uint64_t> within(Range r) const;

  std::vector<Submitting>& submitting() { return submitting_; }
  std::size_t size() const { return contexts_.size(); }

 private:
  static constexpr std::size_t kMost = 65536;
  // What was found last; a copy has its contexts elsewhere.
  struct Recent {
    AioContext* found = nullptr;
    Recent() = default;
    Recent(const Recent&) {}
    Recent& operator=(const Recent&) { return found = nullptr, *this; }
  };
  void shrink();

  absl::flat_hash_map<std::uint64_t, AioContext> contexts_;
  Recent recent_;
  std::vector<std::uint64_t> dead_;
  std::vector<Submitting> submitting_;
};

// What a capture shows of AIO as a whole.
struct AioSystem {
  bool setups = false;  // io_setup is among the recorded calls
};

}  // namespace ringtail::kernel
