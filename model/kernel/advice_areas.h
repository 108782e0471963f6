// SPDX-License-Identifier: GPL-2.0-or-later
// Which VMAs refuse which advice (mm/madvise.c madvise_vma_behavior and what it calls).
#pragma once

#include "model/kernel/advice.h"

namespace ringtail::kernel {

// The checks of one piece of a VMA for `advice`; `here` says whether anything is mapped there at all.
void check_area(const Step& at, Checks& checks, const Advice& advice, Range piece, const PageState& area,
                Tri here);

}  // namespace ringtail::kernel
