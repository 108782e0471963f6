// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/replay/capture/strace_print.h"

#include <fmt/format.h>

#include "model/kernel/rule.h"
#include "replay/capture/constants.h"

namespace ringtail::capture {
namespace {

using kernel::Call;
using kernel::Iocb;
using kernel::IoEvent;
using kernel::List;
using kernel::Sys;
using kernel::Word;

struct Named {
  std::string_view name;
  std::uint64_t value;
};
constexpr Named kProt[] = {{"PROT_READ", 1}, {"PROT_WRITE", 2}, {"PROT_EXEC", 4}};
constexpr Named kMap[] = {{"MAP_SHARED", 1},
                          {"MAP_PRIVATE", 2},
                          {"MAP_FIXED", 16},
                          {"MAP_ANONYMOUS", 32},
                          {"MAP_NORESERVE", 0x4000}};
constexpr Named kMremap[] = {{"MREMAP_MAYMOVE", 1}, {"MREMAP_FIXED", 2}, {"MREMAP_DONTUNMAP", 4}};
constexpr Named kMove[] = {{"MPOL_MF_MOVE", 2}, {"MPOL_MF_MOVE_ALL", 4}};
constexpr Named kAdvice[] = {
    {"MADV_RANDOM", 1}, {"MADV_DONTNEED", 4}, {"MADV_FREE", 8}, {"MADV_COLLAPSE", 25}};
constexpr std::string_view kPaths[] = {"/tmp/a", "/a b, c)", "socket:[42]",
                                       "TCP:[127.0.0.1:80->127.0.0.1:4242]", "/\x01\xff>x"};

template <std::size_t N>
std::string flags_text(std::uint64_t value, const Named (&names)[N], Style style, bool set) {
  std::string text;
  std::uint64_t rest = value;
  for (const Named& n : names) {
    if (set ? (value & n.value) == 0 : value != n.value) continue;
    rest = set ? rest & ~n.value : 0;
    text += (text.empty() ? "" : "|") + std::string(n.name);
  }
  const std::string number = value == 0 ? "0" : fmt::format("{:#x}", value);
  if (style == Style::raw) return number;
  if (text.empty()) return value == 0 ? "0" : number + " /* ??? */";
  if (rest != 0) text += fmt::format("|{:#x}", rest);
  return style == Style::verbose ? number + " /* " + text + " */" : text;
}

std::string address(std::uint64_t v) { return v == 0 ? "NULL" : fmt::format("{:#x}", v); }

std::string escaped(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto u = static_cast<unsigned char>(path[i]);
    const bool arrow = path[i] == '>' && i > 0 && path[i - 1] == '-';
    if (u < 0x20 || u > 0x7e || path[i] == '<' || (path[i] == '>' && !arrow)) {
      out += fmt::format("\\{:o}", u);
    } else {
      out += path[i];
    }
  }
  return out;
}

std::string fd_text(const Word& fd, const std::string& path) {
  return std::to_string(fd.s32()) + (path.empty() ? "" : "<" + escaped(path) + ">");
}

template <class T, class One>
std::string list_text(const List<T>& l, const Word& pointer, One one) {
  using State = typename List<T>::State;
  if (l.state == State::absent) return "NULL";
  if (l.state == State::opaque) return address(pointer.value);
  std::string out = "[";
  for (const T& item : l.items) out += (out.size() > 1 ? ", " : "") + one(item);
  if (l.state == State::truncated) out += out.size() > 1 ? ", ..." : "...";
  return out + "]";
}

std::string iocb_text(const Iocb& cb, Style style) {
  if (cb.null) return "NULL";
  if (cb.unreadable) return fmt::format("{:#x}", cb.address.value);
  constexpr Named kOpcodes[] = {
      {"IOCB_CMD_PREAD", 0}, {"IOCB_CMD_PWRITE", 1}, {"IOCB_CMD_FSYNC", 2}, {"IOCB_CMD_POLL", 5}};
  std::string opcode = std::to_string(cb.opcode.value);
  for (const Named& n : kOpcodes) {
    if (n.value != cb.opcode.value) continue;
    if (style == Style::abbreviated) opcode = n.name;
    if (style == Style::verbose) opcode += " /* " + std::string(n.name) + " */";
  }
  std::string out = "{aio_data=" + (cb.data.value == 0 ? "0" : fmt::format("{:#x}", cb.data.value));
  if (cb.key.value != 0) out += fmt::format(", aio_key={}", cb.key.value);
  out += ", aio_lio_opcode=" + opcode + ", aio_fildes=" + fd_text(cb.fildes, cb.path);
  if (cb.opcode.value == 5) out += fmt::format(", aio_buf={:#x}", cb.buf.value);
  if (cb.opcode.value < 2) {
    out += ", aio_buf=" + (cb.buf.known() ? fmt::format("{:#x}", cb.buf.value) : "\"})], = \\\"\\\\\"...");
    out += fmt::format(", aio_nbytes={}, aio_offset={}", cb.nbytes.value, cb.offset.s64());
  }
  if (cb.flags.known() && cb.flags.value != 0)
    out += ", aio_flags=IOCB_FLAG_RESFD, aio_resfd=" + std::to_string(cb.resfd.s32());
  return out + "}";
}

std::uint64_t random_word() {
  return *rc::gen::oneOf(rc::gen::just<std::uint64_t>(0), rc::gen::arbitrary<std::uint64_t>(),
                         rc::gen::map(rc::gen::arbitrary<std::uint32_t>(),
                                      [](std::uint32_t v) { return v * std::uint64_t{4096}; }));
}
int below(int n) { return *rc::gen::inRange(0, n); }

template <std::size_t N>
std::uint64_t random_flag_set(const Named (&names)[N]) {
  std::uint64_t v = 0;
  for (const Named& n : names) v |= below(2) ? n.value : 0;
  return below(8) == 0 ? v | 1ull << 33 : v;
}

std::string random_path(const Flags& flags) {
  return flags.paths && below(4) != 0
             ? std::string(kPaths[static_cast<std::size_t>(below(std::size(kPaths)))])
             : "";
}

template <class T, class One>
void random_list(List<T>& l, Word& pointer, One one) {
  using State = typename List<T>::State;
  l.state = static_cast<State>(below(4));
  pointer = Word::unknown();
  if (l.state == State::absent) pointer = Word::of(0);
  if (l.state == State::opaque) pointer = Word::of(0x7ffe00000000 + static_cast<std::uint64_t>(below(4096)));
  if (l.state == State::absent || l.state == State::opaque) return;
  for (int i = below(4); i > 0; --i) l.items.push_back(one());
}

Iocb random_iocb(const Flags& flags) {
  Iocb cb;
  const int kind = below(8);
  if (kind < 2) {
    cb.address = Word::of(kind == 0 ? 0 : 0x1000 + static_cast<std::uint64_t>(below(4096)));
    cb.null = kind == 0;
    cb.unreadable = !cb.null;
    return cb;
  }
  constexpr std::uint64_t kOpcodes[] = {0, 1, 2, 5, 99};
  cb.data = Word::of(random_word());
  cb.key = Word::of(static_cast<std::uint64_t>(below(2)));
  cb.opcode = Word::of(kOpcodes[below(5)]);
  cb.reqprio = cb.rw_flags = Word::of(0);
  cb.fildes = Word::of(static_cast<std::uint64_t>(static_cast<std::int64_t>(below(10) - 1)));
  cb.path = random_path(flags);
  if (cb.opcode.value == 5) cb.buf = Word::of(random_word());
  if (cb.opcode.value < 2) {
    cb.buf = cb.opcode.value == 1 ? Word::unknown() : Word::of(random_word());
    cb.nbytes = Word::of(random_word());
    cb.offset = Word::of(random_word());
  }
  if (cb.opcode.value < 2 || cb.opcode.value == 5) {
    const bool resfd = below(3) == 0;
    cb.flags = Word::of(resfd);
    cb.resfd = Word::of(resfd ? static_cast<std::uint64_t>(below(9)) : 0);
  }
  return cb;
}

}  // namespace

Flags random_flags() {
  return {static_cast<Style>(below(3)), below(2) == 1, below(2) == 1, below(3) == 0, below(4), below(4)};
}

Event random_call(const Flags& flags, std::int32_t tid) {
  Event e;
  e.tid = flags.pids == 0 ? 0 : tid;
  Call& c = e.call;
  const auto set = [&](std::initializer_list<std::uint64_t> values) {
    std::size_t i = 0;
    for (const std::uint64_t v : values) c.arg[i++] = Word::of(v);
  };
  const auto set_fd = [&](std::size_t i, std::int64_t fd) {
    c.arg[i] = c.fd.fd = Word::of(static_cast<std::uint64_t>(fd));
    c.fd.path = fd < 0 ? "" : random_path(flags);
  };
  constexpr Sys kCalls[] = {Sys::mmap,       Sys::munmap,    Sys::mremap,       Sys::madvise, Sys::brk,
                            Sys::move_pages, Sys::io_submit, Sys::io_getevents, Sys::close,   Sys::openat};
  c.sys = kCalls[below(std::size(kCalls))];
  switch (c.sys) {
    case Sys::mmap:
      set({random_word(), random_word(), random_flag_set(kProt), random_flag_set(kMap), 0, random_word()});
      set_fd(4, below(5) - 1);
      break;
    case Sys::munmap:
      set({random_word(), random_word()});
      break;
    case Sys::mremap:
      set({random_word(), random_word(), random_word(), random_flag_set(kMremap), random_word()});
      break;
    case Sys::madvise:
      set({random_word(), random_word(),
           below(3) ? kAdvice[below(4)].value : static_cast<std::uint64_t>(below(200))});
      break;
    case Sys::brk:
      set({random_word()});
      break;
    case Sys::move_pages:
      set({static_cast<std::uint64_t>(below(100)), random_word(), 0, 0, 0, random_flag_set(kMove) & 0xffff});
      random_list(c.pages, c.arg[2], random_word);
      random_list(c.nodes, c.arg[3], [] { return below(5) - 1; });
      random_list(c.status, c.arg[4], [] { return below(20) - 14; });
      break;
    case Sys::io_submit:
      set({random_word(), random_word()});
      random_list(c.iocbs, c.arg[2], [&] { return random_iocb(flags); });
      break;
    case Sys::io_getevents:
      set({random_word(), random_word(), random_word()});
      random_list(c.events, c.arg[3], [] {
        return IoEvent{Word::of(random_word()), Word::of(random_word()), Word::of(random_word()),
                       Word::of(random_word())};
      });
      c.arg[4] = Word::of(0);
      if (below(2))
        c.arg[4] = Word::unknown(), c.timeout_ns = Word::of(static_cast<std::uint64_t>(below(1 << 30)) * 7);
      break;
    case Sys::close:
      set_fd(0, below(9));
      break;
    default:
      set_fd(0, -100);
      c.arg[1] = Word::unknown();
      c.path = kPaths[below(std::size(kPaths))];
      c.path_truncated = below(3) == 0;
      c.arg[2] = Word::of(static_cast<std::uint64_t>(below(4096)));
      break;
  }
  using State = kernel::Outcome::State;
  c.out.state = State::returned;
  if (below(3) == 0) {
    c.out.value = -below(133) - 1;
    if (!kernel::errno_of(kernel::errno_name(static_cast<int>(-c.out.value)))) c.out.value = -22;
  } else if (below(9) == 0) {
    c.out = {0, State::never};
  } else {
    c.out.value = below(2) ? 0 : 0x7f0000000000 + below(1 << 20);
  }
  return e;
}

std::pair<std::string, std::string> print_call(const Call& c, const Flags& flags, std::int64_t duration_ns) {
  const auto& a = c.arg;
  std::vector<std::string> args;
  const auto dec = [](const Word& w) { return std::to_string(w.value); };
  const auto sdec = [](const Word& w) { return std::to_string(w.s64()); };
  switch (c.sys) {
    case Sys::mmap:
      args = {address(a[0].value),
              dec(a[1]),
              flags_text(a[2].value, kProt, flags.style, true),
              flags_text(a[3].value, kMap, flags.style, true),
              fd_text(a[4], c.fd.path),
              fmt::format("{:#x}", a[5].value)};
      break;
    case Sys::mremap:
      args = {address(a[0].value), dec(a[1]), dec(a[2]), flags_text(a[3].value, kMremap, flags.style, true),
              address(a[4].value)};
      break;
    case Sys::madvise:
      args = {address(a[0].value), dec(a[1]), flags_text(a[2].value, kAdvice, flags.style, false)};
      break;
    case Sys::munmap:
      args = {address(a[0].value), dec(a[1])};
      break;
    case Sys::brk:
      args = {address(a[0].value)};
      break;
    case Sys::move_pages:
      args = {dec(a[0]),
              dec(a[1]),
              list_text(c.pages, a[2], [](std::uint64_t v) { return address(v); }),
              list_text(c.nodes, a[3], [](int v) { return std::to_string(v); }),
              list_text(c.status, a[4],
                        [&](int v) {
                          const std::string name = v < 0 ? kernel::errno_name(-v) : "";
                          if (v >= 0 || flags.style == Style::raw) return std::to_string(v);
                          return flags.style == Style::verbose ? fmt::format("{} /* -{} */", v, name)
                                                               : "-" + name;
                        }),
              flags_text(a[5].value, kMove, flags.style, true)};
      break;
    case Sys::io_submit:
      args = {address(a[0].value), sdec(a[1]),
              list_text(c.iocbs, a[2], [&](const Iocb& cb) { return iocb_text(cb, flags.style); })};
      break;
    case Sys::io_getevents:
      args = {address(a[0].value), sdec(a[1]), sdec(a[2]),
              list_text(c.events, a[3],
                        [](const IoEvent& e) {
                          return fmt::format("{{data={:#x}, obj={:#x}, res={}, res2={}}}", e.data.value,
                                             e.obj.value, e.res.s64(), e.res2.s64());
                        }),
              !c.timeout_ns.known()
                  ? "NULL"
                  : fmt::format("{{tv_sec={}, tv_nsec={}}}", c.timeout_ns.value / 1'000'000'000,
                                c.timeout_ns.value % 1'000'000'000)};
      break;
    case Sys::close:
      args = {fd_text(a[0], c.fd.path)};
      break;
    default:
      args = {flags.style == Style::raw ? "-100" : "AT_FDCWD",
              "\"" + escaped(c.path) + "\"" + (c.path_truncated ? "..." : ""),
              a[2].value == 0 ? "0" : fmt::format("{:#o}", a[2].value)};
      break;
  }
  std::string before = std::string(kernel::name_of(c.sys)) + "(";
  for (std::size_t i = 0; i < args.size(); ++i)
    before += (i == 0 ? "" : ", ") + std::string(flags.names ? "arg=" : "") + args[i];
  std::string after = ") = ";
  if (!c.out.known()) {
    after += "?";
  } else if (c.out.value < 0) {
    after += fmt::format("-1 {} (Some text)", kernel::errno_name(static_cast<int>(-c.out.value)));
  } else {
    after += c.out.value == 0 ? "0" : fmt::format("{:#x}", c.out.value);
  }
  if (flags.durations)
    after += fmt::format(" <{}.{:09}>", duration_ns / 1'000'000'000, duration_ns % 1'000'000'000);
  return {before, after};
}

std::string print_leader(const Event& e, std::int64_t ns, const Flags& flags, std::int64_t& last_ns) {
  std::string out;
  if (flags.pids == 1) out = fmt::format("{:<5} ", e.tid);
  if (flags.pids == 2) out = fmt::format("[pid {:>5}] ", e.tid);
  if (flags.pids == 3) out = fmt::format("{}<a comm (x)> ", e.tid);
  constexpr std::int64_t kSecond = 1'000'000'000;
  if (flags.times == 1) out += fmt::format("{}.{:09} ", ns / kSecond, ns % kSecond);
  if (flags.times == 2) {
    const std::int64_t s = ns / kSecond;
    out += fmt::format("{:02}:{:02}:{:02}.{:06} ", s / 3600 % 24, s / 60 % 60, s % 60, ns % kSecond / 1000);
  }
  if (flags.times == 3) {
    const std::int64_t d = ns - last_ns;
    out += fmt::format("{:>6}.{:06} ", d / kSecond, d % kSecond / 1000);
  }
  last_ns = ns;
  return out;
}

}  // namespace ringtail::capture
