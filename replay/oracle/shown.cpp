// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/oracle/shown.h"

namespace ringtail::oracle {

using capture::Event;
using kernel::Family;
using kernel::Sys;

void Shown::take(const Event& e) {
  if (e.kind == Event::Kind::fact) {
    whole_ = whole_ || e.text.starts_with("map=");
    return;
  }
  if (e.kind != Event::Kind::call) return;
  ++calls_;
  if (first_ < 0) first_ = e.tid;
  several_ = several_ || e.tid != first_;
  if (e.call.out.known()) {
    fails_ = fails_ || (e.call.out.value < 0 && e.call.out.value >= -4095);
    splits_ = splits_ || e.end_seq > e.begin_seq + 1;
  }
  switch (e.call.sys) {
    case Sys::mmap:
      maps_ = true;
      return;
    case Sys::munmap:
      unmaps_ = true;
      return;
    case Sys::mprotect:
      protects_ = true;
      return;
    case Sys::brk:
      breaks_ = true;
      return;
    case Sys::io_destroy:
      destroys_ = true;
      return;
    case Sys::io_submit:
      submits_ = true;
      return;
    case Sys::set_mempolicy:
    case Sys::mbind:
      sets_policy_ = true;
      return;
    case Sys::mremap:
      beyond_ = true;
      return;
    default:
      break;
  }
  const Family f = kernel::family_of(e.call.sys);
  beyond_ = beyond_ || f == Family::process || f == Family::descriptor || f == Family::other;
}

bool Shown::lacks_what_changes(const kernel::Rule& rule) const {
  const std::string_view name = rule.name;
  const bool mappings = maps_ && protects_ && (breaks_ || unmaps_) && beyond_;
  if (name == "io_setup.mapped") return !mappings || !(destroys_ || beyond_);
  if (name.starts_with("io_event.") && !submits_) return true;
  if (name.starts_with("io_") || name.starts_with("aio.")) return !destroys_ && !beyond_;
  if (name.starts_with("get_mempolicy.")) return !mappings || !(sets_policy_ || beyond_);
  return !mappings;
}

}  // namespace ringtail::oracle
