// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/oracle/shown.h"

namespace ringtail::oracle {

using capture::Event;
using kernel::Family;
using kernel::Sys;

namespace {

constexpr std::uint64_t bit(Sys sys) { return std::uint64_t{1} << static_cast<int>(sys); }
static_assert(kernel::kSysCount <= 64);

// Calls of no family that somebody would ask for by name.
std::uint64_t beyond_all() {
  static const std::uint64_t all = [] {
    std::uint64_t bits = bit(Sys::mremap);
    for (int i = 0; i < kernel::kSysCount; ++i) {
      const Family f = kernel::family_of(static_cast<Sys>(i));
      if (f == Family::process || f == Family::descriptor || f == Family::other)
        bits |= bit(static_cast<Sys>(i));
    }
    return bits;
  }();
  return all;
}

}  // namespace

void Shown::take(const Event& e) {
  if (e.kind == Event::Kind::fact) {
    told_ = told_ || e.text == "calls=all" || e.text.starts_with("map=");  // `ringtail record` writes both
    return;
  }
  if (e.kind != Event::Kind::call) return;
  if (calls_++ == 0) begins_ = e.call.sys == Sys::execve;
  if (first_ < 0) first_ = e.tid;
  several_ = several_ || e.tid != first_;
  const bool known = e.call.out.known();
  fails_ |= known & (e.call.out.value < 0) & (e.call.out.value >= -4095);
  splits_ |= known & (e.end_seq > e.begin_seq + 1);
  seen_ |= bit(e.call.sys);
}

bool Shown::shows_no_destroys(const kernel::Rule& rule) {
  if (told_ || rule.name != "io_setup.again" || seen(bit(Sys::io_destroy))) return false;
  return ++shared_rings_ == 2;
}

bool Shown::lacks_what_changes(const kernel::Rule& rule) const {
  const std::string_view name = rule.name;
  const bool beyond = seen(beyond_all());
  const bool destroys = seen(bit(Sys::io_destroy));
  const bool mappings =
      seen(bit(Sys::mmap)) && seen(bit(Sys::mprotect)) && seen(bit(Sys::brk) | bit(Sys::munmap)) && beyond;
  if (name == "io_setup.mapped" || name == "io_setup.again") return !mappings || !(destroys || beyond);
  if (name.starts_with("io_event.") && !seen(bit(Sys::io_submit))) return true;
  if (is_of_contexts(name)) return !destroys && !beyond;
  if (name.starts_with("get_mempolicy."))
    return !mappings || !(seen(bit(Sys::set_mempolicy) | bit(Sys::mbind)) || beyond);
  return !mappings;
}

}  // namespace ringtail::oracle
