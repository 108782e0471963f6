// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/map_line.h"

#include <charconv>

#include "model/kernel/files.h"

namespace ringtail::kernel {
namespace {

bool take_hex(std::string_view& s, char stop, Address& v) {
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), v, 16);
  if (error != std::errc{} || end == s.data() + s.size() || *end != stop) return false;
  s.remove_prefix(static_cast<std::size_t>(end - s.data()) + 1);
  return true;
}

std::string_view take_field(std::string_view& s) {
  const auto space = s.find(' ');
  const auto field = s.substr(0, space);
  s.remove_prefix(space == s.npos ? s.size() : space + 1);
  return field;
}

}  // namespace

bool parse_map_line(std::string_view line, Range& r, PageState& s) {
  if (!take_hex(line, '-', r.begin) || !take_hex(line, ' ', r.end) || r.empty()) return false;
  const auto perms = take_field(line);
  if (perms.size() != 4) return false;
  take_field(line);  // offset
  take_field(line);  // device
  const auto inode = take_field(line);
  const auto name_at = line.find_first_not_of(' ');
  const auto name = name_at == line.npos ? std::string_view{} : line.substr(name_at);
  if (inode.empty()) return false;

  const bool file = inode != "0";
  const bool shmem = file && (name.starts_with("/memfd:") || name.starts_with("/SYSV") ||
                              name.starts_with("/dev/shm/") || name.starts_with("/dev/zero"));
  const bool device = file && !shmem && may_be_special(name);
  const bool aio = name.starts_with("/[aio]");
  const bool vdso = !file && name.starts_with("[v");
  const bool shared = perms[3] == 's';
  s = PageState{};
  s.set(kMapped, true).set(kRead, perms[0] == 'r').set(kWrite, perms[1] == 'w').set(kExec, perms[2] == 'x');
  s.set(kShared, shared).set(kFile, file).set(kGrowsDown, name == "[stack]");
  s.set(kShmem, shmem ? Tri::yes : file ? Tri::maybe : Tri::no);
  s.set(kHugetlb, file && !shmem ? Tri::maybe : Tri::no);
  s.set(kSpecial, vdso || aio ? Tri::yes : device ? Tri::maybe : Tri::no);
  s.set(kAioRing, aio).set(kSysV, Tri::maybe);
  if (!shared && !vdso) s.set(kMayWrite, true);
  if (!file && !vdso) s.set(kMayExec, true);
  if (!vdso && !device && !aio) s.set(kDontFork, Tri::maybe);
  return true;
}

}  // namespace ringtail::kernel
