// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/commute.h"

#include "checker/explore/named.h"
#include "model/machine/text.h"

namespace ringtail::explore {
namespace {

bool adds(const ir::Function&, const ir::Instr& i) {
  const auto* n = std::get_if<ir::Rmw>(&i.node);
  return n != nullptr && n->order == ir::Order::noreturn && n->guard == ir::Guard::always && !n->blocking &&
         (n->op == ir::RmwOp::add || n->op == ir::RmwOp::subtract);
}

}  // namespace

std::vector<std::uint64_t> counters(const ir::Program& program) {
  if (machine::waits_for_readers(program)) return {};
  const std::set<std::uint64_t> added_to = Named(program, adds).only_meant();
  return {added_to.begin(), added_to.end()};
}

std::set<std::uint64_t> never_read(const ir::Program& program) {
  std::set<std::uint64_t> out;
  for (const auto& [address, o] : Named(program, adds).objects)
    if (address != 0 && !o.known && o.stored) out.insert(o.places.begin(), o.places.end());
  return out;
}

}  // namespace ringtail::explore
