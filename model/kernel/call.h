// SPDX-License-Identifier: GPL-2.0-or-later
// One system call as somebody recorded it: the vocabulary that the readers, the syscall model and the
// recorder share.
//
// A recording is partial. Every scalar is a Word: its value, or why it is not known. Every array behind a
// pointer is a List: its elements, and whether that is all of them. The model never guesses what a recorder
// left out; it asks `known()` and allows more results where the answer is no.
//
// Arguments stand in the order of the kernel's prototype (arg[0] is the first), whatever the recorder
// printed. What a pointer argument points at is decoded into the lists below; the pointer itself stays in
// arg[].
//
// Calls are recycled by the readers (clear() keeps capacity), so that steady-state reading allocates nothing.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ringtail::kernel {

enum class Sys : std::uint8_t {
  // address space
  mmap,
  munmap,
  mremap,
  mprotect,
  pkey_mprotect,
  brk,
  shmat,
  shmdt,
  mlock,
  mlock2,
  munlock,
  mlockall,
  munlockall,
  remap_file_pages,
  // processes
  fork,
  vfork,
  clone,
  clone3,
  execve,
  execveat,
  exit,
  exit_group,
  // madvise
  madvise,
  process_madvise,
  // migration and policy
  move_pages,
  migrate_pages,
  mbind,
  set_mempolicy,
  get_mempolicy,
  // AIO
  io_setup,
  io_submit,
  io_getevents,
  io_pgetevents,
  io_cancel,
  io_destroy,
  // descriptors
  open,
  openat,
  creat,
  close,
  close_range,
  dup,
  dup2,
  dup3,
  fcntl,
  eventfd,
  eventfd2,
  memfd_create,
  ftruncate,
  fallocate,
  pipe,
  pipe2,
  socket,
  socketpair,
  accept,
  accept4,
  pidfd_open,
  // anything else: counted, not judged
  other,
};
inline constexpr int kSysCount = static_cast<int>(Sys::other) + 1;

// The families of the report's table.
enum class Family : std::uint8_t { memory, process, madvise, migration, aio, descriptor, other };

std::string_view name_of(Sys);  // as strace spells it; "other" for the rest
std::string_view name_of(Family);
Family family_of(Sys);
Sys sys_of(std::string_view name);           // Sys::other when the model has no such call
Sys sys_of_number(std::uint64_t x86_64_nr);  // likewise

constexpr bool is_spawn(Sys s) {
  return s == Sys::fork || s == Sys::vfork || s == Sys::clone || s == Sys::clone3;
}
constexpr bool is_exit(Sys s) { return s == Sys::exit || s == Sys::exit_group; }

// A 64-bit scalar as the kernel saw it (a negative int is sign-extended).
struct Word {
  enum class State : std::uint8_t {
    absent,  // the recorder does not print it, or the call has not so many arguments
    known,
    unknown,  // printed, but not so that its value can be told (`"xx"...` for a buffer, `[...]` for a mask)
  };
  std::uint64_t value = 0;
  State state = State::absent;

  static constexpr Word of(std::uint64_t v) { return {v, State::known}; }
  static constexpr Word unknown() { return {0, State::unknown}; }
  constexpr bool known() const { return state == State::known; }
  constexpr std::int64_t s64() const { return static_cast<std::int64_t>(value); }
  constexpr std::int32_t s32() const { return static_cast<std::int32_t>(value); }
  friend constexpr bool operator==(const Word&, const Word&) = default;
};

// The elements behind a pointer argument.
template <class T>
struct List {
  enum class State : std::uint8_t {
    absent,     // NULL, or a call that has none
    opaque,     // the recorder printed the pointer only: contents not known
    truncated,  // `[1, 2, ...]`: the items are the first ones
    complete,
  };
  std::vector<T> items;
  State state = State::absent;

  void clear() { items.clear(), state = State::absent; }
  bool complete() const { return state == State::complete; }
  friend bool operator==(const List&, const List&) = default;
};

struct Iovec {
  Word base, len;
  friend bool operator==(const Iovec&, const Iovec&) = default;
};

// What a descriptor number was annotated with (strace -y): `3</etc/passwd>`, `4<anon_inode:[eventfd]>`,
// `5<TCP:[7]>`.
struct FdNote {
  Word fd;
  std::string path;  // without the angle brackets; empty when there was no annotation
  void clear() { fd = {}, path.clear(); }
  friend bool operator==(const FdNote&, const FdNote&) = default;
};

// struct iocb; `address` is the pointer in the iocbpp array, which strace does not print.
struct Iocb {
  Word address, data, key, opcode, reqprio, fildes, buf, nbytes, offset, flags, resfd, rw_flags;
  std::string path;         // annotation of fildes, if any
  List<Iovec> iov;          // PREADV, PWRITEV
  bool null = false;        // the array held NULL here
  bool unreadable = false;  // the array held a pointer that the recorder could not follow
  friend bool operator==(const Iocb&, const Iocb&) = default;
};

struct IoEvent {
  Word data, obj, res, res2;
  friend bool operator==(const IoEvent&, const IoEvent&) = default;
};

// What io_pgetevents was given as a signal mask, when the structure around it could be read.
enum class SignalMask : std::uint8_t { none, readable, unreadable };

// How a call ended.
struct Outcome {
  enum class State : std::uint8_t {
    returned,   // `value` is what the kernel returned: -errno on failure
    unknown,    // a lost half, or a call still in flight when the capture ended
    restarted,  // ERESTARTSYS and its kin: interrupted by a signal, will be issued again
    never,      // exit, exit_group, execve seen from the old image; a call that its thread's end cut short
  };
  std::int64_t value = 0;
  State state = State::unknown;
  bool known() const { return state == State::returned; }
  bool failed() const { return known() && value < 0 && value >= -4095; }
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

struct Call {
  Sys sys = Sys::other;
  std::string_view name;  // of a call that the model has not (Sys::other); lives as long as its reader
  std::array<Word, 6> arg{};
  Outcome out;

  std::string out_path;  // what the descriptor that the call returned was annotated with
  FdNote fd;             // of the (first) descriptor argument
  std::string path;      // open, openat, creat, execve, memfd_create: the string as printed, unescaped
  bool path_truncated = false;

  List<std::uint64_t> pages;  // move_pages
  List<std::int32_t> nodes;   // move_pages
  List<std::int32_t> status;  // move_pages, as it stood after the call
  List<std::uint64_t>
      mask;  // mbind, set_mempolicy, migrate_pages old: nodemask words, least significant first
  List<std::uint64_t> mask2;  // migrate_pages new
  List<std::uint64_t> outs;   // out-arguments: io_setup ctx, get_mempolicy mode, pipe/socketpair fds, clone3
                              // flags ... (each documented where its rules are)
  List<Iovec> iov;            // process_madvise
  List<Iocb> iocbs;           // io_submit; io_cancel has one
  List<IoEvent> events;       // io_getevents, io_pgetevents; io_cancel's result
  Word timeout_ns;            // io_getevents, io_pgetevents: relative; absent when NULL
                              // (io_pgetevents' signal mask is in outs: {sigsetsize, SignalMask})

  void clear();
  friend bool operator==(const Call&, const Call&) = default;
};

}  // namespace ringtail::kernel
