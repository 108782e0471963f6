// SPDX-License-Identifier: GPL-2.0-or-later
// What is known of the pages of an interval: each property yes, no, or unknown.
//
// A property is a Bit. `known` has the bits whose value is known and `bits` their values (0 where unknown, so
// that equal knowledge compares equal). Properties other than kMapped speak of mapped pages: of
// known-unmapped ones nothing else is known. `node` is where a known-present page is, -1 for unknown.
#pragma once

#include <cstdint>

#include "model/kernel/tri.h"

namespace ringtail::kernel {

enum Bit : std::uint32_t {
  kMapped = 1u << 0,
  kRead = 1u << 1,  // VM_READ, VM_WRITE, VM_EXEC
  kWrite = 1u << 2,
  kExec = 1u << 3,
  kShared = 1u << 4,    // MAP_SHARED (also of a file that cannot be written)
  kMayWrite = 1u << 5,  // VM_MAYWRITE: mprotect may add PROT_WRITE
  kMayExec = 1u << 6,   // VM_MAYEXEC: not of a noexec mount
  kFile = 1u << 7,      // has a vm_file: a file, shmem (shared anonymous, memfd, System V), hugetlb, a device
  kShmem = 1u << 8,     // that file is tmpfs or shmem
  kHugetlb = 1u << 9,   // VM_HUGETLB
  kSpecial = 1u << 10,  // VM_IO, VM_PFNMAP, VM_DONTEXPAND, VM_MIXEDMAP: devices, vdso, the AIO ring
  kGrowsDown = 1u << 11,  // a stack: may grow without a call
  kLocked = 1u << 12,     // VM_LOCKED
  kDontFork = 1u << 13,   // VM_DONTCOPY
  kWipeOnFork = 1u << 14,
  kDontDump = 1u << 15,
  kMergeable = 1u << 16,
  kHugepage = 1u << 17,
  kNoHugepage = 1u << 18,
  kRandom = 1u << 19,  // VM_RAND_READ, VM_SEQ_READ
  kSequential = 1u << 20,
  kGuards = 1u << 21,         // guard markers may lie in the interval (6.13)
  kSealed = 1u << 22,         // VM_SEALED (6.10)
  kAccounted = 1u << 23,      // VM_ACCOUNT: making it writable charges nothing more
  kPrivateCopies = 1u << 24,  // has an anon_vma: pages of its own may exist although it has a file
  kPresent = 1u << 25,        // every page of the interval is present (yes) or absent (no)
  kAioRing = 1u << 26,
  kSysV = 1u << 27,  // the first page of a System V segment, where shmat put it
};
inline constexpr std::uint32_t kProt = kRead | kWrite | kExec;
inline constexpr std::uint32_t kEverything = (1u << 28) - 1;

struct PageState {
  std::uint32_t bits = 0;
  std::uint32_t known = 0;
  std::int16_t node = -1;    // of present pages
  std::uint16_t policy = 0;  // index into Mm::policies; 0 is unknown
  std::uint32_t owner =
      0;  // the group of threads that this is known for, where groups may share an mm (world.h)

  constexpr Tri test(Bit b) const { return !(known & b) ? Tri::maybe : tri(bits & b); }
  constexpr PageState& set(Bit b, bool v) {
    known |= b;
    bits = v ? bits | b : bits & ~b;
    return *this;
  }
  constexpr PageState& set(Bit b, Tri v) { return v == Tri::maybe ? forget(b) : set(b, v == Tri::yes); }
  constexpr PageState& forget(std::uint32_t mask) {
    known &= ~mask;
    bits &= ~mask;
    if (mask & kPresent) node = -1;
    return *this;
  }
  constexpr bool unknown() const { return known == 0 && policy == 0; }

  static constexpr PageState unmapped() { return PageState{}.set(kMapped, false); }

  friend constexpr bool operator==(const PageState&, const PageState&) = default;
};

// What holds of a page that is in one of two states.
constexpr PageState join(const PageState& a, const PageState& b) {
  PageState r = a;
  r.forget(~(a.known & b.known & ~(a.bits ^ b.bits)));
  if (a.node != b.node) r.node = -1;
  if (a.policy != b.policy) r.policy = 0;
  if (r.test(kMapped) != Tri::yes && !(r.known & kMapped)) r.policy = 0;
  if (a.owner != b.owner) r = {};
  return r;
}

}  // namespace ringtail::kernel
