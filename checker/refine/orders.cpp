// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/refine/orders.h"

#include <algorithm>

#include "checker/refine/syscalls.h"

namespace ringtail::refine {
namespace {

// A step: an operation, or a part of one, and how it ended.
struct Step {
  Operation op;
  std::int64_t result = 0;
};
using Steps = std::vector<Step>;  // of one operation, in this order
using Cut = std::vector<Steps>;   // all operations, as steps

// `around`: an operation of them that begins before all others.
bool ends_so(const Composition& c, const Outcome& o, const std::vector<const Step*>& order,
             const Operation* around = nullptr) {
  Player player(c, static_cast<int>(o.contents.size()));
  if (around != nullptr) player.begin(*around);
  for (const Step* s : order)
    if (!player.play(s->op, s->result)) return false;
  for (std::size_t p = 0; p < o.contents.size(); ++p)
    if (!player.may_hold(static_cast<int>(p), static_cast<std::uint64_t>(o.contents[p]))) return false;
  return true;
}

// Every merge of the steps.
bool some_order(const Composition& c, const Outcome& o, const Cut& cut, std::vector<std::size_t>& next,
                std::vector<const Step*>& order) {
  bool whole = true;
  for (std::size_t i = 0; i < cut.size(); ++i) {
    if (next[i] == cut[i].size()) continue;
    whole = false;
    order.push_back(&cut[i][next[i]++]);
    const bool found = some_order(c, o, cut, next, order);
    --next[i];
    order.pop_back();
    if (found) return true;
  }
  return whole && ends_so(c, o, order);
}

bool some_order(const Composition& c, const Outcome& o, const Cut& cut) {
  std::vector<std::size_t> next(cut.size());
  std::vector<const Step*> order;
  return some_order(c, o, cut, next, order);
}

Cut whole(const Composition& c, const Outcome& o) {
  Cut cut;
  for (const Operation& op : c.operations)
    cut.push_back({{op, o.results[static_cast<std::size_t>(op.index)]}});
  return cut;
}

// Operations page by page. A part that fails is the last of its operation, or leaves its error to be told at
// the end; which of them failed nobody tells.
bool page_by_page(const Composition& c, const Outcome& o) {
  std::vector<std::vector<Steps>> ways;  // of each operation
  for (const Operation& op : c.operations) {
    const std::int64_t result = o.results[static_cast<std::size_t>(op.index)];
    std::vector<Steps>& mine = ways.emplace_back();
    if (!by_page(op)) {
      mine.push_back({{op, result}});
      continue;
    }
    const auto n = static_cast<unsigned>(op.args[1]);
    for (unsigned failed = 0; failed < 1u << n; ++failed) {
      if ((failed == 0) != (result >= 0)) continue;
      if (stops_at_failure(op) && (failed & (failed - 1)) != 0) continue;
      Steps steps;
      for (unsigned i = 0; i < n; ++i) {
        const std::int64_t share = std::max<std::int64_t>(result, 0) / n;  // of bytes written
        Step& s = steps.emplace_back(Step{op, failed >> i & 1 ? result : share});
        s.op.args[0] += i;
        s.op.args[1] = 1;
      }
      if (stops_at_failure(op))
        while (failed && steps.back().result == 0) steps.pop_back();
      mine.push_back(std::move(steps));
    }
  }
  Cut cut(ways.size());
  const auto choose = [&](auto& self, std::size_t i) -> bool {
    if (i == ways.size()) return some_order(c, o, cut);
    return std::any_of(ways[i].begin(), ways[i].end(), [&](const Steps& s) {
      cut[i] = s;
      return self(self, i + 1);
    });
  };
  return choose(choose, 0);
}

// An operation that moves pages, with all others while it is at work: it has replaced the entries of pages,
// which are not found, and cannot move themselves, until it is done.
bool under_migration(const Composition& c, const Outcome& o) {
  const Cut cut = whole(c, o);
  for (const Operation& mover : c.operations) {
    if (!moves_pages(mover)) continue;
    std::vector<const Step*> order;
    for (const Steps& s : cut)
      if (s.front().op.index != mover.index) order.push_back(&s.front());
    const auto before = [](const Step* a, const Step* b) { return a->op.index < b->op.index; };
    do {
      order.push_back(&cut[static_cast<std::size_t>(mover.index)].front());
      const bool found = ends_so(c, o, order, &mover);
      order.pop_back();
      if (found) return true;
    } while (std::next_permutation(order.begin(), order.end(), before));
  }
  return false;
}

struct Excused {
  Exception rule;
  bool (*explains)(const Composition&, const Outcome&);
};
const Excused kExcused[] = {
    {{"page-by-page",
      "madvise(), mlock() and process_vm_writev() take a range page by page, without mmap_lock for write, "
      "and "
      "others get in between"},
     page_by_page},
    {{"under-migration",
      "a page that is being moved is not found by who looks for it meanwhile (follow_page: a migration "
      "entry)"},
     under_migration},
};

}  // namespace

const std::vector<Exception>& exceptions() {
  static const std::vector<Exception> all = [] {
    std::vector<Exception> out;
    for (const Excused& e : kExcused) out.push_back(e.rule);
    return out;
  }();
  return all;
}

Explained explain(const Composition& c, const Outcome& o) {
  if (some_order(c, o, whole(c, o))) return {true, nullptr};
  for (std::size_t i = 0; i < std::size(kExcused); ++i)
    if (kExcused[i].explains(c, o)) return {true, &exceptions()[i]};
  return {};
}

}  // namespace ringtail::refine
