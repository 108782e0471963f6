// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/drive.h"

#include "model/kernel/step.h"

namespace ringtail::kernel {
namespace {

void fill(Op& op, const When& when, const Task& task, const Call& call) {
  op.begin_seq = when.begin_seq;
  op.tid = when.tid;
  op.mm = task.mm->id;
  op.sys = call.sys;
  op.arg = call.arg;
  if (is_spawn(call.sys)) spawn_shares(call, op.spawns_vm, op.spawns_files);
}

void take_footprint(Op& op, const World& world, const Task& task, const Call& call) {
  op.footprint.clear();
  if (const auto f = handler_of(call.sys).footprint) f(world, task, call, op.footprint);
}

}  // namespace

void begin_call(World& world, const When& when, const Call& call) {
  Task& task = world.task(when.tid, when.pid, when.begin_seq);
  Op op;
  world.overlaps.take(when.tid, op);  // a recorder that lost the end of the call before
  op = Op{};
  fill(op, when, task, call);
  take_footprint(op, world, task, call);
  world.overlaps.begin(op);
  if (const auto began = handler_of(call.sys).began) began(world, task, call);
}

Verdict end_call(World& world, const When& when, const Call& call) {
  Task& task = world.task(when.tid, when.pid, when.begin_seq);
  const Handler& handler = handler_of(call.sys);
  Op op;
  world.overlaps.take(when.tid, op);
  fill(op, when, task, call);
  Step step(world, task, call, op);
  if (handler.judge) handler.judge(step);
  else step.checks.not_judged(reason::kNotModelled);
  const Verdict verdict = step.checks.verdict();
  if (!world.overlaps.running().empty()) {
    op.end_seq = when.end_seq;
    op.out = call.out;
    take_footprint(op, world, task, call);
    world.overlaps.finished(op);
  }
  return verdict;
}

}  // namespace ringtail::kernel
