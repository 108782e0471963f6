// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/run/probes.h"

#include <array>
#include <cstring>

#include <fcntl.h>
#include <numaif.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "replay/run/pattern.h"

namespace ringtail::run {
namespace {

using host::Tape;
using kernel::Sys;

constexpr std::uint64_t kBad = 0x10;  // never mapped
constexpr std::uint64_t kAt = 0x2e0000000000;
constexpr std::size_t kPages = 16;
constexpr std::uint64_t kBits = 1024;

template <class T>
std::uint64_t at(const T* p) {
  return reinterpret_cast<std::uint64_t>(p);
}

using Mask = std::array<std::uint64_t, kBits / 64>;

Mask mask_of(int node) {
  Mask m{};
  m[static_cast<std::size_t>(node / 64)] |= std::uint64_t{1} << (node % 64);
  return m;
}

// 16 pages: written, read only by touch (the zero page), never touched, written and locked, four of each.
void touch(Tape& tape) {
  for (std::size_t p = 0; p < kPages; ++p) {
    auto* page = reinterpret_cast<volatile char*>(kAt + p * kPageBytes);
    if (p < 4 || p >= 12) page[0] = 1;
    if (p >= 4 && p < 8) static_cast<void>(page[0]);
  }
  tape.call(Sys::mlock, {kAt + 12 * kPageBytes, 4 * kPageBytes});
}

void move_pages_at_its_edges(Tape& tape, const std::vector<int>& usable, std::uint64_t pid) {
  std::array<std::uint64_t, kPages + 2> pages;
  std::array<int, kPages + 2> nodes, status;
  for (std::size_t i = 0; i < pages.size(); ++i) pages[i] = kAt + i * kPageBytes;  // the last two: not mapped
  const auto call = [&](std::uint64_t n, std::uint64_t p, std::uint64_t to, std::uint64_t s,
                        std::uint64_t flags) {
    status.fill(-9999);
    tape.call(Sys::move_pages, {pid, n, p, to, s, flags});
  };
  const std::uint64_t all = pages.size();
  call(all, at(&pages), 0, at(&status), 0);
  for (const int node : usable)
    for (const std::uint64_t flags : {MPOL_MF_MOVE, MPOL_MF_MOVE_ALL}) {
      nodes.fill(node);
      for (std::size_t i = 0; i < pages.size(); i += 4)  // a page of each kind alone, then all in one call
        call(1, at(&pages[i]), at(&nodes), at(&status), flags);
      call(all, at(&pages), at(&nodes), at(&status), flags);
    }
  for (const int node : {-1, 63, 1000, 1 << 20, static_cast<int>(0x80000000)}) {
    nodes.fill(usable.front());
    nodes[2] = node;
    call(4, at(&pages), at(&nodes), at(&status), MPOL_MF_MOVE);
  }
  nodes.fill(usable.front());
  call(0, at(&pages), at(&nodes), at(&status), MPOL_MF_MOVE);
  for (const std::uint64_t flags : {0, 1, 8, 6}) call(2, at(&pages), at(&nodes), at(&status), flags);
  call(2, kBad, at(&nodes), at(&status), MPOL_MF_MOVE);
  call(2, at(&pages), kBad, at(&status), MPOL_MF_MOVE);
  call(2, at(&pages), at(&nodes), kBad, MPOL_MF_MOVE);
  call(2, at(&pages), 0, kBad, 0);
  call(std::uint64_t{1} << 62, at(&pages), at(&nodes), at(&status), MPOL_MF_MOVE);
  pages[1] = pages[0], pages[2] = pages[0] + 77;  // one page thrice
  call(3, at(&pages), at(&nodes), at(&status), MPOL_MF_MOVE);
  pages[0] = ~std::uint64_t{0}, pages[1] = std::uint64_t{1} << 63, pages[2] = 0;
  call(3, at(&pages), at(&nodes), at(&status), MPOL_MF_MOVE);
  call(3, at(&pages), 0, at(&status), 0);
}

// Two pages that a pipe holds cannot move; from 5.6 to 6.0 the kernel loses count of one that is left.
void move_pages_that_are_held(Tape& tape, const std::vector<int>& usable) {
  int ends[2];
  if (usable.size() < 2 || pipe2(ends, O_CLOEXEC) != 0) return;
  iovec held{reinterpret_cast<void*>(kAt), 2 * kPageBytes};
  if (vmsplice(ends[1], &held, 1, 0) > 0) {
    std::array<std::uint64_t, 4> pages;
    std::array<int, 4> nodes, status;
    for (std::size_t i = 0; i < pages.size(); ++i) pages[i] = kAt + i * kPageBytes;
    for (const int node : {usable[0], usable[1]})
      for (const std::size_t first : {0, 1, 2})  // both, one of them, none
        for (const std::uint64_t n : {1, 2}) {
          nodes.fill(node);
          status.fill(-9999);
          tape.call(Sys::move_pages, {0, n, at(&pages[first]), at(&nodes), at(&status), MPOL_MF_MOVE});
        }
  }
  for (const int end : ends) close(end);
}

void policies_at_their_edges(Tape& tape, const std::vector<int>& usable) {
  const std::uint64_t bytes = kPages * kPageBytes;
  for (const int node : usable) {
    const Mask m = mask_of(node);
    for (const std::uint64_t mode : {MPOL_BIND, MPOL_PREFERRED, MPOL_INTERLEAVE})
      for (const std::uint64_t flags :
           {0, MPOL_MF_STRICT, MPOL_MF_MOVE, MPOL_MF_MOVE | MPOL_MF_STRICT, MPOL_MF_MOVE_ALL})
        tape.call(Sys::mbind, {kAt, bytes, mode, at(&m), kBits, flags});
    tape.call(Sys::migrate_pages, {0, kBits, at(&m), at(&m)});
    for (const int to : usable) {
      const Mask t = mask_of(to);
      tape.call(Sys::migrate_pages, {0, kBits, at(&m), at(&t)});
    }
    int mode = 0;
    tape.call(Sys::get_mempolicy, {at(&mode), 0, 0, kAt, MPOL_F_ADDR});
    tape.call(Sys::get_mempolicy, {at(&mode), 0, 0, kAt, MPOL_F_NODE | MPOL_F_ADDR});
  }
  const Mask none{}, absent = mask_of(1000), some = mask_of(usable.front());
  tape.call(Sys::mbind, {kAt, bytes, MPOL_BIND, at(&none), kBits, 0});
  tape.call(Sys::mbind, {kAt, bytes, MPOL_BIND, at(&absent), kBits, 0});
  tape.call(Sys::mbind, {kAt + 1, bytes, MPOL_BIND, at(&some), kBits, 0});
  tape.call(Sys::mbind, {kAt, bytes + kPageBytes, MPOL_BIND, at(&some), kBits, 0});
  tape.call(Sys::mbind, {kAt, bytes, MPOL_BIND, kBad, kBits, 0});
  tape.call(Sys::mbind, {kAt, bytes, 77, at(&some), kBits, 0});
  tape.call(Sys::mbind, {kAt, bytes, MPOL_BIND, at(&some), kBits, 64});
  tape.call(Sys::mbind, {kAt, bytes, MPOL_DEFAULT, 0, 0, 0});
  tape.call(Sys::migrate_pages, {0, kBits, at(&some), at(&none)});
  tape.call(Sys::migrate_pages, {0, kBits, at(&some), at(&absent)});
  tape.call(Sys::migrate_pages, {0, kBits, kBad, at(&some)});
  tape.call(Sys::migrate_pages, {0, kBits, at(&some), kBad});
  tape.call(Sys::migrate_pages, {0x7ffffff0, kBits, at(&some), at(&some)});
}

void advice_at_its_edges(Tape& tape) {
  // MADV_HWPOISON and MADV_SOFT_OFFLINE take memory from the host for good.
  for (std::uint64_t advice = 0; advice <= 26; ++advice) {
    tape.call(Sys::madvise, {0, 0, advice});
    tape.call(Sys::madvise, {kAt, 4 * kPageBytes, advice});
    tape.call(Sys::madvise, {kAt + 12 * kPageBytes, 2 * kPageBytes, advice});
    tape.call(Sys::madvise, {kAt + 14 * kPageBytes, 4 * kPageBytes, advice});  // ends in a hole
    tape.call(Sys::madvise, {kAt + 1, kPageBytes, advice});
    tape.call(Sys::madvise, {kAt, ~std::uint64_t{0}, advice});
  }
  for (const std::uint64_t advice : {102, 103}) tape.call(Sys::madvise, {kAt, 2 * kPageBytes, advice});
}

}  // namespace

void probe_calls(Tape& tape, const std::vector<int>& nodes, bool root) {
  const long mapped =
      tape.call(Sys::mmap, {kAt, kPages * kPageBytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, ~std::uint64_t{0}, 0});
  if (mapped != static_cast<long>(kAt)) return;
  touch(tape);
  move_pages_at_its_edges(tape, nodes, 0);
  move_pages_at_its_edges(tape, nodes, static_cast<std::uint64_t>(host::straight(SYS_getpid, {})));
  if (root) tape.call(Sys::move_pages, {1, 0, 0, 0, 0, MPOL_MF_MOVE});
  tape.call(Sys::move_pages, {0x7ffffff0, 0, 0, 0, 0, MPOL_MF_MOVE});
  move_pages_that_are_held(tape, nodes);
  policies_at_their_edges(tape, nodes);
  advice_at_its_edges(tape);
  tape.call(Sys::munmap, {kAt, kPages * kPageBytes});
}

}  // namespace ringtail::run
