// SPDX-License-Identifier: GPL-2.0-or-later
// Which VMAs refuse which advice (mm/madvise.c madvise_vma_behavior and what it calls).
#pragma once

#include "model/kernel/advice.h"

namespace ringtail::kernel {

// The checks for `advice` of `piece`, a part of the advised `range` that is (perhaps part of) one VMA; `here`
// says whether anything is mapped there at all.
void check_area(const Step& at, Checks& checks, const Advice& advice, Range range, Range piece,
                const PageState& area, Tri here);

}  // namespace ringtail::kernel
