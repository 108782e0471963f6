// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/drive.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "model/kernel/atomic.h"
#include "model/kernel/step.h"

namespace ringtail::kernel {
namespace {

void fill(Op& op, const World& world, const When& when, const Task& task, const Call& call) {
  op.begin_seq = when.begin_seq;
  op.end_seq = Op::kInFlight;
  op.out = {};
  op.tid = when.tid;
  op.mm = task.mm->id;
  op.sys = call.sys;
  op.object = call.arg[0];
  op.atomic = is_atomic(world.profile, call);
  op.spawns_vm = op.spawns_files = Tri::no;
  if (is_spawn(call.sys)) spawn_shares(call, op.spawns_vm, op.spawns_files);
}

// With what it took when it began, if `still`.
void take_footprint(Op& op, const Handler& handler, const World& world, const Task& task, const Call& call,
                    bool still = false) {
  if (!still) op.footprint.clear();
  if (handler.footprint) handler.footprint(world, task, call, op.footprint);
}

void take_looks(Op& op, const Handler& handler, const World& world, const Call& call) {
  op.looks = handler.looks ? handler.looks(world, call) : Range{};
}

// The call may or may not have done what its footprint says, and nobody will tell.
void forget_footprint(World& world, const Op& op, Mm& mm) {
  for (const Footprint::Part& part : op.footprint) {
    if (cuts_vmas(part.loses)) mm.space.may_cut(part.range);
    mm.space.update(part.range, [&](Range, PageState& s) {
      blur(s, part.loses);
      if (s.unknown()) s = {};
    });
  }
  if (op.sys == Sys::brk) mm.brk.reset();
  if (op.footprint.any_mm) world.forget_everywhere(op.footprint);
}

// A program that advises, binds or protects the page of an AIO ring takes it for memory of its own, and may
// write there: the context in it is then no longer sure to be found.
void distrust_rings(World& world, Mm& mm, const Call& call) {
  switch (call.sys) {
    case Sys::madvise:
    case Sys::mbind:
    case Sys::mprotect:
    case Sys::pkey_mprotect:
    case Sys::mlock:
    case Sys::mlock2:
    case Sys::munlock:
      break;
    default:
      return;
  }
  const std::uint64_t page = world.profile.host.page_size;
  if (!call.arg[0].known() || !call.arg[1].known() || call.arg[1].value > kTaskSize) return;
  const Range r{call.arg[0].value & ~(page - 1),
                (call.arg[0].value + call.arg[1].value + page - 1) & ~(page - 1)};
  bool ring = false;
  mm.space.for_each(r, [&](Range, const PageState& s) { return !(ring = s.test(kAioRing) == Tri::yes); });
  if (ring) mm.space.update(r, [](Range, PageState& s) { s.forget(kAioRing); });
}

// What a call that the model has not says of the recording: every program begins with some of these, and
// nobody asks for them.
void note_other(Learned& learned, std::string_view name) {
  constexpr std::string_view kEverywhereUsed[] = {"arch_prctl", "set_tid_address", "rt_sigprocmask",
                                                  "futex",      "syscall_158",     "syscall_218",
                                                  "syscall_14", "syscall_202"};
  constexpr std::string_view kSeals[] = {"mseal", "syscall_0x1ce", "syscall_462"};
  const auto is_one = [name](const auto& list) {
    return std::find(std::begin(list), std::end(list), name) != std::end(list);
  };
  if (!learned.shows_all) learned.shows_all = is_one(kEverywhereUsed);
  if (!learned.seals) learned.seals = is_one(kSeals);
}

}  // namespace

void begin_call(World& world, const When& when, const Call& call) {
  world.meet(call);
  Task& task = world.task(when.tid, when.pid, when.begin_seq);
  if (Op* lost = world.overlaps.end(when.tid)) {  // its end
    forget_footprint(world, *lost, *task.mm);
    lost->end_seq = when.begin_seq;
    world.overlaps.finished(*lost);
    world.orders.spoil(task.mm->id);
    world.lives.lost(task.mm->id, when.tid);
  }
  Op& op = world.overlaps.fresh();
  fill(op, world, when, task, call);
  const Handler& handler = handler_of(call.sys);
  take_footprint(op, handler, world, task, call);
  take_looks(op, handler, world, call);
  world.overlaps.begin(op);
  if (family_of(call.sys) == Family::aio) world.lives.begin(world, *task.mm, when, call);
  else world.lives.touched(task.mm->id, op.footprint);
  if (handler.began) handler.began(world, task, call);
}

Verdict end_call(World& world, const When& when, const Call& call) {
  world.meet(call);
  Task& task = world.task(when.tid, when.pid, when.begin_seq);
  if (call.sys == Sys::other) note_other(world.learned, call.name);
  const Handler& handler = handler_of(call.sys);
  Op* const began = world.overlaps.end(when.tid);
  Op& op = began ? *began : world.overlaps.fresh();
  fill(op, world, when, task, call);
  world.now_ns = when.end_ns;
  world.begin_ns = when.begin_ns;
  Step step(world, task, call, op);
  const bool aio = family_of(call.sys) == Family::aio;
  const bool in_order = !aio || world.lives.empty() || world.lives.end(step, when);
  const bool beside = world.overlaps.running() || !world.orders.empty();
  if (beside) take_looks(op, handler, world, call);
  const bool grouped = beside && world.orders.note(step, when);
  // What a break took away is seen from where the break was.
  const bool breaks = call.sys == Sys::brk && world.overlaps.running();
  if (breaks && !began) take_footprint(op, handler, world, task, call);
  const std::shared_ptr<Mm> mm = grouped ? task.mm : nullptr;  // which an execve would leave
  if (handler.judge) handler.judge(step);
  else step.checks.not_judged(reason::kNotModelled);
  const Verdict verdict = step.checks.verdict();
  if (world.aio.setups) distrust_rings(world, *task.mm, call);
  if (verdict.kind == Verdict::Kind::not_judged && handler.footprint) {
    take_footprint(op, handler, world, task, call);
    forget_footprint(world, op, *task.mm);
  }
  if (grouped) world.orders.judged(step, verdict);
  if (aio && !world.lives.empty()) world.lives.judged(step.mm);
  if (!in_order && verdict.kind == Verdict::Kind::conforms)
    world.orders.misfits().push_back({when, call, AioLives::misfit(call)});
  if (world.overlaps.running()) {
    op.end_seq = when.end_seq;
    op.out = call.out;
    take_footprint(op, handler, world, task, call, breaks);
    if (!aio) world.lives.touched(task.mm->id, op.footprint);
    world.overlaps.finished(op);
  } else {
    world.overlaps.release(op);
  }
  return verdict;
}

void end_thread(World& world, std::int32_t tid, std::uint64_t seq) {
  if (Task* t = world.find(tid))
    if (Op* op = world.overlaps.end(tid)) {
      forget_footprint(world, *op, *t->mm);
      op->end_seq = seq;
      world.overlaps.finished(*op);
      world.orders.spoil(t->mm->id);
      world.lives.lost(t->mm->id, tid);
    }
  world.exited(tid);
}

}  // namespace ringtail::kernel
