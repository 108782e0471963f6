// SPDX-License-Identifier: GPL-2.0-or-later
// What a capture says, in the order in which it says it: the one type that every reader yields.
//
// A call is an interval. A recorder that prints a call on one line yields `call`; one that splits it
// (`<unfinished ...>` and `<... resumed>`, sys_enter and sys_exit) yields `enter` when it began and `call`
// when it ended, both with the same thread. A thread has at most one call open. `seq` orders starts and ends
// against each other: call A was over before call B began exactly when A.end_seq < B.begin_seq. Readers fill
// it from the order of lines, or, where several files are merged (strace -ff), from timestamps. What the
// recorder shows is never shorter than what the kernel did, so that calls which overlap here may or may not
// have overlapped there.
#pragma once

#include <cstdint>
#include <string>

#include "model/kernel/call.h"

//
// Facts stand in a text capture as lines `# ringtail NAME=VALUE`, written by `ringtail record` before the
// first call (and after an execve, whose new map they then describe):
//   kernel=6.1.0-13-amd64        uname -r
//   nodes=0-3  cpus=8            online NUMA nodes (a kernel list), online processors
//   page_size=4096  swap=0       bytes; KiB of swap in all
//   aio_max_nr=65536             /proc/sys/fs/aio-max-nr
//   memlock=8388608              RLIMIT_MEMLOCK of the program in bytes, or `unlimited`
//   caps=000001ffffffffff        effective capabilities, hexadecimal
//   migrates=within              in what follows the kernel migrated pages by itself within nodes
//   (compaction);
//                                `across`: between them, too (balancing); `no`: no longer
//   calls=all                    the recorder leaves out no call of the model's, nor those that fail
//   pid=31                       the program's first process; the map lines that follow are its
//   order=thread                 given by the reader, not written: nothing is known of the order between
//   threads (merge.h) map=55d0c0000000-55d0c0002000 r--p 00000000 08:01 1234 /usr/bin/true       a line of
//   /proc/PID/maps
namespace ringtail::capture {

struct Event {
  enum class Kind : std::uint8_t {
    enter,    // a call began: `call` has the arguments that are known by then
    call,     // a call ended: `call` is whole
    exited,   // thread `tid` is gone (`+++ exited with 0 +++`, `+++ killed by SIGKILL +++`)
    signal,   // thread `tid` got a signal
    lost,     // the recorder dropped events here (perf LOST): what is known of every state is void
    fact,     // a header line: `text` is `name=value`, see below
    problem,  // a line that could not be read: `text` says what was expected; the rest of the capture goes on
  };
  Kind kind = Kind::call;
  std::int32_t tid = 0;          // 0 where the recorder names no thread (one-process strace)
  std::int32_t pid = 0;          // thread group, 0 where not known
  std::uint64_t line = 0;        // 1-based line of the capture where the call ended (or the event stands)
  std::uint64_t begin_line = 0;  // where it began
  std::uint64_t begin_seq = 0;
  std::uint64_t end_seq = 0;
  std::int64_t begin_ns = -1;  // since the epoch or the recorder's start; -1: not recorded
  std::int64_t end_ns = -1;
  bool blind = false;   // of a problem: the line may have been a call, so that nothing is known behind it
  bool compat = false;  // the thread runs 32-bit code: its calls are other calls than their names say
  kernel::Call call;
  std::string text;  // and of a call or enter event: raw arguments, when the reader was asked for them
  friend bool operator==(const Event&, const Event&) = default;
};

}  // namespace ringtail::capture
