// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/oracle/call_text.h"

#include <iterator>

#include <fmt/format.h>

#include "replay/capture/signature.h"

namespace ringtail::oracle {
namespace {

using capture::Kind;
using kernel::Call;
using kernel::List;
using kernel::Word;

constexpr std::size_t kMostItems = 8;

std::string word(const Word& w, bool is_signed = false) {
  if (!w.known()) return "?";
  if (is_signed) return fmt::format("{}", w.s32());
  return w.value < 4096 ? fmt::format("{}", w.value) : fmt::format("{:#x}", w.value);
}

template <class T, class F>
std::string list(const List<T>& l, const Word& pointer, F&& item) {
  if (l.state == List<T>::State::absent) return pointer.known() && pointer.value ? word(pointer) : "NULL";
  if (l.state == List<T>::State::opaque) return word(pointer);
  std::string out = "[";
  for (std::size_t i = 0; i < l.items.size() && i < kMostItems; ++i) {
    if (i) out += ", ";
    out += item(l.items[i]);
  }
  if (l.items.size() > kMostItems || !l.complete()) out += ", ...";
  return out + "]";
}

std::string iocb(const kernel::Iocb& cb) {
  if (cb.null) return "NULL";
  return fmt::format("{{data={} op={} fd={} buf={} nbytes={} offset={}}}", word(cb.data), word(cb.opcode),
                     word(cb.fildes, true), word(cb.buf), word(cb.nbytes), word(cb.offset));
}

std::string event(const kernel::IoEvent& e) {
  return fmt::format("{{data={} obj={} res={} res2={}}}", word(e.data), word(e.obj),
                     e.res.known() ? fmt::format("{}", e.res.s64()) : "?", word(e.res2));
}

std::string argument(const Call& c, Kind kind, const Word& w) {
  const auto number = [](auto v) { return fmt::format("{}", v); };
  const auto hex = [](std::uint64_t v) { return fmt::format("{:#x}", v); };
  switch (kind) {
    case Kind::none:
    case Kind::u64:
    case Kind::u32:
      return word(w);
    case Kind::i32:
    case Kind::fd:
      return word(w, true);
    case Kind::path:
      return c.path.empty() ? word(w) : fmt::format("\"{}\"", c.path);
    case Kind::pointer:
      return w.known() && w.value == 0 ? "NULL" : word(w);
    case Kind::pages:
      return list(c.pages, w, hex);
    case Kind::nodes:
      return list(c.nodes, w, number);
    case Kind::status:
      return list(c.status, w, number);
    case Kind::mask:
      return list(c.mask, w, hex);
    case Kind::mask2:
      return list(c.mask2, w, hex);
    case Kind::outs:
      return list(c.outs, w, hex);
    case Kind::iov:
      return list(c.iov, w, [](const kernel::Iovec& v) {
        return fmt::format("{{{}, {}}}", word(v.base), word(v.len));
      });
    case Kind::iocbs:
    case Kind::iocb:
      return list(c.iocbs, w, iocb);
    case Kind::events:
    case Kind::event:
      return list(c.events, w, event);
    case Kind::timeout:
      return c.timeout_ns.known() ? fmt::format("{} ns", c.timeout_ns.value) : word(w);
    case Kind::sigmask:
      return word(w);
    case Kind::clone_args:
      return c.outs.items.empty() ? word(w) : fmt::format("{{flags={:#x}}}", c.outs.items[0]);
  }
  return "";
}

}  // namespace

std::string call_text(const Call& call) {
  const capture::Signature& s = capture::signature_of(call.sys);
  std::string out(call.sys == kernel::Sys::other ? call.name : kernel::name_of(call.sys));
  out += '(';
  for (int i = 0; i < s.count; ++i) {
    if (i) out += ", ";
    out +=
        argument(call, s.parameters[static_cast<std::size_t>(i)].kind, call.arg[static_cast<std::size_t>(i)]);
  }
  return out + ')';
}

}  // namespace ringtail::oracle
