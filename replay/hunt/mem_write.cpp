// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/hunt/mem_write.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "replay/capture/scan.h"

namespace ringtail::hunt {
namespace {

using capture::Scanner;
using kernel::Call;
using kernel::Sys;

// The arguments, cut at the commas outside of strings and brackets. What was cut off ends the list.
std::vector<std::string_view> split(const std::string& line) {
  std::vector<std::string_view> out;
  Scanner s(std::string_view(line).substr(0, line.size() - capture::kTail.size()));
  for (;;) {
    s.spaces();
    const char* from = s.p;
    if (s.at_end() || !capture::skip_value(s)) return out;
    out.emplace_back(from, static_cast<std::size_t>(s.p - from));
    if (!s.take(',')) return out;
  }
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::string line(text);
  line += capture::kTail;
  Scanner s(std::string_view(line).substr(0, text.size()));
  std::uint64_t v = 0;
  if (!capture::number(s, v)) return {};
  return v;
}

constexpr std::uint64_t kPage = 4096;
kernel::Range pages_of(std::uint64_t at, std::uint64_t length) {
  if (length == 0 || at + length < at) return {};
  return {at & ~(kPage - 1), (at + length + kPage - 1) & ~(kPage - 1)};
}

// `[{iov_base=0x7f.., iov_len=8}, ...]`
std::vector<kernel::Range> ranges_of(std::string_view iov) {
  std::vector<kernel::Range> out;
  constexpr std::string_view kBase = "iov_base=", kLength = "iov_len=";
  for (std::size_t at = 0; (at = iov.find(kBase, at)) != iov.npos;) {
    const auto base = number_in(iov.substr(at + kBase.size()));
    const std::size_t len = iov.find(kLength, at);
    if (len == iov.npos) break;
    const auto length = number_in(iov.substr(len + kLength.size()));
    if (base && length) out.push_back(pages_of(*base, *length));
    at = len;
  }
  return out;
}

}  // namespace

std::optional<std::int32_t> mem_file_of(std::string_view path) {
  if (!path.starts_with("/proc/") || !path.ends_with("/mem")) return {};
  path.remove_prefix(6);
  if (path.starts_with("self/") || path.starts_with("thread-self/")) return 0;
  std::int32_t pid = 0;
  const auto [end, bad] = std::from_chars(path.data(), path.data() + path.size(), pid);
  if (bad != std::errc() || *end != '/') return {};
  return pid;
}

MemFiles::File* MemFiles::find(std::uint64_t files, std::int32_t fd) {
  const auto it = std::find_if(known_.begin(), known_.end(),
                               [&](const File& f) { return f.files == files && f.fd == fd; });
  return it == known_.end() ? nullptr : &*it;
}

// `3</proc/self/mem>`, or `3` of a descriptor whose opening was seen.
MemFiles::File* MemFiles::find(std::string_view argument, std::uint64_t files) {
  const auto fd = number_in(argument);
  if (!fd) return nullptr;
  File* known = find(files, static_cast<std::int32_t>(*fd));
  const std::size_t note = argument.find('<');
  if (note == argument.npos) return known;
  const std::string_view path = argument.substr(note + 1, argument.rfind('>') - note - 1);
  const auto pid = mem_file_of(path);
  if (!pid) return nullptr;
  if (known) return known;
  if (known_.size() == kMost) known_.erase(known_.begin());
  return &known_.emplace_back(File{files, static_cast<std::int32_t>(*fd), *pid, 0});
}

void MemFiles::take(const Call& call, std::uint64_t files) {
  const bool opens = call.sys == Sys::open || call.sys == Sys::openat;
  if (opens && call.out.known() && call.out.value >= 0) {
    const auto fd = static_cast<std::int32_t>(call.out.value);
    std::erase_if(known_, [&](const File& f) { return f.files == files && f.fd == fd; });
    const auto pid = mem_file_of(call.path);
    if (!pid) return;
    if (known_.size() == kMost) known_.erase(known_.begin());
    known_.push_back({files, fd, *pid, 0});
  } else if (call.sys == Sys::close && !known_.empty() && call.out.known() && call.out.value == 0) {
    std::erase_if(known_, [&](const File& f) { return f.files == files && f.fd == call.arg[0].s32(); });
  }
}

std::optional<MemWrite> MemFiles::write_of(std::string_view name, std::string_view arguments,
                                           std::uint64_t files, std::optional<std::int64_t> result) {
  std::string line(arguments);
  line += capture::kTail;
  const std::vector<std::string_view> arg = split(line);
  MemWrite out;
  if (name == "process_vm_writev") {
    const auto pid = arg.size() >= 4 ? number_in(arg[0]) : std::nullopt;
    if (!pid) return {};
    out.by = Op::vm_write;
    out.pid = static_cast<std::int32_t>(*pid);
    out.bytes = ranges_of(arg[3]);
    return out;
  }
  if (name == "ptrace") {
    if (arg.size() < 3 || !arg[0].starts_with("PTRACE_POKE") || arg[0] == "PTRACE_POKEUSER") return {};
    const auto pid = number_in(arg[1]), at = number_in(arg[2]);
    if (!pid || !at) return {};
    out.pid = static_cast<std::int32_t>(*pid);
    out.bytes = {pages_of(*at, 8)};
    return out;
  }
  if (arg.size() < 3) return {};
  File* file = find(arg[0], files);
  if (!file) return {};
  if (name == "lseek") {
    const auto to = number_in(arg[1]);
    if (result && *result >= 0) file->position = static_cast<std::uint64_t>(*result);
    else if (to && arg[2] == "SEEK_SET") file->position = *to;
    return {};
  }
  const auto length = number_in(arg[2]);
  std::optional<std::uint64_t> at = file->position;
  if (name == "pwrite64") at = arg.size() >= 4 ? number_in(arg[3]) : std::nullopt;
  if (!length || !at) return {};
  out.pid = file->pid;
  out.bytes = {pages_of(*at, *length)};
  if (name == "write" && result && *result > 0) file->position += static_cast<std::uint64_t>(*result);
  return out;
}

}  // namespace ringtail::hunt
