// SPDX-License-Identifier: GPL-2.0-or-later
// `ringtail record`: runs a command under strace (or perf trace) with the flags that lose least of what the
// syscall model judges, and writes a capture that can be shared: facts of the host first, every line
// scrubbed.
//
// strace gets `env CMD...` to run and is told to hold each process for a moment as it leaves execve
// (--inject=execve:delay_exit): in that moment the map that the kernel has just made is read from /proc and
// written behind the execve, so that replay knows the mappings that no call shows. Lines before CMD's own
// execve are env's and dropped. A map that could not be read in time is left out, never guessed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/base/result.h"

namespace ringtail::host {

enum class Recorder : std::uint8_t { strace, perf };

struct RecordOptions {
  std::string out;                   // compressed as its name says (.gz, .zst)
  std::vector<std::string> command;  // not empty
  Recorder recorder = Recorder::strace;
  bool scrub_paths = false;
};

struct Recorded {
  std::uint64_t lines = 0;  // written, facts included
  std::uint64_t maps = 0;   // execve calls whose map was read
  int status = 0;           // of the recorder, which passes the command's own on
};

// An error says what could not be started, read or written.
Result<Recorded> record(const RecordOptions& options);

// The recorder's command line, for --help and the tests. `to` is the file that it writes.
std::vector<std::string> recorder_argv(const RecordOptions& options, const std::string& to);

}  // namespace ringtail::host
