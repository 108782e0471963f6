// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/thin_air.h"

#include <bit>

#include <fmt/format.h>

namespace ringtail::prove {
namespace {

// Reads whose value may come to be their own cause, whatever is read from where.
std::vector<bool> in_cycles(const Executions& x, const std::vector<SymbolicEvent>& events) {
  std::vector<std::vector<bool>> reaches(x.n, std::vector<bool>(x.n));
  for (std::size_t w = 0; w < x.n; ++w)
    for (const std::uint32_t d : events[w].data)
      for (std::size_t r = 0; r < x.n; ++r)
        if (!x.rf.at(w, r).is(false)) reaches[d][r] = true;
  for (std::size_t k = 0; k < x.n; ++k)
    for (std::size_t i = 0; i < x.n; ++i)
      for (std::size_t j = 0; reaches[i][k] && j < x.n; ++j)
        if (reaches[k][j]) reaches[i][j] = true;
  std::vector<bool> out(x.n);
  for (std::size_t i = 0; i < x.n; ++i) out[i] = reaches[i][i];
  return out;
}

}  // namespace

void forbid_thin_air(Algebra& algebra, const Executions& x, const std::vector<SymbolicEvent>& events,
                     const std::function<Value(const Value& address)>& initial) {
  z3::context& c = algebra.c;
  const std::vector<bool> cyclic = in_cycles(x, events);
  const auto bits = static_cast<unsigned>(std::bit_width(x.n));
  const auto rank = [&](std::size_t r) { return c.bv_const(fmt::format("rank {}", r).c_str(), bits); };
  std::vector<Bit> grounded(x.n, true);
  for (std::size_t r = 0; r < x.n; ++r)
    if (cyclic[r]) grounded[r] = algebra.fresh();
  for (std::size_t r = 0; r < x.n; ++r) {
    if (!cyclic[r]) continue;
    const unsigned size = events[r].size * 8u;
    const z3::expr seen = events[r].value.bits(c, size);
    Bit cause = x.rf_initial[r];
    Bit known = Bit(initial(events[r].address).bits(c, size) == seen);
    for (std::size_t w = 0; w < x.n; ++w) {
      if (x.rf.at(w, r).is(false)) continue;
      Bit earlier = true, all = true;
      for (const std::uint32_t d : events[w].data) {
        all = all & grounded[d];
        if (cyclic[d]) earlier = earlier & Bit(z3::ult(rank(d), rank(r)));
      }
      cause = cause | (x.rf.at(w, r) & all & earlier);
      known = known | (x.loc.at(w, r) & all & Bit(events[w].value.bits(c, size) == seen));
    }
    algebra.require(implies(grounded[r], cause));
    algebra.require(implies(x.R[r], grounded[r] | known));
  }
}

}  // namespace ringtail::prove
