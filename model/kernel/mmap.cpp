// SPDX-License-Identifier: GPL-2.0-or-later
// mmap: the checks in the order of sys_mmap, ksys_mmap_pgoff, do_mmap, get_unmapped_area and mmap_region.
#include <fmt/format.h>

#include "model/kernel/memory.h"

namespace ringtail::kernel::memory {
namespace {

constexpr std::uint64_t kMapType = 0xf, kMapShared = 1, kMapPrivate = 2, kMapSharedValidate = 3,
                        kMapDroppable = 8;
constexpr std::uint64_t kMapAnonymous = 0x20, kMap32Bit = 0x40, kMapGrowsDown = 0x100, kMapLocked = 0x2000,
                        kMapNoReserve = 0x4000, kMapHugetlb = 0x40000;
constexpr std::uint64_t kProtRead = 1, kProtWrite = 2, kProtExec = 4;
constexpr std::uint64_t kLegacyMask = kMapType | kMapAnonymous | kMap32Bit | kMapGrowsDown | kMapLocked |
                                      kMapNoReserve | kMapHugetlb | kFixed | kFixedNoReplace | 0x800 |
                                      0x1000 | 0x8000 | 0x10000 | 0x20000 | 0xfc000000;

constexpr const char* kDoMmap = "mm/mmap.c do_mmap";
constexpr Rule kOffset{"mmap.offset-unaligned", 22, "arch/x86/kernel/sys_x86_64.c mmap"};
constexpr Rule kBadFd{"mmap.bad-fd", 9, "mm/mmap.c ksys_mmap_pgoff: fget"};
constexpr Rule kNotHuge{"mmap.hugetlb-of-other-file", 22, "mm/mmap.c ksys_mmap_pgoff"};
constexpr Rule kHugeSize{"mmap.huge-page-size", 22, "mm/mmap.c ksys_mmap_pgoff: hstate_sizelog"};
constexpr Rule kHugeSetup{"mmap.hugetlb-setup", 12, "mm/mmap.c ksys_mmap_pgoff: hugetlb_file_setup"};
constexpr Rule kHugeMissing{"mmap.no-hugetlbfs", 2,
                            "fs/hugetlbfs/inode.c hugetlb_file_setup: no mount of that size"};
constexpr Rule kLsm{"mmap.security-module", 13, "mm/util.c vm_mmap_pgoff: security_mmap_file"};
constexpr Rule kNoLength{"mmap.no-length", 22, "mm/mmap.c do_mmap: !len"};
constexpr Rule kWraps{"mmap.length-wraps", 12, "mm/mmap.c do_mmap: PAGE_ALIGN(len) == 0"};
constexpr Rule kTooLong{"mmap.beyond-task-size", 12, "mm/mmap.c get_unmapped_area"};
constexpr Rule kUnaligned{"mmap.fixed-unaligned", 22, "mm/mmap.c get_unmapped_area: offset_in_page(addr)"};
constexpr Rule kLow{"mmap.below-mmap-min-addr", 1, "security/commoncap.c cap_mmap_addr", {2, 6, 23}};
constexpr Rule kExists{"mmap.fixed-noreplace", 17, "mm/mmap.c do_mmap, commit a4ff8e8620d3", {4, 17, 0}};
constexpr Rule kMayNotLock{"mmap.may-not-lock", 1, "mm/mmap.c do_mmap: can_do_mlock"};
constexpr Rule kLockLimit{"mmap.lock-limit", 11, "mm/mmap.c mlock_future_check"};
constexpr Rule kOverflow{"mmap.offset-beyond-file-limit", 75, "mm/mmap.c file_mmap_ok", {4, 18, 0}};
constexpr Rule kUnsupported{"mmap.flag-not-supported", 95, kDoMmap, {4, 15, 0}};
constexpr Rule kNotWritable{"mmap.file-not-writable", 13, kDoMmap};
constexpr Rule kNotReadable{"mmap.file-not-readable", 13, kDoMmap};
constexpr Rule kSwapFile{"mmap.swap-file", 26, kDoMmap};
constexpr Rule kNoExec{"mmap.noexec-mount", 1, kDoMmap};
constexpr Rule kNoMmap{"mmap.file-without-mmap", 19, kDoMmap};
constexpr Rule kGrows{"mmap.grows-down", 22, kDoMmap};
constexpr Rule kType{"mmap.type", 22, kDoMmap};
constexpr Rule kDriver{"mmap.driver", 22, "mm/mmap.c mmap_region: call_mmap"};
constexpr Rule kSeal{"mmap.write-sealed", 1, "mm/memfd.c, mm/shmem.c shmem_mmap"};
constexpr Rule kOverDriver{"mmap.over-driver", 22, "mm/vma.c __split_vma: vm_ops->may_split", {4, 15, 0}};
constexpr Rule kSealedRange{"mmap.over-sealed", 1, "mm/mseal.c, commit 8be7258aad44", {6, 10, 0}};
constexpr Rule kNoMemory{"mmap.no-memory", 12,
                         "mm/mmap.c mmap_region: may_expand_vm, security_vm_enough_memory_mm"};
constexpr Rule kOk{"mmap.result", 0, kDoMmap};
constexpr Rule kAligned{"mmap.address-aligned", 0, "mm/mmap.c get_unmapped_area"};
constexpr Rule kIsFixed{"mmap.address-as-fixed", 0, "mm/mmap.c get_unmapped_area: MAP_FIXED"};
constexpr Rule kFree{"mmap.address-free", 0, "mm/mmap.c vm_unmapped_area"};
constexpr Rule kInside{"mmap.address-in-task-size", 0, "mm/mmap.c get_unmapped_area"};
constexpr Rule kBelow2G{"mmap.address-32bit", 0, "arch/x86/kernel/sys_x86_64.c find_start_end"};

constexpr int kDriverErrors[] = {1, 5, 6, 11, 12, 13, 16, 19, 22, 75, 95};

struct Request {
  Address addr;
  std::uint64_t len, prot, flags;
  OpenFile file;
  bool anonymous;
  std::uint64_t type;
  bool has(std::uint64_t f) const { return (flags & f) != 0; }
};

bool is_fixed(const Step& s, std::uint64_t flags) {
  return (flags & kFixed) || ((flags & kFixedNoReplace) && s.profile.from({4, 17, 0}));
}

Tri of_hugetlb(FileKind k) {
  return k == FileKind::hugetlb ? Tri::yes : tri(k == FileKind::unknown || k == FileKind::memfd) & Tri::maybe;
}

bool is_memfd(FileKind k) { return k == FileKind::shmem || k == FileKind::hugetlb || k == FileKind::memfd; }

// Whether a shared mapping that cannot be written can be made so. Not of a memfd that was sealed against
// writing: F_SEAL_FUTURE_WRITE (5.1), and F_SEAL_WRITE since such mappings are allowed (e8e17ee90eaf, 6.7).
// What was opened below /proc/PID/fd may be one; only the recorder's annotation says that it is not.
Tri may_write_later(const Step& s, const Request& q) {
  const bool sealable = is_memfd(q.file.kind) || (q.file.kind == FileKind::unknown && s.call.fd.path.empty());
  return q.prot & kProtWrite || !sealable || !s.profile.from({5, 1, 0}) ? q.file.writable
                                                                        : q.file.writable & Tri::maybe;
}

// do_mmap's switch over the kind of mapping and what the file allows.
void check_file(Step& s, const Request& q) {
  Checks& c = s.checks;
  const std::uint64_t last = s.arg(5) + q.len;
  c.fails(kOverflow, last < q.len || last > std::uint64_t{1} << 40 ? Tri::maybe : Tri::no);
  const bool shared = q.type == kMapShared || (q.type == kMapSharedValidate && s.profile.from({4, 15, 0}));
  if (shared) {
    if (q.type == kMapSharedValidate) c.fails(kUnsupported, q.has(~kLegacyMask) ? Tri::maybe : Tri::no);
    if (q.prot & kProtWrite) {
      c.fails(kNotWritable, !q.file.writable);
      if (q.file.kind == FileKind::unknown) c.may_fail(kSwapFile);
    }
    if (q.file.kind == FileKind::unknown) c.fails(kNotWritable, q.file.writable & Tri::maybe);  // append only
  } else {
    c.fails(kType, q.type != kMapPrivate);
  }
  c.fails(kNotReadable, !q.file.readable);
  if (q.prot & kProtExec) c.fails(kNoExec, q.file.kind == FileKind::shmem ? Tri::no : Tri::maybe);
  switch (q.file.kind) {
    case FileKind::directory:
    case FileKind::pipe:
    case FileKind::eventfd:
    case FileKind::pidfd:
      c.fails(kNoMmap, true);
      break;
    case FileKind::regular:
      c.may_fail(kNoMmap);
      break;
    case FileKind::shmem:
      break;
    case FileKind::memfd:  // hugetlbfs_file_mmap, and what it reserves
      c.fails_with(kDriver, 22, Tri::maybe);
      c.fails_with(kDriver, 12, Tri::maybe);
      break;
    default:
      for (const int e : kDriverErrors) c.fails_with(kDriver, e, Tri::maybe);
  }
  c.fails(kGrows, q.has(kMapGrowsDown));
  if (shared && is_memfd(q.file.kind)) c.may_fail(kSeal);
}

PageState state_of(const Step& s, const Request& q) {
  PageState p;
  p.set(kMapped, true)
      .set(kRead, q.prot & kProtRead)
      .set(kWrite, q.prot & kProtWrite)
      .set(kExec, q.prot & kProtExec);
  const bool shared = q.type == kMapShared || q.type == kMapSharedValidate;
  const FileKind kind = q.file.kind;
  const bool known_file = kind == FileKind::regular || kind == FileKind::shmem;
  const Tri huge = q.anonymous ? tri(q.has(kMapHugetlb))
                               : tri(kind == FileKind::hugetlb) | (known_file ? Tri::no : Tri::maybe);
  // Until e1fb4a086495 (4.19) those of files on a file system with DAX were VM_MIXEDMAP.
  const bool plain =
      kind == FileKind::unknown && s.profile.from({4, 19, 0}) && !may_be_special(s.call.fd.path);
  const Tri special = q.anonymous || known_file || plain || is_memfd(kind) ? Tri::no : Tri::maybe;
  p.set(kShared, shared).set(kFile, !q.anonymous || shared || q.has(kMapHugetlb)).set(kHugetlb, huge);
  p.set(kShmem, q.anonymous                                            ? tri(shared && !q.has(kMapHugetlb))
                : kind == FileKind::shmem                              ? Tri::yes
                : kind == FileKind::unknown || kind == FileKind::memfd ? Tri::maybe
                                                                       : Tri::no);
  p.set(kSpecial, special);
  p.set(kMayWrite, q.anonymous || !shared ? Tri::yes : may_write_later(s, q))
      .set(kMayExec, q.anonymous || (q.prot & kProtExec) ? Tri::yes : Tri::maybe);
  p.set(kGrowsDown, q.has(kMapGrowsDown))
      .set(kSealed, false)
      .set(kAioRing, false)
      .set(kSysV, false)
      .set(kGuards, false);
  // VM_LOCKED is dropped for hugetlb and special VMAs.
  const Tri lock = q.has(kMapLocked) ? Tri::yes : s.mm.lock_future;
  p.set(kLocked, lock & ((huge | special) == Tri::no ? Tri::yes : !(huge | special)));
  ;
  p.set(kDontFork, special).set(kWipeOnFork, false).set(kDontDump, special).set(kMergeable, Tri::maybe);
  p.set(kHugepage, special & Tri::maybe).set(kNoHugepage, q.has(0x20000) ? Tri::maybe : Tri::no);
  p.set(kRandom, false).set(kSequential, false).set(kPrivateCopies, false);
  p.set(kAccounted,
        shared ? Tri::maybe : tri(q.prot & kProtWrite) & (q.has(kMapNoReserve) ? Tri::maybe : Tri::yes));
  if (q.anonymous && !shared) p.policy = VmaPolicies::kDefault;
  return p;
}

}  // namespace

void judge_mmap(Step& s) {
  if (!s.need(4)) return;
  Request q{.addr = s.arg(0),
            .len = s.arg(1),
            .prot = s.arg(2),
            .flags = s.arg(3),
            .file = {},
            .anonymous = false,
            .type = 0};
  q.anonymous = q.has(kMapAnonymous);
  q.type = q.flags & kMapType;
  if (!q.anonymous && !s.need(6)) return;
  Checks& c = s.checks;
  c.fails(kOffset, s.knows(5) ? tri(!s.aligned(s.arg(5))) : Tri::maybe);
  if (!q.anonymous) {
    q.file = file_at(s, static_cast<std::int32_t>(s.arg(4)), s.call.fd.path);
    c.fails(kBadFd, !q.file.open);
    if (q.has(kMapHugetlb)) c.fails(kNotHuge, !of_hugetlb(q.file.kind));
  } else if (q.has(kMapHugetlb)) {
    c.may_fail(kHugeSize);
    c.may_fail(kHugeSetup);
    c.may_fail(kHugeMissing);
    c.fails_with(kHugeSetup, 1, Tri::maybe);
  }
  const bool exec = q.prot & kProtExec;
  if (exec) c.may_fail(kLsm);
  c.fails(kNoLength, q.len == 0);
  const Tri huge = q.anonymous ? tri(q.has(kMapHugetlb)) : of_hugetlb(q.file.kind);
  const std::uint64_t len = s.page_up(q.len);
  c.fails(kWraps, len == 0);
  c.fails(kTooLong, may_exceed_map_count(s));
  c.fails(kTooLong, len > kTaskSizeLa57);
  c.fails(kTooLong, len > kTaskSize ? Tri::maybe : Tri::no);
  const bool fixed = is_fixed(s, q.flags);
  const Range wanted{q.addr, q.addr + len};
  if (fixed) {
    c.fails(kTooLong, q.addr > kTaskSizeLa57 - len);
    c.fails(kTooLong, q.addr > kTaskSize - len ? Tri::maybe : Tri::no);
    c.fails(kUnaligned,
            s.aligned(q.addr) ? huge & ((q.addr & (kHugePage - 1)) ? Tri::maybe : Tri::no) : Tri::yes);
    c.fails(kLow, q.addr < 0x10000 ? Tri::maybe : Tri::no);
    if (q.addr < 0x10000) c.fails_with(kLow, 13, Tri::maybe);
    if (q.has(kFixedNoReplace)) c.fails(kExists, s.any_mapped(wanted));
  }
  if (q.has(kMapLocked)) c.may_fail(kMayNotLock);
  c.fails(kLockLimit, q.has(kMapLocked) ? Tri::maybe : s.mm.lock_future & Tri::maybe);
  if (!q.anonymous) {
    check_file(s, q);
  } else {
    const bool droppable = q.type == kMapDroppable && s.profile.from({6, 11, 0});
    c.fails(kType, q.type != kMapShared && q.type != kMapPrivate && !droppable);
    if (droppable) c.may_fail(kType), c.fails_with(kType, 95, Tri::maybe);
    c.fails(kGrows, q.type == kMapShared && q.has(kMapGrowsDown));
  }
  if (fixed && !c.decided()) {
    const Survey under = s.survey(wanted);
    c.fails(kSealedRange, under.any(kMapped) & s.sealed(under.any(kSealed)));
    c.fails(kOverDriver, cuts_whole(s, wanted));
  }
  c.may_fail(kNoMemory);
  c.succeeds(kOk);

  if (s.failed()) {
    // Late failures of a MAP_FIXED come after what stood there was unmapped.
    if (fixed && !c.decided() && !q.has(kFixedNoReplace)) s.maybe(wanted, kUnmaps);
    return;
  }
  if (!s.succeeded()) return;
  const Address at = static_cast<Address>(s.result());
  // Pages of hugetlb lie on their own boundaries; a mapping elsewhere is not one of them, and is as long as
  // it says.
  const bool may_round = huge != Tri::no && (at & (kHugePage - 1)) == 0;
  const std::uint64_t size = may_round ? (len + kHugePage - 1) & ~(kHugePage - 1) : len;
  const Range got{at, at + len};
  const auto hex = [](Address a) { return [a] { return fmt::format("{:#x}", a); }; };
  c.expect(kAligned, tri(s.aligned(at)), hex(at),
           [] { return std::string("an address that is a multiple of the page size"); });
  if (fixed) c.expect(kIsFixed, tri(at == q.addr), hex(at), hex(q.addr));
  else {
    c.expect(kFree, !s.any_mapped(got), hex(at),
             [&] { return fmt::format("an address where {:#x} bytes are free", len); });
    if (q.has(kMap32Bit) && huge == Tri::no)
      c.expect(kBelow2G, tri(got.end <= 0x80000000), hex(at),
               [] { return std::string("an address below 0x80000000"); });
  }
  c.expect(kInside, tri(got.end <= kTaskSizeLa57 && (at >= s.page() || fixed)), hex(at),
           [] { return std::string("an address in the user's part of the address space"); });
  if (c.decided()) return s.maybe({s.page_down(at), s.page_up(at + q.len)}, kReplaces);
  if (!s.aligned(at) || got.end <= at) return;
  PageState state = state_of(s, q);
  if (!may_round) state.set(kHugetlb, false);
  s.assign(got, state);
  if (q.has(kMapGrowsDown)) s.grows_from(at);
  if (size != len) s.maybe({got.end, at + size}, fixed ? kReplaces : kFills);
}

void mmap_footprint(const World& w, const Task&, const Call& call, Footprint& f) {
  const std::uint64_t page = w.profile.host.page_size;
  const bool known = call.arg[0].known() && call.arg[1].known() && call.arg[3].known();
  const std::uint64_t len = (call.arg[1].value + page - 1) & ~(page - 1);
  const bool fixed = !call.arg[3].known() || (call.arg[3].value & (kFixed | kFixedNoReplace));
  if (call.out.known() && !call.out.failed()) {
    const Address at = static_cast<Address>(call.out.value) & ~(page - 1);
    f.add(call.arg[1].known() ? Range{at, at + len} : kEverywhere, kReplaces);
    if (known && call.arg[3].value & kMapGrowsDown) f.add(growth_below(at), kFills);
  } else if (!known) {
    f.add(kEverywhere, kReplaces);
  } else if (fixed) {
    const Address at = call.arg[0].value;
    if (at & (page - 1)) return;
    f.add({at, at + len}, kReplaces);
    if (call.arg[3].value & kMapGrowsDown && !call.out.known()) f.add(growth_below(at), kFills);
  } else if (!call.out.known()) {
    f.add(kEverywhere, kFills);
  }
}

}  // namespace ringtail::kernel::memory
