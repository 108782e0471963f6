// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/files.h"

#include "model/kernel/step.h"

namespace ringtail::kernel {

OpenFile FileTable::find(std::int32_t, const FdNote&) const { return {}; }

Handler descriptor_handler(Sys) { return {}; }

}  // namespace ringtail::kernel
