// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/step.h"

namespace ringtail::kernel {

void spawn_shares(const Call& call, Tri& mm, Tri& files) {
  mm = files = Tri::maybe;
  Word flags;
  switch (call.sys) {
    case Sys::fork:
      mm = files = Tri::no;
      return;
    case Sys::vfork:
      mm = Tri::yes, files = Tri::no;
      return;
    case Sys::clone:
      flags = call.arg[0];
      break;
    case Sys::clone3:
      if (!call.outs.items.empty()) flags = Word::of(call.outs.items[0]);
      break;
    default:
      return;
  }
  if (!flags.known()) return;
  mm = tri(flags.value & 0x100);     // CLONE_VM
  files = tri(flags.value & 0x400);  // CLONE_FILES
}

Handler process_handler(Sys) { return {}; }

}  // namespace ringtail::kernel
