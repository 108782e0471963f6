// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/fuzz/generate.h"

#include <algorithm>
#include <initializer_list>

#include <fmt/format.h>

namespace ringtail::fuzz {
namespace {

// In a row, {x} is an integer variable, {a} an atomic, {p} the pointer, {s} a lock, {u} an srcu_struct, {v} a
// value, {d} an earlier register and {r} a fresh one. A row that ends with { opens a block; `close` says what
// ends it. Reads that wait are acquires: LKMM knows nothing of loops, and where the kernel counts on a store
// after a loop coming after what let the loop go (smp_cond_load_relaxed()), so does the explorer.
struct Row {
  Family family;
  const char* text;
  const char* close = "";
};

const Row rows[] = {
    {Family::marked, "{r} = READ_ONCE(*{x});"},
    {Family::marked, "WRITE_ONCE(*{x}, {v});"},
    {Family::marked, "{r} = READ_ONCE(*{x});"},
    {Family::marked, "WRITE_ONCE(*{x}, {v});"},
    {Family::marked, "{r} = smp_load_acquire({x});"},
    {Family::marked, "smp_store_release({x}, {v});"},
    {Family::marked, "smp_mb();"},
    {Family::marked, "smp_rmb();"},
    {Family::marked, "smp_wmb();"},
    {Family::marked, "WRITE_ONCE(*{x}, {d});"},
    {Family::marked, "WRITE_ONCE(*{x}, ({d} & 0) + {v});"},
    {Family::marked, "if ({d} == {v}) {{", "}}"},
    {Family::marked, "if ({d}) {{", "}}"},
    {Family::marked, "rcu_assign_pointer(*p, {x});"},
    {Family::marked, "{q} = rcu_dereference(*p);\n\t{r} = READ_ONCE(*{q});"},
    {Family::marked, "{q} = READ_ONCE(*p);\n\tWRITE_ONCE(*{q}, {v});"},
    {Family::plain, "{r} = *{x};"},
    {Family::plain, "*{x} = {v};"},
    {Family::plain, "{r} = *{x};\n\tWRITE_ONCE(*{y}, {r});"},
    {Family::plain, "{q} = rcu_dereference(*p);\n\t{r} = *{q};"},
    {Family::atomics, "atomic_inc({a});"},
    {Family::atomics, "atomic_add({v}, {a});"},
    {Family::atomics, "{r} = atomic_fetch_add_relaxed({v}, {a});"},
    {Family::atomics, "{r} = atomic_add_return_acquire(1, {a});"},
    {Family::atomics, "{r} = atomic_fetch_add_release(1, {a});"},
    {Family::atomics, "{r} = atomic_fetch_add(1, {a});"},
    {Family::atomics, "{r} = xchg({x}, {v});"},
    {Family::atomics, "{r} = xchg_relaxed({x}, {v});"},
    {Family::atomics, "{r} = cmpxchg({x}, 0, {v});"},
    {Family::atomics, "{r} = cmpxchg_acquire({x}, {d}, {v});"},
    {Family::atomics, "smp_mb__before_atomic();"},
    {Family::atomics, "smp_mb__after_atomic();"},
    {Family::locks, "spin_lock({s});", "spin_unlock({s});"},
    {Family::locks, "spin_lock({s});", "spin_unlock({s});"},
    {Family::locks, "spin_lock({s});\n\tsmp_mb__after_spinlock();", "spin_unlock({s});"},
    {Family::locks, "spin_lock({s});\n\tsmp_mb__after_unlock_lock();", "spin_unlock({s});"},
    {Family::locks, "{r} = spin_trylock({s});\n\tif ({r}) {{", "spin_unlock({s});\n\t}}"},
    {Family::locks, "{r} = spin_is_locked({s});"},
    {Family::rcu, "rcu_read_lock();", "rcu_read_unlock();"},
    {Family::rcu, "rcu_read_lock();", "rcu_read_unlock();"},
    {Family::rcu, "synchronize_rcu();"},
    {Family::srcu, "{r} = srcu_read_lock({u});", "srcu_read_unlock({u}, {r});"},
    {Family::srcu, "{r} = srcu_read_lock({u});", "srcu_read_unlock({u}, {r});"},
    {Family::srcu, "synchronize_srcu({u});"},
    {Family::waits, "while (smp_load_acquire({x}) != {v}) ;"},
    {Family::waits, "while (smp_load_acquire({x}) == {v}) ;"},
    {Family::waits, "while (cmpxchg({x}, 0, {v}) != 0) ;"},
    {Family::waits, "while (cmpxchg_acquire({x}, {v}, 1) != {v}) ;"},
    {Family::waits, "while (xchg_acquire({x}, 1)) ;"},
    {Family::waits, "do {{\n\t\t{r} = smp_load_acquire({x});\n\t}} while (smp_load_acquire({y}) != {v});"},
    {Family::waits,
     "do {{\n\t\t{r} = smp_load_acquire({x});\n\t}} while (cmpxchg({x}, {r}, {r} + 1) != {r});"},
};

std::vector<const Row*> rows_of(Family family) {
  std::vector<const Row*> out;
  for (const Row& r : rows)
    if (r.family == Family::marked || r.family == family || family == Family::all) out.push_back(&r);
  return out;
}

std::string thread_text(const Sketch& sketch, std::size_t t) {
  const std::vector<const Row*> table = rows_of(sketch.family);
  std::string body, declarations;
  std::vector<std::string> closing;
  int registers = 0, last = -1;
  for (const Statement& s : sketch.threads[t]) {
    // One row more than the table has: the end of the innermost block.
    const std::size_t row = s.what % (table.size() + 1);
    if (row == table.size()) {
      if (!closing.empty()) body += "\t" + closing.back() + "\n";
      if (!closing.empty()) closing.pop_back();
      continue;
    }
    const std::string text = table[row]->text;
    const char* const variable[] = {"x", "y", "x", "z"};
    const bool fresh = text.find("{r}") != std::string::npos, pointer = text.find("{q}") != std::string::npos;
    const std::string r = fmt::format("r{}", registers), q = fmt::format("q{}", registers);
    if (fresh) declarations += "\tint " + r + ";\n";
    if (pointer) declarations += "\tint *" + q + ";\n";
    // Without an earlier register, a constant.
    const std::string d = last < 0 ? std::to_string(s.with % 3) : fmt::format("r{}", last);
    const auto fill = [&](const char* pattern) {
      return fmt::format(fmt::runtime(pattern), fmt::arg("x", variable[s.where % 4]), fmt::arg("a", "a"),
                         fmt::arg("s", s.where % 3 == 2 ? "t" : "s"),
                         fmt::arg("u", s.where % 4 == 3 ? "w" : "u"),
                         fmt::arg("y", variable[(s.where + 1) % 4]), fmt::arg("v", s.with % 3),
                         fmt::arg("d", d), fmt::arg("r", r), fmt::arg("q", q));
    };
    body += "\t" + fill(table[row]->text) + "\n";
    if (*table[row]->close != 0) closing.push_back(fill(table[row]->close));
    if (fresh) last = registers;
    if (fresh || pointer) ++registers;
  }
  for (; !closing.empty(); closing.pop_back()) body += "\t" + closing.back() + "\n";
  return fmt::format(
      "P{}(int *x, int *y, int *z, int **p, atomic_t *a, spinlock_t *s, spinlock_t *t, struct srcu_struct "
      "*u, "
      "struct srcu_struct *w)\n{{\n{}\n{}}}\n\n",
      t, declarations, body);
}

}  // namespace

std::string litmus(const Sketch& sketch) {
  std::string out = "C generated\n\n{\n\tint *p=&x;\n\tint x;\n\tint y;\n\tint z;\n}\n\n",
              shown = "x; y; z; p; a;";
  for (std::size_t t = 0; t < sketch.threads.size(); ++t) {
    const std::string text = thread_text(sketch, t);
    out += text;
    for (std::size_t r = 0; r < sketch.threads[t].size(); ++r)
      if (text.find(fmt::format("\tint r{};", r)) != std::string::npos)
        shown += fmt::format(" {}:r{};", t, r);
  }
  return out + "locations [" + shown + "]\nexists (x=1)\n";
}

rc::Gen<Sketch> sketches(Family family, int statements) {
  return rc::gen::exec([=] {
    Sketch sketch{family, {}};
    for (int threads = *rc::gen::inRange(2, 4); threads > 0; --threads)
      sketch.threads.push_back(*rc::gen::resize(
          statements, rc::gen::container<std::vector<Statement>>(rc::gen::arbitrary<Statement>())));
    return sketch;
  });
}

}  // namespace ringtail::fuzz
