// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/target.h"

namespace ringtail::kernel {

constexpr std::int32_t kPidMaxLimit = 4 * 1024 * 1024;

Target target_of(Step& s, std::int32_t pid) {
  Target t;
  const Task& me = s.task;
  if (pid == 0 || (me.tid && pid == me.tid) || (me.tgid && pid == me.tgid)) {
    t.self = t.own_mm = Tri::yes;
    t.task = &s.task;
    return t;
  }
  if (pid < 0 || pid > kPidMaxLimit) {
    t.self = t.own_mm = Tri::no;
    t.no_such = true;
    return t;
  }
  if (Task* other = me.tid ? s.world.find(pid) : nullptr) {
    t.task = other;
    t.own_mm = me.mm->loose || me.mm->wild || other->mm->wild ? Tri::maybe : tri(other->mm == me.mm);
    t.self = t.own_mm & Tri::maybe;
  }
  return t;
}

}  // namespace ringtail::kernel
