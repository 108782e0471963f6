// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/step.h"

namespace ringtail::kernel {

Handler memory_handler(Sys) { return {}; }

}  // namespace ringtail::kernel
