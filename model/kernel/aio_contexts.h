// SPDX-License-Identifier: GPL-2.0-or-later
// The AIO contexts of an address space.
#pragma once

namespace ringtail::kernel {

struct AioContexts {};

}  // namespace ringtail::kernel
