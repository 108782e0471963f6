// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/signature.h"

#include "model/base/result.h"

namespace ringtail::capture {
namespace {

using kernel::Sys;
using enum Kind;

constexpr Parameter addr{u64, "addr"};
constexpr Parameter start{u64, "start"};
constexpr Parameter len{u64, "len"};
constexpr Parameter flags_i{i32, "flags"};
constexpr Parameter flags_u{u32, "flags"};
constexpr Parameter fd_{fd, "fd"};
constexpr Parameter ctx_id{u64, "ctx_id"};
constexpr Parameter nr{u64, "nr"};
constexpr Parameter filename{path, "filename"};

constexpr Signature kSignatures[] = {
    {Sys::mmap, {{addr, len, {u64, "prot"}, {u64, "flags"}, fd_, {u64, "off"}}}},
    {Sys::munmap, {{addr, len}}},
    {Sys::mremap, {{addr, {u64, "old_len"}, {u64, "new_len"}, {u64, "flags"}, {u64, "new_addr"}}}},
    {Sys::mprotect, {{start, len, {u64, "prot"}}}},
    {Sys::pkey_mprotect, {{start, len, {u64, "prot"}, {i32, "pkey"}}}},
    {Sys::brk, {{{u64, "brk"}}}},
    {Sys::shmat, {{{i32, "shmid"}, {u64, "shmaddr"}, {i32, "shmflg"}}}},
    {Sys::shmdt, {{{u64, "shmaddr"}}}},
    {Sys::mlock, {{start, len}}},
    {Sys::mlock2, {{start, len, flags_i}}},
    {Sys::munlock, {{start, len}}},
    {Sys::mlockall, {{flags_i}}},
    {Sys::munlockall, {}},
    {Sys::remap_file_pages, {{start, {u64, "size"}, {u64, "prot"}, {u64, "pgoff"}, {u64, "flags"}}}},
    {Sys::fork, {}},
    {Sys::vfork, {}},
    {Sys::clone,
     {{{u64, "clone_flags"},
       {u64, "newsp"},
       {pointer, "parent_tidptr"},
       {pointer, "child_tidptr"},
       {u64, "tls"}}}},
    {Sys::clone3, {{{clone_args, "uargs"}, {u64, "size"}}}},
    {Sys::execve, {{filename, {pointer, "argv"}, {pointer, "envp"}}}},
    {Sys::execveat, {{fd_, filename, {pointer, "argv"}, {pointer, "envp"}, flags_i}}},
    {Sys::exit, {{{i32, "error_code"}}}},
    {Sys::exit_group, {{{i32, "error_code"}}}},
    {Sys::madvise, {{start, {u64, "len_in"}, {i32, "behavior"}}}},
    {Sys::process_madvise, {{{fd, "pidfd"}, {iov, "vec"}, {u64, "vlen"}, {i32, "behavior"}, flags_u}}},
    {Sys::move_pages,
     {{{i32, "pid"}, {u64, "nr_pages"}, {pages, "pages"}, {nodes, "nodes"}, {status, "status"}, flags_i}}},
    {Sys::migrate_pages, {{{i32, "pid"}, {u64, "maxnode"}, {mask, "old_nodes"}, {mask2, "new_nodes"}}}},
    {Sys::mbind, {{start, len, {u64, "mode"}, {mask, "nmask"}, {u64, "maxnode"}, flags_u}}},
    {Sys::set_mempolicy, {{{i32, "mode"}, {mask, "nmask"}, {u64, "maxnode"}}}},
    {Sys::get_mempolicy, {{{outs, "policy"}, {mask, "nmask"}, {u64, "maxnode"}, addr, {u64, "flags"}}}},
    {Sys::io_setup, {{{u32, "nr_events"}, {outs, "ctxp"}}}},
    {Sys::io_submit, {{ctx_id, nr, {iocbs, "iocbpp"}}}},
    {Sys::io_getevents, {{ctx_id, {u64, "min_nr"}, nr, {events, "events"}, {timeout, "timeout"}}}},
    {Sys::io_pgetevents,
     {{ctx_id, {u64, "min_nr"}, nr, {events, "events"}, {timeout, "timeout"}, {sigmask, "usig"}}}},
    {Sys::io_cancel, {{ctx_id, {iocb, "iocb"}, {event, "result"}}}},
    {Sys::io_destroy, {{{u64, "ctx"}}}},
    {Sys::open, {{filename, flags_i, {u32, "mode"}}}},
    {Sys::openat, {{{fd, "dfd"}, filename, flags_i, {u32, "mode"}}}},
    {Sys::creat, {{{path, "pathname"}, {u32, "mode"}}}},
    {Sys::close, {{fd_}}},
    {Sys::close_range, {{{u32, "fd"}, {u32, "max_fd"}, flags_u}}},
    {Sys::dup, {{{fd, "fildes"}}}},
    {Sys::dup2, {{{fd, "oldfd"}, {i32, "newfd"}}}},
    {Sys::dup3, {{{fd, "oldfd"}, {i32, "newfd"}, flags_i}}},
    {Sys::fcntl, {{fd_, {u32, "cmd"}, {u64, "arg"}}}},
    {Sys::eventfd, {{{u32, "count"}}}},
    {Sys::eventfd2, {{{u32, "count"}, flags_i}}},
    {Sys::memfd_create, {{{path, "uname"}, flags_u}}},
    {Sys::ftruncate, {{fd_, {u64, "length"}}}},
    {Sys::fallocate, {{fd_, {i32, "mode"}, {u64, "offset"}, len}}},
    {Sys::pipe, {{{outs, "fildes"}}}},
    {Sys::pipe2, {{{outs, "fildes"}, flags_i}}},
    {Sys::socket, {{{i32, "family"}, {i32, "type"}, {i32, "protocol"}}}},
    {Sys::socketpair, {{{i32, "family"}, {i32, "type"}, {i32, "protocol"}, {outs, "usockvec"}}}},
    {Sys::accept, {{fd_, {pointer, "upeer_sockaddr"}, {pointer, "upeer_addrlen"}}}},
    {Sys::accept4, {{fd_, {pointer, "upeer_sockaddr"}, {pointer, "upeer_addrlen"}, flags_i}}},
    {Sys::pidfd_open, {{{i32, "pid"}, flags_u}}},
    {Sys::other, {}},
};

constexpr bool in_order() {
  int i = 0;
  for (const Signature& s : kSignatures)
    if (static_cast<int>(s.sys) != i++) return false;
  return i == kernel::kSysCount;
}
static_assert(in_order(), "kSignatures has a row for each Sys, in its order");

constexpr auto counted() {
  std::array<Signature, kernel::kSysCount> rows{};
  for (int i = 0; i < kernel::kSysCount; ++i) {
    rows[i] = kSignatures[i];
    for (const Parameter& p : rows[i].parameters) {
      const bool written = p.kind == outs || p.kind == status || p.kind == events || p.kind == event;
      if (written && rows[i].first_written < 0) rows[i].first_written = rows[i].count;
      if (p.kind > i32 && p.kind != pointer)
        rows[i].holders[rows[i].holds++] = static_cast<std::uint8_t>(rows[i].count);
      rows[i].count += p.kind != none;
    }
  }
  return rows;
}
constexpr auto kRows = counted();

// Names by a hash that looks at the length and four bytes; 512 slots for 60 names.
constexpr std::size_t kSlots = 512;

std::size_t slot(std::string_view s) {
  const auto at = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(s[i])); };
  const std::size_t n = s.size();
  const std::size_t h =
      n * 0x2545 + at(0) * 0x9e37 + at(n / 2) * 0x85eb + at(n - 1) * 0xc2b2 + at(n > 3 ? 3 : 0) * 0x27d5;
  return (h ^ h >> 9) % kSlots;
}

struct Names {
  std::array<std::string_view, kSlots> name{};
  std::array<Sys, kSlots> sys{};
  Names() {
    for (int i = 0; i < kernel::kSysCount - 1; ++i) {
      const std::string_view n = kernel::name_of(static_cast<Sys>(i));
      std::size_t at = slot(n);
      while (!name[at].empty()) at = (at + 1) % kSlots;
      name[at] = n;
      sys[at] = static_cast<Sys>(i);
    }
  }
};

}  // namespace

const Signature& signature_of(Sys sys) { return kRows[static_cast<std::size_t>(sys)]; }

Sys sys_named(std::string_view name) {
  static const Names names;
  if (name.empty()) return Sys::other;
  for (std::size_t at = slot(name); !names.name[at].empty(); at = (at + 1) % kSlots)
    if (names.name[at] == name) return names.sys[at];
  return Sys::other;
}

std::uint64_t as_kind(Kind kind, std::uint64_t value) {
  switch (kind) {
    case fd:
    case i32:
      return static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(value)));
    case u32:
      return static_cast<std::uint32_t>(value);
    default:
      return value;
  }
}

}  // namespace ringtail::capture
