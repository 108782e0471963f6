// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/address.h"

#include <algorithm>

namespace ringtail::explore {

using machine::Act;
using machine::Failure;
using machine::Request;

bool has_address(const Request& q) {
  // A callback looks whether it was called.
  if (q.tag == memory::Tag::acquire && q.blocking && q.address >= machine::spawn_address(0, 0) &&
      q.address < ir::global_base)
    return false;
  return q.act == Act::read || q.act == Act::write || q.act == Act::rmw || q.act == Act::free;
}

Failure check_object(const Request& q, std::uint64_t base, std::uint64_t size) {
  if (q.act == Act::free) return q.address == base ? Failure::none : Failure::bad_free;
  return q.address >= base && q.address + q.size <= base + size ? Failure::none : Failure::out_of_bounds;
}

Failure check_global(const ir::Program& program, const Request& q) {
  const auto& globals = program.globals;
  auto it = std::upper_bound(globals.begin(), globals.end(), q.address,
                             [](std::uint64_t a, const ir::Global& g) { return a < g.address; });
  if (it == globals.begin()) return Failure::bad_address;
  --it;
  if (q.address >= it->address + it->size) return Failure::bad_address;
  return q.act == Act::free ? Failure::bad_free : check_object(q, it->address, it->size);
}

}  // namespace ringtail::explore
