// SPDX-License-Identifier: GPL-2.0-or-later
// What the AIO calls share: is there such a context, and can the kernel get at this memory.
//
// Whether a context is there is asked for the whole time of a call. The kernel looks it up once, at a moment
// that is not known, so that a call which overlaps an io_setup or an io_destroy of the same address may see
// it or not.
#pragma once

#include <optional>

#include "model/kernel/aio_contexts.h"
#include "model/kernel/step.h"

namespace ringtail::kernel::aio {

inline constexpr std::uint64_t kEventBytes = 32;  // struct io_event, and the header of the ring
inline constexpr std::uint64_t kIocbBytes = 64;

// Whether the context was there when the call looked.
Tri alive(const Step& s, std::uint64_t id);

// Whether a page further into the ring of a context that stands elsewhere is there: it has no header.
bool inside_ring(Mm& mm, std::uint64_t id);

// The record of a context that a call was seen to use; made where there was none.
AioContext& seen_alive(Step& s, std::uint64_t id);

// Whether requests may be in the context that no recorded io_submit put there.
inline bool wild(const Step& s, const AioContext& c) {
  return c.wild || s.mm.wild || (s.mm.loose && c.owner != s.task.group) ||
         (c.reborn && s.op.begin_seq <= c.since);
}

// A moment that every call which is running or over began before.
std::uint64_t now(const Step& s);

// Whether an io_setup of this address space runs.
bool setup_runs(const Step& s);

// A request was put in, or may have been cancelled: in what an io_setup that runs has made, perhaps.
void touched(const Step& s, AioContext& c);

// Whether an io_destroy of this context runs.
bool destroy_runs(const Step& s, std::uint64_t id);

// Whether the kernel faults on reading (or writing) user memory.
Tri faults(const Step& s, Word pointer, std::uint64_t bytes, bool write);

// What io_pgetevents was given as a signal mask; none when that is not known, or NULL.
inline constexpr std::uint64_t kSigsetBytes = 8;
struct Sigmask {
  std::uint64_t size = 0;
  SignalMask mask = SignalMask::none;
};
std::optional<Sigmask> sigmask_of(const Call& call);

// What io_setup and io_destroy have to do with mappings: the ring is mapped, and unmapped (`ring` bytes of
// it, at least).
void judge_ring_mapped(Step& s);
void judge_ring_unmapped(Step& s, std::uint64_t ring);
// mremap has moved what may be a ring.
void ring_moved(Step& s, Range from, Address to);
// Where the ring of a context for `nr` events may reach.
std::uint64_t ring_at_most(const Profile& p, std::uint64_t nr);

void judge_submit(Step& s);  // aio_submit.cpp
void submit_began(World& w, Task& t, const Call& call);
void judge_getevents(Step& s);  // aio_events.cpp
void judge_cancel(Step& s);
void cancel_began(World& w, Task& t, const Call& call);

}  // namespace ringtail::kernel::aio
