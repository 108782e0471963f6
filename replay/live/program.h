// SPDX-License-Identifier: GPL-2.0-or-later
// Programs of system calls that can be generated, shrunk, printed, and run on this machine's kernel (run.h).
//
// A program is a list of steps for each of a few threads. A step's arguments are numbers, or offsets into
// places that exist only at run time (the arena, the break, a descriptor of the table). Before its call a
// step puts what the call's pointers point at into its thread's scratch (scene.h). Three kinds of steps are
// more than a call: a `clone` has a number of the steps that follow it run by the child; `hidden` calls stand
// for what no recorder shows, page faults; `keep` says where a new descriptor goes. On paper, a step a line:
//
//   recorder facts addresses
//   thread
//   mmap(arena+0x1000, 0x2000, 3, 0x32, -1, 0)
//   io_submit(context[0], 1, &iocbpp[0]) iocbpp[0]=&iocbs[2] iocbs[2].fildes=fd[3]
//   clone(17) children=1
//   dup(fd[0]) keep=9
//   thread
//   hidden(fd[0], arena, 1, 0) number=17
//
// parse(print(p)) == p.
#pragma once

#include <array>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/result.h"
#include "model/kernel/call.h"

namespace ringtail::live {

struct Arg {
  enum class Base : std::uint8_t {
    literal,
    arena,
    brk,
    last,     // what the thread's last call returned that returned an address
    segment,  // a System V segment
    scratch,  // of the thread
    buffer,   // its page for bytes
    context,  // value: a slot of Common
    fd,       // likewise
    self,     // the process's number
  };
  Base base = Base::literal;
  std::int64_t value = 0;
  friend bool operator==(const Arg&, const Arg&) = default;
};

// `size` bytes of `value`, put at `at` bytes into the scratch.
struct Put {
  std::uint16_t at = 0;
  std::uint8_t size = 8;
  Arg value;
  friend bool operator==(const Put&, const Put&) = default;
};

struct Step {
  kernel::Sys sys = kernel::Sys::other;
  std::array<Arg, 6> args{};
  int count = 0;
  std::vector<Put> puts;
  int keep = -1;     // slot of Common::fds for the descriptor that the call returns
  int children = 0;  // of clone: how many of the next steps are the child's
  long hidden = 0;   // the number of a call that is not recorded
  int slot = -1;  // of io_setup: the slot of Common::contexts that gets the id; args[1] is the thread's own
  friend bool operator==(const Step&, const Step&) = default;
};
std::ostream& operator<<(std::ostream& os, const Step& s);

using Thread = std::vector<Step>;

// What a recorder would show of a run (show.h).
struct Recorder {
  bool facts = true;      // the header with the machine's facts, and the memory map at the start
  bool annotate = true;   // what descriptors are
  bool addresses = true;  // where arrays and iocbs are, and what strace leaves out of iocbs
  friend bool operator==(const Recorder&, const Recorder&) = default;
};
std::ostream& operator<<(std::ostream& os, const Recorder& r);

struct Program {
  Recorder recorder;
  std::vector<Thread> threads;
  friend bool operator==(const Program&, const Program&) = default;
};

std::size_t steps_of(const Program& program);

std::string print(const Program& program);
// The error is `LINE: what was expected`.
Result<Program> parse(std::string_view text);

}  // namespace ringtail::live
