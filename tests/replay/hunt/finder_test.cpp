// SPDX-License-Identifier: GPL-2.0-or-later
// Pairs of overlapping calls: in captures of a few lines, and, for random ones, against a judge that holds
// every call against every other and pages against pages one by one.
#include "replay/hunt/finder.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "replay/capture/reader.h"

namespace ringtail::hunt {
namespace {

std::vector<Found> found_in(const std::string& capture, std::size_t most_ended = Finder::kMostEnded,
                            std::size_t most_beside = Finder::kMostBeside) {
  const auto reader = capture::Reader::over(capture, capture::Format::strace);
  reader->tell_raw_arguments();
  Finder finder(kernel::Profile{}, most_ended, most_beside);
  for (capture::Event e; reader->next(e);) finder.take(e);
  return finder.found();
}

std::string told(const std::string& capture) {
  std::string out;
  for (const Found& f : found_in(capture))
    out += fmt::format("{} from line {}: {}\n", f.count, f.line, name_of(f.shape));
  return out;
}

const char* const kTwoThreads =
    "7 execve(\"/bin/x\", [\"x\"], 0x7ffc0 /* 0 vars */) = 0\n"
    "7 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000010000\n"
    "7 clone(child_stack=0x7f1000, flags=CLONE_VM|CLONE_FILES|CLONE_THREAD) = 8\n";

TEST(Finder, CallsThatDoNotOverlapAreNoPair) {
  EXPECT_EQ(told("7 munmap(0x10000, 4096) = 0\n"
                 "7 munmap(0x10000, 4096) = 0\n"),
            "");
}

TEST(Finder, OverlappingCallsOnTheSamePagesAreAPairAndFaultsAreBesideEach) {
  EXPECT_EQ(
      told(std::string(kTwoThreads) + "7 madvise(0x7f0000010000, 4096, MADV_DONTNEED <unfinished ...>\n"
                                      "8 mprotect(0x7f0000010000, 8192, PROT_READ) = 0\n"
                                      "7 <... madvise resumed>) = 0\n"),
      "1 from line 4: a load or store by another thread beside madvise(MADV_DONTNEED): the same pages, "
      "private "
      "anonymous\n"
      "1 from line 5: a load or store by another thread beside mprotect: the same pages, private anonymous\n"
      "1 from line 4: madvise(MADV_DONTNEED) beside mprotect: pages inside the other's, private anonymous\n");
}

TEST(Finder, AWriteThroughProcSelfMemIsOne) {
  const std::string open = "8 openat(AT_FDCWD, \"/proc/self/mem\", O_RDWR) = 3\n";
  const std::string advises = "7 madvise(0x7f0000010000, 4096, MADV_DONTNEED <unfinished ...>\n";
  const std::string pair =
      "madvise(MADV_DONTNEED) beside a write through /proc/PID/mem: the same pages, private anonymous\n";
  for (const std::string write :
       {"8 pwrite64(3, \"m, (0x10\"..., 4, 139637976793088) = 4\n",
        "8 lseek(3, 139637976793088, SEEK_SET) = 139637976793088\n8 write(3, \"m\", 1) = 1\n",
        "8 ptrace(PTRACE_POKEDATA, 7, 0x7f0000010000, 0x6d) = 0\n"})
    EXPECT_NE(told(kTwoThreads + open + advises + write + "7 <... madvise resumed>) = 0\n").find(pair),
              std::string::npos)
        << write;
  EXPECT_EQ(told(kTwoThreads + open + advises + "8 pwrite64(4, \"m\", 1, 139637976793088) = 1\n" +
                 "7 <... madvise resumed>) = 0\n")
                .find("/proc/PID/mem"),
            std::string::npos);
}

TEST(Finder, AnotherProcessIsReachedByItsId) {
  EXPECT_NE(
      told("7 execve(\"/bin/x\", [\"x\"], 0x7ffc0 /* 0 vars */) = 0\n"
           "7 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000010000\n"
           "7 fork() = 8\n"
           "8 munmap(0x7f0000010000, 4096 <unfinished ...>\n"
           "7 process_vm_writev(8, [{iov_base=0x1000, iov_len=8}], 1, "
           "[{iov_base=0x7f0000010008, iov_len=8}], 1, 0) = 8\n"
           "8 <... munmap resumed>) = 0\n")
          .find("munmap beside process_vm_writev: the same pages, private anonymous, from another process"),
      std::string::npos);
}

// --- what processes share without sharing an address space

const std::string kMapsAndForks =
    "7 execve(\"/bin/x\", [\"x\"], 0x7ffc0 /* 0 vars */) = 0\n"
    "7 openat(AT_FDCWD, \"/var/db\", O_RDWR) = 3\n"
    "7 memfd_create(\"m\", MFD_CLOEXEC) = 4\n"
    "7 mmap(NULL, 16384, PROT_READ|PROT_WRITE, MAP_SHARED, 3, 0) = 0x7f0000010000\n"
    "7 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS, -1, 0) = 0x7f0000020000\n"
    "7 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000030000\n"
    "7 fork() = 8\n";
const std::string kOfTwo = "through mappings of two processes";

// 7 does one thing and 8 meanwhile another, after what 8 does before.
std::string two_processes(const std::string& first, const std::string& second,
                          const std::string& before = "") {
  const std::string name = first.substr(0, first.find('('));
  return told(kMapsAndForks + before + "7 " + first + " <unfinished ...>\n8 " + second + " = 0\n7 <... " +
              name + " resumed>) = 0\n");
}

TEST(Finder, PagesThatTwoProcessesMapMeet) {
  // A mapping that the child has from its parent, at the same address or not.
  EXPECT_EQ(
      two_processes("madvise(0x7f0000020000, 4096, MADV_REMOVE", "mlock(0x7f0000020000, 8192)"),
      "1 from line 8: a load or store by another thread beside madvise(MADV_REMOVE): the same pages, shared "
      "memory, through mappings of two processes\n"
      "1 from line 9: a load or store by another thread beside mlock: the same pages, shared memory, through "
      "mappings of two processes\n"
      "1 from line 8: madvise(MADV_REMOVE) beside mlock: pages inside the other's, shared memory, through "
      "mappings of two processes\n");
  EXPECT_NE(two_processes("madvise(0x7f0000020000, 4096, MADV_DONTNEED", "munmap(0x7f0000051000, 4096)",
                          "8 mremap(0x7f0000020000, 8192, 8192, MREMAP_MAYMOVE) = 0x7f0000050000\n")
                .find("beside munmap"),
            std::string::npos)
      << "page 1 of the memory is none of page 0";
  EXPECT_NE(two_processes("madvise(0x7f0000021000, 4096, MADV_DONTNEED", "munmap(0x7f0000051000, 4096)",
                          "8 mremap(0x7f0000020000, 8192, 8192, MREMAP_MAYMOVE) = 0x7f0000050000\n")
                .find("madvise(MADV_DONTNEED) beside munmap: the same pages, shared memory, " + kOfTwo),
            std::string::npos);
  // The same file, mapped by each for itself, at another offset.
  const std::string maps =
      "8 openat(AT_FDCWD, \"/var/db\", O_RDWR) = 5\n"
      "8 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_SHARED, 5, 0x2000) = 0x7f0000040000\n";
  EXPECT_NE(two_processes("madvise(0x7f0000012000, 4096, MADV_DONTNEED", "mlock(0x7f0000040000, 4096)", maps)
                .find("madvise(MADV_DONTNEED) beside mlock: the same pages, shared, of a file, " + kOfTwo),
            std::string::npos);
}

TEST(Finder, PagesThatNobodyElseMapsDoNot) {
  const std::string advises = "madvise(0x7f0000030000, 4096, MADV_DONTNEED",
                    locks = "mlock(0x7f0000030000, 4096)";
  EXPECT_EQ(two_processes(advises, locks), "") << "private memory, of which each has its own";
  EXPECT_EQ(two_processes("madvise(0x7f0000020000, 4096, MADV_REMOVE", "mlock(0x7f0000020000, 4096)",
                          "8 munmap(0x7f0000020000, 8192) = 0\n")
                .find("MADV_REMOVE"),
            std::string::npos);
  EXPECT_EQ(two_processes("madvise(0x7f0000020000, 4096, MADV_REMOVE", "mlock(0x7f0000020000, 4096)",
                          "8 execve(\"/bin/y\", [\"y\"], 0x7ffc0 /* 0 vars */) = 0\n")
                .find("two processes"),
            std::string::npos);
  // Two memfds of one name are two files.
  const std::string maps =
      "8 memfd_create(\"m\", MFD_CLOEXEC) = 5</memfd:m (deleted)>\n"
      "8 mmap(NULL, 8192, PROT_READ, MAP_SHARED, 5</memfd:m (deleted)>, 0) = 0x7f0000040000\n"
      "7 mmap(NULL, 8192, PROT_READ, MAP_SHARED, 4</memfd:m (deleted)>, 0) = 0x7f0000060000\n";
  EXPECT_EQ(two_processes("madvise(0x7f0000060000, 4096, MADV_DONTNEED", "mlock(0x7f0000040000, 4096)", maps),
            "");
}

TEST(Finder, OneMemfdAndOneSegmentOfTwoProcessesAreTheirs) {
  const std::string memfd =
      "8 mmap(NULL, 8192, PROT_READ, MAP_SHARED, 4</memfd:m (deleted)>, 0) = 0x7f0000040000\n"
      "7 mmap(NULL, 8192, PROT_READ, MAP_SHARED, 4</memfd:m (deleted)>, 0) = 0x7f0000060000\n";
  EXPECT_NE(two_processes("madvise(0x7f0000060000, 4096, MADV_DONTNEED", "mlock(0x7f0000040000, 4096)", memfd)
                .find("beside mlock: the same pages, shared memory"),
            std::string::npos);
  const std::string segment =
      "8 shmget(IPC_PRIVATE, 8192, IPC_CREAT|0600) = 65\n8 shmat(65, NULL, 0) = 0x7f0000040000\n"
      "7 shmat(65, NULL, 0) = 0x7f0000060000\n";
  EXPECT_NE(
      two_processes("madvise(0x7f0000061000, 4096, MADV_DONTNEED", "mlock(0x7f0000041000, 4096)", segment)
          .find("beside mlock: the same pages, shared memory"),
      std::string::npos);
  EXPECT_EQ(two_processes("madvise(0x7f0000061000, 4096, MADV_DONTNEED", "mlock(0x7f0000041000, 4096)",
                          segment + "7 shmdt(0x7f0000060000) = 0\n")
                .find("beside mlock"),
            std::string::npos);
}

TEST(Finder, MappingsOfAMemoryMapAreKnown) {
  const auto map = [](int pid, const char* at) {
    return "# ringtail pid=" + std::to_string(pid) + "\n# ringtail map=" + at +
           " rw-s 00001000 00:05 77                  /dev/zero (deleted)\n";
  };
  EXPECT_NE(
      told(map(7, "7f0000010000-7f0000012000") + map(8, "7f0000020000-7f0000022000") +
           "7 madvise(0x7f0000011000, 4096, MADV_REMOVE <unfinished ...>\n"
           "8 mlock(0x7f0000020000, 8192) = 0\n7 <... madvise resumed>) = 0\n")
          .find("madvise(MADV_REMOVE) beside mlock: pages inside the other's, shared memory, " + kOfTwo),
      std::string::npos);
}

TEST(Finder, MoveAllIsAnotherMoveWhereOthersMapThePages) {
  const std::string call = "move_pages(0, 1, [0x7f0000020000], [1]",
                    end =
                        " <unfinished ...>\n8 mlock(0x7f0000020000, "
                        "4096) = 0\n7 <... move_pages resumed>, [1], ";
  const auto moved = [&](const char* flags) {
    return told(kMapsAndForks + "7 " + call + end + flags + ") = 0\n");
  };
  EXPECT_NE(moved("MPOL_MF_MOVE_ALL")
                .find("mlock beside move_pages(MPOL_MF_MOVE_ALL): the same pages, shared memory"),
            std::string::npos);
  EXPECT_NE(moved("MPOL_MF_MOVE").find("mlock beside move_pages: the same pages, shared memory"),
            std::string::npos);
}

TEST(Finder, AFileIsCutWhileItIsMapped) {
  EXPECT_NE(two_processes("mlock(0x7f0000011000, 4096", "ftruncate(3, 4096)")
                .find("mlock beside ftruncate or fallocate: pages inside the other's, shared, of a file, by "
                      "a descriptor"),
            std::string::npos);
  EXPECT_EQ(two_processes("mlock(0x7f0000010000, 4096", "ftruncate(3, 4096)").find("mlock beside ftruncate"),
            std::string::npos)
      << "the first page stays";
  EXPECT_NE(two_processes("mlock(0x7f0000010000, 4096",
                          "fallocate(3, FALLOC_FL_KEEP_SIZE|FALLOC_FL_PUNCH_HOLE, 0, 8192)")
                .find("mlock beside ftruncate or fallocate: pages inside"),
            std::string::npos);
}

TEST(Finder, AnOpenFileOfTwoProcessesIsClosedByOne) {
  const std::string submit =
      "io_submit(0x7f0000090000, 1, [{aio_data=0, aio_lio_opcode=IOCB_CMD_PREAD, aio_fildes=3, "
      "aio_buf=0x7f0000030000, aio_nbytes=512, aio_offset=0}])";
  EXPECT_NE(
      two_processes("close(3", submit).find("io_submit beside close: an open file that two processes have"),
      std::string::npos);
  EXPECT_EQ(two_processes("close(4", submit), "") << "another file";
  EXPECT_EQ(two_processes("close(3", submit, "8 close(3) = 0\n8 openat(AT_FDCWD, \"/var/db\", O_RDWR) = 3\n"),
            "")
      << "the same file, opened by each for itself";
  EXPECT_EQ(told(kMapsAndForks +
                 "7 clone(child_stack=0x7f1000, flags=CLONE_VM|CLONE_FILES) = 9\n7 close(3 <unfinished "
                 "...>\n9 dup(3) = 5\n7 <... close resumed>) = 0\n"),
            "1 from line 9: close beside dup: the same descriptor\n")
      << "a process that shares them all";
}

TEST(Finder, RequestsInFlightMayCompleteAtAnyTime) {
  const std::string capture =
      "7 execve(\"/bin/x\", [\"x\"], 0x7ffc0 /* 0 vars */) = 0\n"
      "7 io_setup(8, [0x7f0000020000]) = 0\n"
      "7 io_getevents(0x7f0000020000, 0, 1, [], {tv_sec=0, tv_nsec=0}) = 0\n"
      "7 io_submit(0x7f0000020000, 1, [{aio_data=0, aio_lio_opcode=IOCB_CMD_PREAD, aio_fildes=3, "
      "aio_buf=0x7f0000010000, aio_nbytes=512, aio_offset=0}]) = 1\n"
      "7 io_getevents(0x7f0000020000, 1, 1, [{data=0, obj=0x1000, res=512, res2=0}], NULL) = 1\n";
  EXPECT_EQ(told(capture),
            "1 from line 5: the completion of a request beside io_getevents: the same context\n");
}

TEST(Finder, ADescriptorIsClosedWhileARequestOnItIsSubmitted) {
  EXPECT_NE(told(std::string(kTwoThreads) +
                 "7 io_submit(0x7f0000020000, 1, [{aio_data=0, aio_lio_opcode=IOCB_CMD_PREAD, aio_fildes=3, "
                 "aio_buf=0x7f0000010000, aio_nbytes=512, aio_offset=0}] <unfinished ...>\n"
                 "8 close(3) = 0\n"
                 "7 <... io_submit resumed>) = 1\n")
                .find("io_submit beside close: the same descriptor"),
            std::string::npos);
}

// --- random captures

struct Made {
  int thread = 0, kind = 0, page = 0, pages = 1;
  friend std::ostream& operator<<(std::ostream& out, const Made& m) {
    return out << m.thread << ':' << m.kind << '@' << m.page << '+' << m.pages;
  }
};
constexpr const char* kCalls[] = {"munmap(0x{:x}, {})", "madvise(0x{:x}, {}, MADV_DONTNEED)",
                                  "mprotect(0x{:x}, {}, PROT_READ)", "io_destroy(0x{:x})",
                                  "io_cancel(0x{:x}, 0x1{}, NULL)"};
constexpr Operation kOperations[] = {
    {Op::munmap, -1}, {Op::madvise, 4}, {Op::mprotect, -1}, {Op::io_destroy, -1}, {Op::io_cancel, -1}};

struct Interval {
  Made made;
  std::size_t begin = 0, end = 0;  // lines
};

// Threads that are in a call end it, others begin one, as `moves` say; each line is one of the two.
std::string capture_of(const std::vector<Made>& moves, std::vector<Interval>& calls) {
  std::string out = kTwoThreads;
  for (int thread = 9; thread < 12; ++thread)
    out +=
        fmt::format("7 clone(child_stack=0x7f1000, flags=CLONE_VM|CLONE_FILES|CLONE_THREAD) = {}\n", thread);
  std::size_t line = 6;
  std::map<int, std::size_t> open;  // by thread
  const auto end = [&](int thread) {
    Interval& call = calls[open[thread]];
    const std::string text = kCalls[call.made.kind];
    out += fmt::format("{} <... {} resumed>) = -1 ENOMEM (Cannot allocate memory)\n", thread,
                       text.substr(0, text.find('(')));
    call.end = ++line;
    open.erase(thread);
  };
  for (const Made& m : moves) {
    if (open.contains(m.thread)) {
      end(m.thread);
      continue;
    }
    open[m.thread] = calls.size();
    calls.push_back({m, ++line, 0});
    std::string text =
        fmt::format(fmt::runtime(kCalls[m.kind]), 0x7f0000010000 + (m.page << 12), m.pages << 12);
    text.pop_back();
    out += fmt::format("{} {} <unfinished ...>\n", m.thread, text);
  }
  while (!open.empty()) end(open.begin()->first);
  return out;
}

using Counted = std::map<Shape, std::uint64_t>;

Shape without_pages(Shape s) {
  s.pages = {};
  return s;
}

Counted judge(const std::vector<Interval>& calls) {
  Counted out;
  for (std::size_t i = 0; i < calls.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const Interval *a = &calls[i], *b = &calls[j];
      if (a->made.thread == b->made.thread || a->end < b->begin || b->end < a->begin) continue;
      if (kOperations[b->made.kind] < kOperations[a->made.kind]) std::swap(a, b);
      Shape s;
      s.first = kOperations[a->made.kind];
      s.second = kOperations[b->made.kind];
      const bool pages = a->made.kind < 3;
      if (pages != (b->made.kind < 3)) continue;
      if (pages) {
        std::set<int> x, y, both;
        for (int k = 0; k < a->made.pages; ++k) x.insert(a->made.page + k);
        for (int k = 0; k < b->made.pages; ++k) y.insert(b->made.page + k);
        for (const int p : x)
          if (y.contains(p)) both.insert(p);
        if (both.empty()) continue;
        s.relation = x == y      ? Relation::same
                     : both == x ? Relation::inside
                     : both == y ? Relation::around
                                 : Relation::overlap;
        if (s.first == s.second && s.relation == Relation::around) s.relation = Relation::inside;
      } else {
        s.what = Touch::What::context;
        if (a->made.page != b->made.page) continue;
      }
      ++out[s];
    }
  return out;
}

// Each three, each two of which overlap, with a page or a context that all have.
Counted judge_of_three(const std::vector<Interval>& calls) {
  Counted out;
  const auto overlap = [](const Interval& a, const Interval& b) {
    return a.made.thread != b.made.thread && a.end > b.begin && b.end > a.begin;
  };
  for (std::size_t i = 0; i < calls.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      for (std::size_t k = 0; k < j; ++k) {
        const Interval* all[] = {&calls[i], &calls[j], &calls[k]};
        if (!overlap(*all[0], *all[1]) || !overlap(*all[1], *all[2]) || !overlap(*all[0], *all[2])) continue;
        const auto on_pages =
            std::count_if(std::begin(all), std::end(all), [](const Interval* c) { return c->made.kind < 3; });
        if (on_pages != 0 && on_pages != 3) continue;
        bool common = false;
        for (int page = 0; page < 8; ++page)
          common |= std::all_of(std::begin(all), std::end(all), [&](const Interval* c) {
            return c->made.page <= page && page < c->made.page + (on_pages ? c->made.pages : 1);
          });
        if (!common) continue;
        std::vector<Operation> ops;
        for (const Interval* c : all) ops.push_back(kOperations[c->made.kind]);
        std::sort(ops.begin(), ops.end());
        Shape s;
        if (!on_pages) s.what = Touch::What::context;
        s.first = ops[0], s.second = ops[1], s.third = ops[2];
        ++out[s];
      }
  return out;
}

rc::Gen<std::vector<Made>> moves() {
  return rc::gen::container<std::vector<Made>>(rc::gen::apply(
      [](int thread, int kind, int page, int pages) {
        return Made{thread, kind, page, pages};
      },
      rc::gen::inRange(7, 12), rc::gen::inRange(0, 5), rc::gen::inRange(0, 4), rc::gen::inRange(1, 4)));
}

void agrees(std::size_t most_ended, bool threes) {
  const std::vector<Made> m = *moves();
  std::vector<Interval> calls;
  const std::string capture = capture_of(m, calls);
  Counted counted;
  for (const Found& f : found_in(capture, most_ended, ~std::size_t{0}))
    if (f.shape.first.op != Op::user && f.shape.first.op != Op::complete &&
        f.shape.third.has_value() == threes)
      counted[without_pages(f.shape)] += f.count;
  RC_ASSERT(counted == (threes ? judge_of_three(calls) : judge(calls)));
}

RC_GTEST_PROP(Finder, AgreesWithTheQuadraticJudge, ()) { agrees(Finder::kMostEnded, false); }
RC_GTEST_PROP(Finder, AgreesWithTheCubicJudgeOfSetsOfThree, ()) { agrees(Finder::kMostEnded, true); }
RC_GTEST_PROP(Finder, AgreesWithItWhenEndedCallsAreDropped, ()) { agrees(3, false); }

TEST(Finder, SetsOfThreeHaveAPageInCommon) {
  const std::string begin = std::string(kTwoThreads) +
                            "7 clone(child_stack=0x7f1000, flags=CLONE_VM|CLONE_FILES|CLONE_THREAD) = 9\n"
                            "7 munmap(0x7f0000010000, 8192 <unfinished ...>\n"
                            "8 mlock(0x7f0000011000, 4096 <unfinished ...>\n";
  const std::string end = "8 <... mlock resumed>) = 0\n7 <... munmap resumed>) = 0\n";
  EXPECT_NE(told(begin + "9 madvise(0x7f0000010000, 8192, MADV_DONTNEED) = 0\n" + end)
                .find("1 from line 5: madvise(MADV_DONTNEED) beside munmap beside mlock: the same pages"),
            std::string::npos);
  EXPECT_EQ(told(begin + "9 madvise(0x7f0000010000, 4096, MADV_DONTNEED) = 0\n" + end)
                .find("munmap beside mlock beside"),
            std::string::npos);
}

}  // namespace
}  // namespace ringtail::hunt
