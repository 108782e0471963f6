// SPDX-License-Identifier: GPL-2.0-or-later
// Whether the kernel's access to a user pointer faults (EFAULT), as far as the address space is known.
#pragma once

#include <cstdint>

#include "model/kernel/step.h"

namespace ringtail::kernel {

// No address at or above this is user memory, with five-level page tables neither.
inline constexpr Address kUserEnd = Address{1} << 56;
// The first page cannot be mapped (vm.mmap_min_addr) unless the capture shows that it is.
inline constexpr Address kFirstMappable = 0x1000;

// What `s`, found at `r`, says of being mapped, with the two bounds above.
Tri mapped_at(Range r, const PageState& s);

enum class Access { read, write };

// Whether reading or writing `length` bytes at `pointer` faults.
Tri faults(const Step&, const Word& pointer, std::uint64_t length, Access);

// The same of an input array that the recorder may have shown: if it could read all of it, so could the
// kernel.
template <class T>
Tri array_faults(const Step& s, const Word& pointer, const List<T>& shown, std::uint64_t count,
                 std::uint64_t bytes) {
  if (count == 0 || (shown.complete() && shown.items.size() >= count)) return Tri::no;
  if (count > kUserEnd / bytes) return Tri::yes;
  return faults(s, pointer, count * bytes, Access::read);
}

}  // namespace ringtail::kernel
