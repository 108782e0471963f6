// SPDX-License-Identifier: GPL-2.0-or-later
// Random programs of overlapping calls, against an enumerator that plays every order on an array of pages.
#include <algorithm>
#include <array>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/kernel/explainable.h"
#include "tests/kernel/orders_calls.h"

namespace ringtail::kernel {
namespace {

using namespace orders_tests;

constexpr int kPages = 5;
using Pages = std::array<bool, kPages + 8>;  // mapped; those beyond are for mappings that find no room

struct State {
  Pages mapped{};
  int brk = 0;  // the heap begins where the pages do
};

struct Act {
  // munmap, mprotect, MADV_DONTFORK, mmap at a free place, mmap anywhere; mbind; MADV_DONTNEED, MADV_WILLNEED
  // and move_pages of a page; brk to a page, and where it is
  int kind = 0;
  int page = 0, count = 1;
  int tid = 0;
  std::int64_t result = 0;
  int begin = 0, end = 0;  // moments
};

bool all(const Pages& p, int page, int count, bool mapped) {
  return std::all_of(p.begin() + page, p.begin() + page + count, [&](bool b) { return b == mapped; });
}
void fill(Pages& p, int page, int count, bool mapped) {
  std::fill(p.begin() + page, p.begin() + page + count, mapped);
}

// What a call that only looks says of a hole.
std::int64_t hole_seen(int kind) { return kind == 5 || kind == 8 ? kEfault : kEnomem; }

bool sees_holes(int kind) { return kind == 1 || kind == 2 || (kind >= 5 && kind <= 8); }

// What the call does, its result being what it is: false when it cannot be.
bool play(const Act& op, State& s) {
  Pages& p = s.mapped;
  switch (op.kind) {
    case 9: {
      const int low = std::min(op.page, s.brk), more = std::abs(op.page - s.brk);
      if (op.result != op.page)  // there may be a limit; but what is there always goes
        return op.result == s.brk && (op.page > s.brk || !all(p, low, more, true));
      if (op.page > s.brk && !all(p, low, more, false)) return false;
      fill(p, low, more, op.page > s.brk);
      s.brk = op.page;
      return true;
    }
    case 10:
      return op.result == s.brk;
    case 0:
      fill(p, op.page, op.count, false);
      return op.result == 0;
    case 1:
    case 2:
    case 6:
    case 7:
      return op.result == (all(p, op.page, op.count, true) ? 0 : kEnomem);
    case 5:
      return op.result == (all(p, op.page, op.count, true) ? 0 : kEfault);
    case 8:  // whose -EFAULT may be the zero page's
      return op.result != 0 || all(p, op.page, op.count, true);
    case 3:
      if (op.result == kEexist) return !all(p, op.page, op.count, false);
      [[fallthrough]];
    default:
      if (!all(p, op.page, op.count, false)) return false;
      fill(p, op.page, op.count, true);
      return true;
  }
}

Call call_of(const Act& op) {
  const std::uint64_t at = A + static_cast<std::uint64_t>(op.page) * P;
  const auto pages = static_cast<std::uint64_t>(op.count);
  const std::int64_t where = op.result == kEexist ? kEexist : static_cast<std::int64_t>(at);
  switch (op.kind) {
    case 0:
      return munmap(at, pages);
    case 1:
      return protect(at, op.result, pages);
    case 2:
      return kernel::call_of(Sys::madvise, {at, pages * P, 10}, op.result);
    case 3:
      return map_free(at, where, pages);
    case 5:
      return bind(at, op.result, pages);
    case 6:
      return advise(at, 4, op.result, pages);
    case 7:
      return advise(at, 3, op.result, pages);
    case 8:
      return locate({at}, {static_cast<std::int32_t>(op.result)});
    case 9:
    case 10:
      return kernel::call_of(Sys::brk, {op.kind == 9 ? at : 0},
                             static_cast<std::int64_t>(A) + op.result * static_cast<std::int64_t>(P));
    default:
      return map(at, pages);
  }
}

struct Program {
  State start{};
  std::vector<Act> ops;
};

// Two to four threads of up to three calls each, at random moments; the results are those of a true run, in
// which each call takes effect at some moment of its own, but for one that may be wrong.
Program any_program() {
  Program g;
  for (int i = 0; i < kPages; ++i) g.start.mapped[static_cast<std::size_t>(i)] = *rc::gen::arbitrary<bool>();
  struct Live {
    int left = 0, phase = 0;  // 0: between calls, 1: begun, 2: done
    std::size_t op = 0;
  };
  std::vector<Live> threads(static_cast<std::size_t>(*rc::gen::inRange(2, 5)));
  for (Live& t : threads) t.left = *rc::gen::inRange(1, 4);
  State now = g.start;
  int spare = kPages;
  for (int moment = 1;; ++moment) {
    std::vector<std::size_t> can;
    for (std::size_t i = 0; i < threads.size(); ++i)
      if (threads[i].left || threads[i].phase) can.push_back(i);
    if (can.empty() || (g.ops.size() >= 7 && std::all_of(can.begin(), can.end(), [&](std::size_t i) {
                          return threads[i].phase == 0;
                        })))
      break;
    const std::size_t i = *rc::gen::elementOf(can);
    Live& t = threads[i];
    if (t.phase == 0) {
      if (g.ops.size() >= 7) continue;
      Act op;
      op.kind = *rc::gen::inRange(0, 11);
      op.page = *rc::gen::inRange(0, kPages);
      op.count = op.kind >= 6 ? 1 : *rc::gen::inRange(1, std::min(3, kPages - op.page) + 1);
      op.tid = static_cast<int>(i) + 1;
      op.begin = moment;
      t.op = g.ops.size();
      g.ops.push_back(op);
      --t.left;
    } else if (t.phase == 1) {
      Act& op = g.ops[t.op];
      if (op.kind == 4 && !all(now.mapped, op.page, op.count, false)) op.page = spare++, op.count = 1;
      if (op.kind == 3 && !all(now.mapped, op.page, op.count, false)) op.result = kEexist;
      if (sees_holes(op.kind) && !all(now.mapped, op.page, op.count, true)) op.result = hole_seen(op.kind);
      if (op.kind == 10) op.result = now.brk;
      if (op.kind == 9) {
        const bool up = op.page > now.brk;
        op.result = up && !all(now.mapped, now.brk, op.page - now.brk, false) ? now.brk : op.page;
      }
      RC_ASSERT(play(op, now));
    } else {
      g.ops[t.op].end = moment;
    }
    t.phase = (t.phase + 1) % 3;
  }
  if (*rc::gen::arbitrary<bool>()) {
    Act& op = g.ops[*rc::gen::inRange<std::size_t>(0, g.ops.size())];
    if (sees_holes(op.kind)) op.result = op.result ? 0 : hole_seen(op.kind);
    if (op.kind >= 9) op.result = *rc::gen::inRange(0, kPages);
    if (op.kind == 3) op.result = op.result ? 0 : kEexist;
    if (op.kind == 4) op.page = *rc::gen::inRange(0, kPages - op.count + 1);
  }
  return g;
}

// Whether the model objects to any call; `left` when orders were left untried.
bool objects(const Program& g, bool& left) {
  Driver d;
  d.world.begin_map(1);
  d.world.sees_exec = true;  // so that a break of 0 is a question only
  d.run(Sys::brk, {0}, static_cast<std::int64_t>(A));
  for (int i = 0; i < kPages; ++i)
    if (g.start.mapped[static_cast<std::size_t>(i)])
      d.run(Sys::mmap, {A + static_cast<std::uint64_t>(i) * P, P, RW, FIXED, ~0ull, 0},
            static_cast<std::int64_t>(A) + i * static_cast<std::int64_t>(P));
  for (int tid = 2; tid < 6; ++tid) d.run(Sys::clone, {VM, 0, 0, 0, 0}, tid);
  // One call is there all the time, so that all are one group: what remains of a group is less than its
  // orders.
  d.begin(munmap(B), 5);
  bool found = false;
  const int last = std::max_element(g.ops.begin(), g.ops.end(), [](const Act& a, const Act& b) {
                     return a.end < b.end;
                   })->end;
  const auto note = [&found](const Verdict& v) { found |= v.kind == Verdict::Kind::diverges; };
  for (int moment = 1; moment <= last; ++moment)
    for (const Act& op : g.ops) {
      if (op.begin == moment) d.begin(call_of(op), op.tid);
      if (op.end == moment) note(d.end(call_of(op), op.tid));
    }
  note(d.end(munmap(B), 5));
  left = d.world.orders.left > 0;
  return found || !d.world.orders.misfits().empty();
}

// Two threads set the break at once: nobody knows then where it is.
bool breaks_race(const std::vector<Act>& ops) {
  for (const Act& a : ops)
    for (const Act& b : ops)
      if (&a != &b && a.kind == 9 && b.kind == 9 && a.begin < b.end && b.begin < a.end) return true;
  return false;
}

RC_GTEST_PROP(OrdersOfAnything, AreWhatTheEnumeratorAllows, ()) {
  const Program g = any_program();
  const bool explained = explainable(g.ops, g.start, play);
  bool left = false;
  const bool objected = objects(g, left);
  RC_CLASSIFY(left, "left");
  RC_CLASSIFY(breaks_race(g.ops), "breaks race");
  RC_CLASSIFY(!explained, "not explainable");
  for (std::size_t i = 0; i < kPages; ++i)
    if (g.start.mapped[i]) RC_LOG() << "page " << i << " is mapped\n";
  for (const Act& op : g.ops)
    RC_LOG() << "thread " << op.tid << " from " << op.begin << " to " << op.end << ": kind " << op.kind
             << " at page " << op.page << ", " << op.count << " pages = " << op.result << '\n';
  if (explained) RC_ASSERT(!objected);
  else if (!left && !breaks_race(g.ops)) RC_ASSERT(objected);
}

}  // namespace
}  // namespace ringtail::kernel
