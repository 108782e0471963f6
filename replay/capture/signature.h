// SPDX-License-Identifier: GPL-2.0-or-later
// What each argument of a modelled call is, and what the kernel calls it: one row a call, in the order of the
// prototype.
//
// The readers are driven by this table. strace prints arguments by position, perf by the kernel's names;
// either way the kind of a parameter says how its text is read and where in a Call the contents behind it go.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "model/kernel/call.h"

namespace ringtail::capture {

enum class Kind : std::uint8_t {
  none,
  u64,      // addresses, lengths, longs
  u32,      // unsigned int: the register's upper half does not count
  i32,      // int: likewise, sign-extended
  fd,       // a descriptor, perhaps with its path: the first one of a call goes to Call::fd
  path,     // a string: Call::path
  pointer,  // points at what nobody needs
  // what the pointer points at goes to the list of this name
  pages,
  nodes,
  status,
  mask,
  mask2,
  outs,
  iov,
  iocbs,
  iocb,
  events,
  event,
  timeout,
  sigmask,  // of io_pgetevents: Call::outs
  clone_args,
};

struct Parameter {
  Kind kind = Kind::none;
  std::string_view name;
};

struct Signature {
  kernel::Sys sys;
  std::array<Parameter, 6> parameters;
  int count = 0;
  std::array<std::uint8_t, 6> holders{};  // the arguments that are more than a number,
  int holds = 0;                          // so many
  int first_written = -1;  // the first argument that the kernel writes what it points at, which strace
                           // therefore prints when the call ends; -1 when there is none
};

// The row of a call of the model; of Sys::other it has no parameters.
const Signature& signature_of(kernel::Sys sys);

// By name, at the speed that a reader needs; Sys::other for what is not modelled.
kernel::Sys sys_named(std::string_view name);

// A register as the kernel sees it through a parameter of this kind.
std::uint64_t as_kind(Kind kind, std::uint64_t value);

}  // namespace ringtail::capture
