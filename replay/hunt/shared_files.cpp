// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/hunt/shared_files.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "model/kernel/map_line.h"

namespace ringtail::hunt {
namespace {

using kernel::Address;
using kernel::Call;
using kernel::Range;
using kernel::Sys;

constexpr std::uint64_t kMapShared = 1, kMapType = 0xf, kMapAnonymous = 0x20;
constexpr std::uint64_t kMremapDontunmap = 4;
constexpr std::uint64_t kPage = 4096;
// Spaces of a Touch that are no address space: those of files, and of open files.
constexpr std::uint64_t kOfFile = std::uint64_t{1} << 63, kOfOpenFiles = std::uint64_t{1} << 62;

std::uint64_t whole_pages(std::uint64_t bytes) { return (bytes + kPage - 1) & ~(kPage - 1); }

// Whether a name is one file's: many memfds have one name, and a deleted file leaves its to others.
bool is_one_file(std::string_view name) {
  return name.starts_with('/') && !name.starts_with("/memfd:") && !name.starts_with("/dev/zero") &&
         !name.starts_with("/SYSV") && !name.ends_with("(deleted)");
}

PageKind kind_of(std::string_view name) {
  return name.starts_with("/dev/shm/") ? PageKind::shared_memory : PageKind::shared_file;
}

std::uint64_t table_of(const kernel::Task& t) { return reinterpret_cast<std::uintptr_t>(t.files.get()); }

}  // namespace

void SharedFiles::lives(const kernel::Task& task) {
  const Thread now{task.mm->id, table_of(task)};
  const auto [it, fresh] = threads_.try_emplace(task.tid, now);
  Thread before = it->second;
  it->second = now;
  if (fresh) {
    const auto parent = threads_.find(task.parent);
    if (parent == threads_.end()) return;
    before = parent->second;
    if (before.mm != now.mm && !maps_.contains(now.mm))
      if (const auto from = maps_.find(before.mm); from != maps_.end()) maps_[now.mm] = Maps(from->second);
  }
  // An execve() keeps the descriptors.
  if (before.files != now.files && !descriptors_.contains(now.files))
    if (const auto from = descriptors_.find(before.files); from != descriptors_.end())
      descriptors_[now.files] = Descriptors(from->second);
  if (!fresh) drop(before);
}

void SharedFiles::dies(std::int32_t tid) {
  const auto it = threads_.find(tid);
  if (it == threads_.end()) return;
  const Thread gone = it->second;
  threads_.erase(it);
  drop(gone);
}

void SharedFiles::drop(Thread gone) {
  if (!maps_.contains(gone.mm) && !descriptors_.contains(gone.files)) return;
  bool mm = true, files = true;  // that nobody else has them
  for (const auto& [other, t] : threads_) mm &= t.mm != gone.mm, files &= t.files != gone.files;
  if (mm) maps_.erase(gone.mm);
  if (files) descriptors_.erase(gone.files);
}

SharedFiles::File SharedFiles::named(std::string_view name) {
  const auto it = names_.find(name);
  return it != names_.end() ? it->second : names_.emplace(name, next_++).first->second;
}

SharedFiles::Descriptor SharedFiles::of(Table files, const kernel::FdNote& note) {
  Descriptor out;
  const auto table = descriptors_.find(files);
  if (table != descriptors_.end() && note.fd.known())
    if (const auto it = table->second.find(note.fd.s32()); it != table->second.end()) out = it->second;
  if (is_one_file(note.path)) {
    const File file = named(note.path);
    if (out.file != file) out = {file, 0, kind_of(note.path)};
  }
  return out;
}

void SharedFiles::opens(Table files, const Call& c) {
  const std::string_view name = is_one_file(c.out_path) ? std::string_view(c.out_path)
                                : c.sys != Sys::memfd_create && c.path.starts_with('/') && !c.path_truncated
                                    ? std::string_view(c.path)
                                    : std::string_view();
  Descriptor d;
  d.opened = next_++;
  d.file = is_one_file(name) ? named(name) : next_++;
  d.kind = c.sys == Sys::memfd_create ? PageKind::shared_memory : kind_of(name);
  descriptors_[files][static_cast<std::int32_t>(c.out.value)] = d;
}

void SharedFiles::cut(std::uint32_t mm, Range r) {
  const auto maps = maps_.find(mm);
  if (maps == maps_.end() || r.empty()) return;
  Maps& m = maps->second;
  auto it = m.upper_bound(r.begin);
  if (it != m.begin()) --it;
  while (it != m.end() && it->first < r.end) {
    const auto [begin, part] = *it;
    if (part.end <= r.begin) {
      ++it;
      continue;
    }
    it = m.erase(it);
    if (begin < r.begin) m[begin] = {r.begin, part.file, part.first, part.kind};
    if (part.end > r.end)
      it =
          m.insert_or_assign(r.end, Part{part.end, part.file, part.first + (r.end - begin), part.kind}).first;
  }
}

void SharedFiles::put(std::uint32_t mm, Range r, Part part) {
  cut(mm, r);
  if (part.file == 0 || r.empty()) return;
  part.end = r.end;
  maps_[mm][r.begin] = part;
}

void SharedFiles::map(const Call& c, std::uint32_t mm, Table files) {
  for (const int i : {1, 3, 5})
    if (!c.arg[static_cast<std::size_t>(i)].known()) return;
  const auto at = static_cast<Address>(c.out.value);
  const Range r{at, at + whole_pages(c.arg[1].value)};
  const std::uint64_t type = c.arg[3].value & kMapType;
  if (type != kMapShared && type != (kMapShared | 2)) return cut(mm, r);  // MAP_SHARED_VALIDATE
  if (c.arg[3].value & kMapAnonymous) return put(mm, r, {0, next_++, 0, PageKind::shared_memory});
  const Descriptor d = of(files, c.fd);
  put(mm, r, {0, d.file, c.arg[5].value, d.kind});
}

void SharedFiles::remap(const Call& c, std::uint32_t mm) {
  for (std::size_t i = 0; i < 3; ++i)
    if (!c.arg[i].known()) return;
  const auto maps = maps_.find(mm);
  const auto from = c.arg[0].value, to = static_cast<Address>(c.out.value);
  Part moved;
  if (maps != maps_.end())
    if (auto it = maps->second.upper_bound(from); it != maps->second.begin() && (--it)->second.end > from)
      moved = {0, it->second.file, it->second.first + (from - it->first), it->second.kind};
  const bool stays = c.arg[3].known() && (c.arg[3].value & kMremapDontunmap);
  if (!stays) cut(mm, {from, from + whole_pages(c.arg[1].value)});
  put(mm, {to, to + whole_pages(c.arg[2].value)}, moved);
}

void SharedFiles::attach(const Call& c, std::uint32_t mm) {
  if (!c.arg[0].known()) return;
  const auto bytes = segment_bytes_.find(c.arg[0].value);
  const auto at = static_cast<Address>(c.out.value);
  const std::uint64_t size = bytes == segment_bytes_.end() ? kPage : whole_pages(bytes->second);
  put(mm, {at, at + size}, {0, named(fmt::format("segment {}", c.arg[0].value)), 0, PageKind::shared_memory});
}

void SharedFiles::take(const Call& c, const kernel::Task& task) {
  if (!c.out.known() || c.out.failed()) return;
  const std::uint32_t mm = task.mm->id;
  const Table files = table_of(task);
  const auto close = [&](std::uint64_t first, std::uint64_t last) {
    const auto it = descriptors_.find(files);
    if (it == descriptors_.end()) return;
    std::erase_if(it->second, [&](const auto& d) {
      return static_cast<std::uint64_t>(d.first) >= first && static_cast<std::uint64_t>(d.first) <= last;
    });
  };
  switch (c.sys) {
    case Sys::open:
    case Sys::openat:
    case Sys::creat:
    case Sys::memfd_create:
      return opens(files, c);
    case Sys::dup:
    case Sys::dup2:
    case Sys::dup3: {
      const auto to = static_cast<std::int32_t>(c.out.value);
      if (!c.arg[0].known() || c.arg[0].s32() == to) return;
      const auto table = descriptors_.find(files);
      if (table == descriptors_.end()) return;
      const auto from = table->second.find(c.arg[0].s32());
      if (from == table->second.end()) table->second.erase(to);
      else table->second[to] = Descriptor(from->second);
      return;
    }
    case Sys::close:
      if (c.arg[0].known()) close(c.arg[0].value, c.arg[0].value);
      return;
    case Sys::close_range:
      if (c.arg[0].known() && c.arg[1].known()) close(c.arg[0].value, c.arg[1].value);
      return;
    case Sys::mmap:
      return map(c, mm, files);
    case Sys::munmap:
      if (c.arg[0].known() && c.arg[1].known())
        cut(mm, {c.arg[0].value, c.arg[0].value + whole_pages(c.arg[1].value)});
      return;
    case Sys::mremap:
      return remap(c, mm);
    case Sys::shmat:
      return attach(c, mm);
    case Sys::shmdt:
      if (const auto maps = maps_.find(mm); maps != maps_.end() && c.arg[0].known())
        if (const auto it = maps->second.find(c.arg[0].value); it != maps->second.end())
          cut(mm, {it->first, it->second.end});
      return;
    default:
      return;
  }
}

void SharedFiles::take_segment(std::string_view arguments, std::int64_t id) {
  const std::size_t comma = arguments.find(',');
  const std::size_t at = arguments.find_first_of("0123456789", comma);
  if (comma == arguments.npos || at == arguments.npos || id < 0) return;
  std::uint64_t bytes = 0;
  const bool hex = arguments.substr(at).starts_with("0x");
  std::from_chars(arguments.data() + at + (hex ? 2 : 0), arguments.data() + arguments.size(), bytes,
                  hex ? 16 : 10);
  segment_bytes_[static_cast<std::uint64_t>(id)] = bytes;
}

void SharedFiles::take_map(std::uint32_t mm, std::string_view line) {
  Range r;
  kernel::PageState state;
  if (!kernel::parse_map_line(line, r, state) || state.test(kernel::kShared) != kernel::Tri::yes) return;
  // "7f0-7f1 rw-s 00001000 08:01 1234   /name": device and inode are the file's.
  std::array<std::string_view, 5> field;
  for (std::string_view& f : field) {
    const std::size_t space = line.find(' ');
    f = line.substr(0, space);
    line.remove_prefix(space == line.npos ? line.size() : space + 1);
  }
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  std::uint64_t first = 0;
  std::from_chars(field[2].data(), field[2].data() + field[2].size(), first, 16);
  const File file = named(is_one_file(line) ? std::string(line) : fmt::format("{} {}", field[3], field[4]));
  const bool memory = state.test(kernel::kShmem) == kernel::Tri::yes;
  put(mm, r, {0, file, first, memory ? PageKind::shared_memory : PageKind::shared_file});
}

void SharedFiles::add_shared(Touches& touches) const {
  constexpr std::size_t kMostFiles = 16;
  const std::size_t own = touches.size();
  for (std::size_t i = 0; i < own; ++i) {
    const Touch t = touches[i];
    if (t.what == Touch::What::descriptor) {
      const auto table = descriptors_.find(t.space);
      if (table == descriptors_.end() || t.object != t.last_object) continue;
      const auto it = table->second.find(static_cast<std::int32_t>(t.object));
      if (it == table->second.end() || it->second.opened == 0) continue;
      Touch& shared = touches.emplace_back(t);
      shared.space = kOfOpenFiles;
      shared.object = shared.last_object = it->second.opened;
      shared.through = t.space;
    }
    if (t.what != Touch::What::pages) continue;
    const auto maps = maps_.find(static_cast<std::uint32_t>(t.space));
    if (maps == maps_.end()) continue;
    const std::size_t first = touches.size();
    const auto part_of = [&](Address begin, const Part& part, Range r) {
      auto it = std::find_if(touches.begin() + static_cast<std::ptrdiff_t>(first), touches.end(),
                             [&](const Touch& known) { return known.space == (kOfFile | part.file); });
      if (it == touches.end()) {
        if (touches.size() - first == kMostFiles) return;
        touches.push_back(t);
        it = touches.end() - 1;
        it->space = kOfFile | part.file;
        it->through = t.space;
        it->all = false;
        it->ranges.clear();
        it->pages.kind = part.kind;
        if (t.everybodys) it->by.advice = kEverybodys;
      }
      it->add({part.first + (r.begin - begin), part.first + (r.end - begin)});
    };
    if (t.all) {
      for (const auto& [begin, part] : maps->second) part_of(begin, part, {begin, part.end});
      continue;
    }
    for (const Range& r : t.ranges) {
      auto it = maps->second.upper_bound(r.begin);
      if (it != maps->second.begin()) --it;
      for (; it != maps->second.end() && it->first < r.end; ++it)
        if (const Range both = r.intersect({it->first, it->second.end}); !both.empty())
          part_of(it->first, it->second, both);
    }
  }
}

void SharedFiles::add_sizing(const Call& c, const kernel::Task& task, Touches& touches) {
  constexpr std::uint64_t kPunchHole = 2, kMost = std::uint64_t{1} << 47;
  Range r;
  if (c.sys == Sys::ftruncate && c.arg[1].known()) r = {whole_pages(c.arg[1].value), kMost};
  else if (c.sys == Sys::fallocate && c.arg[1].known() && (c.arg[1].value & kPunchHole) && c.arg[2].known() &&
           c.arg[3].known())
    r = {c.arg[2].value & ~(kPage - 1), whole_pages(c.arg[2].value + c.arg[3].value)};
  const Descriptor d = r.empty() || r.end > kMost ? Descriptor{} : of(table_of(task), c.fd);
  if (d.file == 0) return;
  Touch& t = touches.emplace_back();
  t.by = {Op::size_fd, -1};
  t.space = kOfFile | d.file;
  t.own = task.mm->id;
  t.through = kOfOpenFiles | table_of(task);
  t.ranges.push_back(r);
  t.pages.kind = d.kind;
}

bool SharedFiles::mapped_elsewhere(const Touch& t) const {
  if (t.through == 0 || t.what != Touch::What::pages) return false;
  for (const auto& [mm, maps] : maps_) {
    if (mm == t.through) continue;
    for (const auto& [begin, part] : maps) {
      if ((kOfFile | part.file) != t.space) continue;
      const Range here{part.first, part.first + (part.end - begin)};
      if (std::any_of(t.ranges.begin(), t.ranges.end(), [&](Range r) { return r.intersects(here); }))
        return true;
    }
  }
  return false;
}

}  // namespace ringtail::hunt
