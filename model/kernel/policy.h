// SPDX-License-Identifier: GPL-2.0-or-later
// NUMA memory policies: of a task, and of the VMAs of an address space.
#pragma once

namespace ringtail::kernel {

struct TaskPolicy {};   // set_mempolicy
struct VmaPolicies {};  // what PageState::policy indexes

}  // namespace ringtail::kernel
