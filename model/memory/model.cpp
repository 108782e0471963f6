// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/memory/model.h"

#include <algorithm>

#include "model/base/result.h"
#include "model/memory/lkmm.h"
#include "model/memory/misuse.h"
#include "model/memory/own.h"
#include "model/memory/sc.h"
#include "model/memory/tso.h"

namespace ringtail::memory {
namespace {

// Two ways to ask: whether an axiom holds, and what breaks it.
struct Whether {
  template <class Rel>
  bool acyclic(std::string_view, const Rel& r) const {
    return memory::acyclic(r);
  }
  template <class Rel>
  bool irreflexive(std::string_view, const Rel& r) const {
    return memory::irreflexive(r);
  }
  template <class Rel>
  bool empty(std::string_view, const Rel& r) const {
    return memory::empty(r);
  }
};

struct Why {
  std::optional<Violation> found;

  template <class Rel>
  bool acyclic(std::string_view axiom, const Rel& r) {
    if (memory::acyclic(r)) return true;
    found = Violation{axiom, {}};
    for (const std::size_t e : shortest_cycle(r)) found->cycle.push_back(static_cast<EventId>(e));
    return false;
  }
  template <class Rel>
  bool irreflexive(std::string_view axiom, const Rel& r) {
    for (std::size_t i = 0; i < r.size(); ++i)
      if (r.has(i, i)) return found = Violation{axiom, {static_cast<EventId>(i)}}, false;
    return true;
  }
  template <class Rel>
  bool empty(std::string_view axiom, const Rel& r) {
    for (std::size_t i = 0; i < r.size() && !found; ++i)
      for_bits(r.row(i), r.words(), [&](std::size_t j) {
        if (!found) found = Violation{axiom, {static_cast<EventId>(i), static_cast<EventId>(j)}};
      });
    return !found;
  }
};

Srcu srcu_of(Model m) { return m == Model::lkmm_6_1 ? Srcu::fences : Srcu::accesses; }
Lkmm variant_of(Model m) { return m == Model::lkmm_6_1 ? Lkmm::linux_6_1 : Lkmm::today; }

template <std::size_t N, class Ask>
bool axioms(const Graph& g, Model m, Ask& ask) {
  const Candidate<N> x(g, srcu_of(m));
  switch (m) {
    case Model::sc:
      return sc(x, ask);
    case Model::tso:
      return tso(x, ask);
    case Model::lkmm:
    case Model::lkmm_6_1:
      return LkmmRelations<Candidate<N>>(x, variant_of(m)).axioms(ask);
  }
  fatal("a memory model without axioms");
}

// Small graphs are evaluated on the stack with rows of a fixed number of words.
template <class F>
auto with_row_words(const Graph& g, F f) {
  if (g.size() <= 64) return f(std::integral_constant<std::size_t, 1>());
  if (g.size() <= 128) return f(std::integral_constant<std::size_t, 2>());
  return f(std::integral_constant<std::size_t, 0>());
}

// LKMM's relations are composed in the third power of what is there: leaving out what it does not turn on is
// worth the trouble where rows have more than one word.
bool is_large(const Graph& g, Model m) {
  return (m == Model::lkmm || m == Model::lkmm_6_1) && g.size() > 64;
}

template <std::size_t N>
Verdict judge(const Graph& g, Model m) {
  const Candidate<N> x(g, srcu_of(m));
  Verdict v;
  misuse(x, [&](std::string_view flag) { v.flags.push_back(flag); });
  if (m == Model::lkmm || m == Model::lkmm_6_1) {
    LkmmRelations<Candidate<N>> relations(x, variant_of(m));
    Whether whether;
    if (!relations.axioms(whether)) return {};
    if (!empty(relations.mixed_accesses())) v.flags.push_back("mixed-accesses");
    const auto races = relations.data_races();
    const auto place = [&](EventId e) { return std::pair(g[e].thread, g[e].po); };
    for (std::size_t i = 0; i < g.size(); ++i)
      for_bits(races.row(i), races.words(), [&](std::size_t j) {
        if (g[static_cast<EventId>(i)].tag == Tag::data_race ||
            g[static_cast<EventId>(j)].tag == Tag::data_race)
          return;
        Race r{static_cast<EventId>(i), static_cast<EventId>(j)};
        if (place(r.second) < place(r.first)) std::swap(r.first, r.second);
        v.races.push_back(r);
      });
    std::sort(v.races.begin(), v.races.end(), [&](const Race& a, const Race& b) {
      return std::pair(place(a.first), place(a.second)) < std::pair(place(b.first), place(b.second));
    });
    v.races.erase(std::unique(v.races.begin(), v.races.end()), v.races.end());
    if (!v.races.empty()) v.flags.push_back("data-race");
  }
  std::sort(v.flags.begin(), v.flags.end());
  v.flags.erase(std::unique(v.flags.begin(), v.flags.end()), v.flags.end());
  return v;
}

}  // namespace

std::string_view name(Model m) {
  switch (m) {
    case Model::sc:
      return "sc";
    case Model::tso:
      return "tso";
    case Model::lkmm:
      return "lkmm";
    case Model::lkmm_6_1:
      return "lkmm-6.1";
  }
  fatal("a memory model without a name");
}

std::optional<Model> model_named(std::string_view text) {
  for (const Model m : {Model::sc, Model::tso, Model::lkmm, Model::lkmm_6_1})
    if (name(m) == text) return m;
  return std::nullopt;
}

bool consistent(const Graph& g, Model m) {
  Whether whether;
  const auto ask = [&](const Graph& of) {
    return with_row_words(of, [&](auto words) { return axioms<words()>(of, m, whether); });
  };
  return is_large(g, m) ? ask(without_own_accesses(g, variant_of(m) == Lkmm::today)) : ask(g);
}

std::optional<Violation> violation(const Graph& g, Model m) {
  Why why;
  with_row_words(g, [&](auto words) { return axioms<words()>(g, m, why); });
  return why.found;
}

Verdict verdict(const Graph& g, Model m) {
  const auto ask = [&](const Graph& of) {
    return with_row_words(of, [&](auto words) { return judge<words()>(of, m); });
  };
  if (!is_large(g, m)) return ask(g);
  std::vector<EventId> ids;
  Verdict v = ask(without_own_accesses(g, variant_of(m) == Lkmm::today, &ids));
  for (Race& r : v.races) r = {ids[r.first], ids[r.second]};
  return v;
}

}  // namespace ringtail::memory
