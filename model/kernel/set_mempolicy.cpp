// SPDX-License-Identifier: GPL-2.0-or-later
// set_mempolicy(2): mm/mempolicy.c kernel_set_mempolicy. The policy belongs to the thread; children inherit
// it and execve keeps it.
#include <cerrno>

#include "model/kernel/mempolicy.h"

namespace ringtail::kernel {
namespace {

constexpr Version kModeFirst{2, 6, 26};

constexpr Rule kDone{"set_mempolicy.done", 0, "mm/mempolicy.c do_set_mempolicy"};

void judge_set_mempolicy(Step& s) {
  if (!s.need(1)) return;
  check_numa(s);
  const UserMask mask = read_mask(s, s.call.arg[1], s.call.arg[2], s.call.mask);
  if (!s.profile.from(kModeFirst)) check_mask(s.checks, mask);
  const Mode mode = check_mode(s, s.arg(0));
  check_mask(s.checks, mask);
  check_policy(s, mode, mask);
  s.checks.returns(kDone, 0);
  if (!s.call.out.known()) s.task.policy.known.reset();
  if (!s.succeeded()) return;
  learn(s, mode, mask);
  s.task.policy.known = policy_of(s, mode, mask);
}

}  // namespace

Handler set_mempolicy_handler() { return {judge_set_mempolicy, nullptr, nullptr}; }

}  // namespace ringtail::kernel
