// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/host/peek.h"

#include <algorithm>
#include <climits>

#include <fmt/format.h>
#include <linux/aio_abi.h>
#include <unistd.h>

#include "replay/capture/reader.h"
#include "replay/capture/signature.h"

namespace ringtail::host {
namespace {

using capture::Kind;
using kernel::Call;
using kernel::Iocb;
using kernel::List;
using kernel::Sys;
using kernel::Word;

constexpr std::uint64_t kOpcodePreadv = 7, kOpcodePwritev = 8;
constexpr std::uint64_t kMostIovecs = 1024;

Word signed_word(std::int64_t v) { return Word::of(static_cast<std::uint64_t>(v)); }

// `count` elements at `from`.
template <class T>
void list(std::uint64_t from, std::uint64_t count, List<T>& out) {
  out.clear();
  if (from == 0) return;
  out.state = List<T>::State::opaque;
  if (count > capture::kMaxItems) return;
  out.items.resize(count);
  if (peek(from, out.items.data(), count * sizeof(T))) out.state = List<T>::State::complete;
  else out.items.clear();
}

// Words of a mask of `bits` bits, of which the kernel leaves the last one out.
std::uint64_t mask_words(std::uint64_t bits) { return bits <= 1 ? 0 : (bits + 62) / 64; }

void iovecs(std::uint64_t from, std::uint64_t count, List<kernel::Iovec>& out) {
  List<std::uint64_t> raw;
  list(from, std::min(count, kMostIovecs) * 2, raw);
  out.clear();
  out.state = static_cast<List<kernel::Iovec>::State>(raw.state);
  if (raw.complete() && count > kMostIovecs) out.state = List<kernel::Iovec>::State::truncated;
  for (std::size_t i = 0; i + 1 < raw.items.size(); i += 2)
    out.items.push_back({Word::of(raw.items[i]), Word::of(raw.items[i + 1])});
}

std::string path_of(int fd) {
  char path[PATH_MAX];
  const ssize_t n = readlink(fmt::format("/proc/self/fd/{}", fd).c_str(), path, sizeof path);
  return n > 0 ? std::string(path, static_cast<std::size_t>(n)) : std::string();
}

Iocb iocb_at(std::uint64_t address) {
  Iocb cb;
  cb.address = Word::of(address);
  ::iocb raw{};
  cb.null = address == 0;
  if (cb.null) return cb;
  if (!peek(address, &raw, sizeof raw)) {
    cb.unreadable = true;
    return cb;
  }
  cb.data = Word::of(raw.aio_data), cb.key = Word::of(raw.aio_key), cb.opcode = Word::of(raw.aio_lio_opcode);
  cb.reqprio = signed_word(raw.aio_reqprio),
  cb.fildes = signed_word(static_cast<std::int32_t>(raw.aio_fildes));
  cb.buf = Word::of(raw.aio_buf), cb.nbytes = Word::of(raw.aio_nbytes),
  cb.offset = signed_word(raw.aio_offset);
  cb.flags = Word::of(raw.aio_flags), cb.resfd = Word::of(raw.aio_resfd);
  cb.rw_flags = Word::of(static_cast<std::uint32_t>(raw.aio_rw_flags));
  cb.path = path_of(static_cast<int>(raw.aio_fildes));
  if (raw.aio_lio_opcode == kOpcodePreadv || raw.aio_lio_opcode == kOpcodePwritev)
    iovecs(raw.aio_buf, raw.aio_nbytes, cb.iov);
  return cb;
}

void iocb_array(std::uint64_t from, std::uint64_t count, List<Iocb>& out) {
  List<std::uint64_t> pointers;
  const std::uint64_t shown = std::min<std::uint64_t>(count, capture::kMaxIocbs);
  const bool counts = static_cast<std::int64_t>(count) >= 0;
  list(from, counts ? shown : 0, pointers);
  out.clear();
  out.state = static_cast<List<Iocb>::State>(pointers.state);
  if (pointers.complete() && shown != count)
    out.state = counts ? List<Iocb>::State::truncated : List<Iocb>::State::opaque;
  for (const std::uint64_t p : pointers.items) out.items.push_back(iocb_at(p));
}

void event_array(std::uint64_t from, std::uint64_t count, List<kernel::IoEvent>& out) {
  List<std::uint64_t> raw;
  list(from, count * 4, raw);
  out.clear();
  out.state = static_cast<List<kernel::IoEvent>::State>(raw.state);
  for (std::size_t i = 0; i + 3 < raw.items.size(); i += 4)
    out.items.push_back({Word::of(raw.items[i]), Word::of(raw.items[i + 1]), Word::of(raw.items[i + 2]),
                         Word::of(raw.items[i + 3])});
}

Word timeout_at(std::uint64_t from) {
  std::int64_t t[2];
  if (!peek(from, t, sizeof t)) return Word::unknown();
  const bool plain = t[0] >= 0 && t[0] < (1ll << 33) && t[1] >= 0 && t[1] < 1'000'000'000;
  return plain ? signed_word(t[0] * 1'000'000'000 + t[1]) : Word::unknown();
}

// Byte by byte: the string may end at the end of what is mapped.
void path_at(std::uint64_t from, Call& call) {
  call.path.clear();
  for (char c; call.path.size() < PATH_MAX && peek(from + call.path.size(), &c, 1) && c != 0;) call.path += c;
}

// How many words the call writes behind its out-argument, and how wide they are.
struct Outs {
  std::size_t count, bytes;
};
Outs outs_of(Sys s) {
  switch (s) {
    case Sys::io_setup:
      return {1, 8};
    case Sys::get_mempolicy:
      return {1, 4};
    default:
      return {2, 4};  // pipe, socketpair
  }
}

void outs_at(Sys sys, std::uint64_t from, List<std::uint64_t>& out) {
  const auto [count, bytes] = outs_of(sys);
  out.clear();
  out.state = List<std::uint64_t>::State::opaque;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t v = 0;
    if (!peek(from + i * bytes, &v, bytes)) return out.items.clear();
    out.items.push_back(v);
  }
  out.state = List<std::uint64_t>::State::complete;
}

void show_argument(const Words& args, std::size_t i, Kind kind, Call& call) {
  const std::uint64_t a = args[i];
  call.arg[i] = Word::of(capture::as_kind(kind, a));
  switch (kind) {
    case Kind::pages:
      return list(a, args[1], call.pages);
    case Kind::nodes:
      return list(a, args[1], call.nodes);
    case Kind::mask:
      if (call.sys == Sys::get_mempolicy) return;
      return list(a,
                  mask_words(args[call.sys == Sys::mbind           ? 4
                                  : call.sys == Sys::migrate_pages ? 1
                                                                   : 2]),
                  call.mask);
    case Kind::mask2:
      return list(a, mask_words(args[1]), call.mask2);
    case Kind::iov:
      return iovecs(a, args[2], call.iov);
    case Kind::iocbs:
      return iocb_array(a, args[1], call.iocbs);
    case Kind::iocb:
      if (a == 0) return;
      call.iocbs.items = {iocb_at(a)};
      call.iocbs.state = List<Iocb>::State::complete;
      return;
    case Kind::timeout:
      if (a) call.timeout_ns = timeout_at(a);
      return;
    case Kind::fd:
      if (call.fd.fd.known()) return;
      call.fd.fd = call.arg[i];
      call.fd.path = path_of(static_cast<int>(a));
      return;
    case Kind::path:
      return path_at(a, call);
    case Kind::none:
    case Kind::u64:
    case Kind::u32:
    case Kind::i32:
    case Kind::pointer:
    case Kind::status:
    case Kind::outs:
    case Kind::events:
    case Kind::event:
    case Kind::sigmask:
    case Kind::clone_args:
      return;
  }
}

void show_result(const Words& args, std::size_t i, Kind kind, Call& call) {
  const std::uint64_t a = args[i];
  const bool failed = call.out.failed();
  if (a == 0) return;
  switch (kind) {
    case Kind::status:
      call.status.state = List<std::int32_t>::State::opaque;
      if (!failed) list(a, args[1], call.status);
      return;
    case Kind::mask:
      if (call.sys != Sys::get_mempolicy) return;
      call.mask.state = List<std::uint64_t>::State::opaque;
      if (!failed) list(a, mask_words(args[2]), call.mask);
      return;
    case Kind::outs:
      call.outs.state = List<std::uint64_t>::State::opaque;
      if (!failed) outs_at(call.sys, a, call.outs);
      return;
    case Kind::events:
      call.events.state = List<kernel::IoEvent>::State::opaque;
      if (!failed) event_array(a, static_cast<std::uint64_t>(call.out.value), call.events);
      return;
    case Kind::event:
      if (!failed) event_array(a, 1, call.events);
      return;
    default:
      return;
  }
}

}  // namespace

void show_arguments(const Words& args, Call& call) {
  const capture::Signature& s = capture::signature_of(call.sys);
  for (std::size_t i = 0; i < static_cast<std::size_t>(s.count); ++i)
    show_argument(args, i, s.parameters[i].kind, call);
}

void show_results(const Words& args, Call& call) {
  const capture::Signature& s = capture::signature_of(call.sys);
  for (std::size_t i = 0; i < static_cast<std::size_t>(s.count); ++i)
    show_result(args, i, s.parameters[i].kind, call);
}

void forget_results(Call& call) {
  call.out = {};
  call.out_path.clear();
  call.status.clear();
  call.outs.clear();
  call.events.clear();
  if (call.sys == Sys::get_mempolicy) call.mask.clear();
}

}  // namespace ringtail::host
