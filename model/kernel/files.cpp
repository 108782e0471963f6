// SPDX-License-Identifier: GPL-2.0-or-later
// open, openat, creat, close, close_range, dup, dup2, dup3, fcntl, eventfd, eventfd2, memfd_create,
// ftruncate, fallocate, pipe, pipe2, socket, socketpair, accept, accept4, pidfd_open.
//
// These calls are there for what they teach about descriptors. Of their own results the model judges what
// follows from the arguments alone: which number a duplicate gets, that a new descriptor is one, that nothing
// but -errno is negative.
#include "model/kernel/files.h"

#include <algorithm>

#include <fmt/format.h>

#include "model/kernel/step.h"

namespace ringtail::kernel {
namespace {

constexpr std::uint64_t kAccMode = 3, kWronly = 1, kRdwr = 2, kOPath = 010000000, kOCloexec = 02000000,
                        kODirectory = 0200000, kOTmpfile = 020000000, kMfdCloexec = 1, kMfdHugetlb = 4,
                        kCloseRangeCloexec = 4, kCloseRangeUnshare = 2;
enum Fcntl : std::uint64_t { kDupFd = 0, kSetFd = 2, kDupFdCloexec = 1030 };

constexpr Rule kFailed{"descriptor.failed", 0, "man 2: the errors of the call"};
constexpr Rule kNumber{"descriptor.number", 0, "fs/file.c alloc_fd: a descriptor is an int from 0"};
constexpr Rule kZero{"descriptor.result", 0, "man 2: 0 on success"};
constexpr Rule kBadNumber{"descriptor.bad", 9, "fs/file.c fget: no descriptor is negative"};
constexpr Rule kNegative{"ftruncate.negative", 22, "fs/open.c do_sys_ftruncate: length < 0"};
constexpr Rule kDupTarget{"dup.target", 0, "fs/file.c ksys_dup3: returns newfd"};
constexpr Rule kDupLeast{"fcntl.least", 0, "fs/file.c f_dupfd: the lowest free descriptor from arg on"};
constexpr Rule kDupSame{"dup3.same", 22, "fs/file.c ksys_dup3: oldfd == newfd"};
constexpr Rule kDup3Flags{"dup3.flags", 22, "fs/file.c ksys_dup3: only O_CLOEXEC"};
constexpr Rule kPair{"descriptor.pair", 0,
                     "fs/pipe.c do_pipe_flags, net/socket.c __sys_socketpair: two descriptors"};

// Any error: which ones a file system, a limit or a security module gives is out of sight.
void any_error(Step& s) {
  if (s.failed()) s.checks.fails_with(kFailed, static_cast<int>(-s.result()), Tri::maybe);
}

// Of the last component: that is what an open by a relative path and an annotation have in common.
std::uint32_t hash_of(std::string_view path) {
  path.remove_prefix(path.rfind('/') + 1);
  std::uint32_t h = 2166136261u;
  for (const char c : path) h = (h ^ static_cast<unsigned char>(c)) * 16777619u;
  return path.empty() ? 0 : h | 1;
}

OpenFile made(FileKind kind, Tri readable = Tri::yes, Tri writable = Tri::yes) {
  return {Tri::yes, readable, writable, kind};
}

}  // namespace

FileKind kind_of(std::string_view a) {
  if (a.starts_with('/')) {
    if (a.starts_with("/memfd:")) return FileKind::memfd;
    if (a.starts_with("/anon_hugepage")) return FileKind::hugetlb;
    if (a.find("<char ") != a.npos || a.find("<block ") != a.npos) return FileKind::device;
    return FileKind::unknown;
  }
  if (a.starts_with("pipe:")) return FileKind::pipe;
  if (a.starts_with("anon_inode:")) {
    a.remove_prefix(11);
    if (a.starts_with("[eventfd]")) return FileKind::eventfd;
    if (a.starts_with("[pidfd]")) return FileKind::pidfd;
    return FileKind::anon_inode;
  }
  for (const std::string_view family :
       {"socket:", "TCP", "UDP", "UNIX", "NETLINK", "RAW", "SCTP", "L2TP", "DCCP", "PING"})
    if (a.starts_with(family) && a.size() > family.size() && (family.ends_with(':') || a.find('[') != a.npos))
      return FileKind::socket;
  return FileKind::unknown;
}

namespace {

// Whether a file of this kind can have a name of that.
bool agrees(FileKind kind, FileKind named) {
  return kind == named ||
         (named == FileKind::memfd && (kind == FileKind::shmem || kind == FileKind::hugetlb));
}

}  // namespace

bool may_be_special(std::string_view name) {
  if (!name.starts_with('/') || name.find('/', 1) == name.npos) return true;
  if (name.find("/dev/shm/") != name.npos) return false;
  for (const std::string_view made : {"/dev/", "/proc/", "/sys/", "<char ", "<block "})
    if (name.find(made) != name.npos) return true;
  return false;
}

OpenFile FileTable::find(std::int32_t fd, std::string_view annotation, const FileSystem& system) const {
  if (fd < 0) return {Tri::no, Tri::no, Tri::no, FileKind::unknown};
  OpenFile f;
  // It may be what O_PATH gave: of a file in a tree, when nobody saw it opened.
  bool path_only = annotation.starts_with('/');
  const auto i = static_cast<std::size_t>(fd);
  if (i < slots_.size() && slots_[i].known) {
    const Slot& slot = slots_[i];
    bool same = system.closes && !system.annotated;
    if (!annotation.empty())
      same = slot.path ? slot.path == hash_of(annotation)
                       : system.closes && slot.file.kind != FileKind::unknown &&
                             agrees(slot.file.kind, kind_of(annotation));
    if (same) f = slot.file;
    path_only = (same || slot.path == 0) && slot.file.open == Tri::maybe && slot.file.readable == Tri::no &&
                slot.file.writable == Tri::no;
  }
  if (!annotation.empty()) {
    if (!path_only) f.open = Tri::yes;
    if (const FileKind kind = kind_of(annotation); kind != FileKind::unknown && !agrees(f.kind, kind))
      f.kind = kind;
  } else if (system.annotated) {
    f = {Tri::no, Tri::maybe, Tri::maybe, FileKind::unknown};
  }
  return f;
}

// Whatever else a number may have become, a pidfd it is only by pidfd_open, dup and CLONE_PIDFD (or as sent
// by another process, which the model does not follow).
Opened FileTable::opened(std::int32_t fd, std::string_view annotation, const FileSystem& system) const {
  const auto i = static_cast<std::size_t>(fd);
  if (fd < 0 || i >= slots_.size() || !slots_[i].known) return {};
  const bool same =
      annotation.empty() ? system.closes && !system.annotated : kind_of(annotation) == FileKind::pidfd;
  return same ? slots_[i].opened : Opened{};
}

void FileTable::forget_pidfds() {
  for (Slot& s : slots_) s.opened = {};
}

void FileTable::set(std::int32_t fd, OpenFile file, std::string_view path, bool close_on_exec) {
  if (fd < 0 || fd >= kMost) return;
  const auto i = static_cast<std::size_t>(fd);
  if (i >= slots_.size()) slots_.resize(std::max(i + 1, slots_.size() + slots_.size() / 2));
  slots_[i] = {file, true, tri(close_on_exec), hash_of(path), {}};
}

void FileTable::duplicate(std::int32_t from, std::int32_t to, bool close_on_exec) {
  if (from == to || to < 0 || to >= kMost) return;
  forget(to);
  if (from < 0 || static_cast<std::size_t>(from) >= slots_.size() ||
      !slots_[static_cast<std::size_t>(from)].known)
    return;
  const Slot copy = slots_[static_cast<std::size_t>(from)];
  set(to, copy.file, {}, close_on_exec);
  Slot& slot = slots_[static_cast<std::size_t>(to)];
  slot.path = copy.path;
  slot.opened = copy.opened;
}

void FileTable::close_on_exec(std::int32_t fd, Tri on) {
  if (fd >= 0 && static_cast<std::size_t>(fd) < slots_.size())
    slots_[static_cast<std::size_t>(fd)].close_on_exec = on;
}

void FileTable::close_range(std::uint32_t first, std::uint32_t last) {
  for (std::size_t i = first; i < slots_.size() && i <= last; ++i) slots_[i] = {};
}

void FileTable::forget(std::int32_t fd) {
  if (fd >= 0 && static_cast<std::size_t>(fd) < slots_.size()) slots_[static_cast<std::size_t>(fd)] = {};
}

void FileTable::exec() {
  for (Slot& s : slots_)
    if (s.close_on_exec != Tri::no) s = {};
}

namespace {

// Whether the call may make another file of descriptor `fd`.
bool may_change(const Op& op, std::int32_t fd) {
  switch (op.sys) {
    case Sys::ftruncate:
    case Sys::fallocate:
      return false;
    case Sys::close:
      return !op.object.known() || op.object.s32() == fd;
    default:
      return family_of(op.sys) == Family::descriptor;
  }
}

}  // namespace

void FileTable::blur(const Op& beside) {
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].known && may_change(beside, static_cast<std::int32_t>(i))) slots_[i] = {};
}

namespace {

bool raced(const Step& s, std::int32_t fd) {
  bool raced = false;
  s.overlapping([&](const Op& o) { raced = raced || may_change(o, fd); });
  return raced;
}

}  // namespace

Opened pidfd_at(const Step& s, std::int32_t fd, std::string_view annotation) {
  if (s.mm.loose || raced(s, fd)) return {};
  return s.task.files->opened(fd, annotation, s.world.files);
}

OpenFile file_at(const Step& s, std::int32_t fd, std::string_view annotation, const FileSystem& system) {
  if (fd < 0) return s.task.files->find(fd, annotation, system);
  if (raced(s, fd)) return {};
  static const FileTable kNothing;
  const FileTable& known = s.mm.loose ? kNothing : *s.task.files;
  return known.find(fd, annotation, system);
}

namespace {

FileTable& files(Step& s) { return *s.task.files; }

// A call on a descriptor: a negative one is refused.
void needs_descriptor(Step& s, int i) {
  if (s.knows(i)) s.checks.fails(kBadNumber, s.call.arg[static_cast<std::size_t>(i)].s32() < 0);
}

// A call that returns a new descriptor.
void returns_descriptor(Step& s) {
  any_error(s);
  s.checks.succeeds(kNumber);
  s.checks.inexact();
  if (s.succeeded())
    s.checks.expect(
        kNumber, tri(s.result() >= 0 && s.result() <= 0x7fffffff),
        [&] { return fmt::format("{}", s.result()); }, [] { return "a descriptor"; });
}

void returns_zero(Step& s) {
  any_error(s);
  s.checks.returns(kZero, 0);
}

std::int32_t number(const Step& s) { return static_cast<std::int32_t>(s.result()); }

// Where the recorder annotates results it says what was opened; else the argument is near enough.
std::string_view path_of(const Call& call) {
  if (!call.out_path.empty()) return call.out_path;
  return call.path_truncated ? std::string_view{} : std::string_view{call.path};
}

void judge_open(Step& s) {
  returns_descriptor(s);
  if (!s.succeeded()) return;
  if (!s.call.fd.path.empty() || !s.call.out_path.empty()) s.world.files.annotated = true;
  const Word flags = s.call.sys == Sys::creat    ? Word::of(kWronly)
                     : s.call.sys == Sys::openat ? s.call.arg[2]
                                                 : s.call.arg[1];
  OpenFile f = made(FileKind::unknown, Tri::maybe, Tri::maybe);
  bool cloexec = false;
  if (flags.known()) {
    const std::uint64_t mode = flags.value & kAccMode;
    // O_PATH gives a descriptor that calls on the file refuse; 3 is for ioctl only.
    const bool path = flags.value & kOPath;
    f.readable = tri(!path && (mode == 0 || mode == kRdwr));
    f.writable = tri(!path && (mode == kWronly || mode == kRdwr));
    if (path) f.open = Tri::maybe;
    if ((flags.value & kODirectory) && !(flags.value & kOTmpfile)) f.kind = FileKind::directory;
    cloexec = flags.value & kOCloexec;
  }
  files(s).set(number(s), f, path_of(s.call), cloexec);
}

void judge_close(Step& s) {
  s.world.files.closes = true;
  if (!s.call.fd.path.empty()) s.world.files.annotated = true;
  needs_descriptor(s, 0);
  returns_zero(s);
  if (s.knows(0)) files(s).close(s.call.arg[0].s32());  // also when it fails with EIO or EINTR
}

void judge_close_range(Step& s) {
  returns_zero(s);
  if (!s.succeeded() || !s.need(3)) return;
  FileTable own;
  if (s.arg(2) & kCloseRangeUnshare) s.task.files = std::make_shared<FileTable>(*s.task.files);
  const auto first = static_cast<std::uint32_t>(s.arg(0)), last = static_cast<std::uint32_t>(s.arg(1));
  if (!(s.arg(2) & kCloseRangeCloexec)) return files(s).close_range(first, last);
  for (std::uint32_t fd = first; fd <= last && fd < 65536; ++fd)
    files(s).close_on_exec(static_cast<std::int32_t>(fd), Tri::yes);
}

void judge_dup(Step& s) {
  const bool dup3 = s.call.sys == Sys::dup3, targeted = dup3 || s.call.sys == Sys::dup2;
  const Word from = s.call.arg[0], to = s.call.arg[1], flags = s.call.arg[2];
  if (dup3 && flags.known()) s.checks.fails(kDup3Flags, (flags.value & 0xffffffff & ~kOCloexec) != 0);
  if (dup3 && from.known() && to.known()) s.checks.fails(kDupSame, from.s32() == to.s32());
  needs_descriptor(s, 0);
  if (targeted) needs_descriptor(s, 1);
  if (targeted && to.known()) {
    any_error(s);
    s.checks.returns(kDupTarget, to.s32());
  } else {
    returns_descriptor(s);
  }
  if (s.succeeded() && from.known())
    files(s).duplicate(from.s32(), number(s), dup3 && flags.known() && (flags.value & kOCloexec));
}

void judge_fcntl(Step& s) {
  needs_descriptor(s, 0);
  any_error(s);
  s.checks.succeeds(kNumber);
  s.checks.inexact();
  if (s.succeeded())
    s.checks.expect(
        kNumber, tri(s.result() >= 0), [&] { return fmt::format("{}", s.result()); },
        [] { return "0 or more"; });
  if (!s.succeeded() || !s.knows(0) || !s.knows(1)) return;
  const std::int32_t fd = s.call.arg[0].s32();
  switch (s.arg(1) & 0xffffffff) {
    case kDupFd:
    case kDupFdCloexec:
      if (s.knows(2))
        s.checks.expect(
            kDupLeast, tri(s.result() >= s.call.arg[2].s32()), [&] { return fmt::format("{}", s.result()); },
            [&] { return fmt::format("{} or more", s.call.arg[2].s32()); });
      files(s).duplicate(fd, number(s), (s.arg(1) & 0xffffffff) == kDupFdCloexec);
      break;
    case kSetFd:
      files(s).close_on_exec(fd, s.knows(2) ? tri(s.arg(2) & 1) : Tri::maybe);
      break;
    default:
      break;
  }
}

void judge_new(Step& s) {
  returns_descriptor(s);
  if (!s.succeeded()) return;
  OpenFile f = made(FileKind::unknown);
  Word flags;
  std::uint64_t cloexec = kOCloexec;
  switch (s.call.sys) {
    case Sys::eventfd:
      f.kind = FileKind::eventfd;
      break;
    case Sys::eventfd2:
      f.kind = FileKind::eventfd;
      flags = s.call.arg[1];
      break;
    case Sys::memfd_create:
      flags = s.call.arg[1];
      cloexec = kMfdCloexec;
      f.kind = !flags.known()              ? FileKind::memfd
               : flags.value & kMfdHugetlb ? FileKind::hugetlb
                                           : FileKind::shmem;
      break;
    case Sys::socket:
      f.kind = FileKind::socket;
      flags = s.call.arg[1];
      break;
    case Sys::accept4:
      flags = s.call.arg[3];
      [[fallthrough]];
    case Sys::accept:
      f.kind = FileKind::socket;
      break;
    case Sys::pidfd_open:
      f = made(FileKind::pidfd, Tri::maybe, Tri::maybe);
      flags = Word::of(kOCloexec);
      break;
    default:
      break;
  }
  files(s).set(number(s), f, s.call.out_path, flags.known() && (flags.value & cloexec));
  if (s.call.sys == Sys::pidfd_open && s.knows(0))
    files(s).opened(number(s), {s.call.arg[0].s32(), s.op.begin_seq});
}

void judge_pair(Step& s) {
  returns_zero(s);
  if (!s.succeeded() || !s.call.outs.complete()) return;
  const auto& fds = s.call.outs.items;
  const auto text = [&] { return fmt::format("{} descriptors", fds.size()); };
  s.checks.expect(kPair, tri(fds.size() == 2 && fds[0] != fds[1]), text, [] { return "two descriptors"; });
  if (fds.size() != 2) return;
  const bool pipe = s.call.sys != Sys::socketpair;
  const Word flags = s.call.sys == Sys::pipe2 || !pipe ? s.call.arg[1] : Word::of(0);
  const bool cloexec = flags.known() && (flags.value & kOCloexec);
  const FileKind kind = pipe ? FileKind::pipe : FileKind::socket;
  files(s).set(static_cast<std::int32_t>(fds[0]), made(kind, Tri::yes, tri(!pipe)), {}, cloexec);
  files(s).set(static_cast<std::int32_t>(fds[1]), made(kind, tri(!pipe), Tri::yes), {}, cloexec);
}

void judge_on(Step& s) {
  if (s.call.sys == Sys::ftruncate && s.knows(1)) s.checks.fails(kNegative, s.call.arg[1].s64() < 0);
  needs_descriptor(s, 0);
  returns_zero(s);
}

}  // namespace

Handler descriptor_handler(Sys sys) {
  switch (sys) {
    case Sys::open:
    case Sys::openat:
    case Sys::creat:
      return {judge_open};
    case Sys::close:
      return {judge_close};
    case Sys::close_range:
      return {judge_close_range};
    case Sys::dup:
    case Sys::dup2:
    case Sys::dup3:
      return {judge_dup};
    case Sys::fcntl:
      return {judge_fcntl};
    case Sys::eventfd:
    case Sys::eventfd2:
    case Sys::memfd_create:
    case Sys::socket:
    case Sys::accept:
    case Sys::accept4:
    case Sys::pidfd_open:
      return {judge_new};
    case Sys::pipe:
    case Sys::pipe2:
    case Sys::socketpair:
      return {judge_pair};
    case Sys::ftruncate:
    case Sys::fallocate:
      return {judge_on};
    default:
      return {};
  }
}

}  // namespace ringtail::kernel
