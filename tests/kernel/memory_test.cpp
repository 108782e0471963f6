// SPDX-License-Identifier: GPL-2.0-or-later
// The address-space calls as tables: from a state that a few calls made, the verdict on each result.
#include <gtest/gtest.h>

#include "tests/kernel/drive.h"

namespace ringtail::kernel {
namespace {

constexpr std::uint64_t A = 0x10000000, P = 4096;  // the arena, a page
constexpr std::uint64_t RW = 3, ANON = 0x22, FIXED = 0x32, NOREPLACE = 0x100022;
constexpr std::int64_t kEperm = -1, kEbadf = -9, kEagain = -11, kEnomem = -12, kEacces = -13, kEfault = -14,
                       kEexist = -17, kEinval = -22, kEnosys = -38, kEoverflow = -75;

// At A: 4 pages rw, then 4 known to be free.
void furnish(Driver& d) {
  d.world.begin_map(1);
  d.run(Sys::mmap, {A, 8 * P, RW, FIXED, ~0ull, 0}, A);
  d.run(Sys::munmap, {A + 4 * P, 4 * P}, 0);
}

struct Row {
  const char* name;
  Sys sys;
  std::vector<std::uint64_t> args;
  std::int64_t result;
  const char* verdict;
  Version version = kNewest;
};

class Furnished : public testing::TestWithParam<Row> {};

TEST_P(Furnished, IsJudged) {
  const Row& r = GetParam();
  Driver d(r.version);
  furnish(d);
  Call c = call_of(r.sys, {}, r.result);
  for (std::size_t i = 0; i < r.args.size(); ++i) c.arg[i] = Word::of(r.args[i]);
  EXPECT_EQ(text_of(d.run(c)), r.verdict);
}

const Row kRows[] = {
    // munmap: holes are no error
    {"all", Sys::munmap, {A, 8 * P}, 0, "exactly"},
    {"free_pages", Sys::munmap, {A + 4 * P, P}, 0, "exactly"},
    {"never_enomem_here", Sys::munmap, {A, P}, kEnomem, "diverges munmap.result"},
    {"unaligned", Sys::munmap, {A + 1, P}, kEinval, "exactly"},
    {"unaligned_succeeds", Sys::munmap, {A + 1, P}, 0, "diverges munmap.unaligned"},
    {"no_length", Sys::munmap, {A, 0}, kEinval, "exactly"},
    {"no_length_succeeds", Sys::munmap, {A, 0}, 0, "diverges munmap.empty"},
    {"beyond", Sys::munmap, {A, ~0ull - P}, kEinval, "exactly"},
    {"beyond_succeeds", Sys::munmap, {A, ~0ull - P}, 0, "diverges munmap.beyond-task-size"},
    {"wrong_errno", Sys::munmap, {A, 0}, kEnomem, "diverges munmap.empty"},
    // mmap
    {"anywhere", Sys::mmap, {0, P, RW, ANON, ~0ull, 0}, 0x7f0000000000, "conforms"},
    {"over_a_mapping", Sys::mmap, {0, P, RW, ANON, ~0ull, 0}, A + P, "diverges mmap.address-free"},
    {"reaching_into_a_mapping",
     Sys::mmap,
     {0, 4 * P, RW, ANON, ~0ull, 0},
     A - 2 * P,
     "diverges mmap.address-free"},
    {"unaligned_result",
     Sys::mmap,
     {0, P, RW, ANON, ~0ull, 0},
     0x7f0000000010,
     "diverges mmap.address-aligned"},
    {"below_2g", Sys::mmap, {0, P, RW, ANON | 0x40, ~0ull, 0}, 0x40000000, "conforms"},
    {"not_below_2g",
     Sys::mmap,
     {0, P, RW, ANON | 0x40, ~0ull, 0},
     0x7f0000000000,
     "diverges mmap.address-32bit"},
    {"in_the_kernel",
     Sys::mmap,
     {0, P, RW, ANON, ~0ull, 0},
     0x7ffffffffffff000,
     "diverges mmap.address-in-task-size"},
    {"null", Sys::mmap, {0, P, RW, ANON, ~0ull, 0}, 0, "diverges mmap.address-in-task-size"},
    {"no_memory", Sys::mmap, {0, P, RW, ANON, ~0ull, 0}, kEnomem, "conforms"},
    {"no_length_", Sys::mmap, {0, 0, RW, ANON, ~0ull, 0}, kEinval, "exactly"},
    {"no_length_maps", Sys::mmap, {0, 0, RW, ANON, ~0ull, 0}, 0x7f0000000000, "diverges mmap.no-length"},
    {"length_wraps", Sys::mmap, {0, ~0ull, RW, ANON, ~0ull, 0}, kEnomem, "exactly"},
    {"too_long", Sys::mmap, {0, 1ull << 60, RW, ANON, ~0ull, 0}, kEnomem, "exactly"},
    {"no_type", Sys::mmap, {0, P, RW, 0x20, ~0ull, 0}, kEinval, "exactly"},
    {"no_type_maps", Sys::mmap, {0, P, RW, 0x20, ~0ull, 0}, 0x7f0000000000, "diverges mmap.type"},
    {"not_busy", Sys::mmap, {0, P, RW, ANON, ~0ull, 0}, kEexist, "diverges mmap.result"},
    {"fixed", Sys::mmap, {A, P, RW, FIXED, ~0ull, 0}, A, "conforms"},
    {"fixed_elsewhere", Sys::mmap, {A, P, RW, FIXED, ~0ull, 0}, A + P, "diverges mmap.address-as-fixed"},
    {"fixed_unaligned", Sys::mmap, {A + 1, P, RW, FIXED, ~0ull, 0}, kEinval, "exactly"},
    {"noreplace_taken", Sys::mmap, {A, P, RW, NOREPLACE, ~0ull, 0}, kEexist, "exactly"},
    {"noreplace_over",
     Sys::mmap,
     {A + 3 * P, 2 * P, RW, NOREPLACE, ~0ull, 0},
     A + 3 * P,
     "diverges mmap.fixed-noreplace"},
    {"noreplace_free", Sys::mmap, {A + 4 * P, P, RW, NOREPLACE, ~0ull, 0}, A + 4 * P, "conforms"},
    {"noreplace_free_exists",
     Sys::mmap,
     {A + 4 * P, P, RW, NOREPLACE, ~0ull, 0},
     kEexist,
     "diverges mmap.result"},
    {"noreplace_was_a_hint",
     Sys::mmap,
     {A, P, RW, NOREPLACE, ~0ull, 0},
     0x7f0000000000,
     "conforms",
     {4, 16, 0}},
    {"noreplace_exists_too_early",
     Sys::mmap,
     {A, P, RW, NOREPLACE, ~0ull, 0},
     kEexist,
     "diverges mmap.result",
     {4, 16, 0}},
    {"offset_unaligned", Sys::mmap, {0, P, 1, 2, 3, 5}, kEinval, "exactly"},
    {"bad_fd", Sys::mmap, {0, P, 1, 2, 3, 0}, kEbadf, "conforms"},
    {"anonymous_has_no_fd", Sys::mmap, {0, P, RW, ANON, ~0ull, 0}, kEbadf, "diverges mmap.result"},
    {"anonymous_overflows_not", Sys::mmap, {0, P, RW, ANON, ~0ull, 0}, kEoverflow, "diverges mmap.result"},
    // mprotect
    {"protect", Sys::mprotect, {A, 4 * P, 1}, 0, "exactly"},
    {"protect_hole", Sys::mprotect, {A, 5 * P, 1}, kEnomem, "exactly"},
    {"protect_hole_succeeds", Sys::mprotect, {A, 5 * P, 1}, 0, "diverges mprotect.hole"},
    {"protect_unaligned", Sys::mprotect, {A + 8, P, 1}, kEinval, "exactly"},
    {"protect_unaligned_succeeds", Sys::mprotect, {A + 8, P, 1}, 0, "diverges mprotect.unaligned"},
    {"protect_nothing", Sys::mprotect, {A + 5 * P, 0, 1}, 0, "exactly"},
    {"protect_nothing_unaligned", Sys::mprotect, {A + 5, 0, 1}, kEinval, "exactly"},
    {"protect_wraps", Sys::mprotect, {A, ~0ull, 1}, kEnomem, "exactly"},
    {"protect_bad", Sys::mprotect, {A, P, 0x40}, kEinval, "exactly"},
    {"protect_both_ways", Sys::mprotect, {A, P, 0x03000000}, kEinval, "exactly"},
    {"protect_eacces_of_private", Sys::mprotect, {A, P, 1}, kEacces, "diverges mprotect.result"},
    // pkey_mprotect
    {"key_none", Sys::pkey_mprotect, {A, 4 * P, 1, ~0ull}, 0, "exactly"},
    {"key_none_refused", Sys::pkey_mprotect, {A, 4 * P, 1, ~0ull}, kEinval, "diverges mprotect.result"},
    {"key_some", Sys::pkey_mprotect, {A, 4 * P, 1, 1}, 0, "conforms"},
    {"key_not_allocated", Sys::pkey_mprotect, {A, 4 * P, 1, 1}, kEinval, "conforms"},
    {"key_too_large", Sys::pkey_mprotect, {A, 4 * P, 1, 16}, 0, "diverges pkey_mprotect.key"},
    {"key_and_hole", Sys::pkey_mprotect, {A, 5 * P, 1, ~0ull}, 0, "diverges mprotect.hole"},
    {"key_unimplemented_once", Sys::pkey_mprotect, {A, 4 * P, 1, ~0ull}, -38, "diverges mprotect.result"},
    // mremap
    {"same", Sys::mremap, {A, 4 * P, 4 * P, 0, 0}, A, "exactly"},
    {"shrink", Sys::mremap, {A, 4 * P, P, 0, 0}, A, "exactly"},
    {"shrink_moves_not", Sys::mremap, {A, 4 * P, P, 1, 0}, A + 64 * P, "diverges mremap.result"},
    {"grow_in_place", Sys::mremap, {A, 4 * P, 6 * P, 0, 0}, A, "conforms"},
    {"grow_has_room", Sys::mremap, {A, 4 * P, 6 * P, 1, 0}, A + 64 * P, "diverges mremap.stays-in-place"},
    {"grow_from_inside", Sys::mremap, {A, 2 * P, 3 * P, 0, 0}, kEnomem, "exactly"},
    {"grow_over_itself", Sys::mremap, {A, 2 * P, 3 * P, 1, 0}, A, "diverges mremap.stays-in-place"},
    {"grow_from_inside_moves", Sys::mremap, {A, 2 * P, 3 * P, 1, 0}, A + 64 * P, "conforms"},
    {"not_mapped", Sys::mremap, {A + 4 * P, P, 2 * P, 1, 0}, kEfault, "exactly"},
    {"not_mapped_moves", Sys::mremap, {A + 4 * P, P, 2 * P, 1, 0}, A + 64 * P, "diverges mremap.not-mapped"},
    {"over_the_end", Sys::mremap, {A, 5 * P, 6 * P, 1, 0}, kEfault, "exactly"},
    {"remap_unaligned", Sys::mremap, {A + 1, P, P, 0, 0}, kEinval, "exactly"},
    {"remap_to_nothing", Sys::mremap, {A, P, 0, 0, 0}, kEinval, "exactly"},
    {"remap_flags", Sys::mremap, {A, P, P, 8, 0}, kEinval, "exactly"},
    {"fixed_needs_maymove", Sys::mremap, {A, P, P, 2, A + 64 * P}, kEinval, "exactly"},
    {"fixed_to", Sys::mremap, {A, P, P, 3, A + 64 * P}, A + 64 * P, "conforms"},
    {"fixed_to_elsewhere", Sys::mremap, {A, P, P, 3, A + 64 * P}, A + 65 * P, "diverges mremap.result"},
    {"moves_above_user_space",
     Sys::mremap,
     {A, 2 * P, 3 * P, 1, 0},
     0x7fff880000000000,
     "diverges mremap.address-in-task-size"},
    {"fixed_overlaps", Sys::mremap, {A, 2 * P, 2 * P, 3, A + P}, kEinval, "exactly"},
    {"dontunmap_resizes", Sys::mremap, {A, P, 2 * P, 5, 0}, kEinval, "exactly"},
    {"dontunmap_early", Sys::mremap, {A, P, P, 5, 0}, kEinval, "exactly", {5, 6, 0}},
    {"duplicate_private", Sys::mremap, {A, 0, P, 1, 0}, kEinval, "exactly"},
    // mlock
    {"lock", Sys::mlock, {A, 4 * P}, 0, "conforms"},
    {"lock_hole", Sys::mlock, {A, 5 * P}, kEnomem, "conforms"},
    {"lock_hole_succeeds", Sys::mlock, {A, 5 * P}, 0, "diverges mlock.hole"},
    {"lock_rounds", Sys::mlock, {A + 5, 4 * P - 5}, 0, "conforms"},
    {"lock_rounds_into_hole", Sys::mlock, {A + 5, 4 * P}, 0, "diverges mlock.hole"},
    {"lock_limit", Sys::mlock, {A, P}, kEagain, "conforms"},
    {"lock_efault", Sys::mlock, {A, P}, kEfault, "diverges mlock.result"},
    {"mlock2_flags", Sys::mlock2, {A, P, 2}, kEinval, "exactly"},
    {"mlock2_early", Sys::mlock2, {A, P, 0}, kEnosys, "exactly", {4, 3, 0}},
    {"unlock", Sys::munlock, {A, 4 * P}, 0, "exactly"},
    {"unlock_hole", Sys::munlock, {A, 5 * P}, kEnomem, "exactly"},
    {"unlock_hole_succeeds", Sys::munlock, {A, 5 * P}, 0, "diverges mlock.hole"},
    {"lockall", Sys::mlockall, {3}, 0, "conforms"},
    {"lockall_nothing", Sys::mlockall, {0}, kEinval, "exactly"},
    {"lockall_nothing_succeeds", Sys::mlockall, {0}, 0, "diverges mlockall.bad-flags"},
    {"lockall_onfault_alone", Sys::mlockall, {4}, kEinval, "exactly"},
    {"lockall_onfault_alone_was_fine", Sys::mlockall, {4}, 0, "conforms", {5, 2, 0}},
    {"unlockall", Sys::munlockall, {}, 0, "exactly"},
    {"unlockall_fails", Sys::munlockall, {}, kEperm, "diverges munlockall.result"},
    // shmat, shmdt
    {"attach_anywhere", Sys::shmat, {1, 0, 0}, A + 64 * P, "conforms"},
    {"attach_over", Sys::shmat, {1, 0, 0}, A, "diverges shmat.address-free"},
    {"attach_above_user_space",
     Sys::shmat,
     {1, 0, 0},
     0x7fff880000000000,
     "diverges shmat.address-in-task-size"},
    {"attach_at", Sys::shmat, {1, A + 4 * P, 0}, A + 4 * P, "conforms"},
    {"attach_at_taken", Sys::shmat, {1, A, 0}, A, "diverges shmat.occupied"},
    {"attach_elsewhere", Sys::shmat, {1, A + 4 * P, 0}, A + 5 * P, "diverges shmat.address-as-given"},
    {"attach_unaligned", Sys::shmat, {1, A + 4 * P + 1, 0}, kEinval, "exactly"},
    {"attach_rounds", Sys::shmat, {1, A + 4 * P + 1, 020000}, A + 4 * P, "conforms"},
    {"attach_nothing", Sys::shmat, {~0ull, 0, 0}, kEinval, "exactly"},
    {"detach_nothing", Sys::shmdt, {A}, kEinval, "exactly"},
    {"detach_nothing_succeeds", Sys::shmdt, {A}, 0, "diverges shmdt.not-attached"},
    // remap_file_pages
    {"remap_private", Sys::remap_file_pages, {A, P, 0, 0, 0}, kEinval, "exactly"},
    {"remap_private_succeeds",
     Sys::remap_file_pages,
     {A, P, 0, 0, 0},
     0,
     "diverges remap_file_pages.private"},
    {"remap_hole", Sys::remap_file_pages, {A + 4 * P, P, 0, 0, 0}, 0, "diverges remap_file_pages.hole"},
    {"remap_prot", Sys::remap_file_pages, {A, P, 1, 0, 0}, 0, "diverges remap_file_pages.prot"},
    {"remap_less_than_a_page",
     Sys::remap_file_pages,
     {A, P - 1, 0, 0, 0},
     0,
     "diverges remap_file_pages.empty"},
    {"remap_wraps", Sys::remap_file_pages, {A, P, 0, ~0ull, 0}, 0, "diverges remap_file_pages.offset-wraps"},
};
INSTANTIATE_TEST_SUITE_P(Memory, Furnished, testing::ValuesIn(kRows), [](const auto& i) {
  return std::string(name_of(i.param.sys)) + "_" + i.param.name;
});

TEST(Memory, BreakIsTheNewOneOrTheOldOne) {
  Driver d;
  d.world.begin_map(1);
  d.world.sees_exec = true;
  const std::uint64_t B = 0x555500000000;
  EXPECT_EQ(text_of(d.run(Sys::brk, {0}, B)), "conforms");
  EXPECT_EQ(text_of(d.run(Sys::brk, {0}, B)), "exactly");
  EXPECT_EQ(text_of(d.run(Sys::brk, {0}, B + P)), "diverges brk.below-start");
  d.run(Sys::brk, {0}, B);
  EXPECT_EQ(text_of(d.run(Sys::brk, {B + 3 * P}, B + 3 * P)), "conforms");
  EXPECT_EQ(text_of(d.run(Sys::brk, {B + 5 * P}, B + 3 * P)), "conforms");  // refused
  EXPECT_EQ(text_of(d.run(Sys::brk, {B + 5 * P}, B + 4 * P)), "diverges brk.result");
  d.run(Sys::brk, {B + 3 * P}, B + 3 * P);
  EXPECT_EQ(text_of(d.run(Sys::mprotect, {B, 3 * P, 1}, 0)), "exactly");
  EXPECT_EQ(text_of(d.run(Sys::brk, {B + P}, B + 3 * P)), "diverges brk.always-shrinks");
  d.run(Sys::brk, {B + P}, B + P);
  EXPECT_EQ(text_of(d.run(Sys::mprotect, {B, 3 * P, 1}, 0)), "diverges mprotect.hole");
  d.run(Sys::munmap, {B + P, 64 * P}, 0);
  d.run(Sys::mmap, {B + 4 * P, P, RW, FIXED, ~0ull, 0}, static_cast<std::int64_t>(B + 4 * P));
  EXPECT_EQ(text_of(d.run(Sys::brk, {B + 5 * P}, B + 5 * P)), "diverges brk.next-mapping");
}

TEST(Memory, AnotherBreakIsAnotherProgramWhereExecveIsNotRecorded) {
  Driver d;
  furnish(d);
  d.run(Sys::brk, {0}, 0x555500000000);
  EXPECT_EQ(text_of(d.run(Sys::brk, {0}, 0x555600000000)), "conforms");
  EXPECT_EQ(text_of(d.run(Sys::mprotect, {A, P, 1}, kEnomem)), "conforms");
}

TEST(Memory, OnePageLiesInOneMapping) {
  for (const std::uint64_t pages : {1, 2}) {
    Driver d({5, 10, 0});
    d.run(Sys::mprotect, {A, 2 * P, 1}, 0);
    EXPECT_EQ(text_of(d.run(Sys::mremap, {A, pages * P, pages * P, 3, A + 64 * P}, kEfault)),
              pages == 1 ? "diverges mremap.result" : "conforms");
  }
}

TEST(Memory, AFileOfUnknownKindHidesNoNeighbour) {
  Driver d;
  furnish(d);
  d.run(Sys::mmap, {0, P, 1, 2, 3, 0}, A - P);
  EXPECT_EQ(text_of(d.run(Sys::mmap, {0, P, 1, ANON, ~0ull, 0}, A)), "diverges mmap.address-free");
}

TEST(Memory, AFileBetweenHugePagesIsNoneOfHugetlb) {
  Driver d;
  d.world.begin_map(1);
  d.run(Sys::mmap, {0, 4 * P, 1, 2, 3, 0}, A + P);
  EXPECT_EQ(text_of(d.run(Sys::munmap, {A + P, 4 * P}, kEinval)), "diverges munmap.result");
  d.run(Sys::mmap, {0, 4 * P, 1, 2, 3, 0}, A + (2 << 20));
  EXPECT_EQ(text_of(d.run(Sys::munmap, {A + (2 << 20) + P, P}, kEinval)), "conforms");
}

TEST(Memory, ADriverMayRefuseToCutItsMapping) {
  constexpr std::uint64_t kShared = 1, kPrivate = 2;
  for (const std::uint64_t flags : {ANON, kShared, kPrivate}) {        // of a file that may be a device's
    const char* refused = flags == kShared ? "conforms" : "diverges";  // whose driver wants it shared
    const auto said = [&](Sys sys, std::initializer_list<std::uint64_t> args) {
      Driver d;
      d.world.begin_map(1);
      d.run(Sys::mmap, {0, 4 * P, RW, flags, 3, 0}, A + P);
      return text_of(d.run(sys, args, kEinval)).substr(0, 8);
    };
    EXPECT_EQ(said(Sys::munmap, {A + 2 * P, P}), refused);
    EXPECT_EQ(said(Sys::mmap, {A + 2 * P, P, RW, FIXED, ~0ull, 0}), refused);
    EXPECT_EQ(said(Sys::mremap, {A + P, 4 * P, P, 0}), refused);
    EXPECT_EQ(said(Sys::munmap, {A + P, 4 * P}), "diverges");
    EXPECT_EQ(said(Sys::mmap, {A + P, 4 * P, RW, FIXED, ~0ull, 0}), "diverges");
  }
}

// Nor does a file whose name says that it is one.
TEST(Memory, OnlyDevicesHaveDrivers) {
  constexpr struct {
    const char* name;
    bool may_refuse;
  } kRows[] = {{"/srv/file", false},
               {"/dev/shm/x", false},
               {"/var/lib/x/dev/mem", true},
               {"/dev/dax0.0", true},
               {"/sys/kernel/x", true},
               {"/secretmem", true},
               {"anon_inode:[perf_event]", true},
               {"/srv/x<char 1:5>", true},
               {"", true}};
  for (const Version v : {Version{4, 18, 0}, Version{6, 18, 0}})
    for (const auto& row : kRows) {
      Driver d(v);
      d.world.begin_map(1);
      Call map = call_of(Sys::mmap, {0, 4 * P, RW, 1, 3, 0}, A + P);
      map.fd = {Word::of(3), row.name};
      d.run(map);
      const bool may_refuse = row.may_refuse || v < Version{4, 19, 0};
      EXPECT_EQ(text_of(d.run(Sys::munmap, {A + 2 * P, P}, kEinval)),
                may_refuse ? "conforms" : "diverges munmap.result")
          << row.name << " on " << to_string(v);
    }
}

TEST(Memory, AFilteredRecordingMayHideASeal) {
  for (const char* name : {"arch_prctl", "read", "mseal"}) {
    Driver d;
    d.world.begin_map(1);
    Call other;
    other.name = name;
    other.out = {0, Outcome::State::returned};
    d.run(other);
    d.run(Sys::mmap, {0, 4 * P, RW, ANON, ~0ull, 0}, A);
    EXPECT_EQ(text_of(d.run(Sys::munmap, {A, P}, -1)),
              name == std::string("arch_prctl") ? "diverges munmap.result" : "conforms")
        << name;
  }
}

TEST(Memory, WhatAKeyAllowsIsNotKnown) {
  constexpr std::uint64_t kPopulateWrite = 23, kNoKey = ~0ull;
  const auto populates = [](std::uint64_t key, std::int64_t result) {
    Driver d;
    d.world.begin_map(1);
    d.run(Sys::mmap, {0, 4 * P, RW, ANON, ~0ull, 0}, A);
    d.run(Sys::pkey_mprotect, {A, 4 * P, key == kNoKey ? 1ull : 3ull, key}, 0);
    return text_of(d.run(Sys::madvise, {A, P, kPopulateWrite}, result));
  };
  EXPECT_EQ(populates(kNoKey, 0), "diverges madvise.populate-forbidden") << "it was protected without one";
  EXPECT_EQ(populates(1, 0), "conforms");
  EXPECT_EQ(populates(1, -14), "conforms");
}

// Who believes that a mapping is sealed must not see it go.
TEST(Memory, WhatIsSealedStaysMapped) {
  constexpr std::uint64_t kDontneed = 4;
  for (const std::int64_t refused : {0, -1})
    for (const Sys sys : {Sys::munmap, Sys::mprotect, Sys::madvise}) {
      Driver d;
      d.world.begin_map(1);
      d.run(Sys::mmap, {0, 4 * P, 1, ANON, ~0ull, 0}, A);
      EXPECT_FALSE(text_of(d.run(Sys::madvise, {A, 4 * P, kDontneed}, refused)).starts_with("diverges"));
      const std::uint64_t third = sys == Sys::madvise ? kDontneed : 1;
      const std::string expected =
          refused ? fmt::format("diverges {}.sealed", name_of(sys)) : std::string("exactly");
      EXPECT_EQ(text_of(d.run(sys, {A + P, P, third}, 0)), expected);
    }
}

TEST(Memory, AttachedSegmentGoesWithDetach) {
  Driver d;
  furnish(d);
  d.run(Sys::shmat, {1, A + 4 * P, 0}, A + 4 * P);
  EXPECT_EQ(text_of(d.run(Sys::mprotect, {A + 4 * P, P, 1}, kEnomem)), "diverges mprotect.result");
  EXPECT_EQ(text_of(d.run(Sys::mprotect, {A + 5 * P, P, 1}, 0)), "conforms");  // how long it is nobody says
  EXPECT_EQ(text_of(d.run(Sys::shmdt, {A + 4 * P}, kEinval)), "diverges shmdt.result");
  EXPECT_EQ(text_of(d.run(Sys::shmdt, {A + 4 * P}, 0)), "exactly");
  EXPECT_EQ(text_of(d.run(Sys::mprotect, {A + 4 * P, P, 1}, kEnomem)), "exactly");
}

// It maps the file anew, and when that fails (the segment was removed meanwhile) nothing is left there.
TEST(Memory, SharedPagesThatAreRemappedStayOrGo) {
  constexpr std::uint64_t kSharedAnon = 0x31, kB = A + 16 * P;
  for (const std::int64_t result : {std::int64_t{0}, kEinval}) {
    Driver d;
    furnish(d);
    d.run(Sys::mmap, {kB, 4 * P, RW, kSharedAnon, ~0ull, 0}, static_cast<std::int64_t>(kB));
    d.run(Sys::shmat, {1, A + 4 * P, 0}, A + 4 * P);
    EXPECT_EQ(text_of(d.run(Sys::remap_file_pages, {kB + 5, 2 * P, 0, 1, 0}, result)), "conforms");
    EXPECT_EQ(text_of(d.run(Sys::remap_file_pages, {A + 4 * P, P, 0, 0, 0}, result)), "conforms");
    EXPECT_EQ(text_of(d.run(Sys::mprotect, {kB, 2 * P, 1}, kEnomem)),
              result ? "conforms" : "diverges mprotect.result");
    EXPECT_EQ(text_of(d.run(Sys::mprotect, {kB + 2 * P, P, 1}, kEnomem)), "diverges mprotect.result");
    EXPECT_EQ(text_of(d.run(Sys::shmdt, {A + 4 * P}, kEinval)), "conforms");
  }
}

// What is sealed against writing stays so, though the descriptor can be written to.
TEST(Memory, AMemfdThatIsReadMayBeSealedAgainstWriting) {
  const auto protect = [](std::string_view path, std::uint64_t prot, Version v) {
    Driver d(v);
    furnish(d);
    Call open = call_of(Sys::openat, {~99ull, 0x1000, 2}, 3);
    open.path = open.out_path = path;
    d.run(open);
    Call map = call_of(Sys::mmap, {0, P, prot, 1, 3, 0}, static_cast<std::int64_t>(A + 16 * P));
    map.fd = {Word::of(3), std::string(path)};
    EXPECT_EQ(text_of(d.run(map)), "conforms");
    return text_of(d.run(Sys::mprotect, {A + 16 * P, P, RW}, kEacces));
  };
  EXPECT_EQ(protect("/memfd:x (deleted)", 1, kNewest), "conforms");
  EXPECT_EQ(protect("/memfd:x (deleted)", RW, kNewest), "diverges mprotect.result");
  EXPECT_EQ(protect("/memfd:x (deleted)", 1, {5, 0, 0}), "diverges mprotect.result");
  EXPECT_EQ(protect("/srv/file", 1, kNewest), "diverges mprotect.result");
}

TEST(Memory, MovedMappingIsThereAndNotHere) {
  Driver d;
  furnish(d);
  EXPECT_EQ(text_of(d.run(Sys::mremap, {A, 4 * P, 6 * P, 3, A + 64 * P}, A + 64 * P)), "conforms");
  EXPECT_EQ(text_of(d.run(Sys::mprotect, {A + 64 * P, 6 * P, RW}, 0)), "exactly");
  EXPECT_EQ(text_of(d.run(Sys::mprotect, {A, P, RW}, 0)), "diverges mprotect.hole");
}

// A fault below it makes it longer, down to what stands there.
TEST(Memory, BelowAMappingThatGrowsPagesMayComeBack) {
  constexpr std::uint64_t kGrows = FIXED | 0x100;
  Driver d;
  furnish(d);
  const auto there = static_cast<std::int64_t>(A + 40 * P);
  d.run(Sys::mmap, {A + 40 * P, P, RW, kGrows, ~0ull, 0}, there);
  EXPECT_EQ(text_of(d.run(Sys::mprotect, {A + 38 * P, P, 1}, 0)), "conforms");
  d.run(Sys::mmap, {A + 39 * P, P, RW, FIXED, ~0ull, 0}, there - static_cast<std::int64_t>(P));
  d.run(Sys::munmap, {A + 38 * P, P}, 0);  // it cannot grow past the one between
  EXPECT_EQ(text_of(d.run(Sys::mprotect, {A + 38 * P, P, 1}, kEnomem)), "exactly");
  d.run(Sys::munmap, {A + 39 * P, P}, 0);  // now it can
  EXPECT_EQ(text_of(d.run(Sys::mprotect, {A + 38 * P, P, 1}, 0)), "conforms");
}

TEST(Memory, WhatIsForgottenMayGrowAllTheSame) {
  for (const int how : {0, 1, 2}) {
    Driver d;
    const auto there = static_cast<std::int64_t>(A + 40 * P);
    d.run(Sys::mmap, {A + 40 * P, 2 * P, RW, FIXED | (how ? 0x100u : 0u), ~0ull, 0}, there);
    if (how == 1) d.world.lose();
    const std::int32_t tid = how == 2 ? 9 : 1;  // one of unknown descent
    d.run(Sys::munmap, {A + 40 * P, P}, 0, tid);
    EXPECT_EQ(text_of(d.run(Sys::mprotect, {A + 40 * P, P, 1}, 0, tid)),
              how ? "conforms" : "diverges mprotect.hole");
  }
}

// The pages beside those that moved are of one VMA with them.
TEST(Memory, WhatStaysBehindAMoveIsNotLocked) {
  Driver d;
  furnish(d);
  constexpr std::uint64_t B = A + 256 * P;
  const Call remove = call_of(Sys::madvise, {B, P, 9}, 0);
  d.run(Sys::mmap, {B, 3 * P, RW, 0x31, ~0ull, 0}, static_cast<std::int64_t>(B));
  d.run(Sys::mlockall, {1}, 0);
  EXPECT_EQ(text_of(d.run(remove)), "diverges madvise.locked");
  Driver e;
  furnish(e);
  e.run(Sys::mmap, {B, 3 * P, RW, 0x31, ~0ull, 0}, static_cast<std::int64_t>(B));
  e.run(Sys::mlockall, {1}, 0);
  e.run(Sys::mremap, {B + P, P, P, 5, 0}, static_cast<std::int64_t>(B + 64 * P));
  EXPECT_EQ(text_of(e.run(remove)), "conforms");
}

TEST(Memory, AttachedCaptureKnowsNothingAtFirst) {
  Driver d;
  EXPECT_EQ(text_of(d.run(Sys::mprotect, {A, P, 1}, 0)), "conforms");
  EXPECT_EQ(text_of(d.run(Sys::mprotect, {A, P, 1}, kEinval)), "conforms");
  EXPECT_EQ(text_of(d.run(Sys::munmap, {A + 1, P}, 0)), "diverges munmap.unaligned");
}

}  // namespace
}  // namespace ringtail::kernel
