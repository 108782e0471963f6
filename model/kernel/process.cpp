// SPDX-License-Identifier: GPL-2.0-or-later
// fork, vfork, clone, clone3, execve, execveat, exit, exit_group: who shares what with whom from now on.
#include <fmt/format.h>

#include "model/kernel/step.h"

namespace ringtail::kernel {
namespace {

constexpr std::uint64_t kVm = 0x100, kFs = 0x200, kFiles = 0x400, kSighand = 0x800, kPidfd = 0x1000,
                        kVfork = 0x4000, kParentSetTid = 0x100000, kThread = 0x10000, kNewNs = 0x20000,
                        kDetached = 0x400000, kNewUser = 0x10000000, kNewPid = 0x20000000,
                        kClearSighand = 0x100000000;

constexpr const char* kCopy = "kernel/fork.c copy_process";
constexpr Rule kNoClone3{"clone3.unknown", 38, "commit 7f192e3cd316", {}, {5, 3, 0}};
constexpr Rule kNewNsFs{"clone.newns-with-fs", 22, kCopy};
constexpr Rule kThreadAlone{"clone.thread-without-sighand", 22, kCopy};
constexpr Rule kSighandAlone{"clone.sighand-without-vm", 22, kCopy};
constexpr Rule kInvalid{"clone.invalid", 22, kCopy};
constexpr Rule kDenied{"clone.denied", 1, kCopy};
constexpr Rule kAgain{"clone.limit", 11, "kernel/fork.c copy_process: RLIMIT_NPROC, threads-max, pid_max"};
constexpr Rule kNoMemory{"clone.no-memory", 12, kCopy};
constexpr Rule kNoSpace{"clone.namespace-limit", 28, kCopy};
constexpr Rule kUsers{"clone.user-namespaces", 87, kCopy};
constexpr Rule kFault{"clone.fault", 14, "kernel/fork.c copy_clone_args_from_user, put_user"};
constexpr Rule kTooBig{"clone3.size", 7, "kernel/fork.c copy_clone_args_from_user"};
constexpr Rule kTaken{"clone3.pid-taken", 17, "kernel/pid.c alloc_pid: set_tid"};
constexpr Rule kDescriptors{"clone.descriptors", 24, "kernel/fork.c copy_process: CLONE_PIDFD"};
constexpr Rule kCgroup{"clone3.cgroup", 9, "kernel/cgroup/cgroup.c cgroup_css_set_fork"};
constexpr Rule kCgroupBusy{"clone3.cgroup-busy", 16, "kernel/cgroup/cgroup.c cgroup_css_set_fork"};
constexpr Rule kOk{"clone.result", 0, kCopy};
constexpr Rule kPid{"clone.pid-positive", 0, "kernel/fork.c kernel_clone: pid_vnr"};

// What open_exec, the binary formats and the new image may refuse.
constexpr Rule kExec{"execve.refused", 2, "fs/exec.c do_execveat_common, man execve(2)"};
constexpr int kExecErrors[] = {1,  2,  4,  5,  7,  8,  9,  11, 12, 13, 14, 16,
                               20, 21, 22, 23, 24, 26, 36, 40, 62, 75, 80, 116};
constexpr Rule kNever{"exit.never-returns", 0, "kernel/exit.c do_exit"};
constexpr Rule kExecOk{"execve.result", 0, "fs/exec.c do_execveat_common"};

Word flags_of(const Call& call) {
  switch (call.sys) {
    case Sys::clone:
      return call.arg[0];
    case Sys::clone3:
      return call.outs.items.empty() ? Word{} : Word::of(call.outs.items[0]);
    default:
      return Word{};
  }
}

void check_flags(Checks& c, std::uint64_t f) {
  c.fails(kNewNsFs, (f & (kNewNs | kFs)) == (kNewNs | kFs) || (f & (kNewUser | kFs)) == (kNewUser | kFs));
  c.fails(kThreadAlone, (f & kThread) && !(f & kSighand));
  c.fails(kSighandAlone, (f & kSighand) && !(f & kVm));
  constexpr std::uint64_t kPlain = kVm | kFs | kFiles | kSighand | kThread | kParentSetTid | 0x80000 |
                                   0x200000 | 0x1000000 | 0x40000 | kDetached | 0xff | 0x2000 | 0x4000 |
                                   0x8000;
  if (f & ~kPlain) {  // namespaces, pidfd, cgroup and what else may be refused for reasons out of sight
    c.may_fail(kInvalid);
    c.may_fail(kDenied);
    c.may_fail(kNoSpace);
    c.may_fail(kUsers);
    c.may_fail(kDescriptors);
    c.may_fail(kTaken);
    c.may_fail(kCgroup);
    c.may_fail(kCgroupBusy);
    c.fails_with(kCgroup, 95, Tri::maybe);
  }
}

void judge_clone(Step& s) {
  Checks& c = s.checks;
  const Word flags = flags_of(s.call);
  if (s.call.sys == Sys::clone3) {
    c.fails(kNoClone3, true);
    c.may_fail(kInvalid);
    c.may_fail(kTooBig);
    c.may_fail(kFault);
    c.may_fail(kDenied);
    c.may_fail(kTaken);
    c.fails_with(kDenied, 38,
                 Tri::maybe);  // seccomp sandboxes answer ENOSYS so that the C library falls back to clone
  }
  if (flags.known()) {
    check_flags(c, flags.value);
  } else if (s.call.sys != Sys::fork && s.call.sys != Sys::vfork) {
    check_flags(c, kNewNs | kNewPid | kPidfd | kClearSighand);
  }
  if (flags.known() && (flags.value & (kThread | kVm | kSighand)))
    c.may_fail(kInvalid);  // pid namespaces, time namespaces
  c.may_fail(kAgain);
  c.may_fail(kNoMemory);
  c.succeeds(kOk);
  c.expect(
      kPid, tri(s.result() > 0 && s.result() <= 0x400000), [&] { return fmt::format("{}", s.result()); },
      [] { return std::string("the pid of a child, above 0"); });
  if (s.succeeded() && !(flags.known() && !(flags.value & kPidfd)) && s.call.sys != Sys::fork &&
      s.call.sys != Sys::vfork)
    s.task.files->forget_pidfds();
  const bool waits = s.call.sys == Sys::vfork || (flags.known() && (flags.value & kVfork));
  if (s.succeeded() && s.result() > 0)
    s.world.spawn(s.task, static_cast<std::int32_t>(s.result()), s.op, waits);
}

void judge_execve(Step& s) {
  Checks& c = s.checks;
  for (const int e : kExecErrors) c.fails_with(kExec, e, Tri::maybe);
  c.returns(kExecOk, 0);
  s.world.sees_exec = true;
  if (s.succeeded()) s.world.exec(s.task);
}

void judge_exit(Step& s) {
  s.checks.succeeds(kNever);
  s.checks.expect(
      kNever, Tri::no, [&] { return fmt::format("returned {}", s.result()); },
      [] { return std::string("no return"); });
}

void exec_footprint(const World&, const Task&, const Call& call, Footprint& f) {
  if (!call.out.failed()) f.add(kEverywhere, kReplaces);
}

}  // namespace

void spawn_shares(const Call& call, Tri& mm, Tri& files) {
  if (call.sys == Sys::fork) {
    mm = files = Tri::no;
  } else if (call.sys == Sys::vfork) {
    mm = Tri::yes, files = Tri::no;
  } else if (const Word flags = flags_of(call); flags.known()) {
    mm = tri(flags.value & kVm), files = tri(flags.value & kFiles);
  } else {
    mm = files = Tri::maybe;
  }
}

Handler process_handler(Sys sys) {
  switch (sys) {
    case Sys::fork:
    case Sys::vfork:
    case Sys::clone:
    case Sys::clone3:
      return {judge_clone, nullptr, nullptr};
    case Sys::execve:
    case Sys::execveat:
      return {judge_execve, nullptr, exec_footprint};
    case Sys::exit:
    case Sys::exit_group:
      return {judge_exit, nullptr, nullptr};
    default:
      return {};
  }
}

}  // namespace ringtail::kernel
