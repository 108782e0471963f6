// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/run/arena.h"

#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/mman.h>
#include <sys/mman.h>
#include <unistd.h>

#include "replay/host/topology.h"

namespace ringtail::run {
namespace {

using kernel::Sys;

constexpr std::uint64_t kBase = 0x300000000000;
constexpr std::size_t kHugePages = host::kHugePage / kPageBytes;

std::string failure(std::string_view what, long error) {
  return fmt::format("{}: {}", what, std::strerror(static_cast<int>(-error)));
}

// A file without a name, in generation 0 of the pattern.
Result<int> file_of(std::size_t pages, std::uint32_t first, const std::string& folder) {
  std::string path = folder + "/ringtail-run-XXXXXX";
  const int fd = mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0) return Unexpected(failure(path, -errno));
  unlink(path.c_str());
  const Ledger ledger(first, pages, false);
  Content content;
  for (std::size_t p = 0; p < pages; ++p) {
    for (std::size_t w = 0; w < kWords; ++w) content[w] = ledger.expected(p, w);
    if (write(fd, content.data(), sizeof content) != static_cast<ssize_t>(sizeof content)) {
      const int error = errno;
      close(fd);
      return Unexpected(failure(folder, -error));
    }
  }
  return fd;
}

}  // namespace

std::string_view text_of(Kind k) {
  switch (k) {
    case Kind::anonymous:
      return "anonymous";
    case Kind::huge:
      return "transparent huge pages";
    case Kind::file:
      return "private file";
    case Kind::shared:
      return "shared memory";
    case Kind::hugetlb:
      return "hugetlb";
  }
  return "";
}

Result<Arena> Arena::map(Kind kind, std::size_t pages, std::uint32_t first, const std::string& folder,
                         host::Tape& tape) {
  Arena a;
  a.kind_ = kind;
  a.pages_ = is_huge(kind) ? (pages + kHugePages - 1) / kHugePages * kHugePages : pages;
  int flags = MAP_PRIVATE | MAP_ANONYMOUS;
  if (kind == Kind::hugetlb) flags |= MAP_HUGETLB | MAP_HUGE_2MB;
  if (kind == Kind::file) {
    const auto fd = file_of(a.pages_, first, folder);
    if (!fd) return Unexpected(fd.error());
    a.fd_ = *fd;
    flags = MAP_PRIVATE;
  } else if (kind == Kind::shared) {
    static char name[] = "ringtail-run";
    a.fd_ =
        static_cast<int>(tape.call(Sys::memfd_create, {reinterpret_cast<std::uint64_t>(name), MFD_CLOEXEC}));
    if (a.fd_ < 0) return Unexpected(failure("memfd_create", a.fd_));
    tape.call(Sys::ftruncate, {static_cast<std::uint64_t>(a.fd_), a.bytes()});
    flags = MAP_SHARED;
  }
  const long at = tape.call(Sys::mmap, {kBase, a.bytes(), PROT_READ | PROT_WRITE,
                                        static_cast<std::uint64_t>(flags | MAP_FIXED_NOREPLACE),
                                        static_cast<std::uint64_t>(std::int64_t{a.fd_}), 0});
  if (at < 0) {
    if (a.fd_ >= 0) close(a.fd_);
    return Unexpected(failure("mmap", at));
  }
  a.base_ = static_cast<std::uint64_t>(at);
  if (kind == Kind::huge) tape.call(Sys::madvise, {a.base_, a.bytes(), MADV_HUGEPAGE});
  return a;
}

void Arena::unmap(host::Tape& tape) {
  tape.call(Sys::munmap, {base_, bytes()});
  if (fd_ >= 0) tape.call(Sys::close, {static_cast<std::uint64_t>(fd_)});
  fd_ = -1;
}

Residence residence(std::uint64_t address) {
  static const int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  std::uint64_t entry = 0;
  if (pread(fd, &entry, sizeof entry, static_cast<off_t>(address / kPageBytes * sizeof entry)) !=
      static_cast<ssize_t>(sizeof entry))
    return {};
  return {true, (entry >> 63 & 1) != 0, (entry >> 62 & 1) != 0};
}

}  // namespace ringtail::run
