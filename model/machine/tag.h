// SPDX-License-Identifier: GPL-2.0-or-later
// What the memory models call the accesses and fences of the IR.
#pragma once

#include "model/lang/ir.h"
#include "model/memory/graph.h"

namespace ringtail::machine {

memory::Tag tag_of(ir::Order order);
memory::Tag tag_of(ir::Fence fence);

}  // namespace ringtail::machine
