// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/step.h"

namespace ringtail::kernel {

// One file a call.
Handler move_pages_handler();
Handler migrate_pages_handler();
Handler mbind_handler();
Handler set_mempolicy_handler();
Handler get_mempolicy_handler();

Handler migration_handler(Sys sys) {
  switch (sys) {
    case Sys::move_pages:
      return move_pages_handler();
    case Sys::migrate_pages:
      return migrate_pages_handler();
    case Sys::mbind:
      return mbind_handler();
    case Sys::set_mempolicy:
      return set_mempolicy_handler();
    case Sys::get_mempolicy:
      return get_mempolicy_handler();
    default:
      return {};
  }
}

}  // namespace ringtail::kernel
