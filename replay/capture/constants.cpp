// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/constants.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <type_traits>

namespace ringtail::capture {
namespace {

struct Row {
  std::string_view name;
  std::uint64_t value;
};

constexpr Row kConstants[] = {
    // by themselves
    {"NULL", 0},
    {"AT_FDCWD", static_cast<std::uint64_t>(-100)},
    // protections
    {"PROT_NONE", 0},
    {"PROT_READ", 1},
    {"PROT_WRITE", 2},
    {"PROT_EXEC", 4},
    {"PROT_SEM", 8},
    {"PROT_GROWSDOWN", 0x01000000},
    {"PROT_GROWSUP", 0x02000000},
    // mmap
    {"MAP_FILE", 0},
    {"MAP_SHARED", 1},
    {"MAP_PRIVATE", 2},
    {"MAP_SHARED_VALIDATE", 3},
    {"MAP_DROPPABLE", 8},
    {"MAP_FIXED", 0x10},
    {"MAP_ANONYMOUS", 0x20},
    {"MAP_ANON", 0x20},
    {"MAP_32BIT", 0x40},
    {"MAP_ABOVE4G", 0x80},
    {"MAP_GROWSDOWN", 0x100},
    {"MAP_DENYWRITE", 0x800},
    {"MAP_EXECUTABLE", 0x1000},
    {"MAP_LOCKED", 0x2000},
    {"MAP_NORESERVE", 0x4000},
    {"MAP_POPULATE", 0x8000},
    {"MAP_NONBLOCK", 0x10000},
    {"MAP_STACK", 0x20000},
    {"MAP_HUGETLB", 0x40000},
    {"MAP_SYNC", 0x80000},
    {"MAP_FIXED_NOREPLACE", 0x100000},
    {"MAP_UNINITIALIZED", 0x4000000},
    {"MAP_HUGE_SHIFT", 26},
    {"MAP_HUGE_64KB", 0x40000000},
    {"MAP_HUGE_512KB", 0x4c000000},
    {"MAP_HUGE_1MB", 0x50000000},
    {"MAP_HUGE_2MB", 0x54000000},
    {"MAP_HUGE_8MB", 0x5c000000},
    {"MAP_HUGE_16MB", 0x60000000},
    {"MAP_HUGE_32MB", 0x64000000},
    {"MAP_HUGE_256MB", 0x70000000},
    {"MAP_HUGE_512MB", 0x74000000},
    {"MAP_HUGE_1GB", 0x78000000},
    {"MAP_HUGE_2GB", 0x7c000000},
    {"MAP_HUGE_16GB", 0x88000000},
    // mremap
    {"MREMAP_MAYMOVE", 1},
    {"MREMAP_FIXED", 2},
    {"MREMAP_DONTUNMAP", 4},
    // advices
    {"MADV_NORMAL", 0},
    {"MADV_RANDOM", 1},
    {"MADV_SEQUENTIAL", 2},
    {"MADV_WILLNEED", 3},
    {"MADV_DONTNEED", 4},
    {"MADV_FREE", 8},
    {"MADV_REMOVE", 9},
    {"MADV_DONTFORK", 10},
    {"MADV_DOFORK", 11},
    {"MADV_MERGEABLE", 12},
    {"MADV_UNMERGEABLE", 13},
    {"MADV_HUGEPAGE", 14},
    {"MADV_NOHUGEPAGE", 15},
    {"MADV_DONTDUMP", 16},
    {"MADV_DODUMP", 17},
    {"MADV_WIPEONFORK", 18},
    {"MADV_KEEPONFORK", 19},
    {"MADV_COLD", 20},
    {"MADV_PAGEOUT", 21},
    {"MADV_POPULATE_READ", 22},
    {"MADV_POPULATE_WRITE", 23},
    {"MADV_DONTNEED_LOCKED", 24},
    {"MADV_COLLAPSE", 25},
    {"MADV_HWPOISON", 100},
    {"MADV_SOFT_OFFLINE", 101},
    {"MADV_GUARD_INSTALL", 102},
    {"MADV_GUARD_REMOVE", 103},
    // mlock2, mlockall
    {"MLOCK_ONFAULT", 1},
    {"MCL_CURRENT", 1},
    {"MCL_FUTURE", 2},
    {"MCL_ONFAULT", 4},
    // memory policy: modes, mode flags, get_mempolicy, mbind and move_pages
    {"MPOL_DEFAULT", 0},
    {"MPOL_PREFERRED", 1},
    {"MPOL_BIND", 2},
    {"MPOL_INTERLEAVE", 3},
    {"MPOL_LOCAL", 4},
    {"MPOL_PREFERRED_MANY", 5},
    {"MPOL_WEIGHTED_INTERLEAVE", 6},
    {"MPOL_F_NUMA_BALANCING", 0x2000},
    {"MPOL_F_RELATIVE_NODES", 0x4000},
    {"MPOL_F_STATIC_NODES", 0x8000},
    {"MPOL_F_NODE", 1},
    {"MPOL_F_ADDR", 2},
    {"MPOL_F_MEMS_ALLOWED", 4},
    {"MPOL_MF_STRICT", 1},
    {"MPOL_MF_MOVE", 2},
    {"MPOL_MF_MOVE_ALL", 4},
    {"MPOL_MF_LAZY", 8},
    // iocb: opcodes, flags, per-call flags
    {"IOCB_CMD_PREAD", 0},
    {"IOCB_CMD_PWRITE", 1},
    {"IOCB_CMD_FSYNC", 2},
    {"IOCB_CMD_FDSYNC", 3},
    {"IOCB_CMD_PREADX", 4},
    {"IOCB_CMD_POLL", 5},
    {"IOCB_CMD_NOOP", 6},
    {"IOCB_CMD_PREADV", 7},
    {"IOCB_CMD_PWRITEV", 8},
    {"IOCB_FLAG_RESFD", 1},
    {"IOCB_FLAG_IOPRIO", 2},
    {"RWF_HIPRI", 1},
    {"RWF_DSYNC", 2},
    {"RWF_SYNC", 4},
    {"RWF_NOWAIT", 8},
    {"RWF_APPEND", 0x10},
    {"RWF_NOAPPEND", 0x20},
    {"RWF_ATOMIC", 0x40},
    {"RWF_DONTCACHE", 0x80},
    {"RWF_NOSIGNAL", 0x100},
    // poll
    {"POLLIN", 1},
    {"POLLPRI", 2},
    {"POLLOUT", 4},
    {"POLLERR", 8},
    {"POLLHUP", 0x10},
    {"POLLNVAL", 0x20},
    {"POLLRDNORM", 0x40},
    {"POLLRDBAND", 0x80},
    {"POLLWRNORM", 0x100},
    {"POLLWRBAND", 0x200},
    {"POLLMSG", 0x400},
    {"POLLREMOVE", 0x1000},
    {"POLLRDHUP", 0x2000},
    // io priorities
    {"IOPRIO_CLASS_NONE", 0},
    {"IOPRIO_CLASS_RT", 1},
    {"IOPRIO_CLASS_BE", 2},
    {"IOPRIO_CLASS_IDLE", 3},
    // shmat
    {"SHM_EXEC", 0x8000},
    {"SHM_RDONLY", 0x1000},
    {"SHM_RND", 0x2000},
    {"SHM_REMAP", 0x4000},
    // open
    {"O_RDONLY", 0},
    {"O_WRONLY", 1},
    {"O_RDWR", 2},
    {"O_ACCMODE", 3},
    {"O_CREAT", 0x40},
    {"O_EXCL", 0x80},
    {"O_NOCTTY", 0x100},
    {"O_TRUNC", 0x200},
    {"O_APPEND", 0x400},
    {"O_NONBLOCK", 0x800},
    {"O_NDELAY", 0x800},
    {"O_DSYNC", 0x1000},
    {"O_ASYNC", 0x2000},
    {"FASYNC", 0x2000},
    {"O_DIRECT", 0x4000},
    {"O_LARGEFILE", 0x8000},
    {"O_DIRECTORY", 0x10000},
    {"O_NOFOLLOW", 0x20000},
    {"O_NOATIME", 0x40000},
    {"O_CLOEXEC", 0x80000},
    {"O_SYNC", 0x101000},
    {"__O_SYNC", 0x100000},
    {"O_PATH", 0x200000},
    {"O_TMPFILE", 0x410000},
    {"__O_TMPFILE", 0x400000},
    // fcntl: commands, descriptor flags, seals
    {"F_DUPFD", 0},
    {"F_GETFD", 1},
    {"F_SETFD", 2},
    {"F_GETFL", 3},
    {"F_SETFL", 4},
    {"F_GETLK", 5},
    {"F_SETLK", 6},
    {"F_SETLKW", 7},
    {"F_SETOWN", 8},
    {"F_GETOWN", 9},
    {"F_SETSIG", 10},
    {"F_GETSIG", 11},
    {"F_SETOWN_EX", 15},
    {"F_GETOWN_EX", 16},
    {"F_OFD_GETLK", 36},
    {"F_OFD_SETLK", 37},
    {"F_OFD_SETLKW", 38},
    {"F_SETLEASE", 1024},
    {"F_GETLEASE", 1025},
    {"F_NOTIFY", 1026},
    {"F_DUPFD_QUERY", 1027},
    {"F_CREATED_QUERY", 1028},
    {"F_CANCELLK", 1029},
    {"F_DUPFD_CLOEXEC", 1030},
    {"F_SETPIPE_SZ", 1031},
    {"F_GETPIPE_SZ", 1032},
    {"F_ADD_SEALS", 1033},
    {"F_GET_SEALS", 1034},
    {"F_GET_RW_HINT", 1035},
    {"F_SET_RW_HINT", 1036},
    {"F_GET_FILE_RW_HINT", 1037},
    {"F_SET_FILE_RW_HINT", 1038},
    {"FD_CLOEXEC", 1},
    {"F_SEAL_SEAL", 1},
    {"F_SEAL_SHRINK", 2},
    {"F_SEAL_GROW", 4},
    {"F_SEAL_WRITE", 8},
    {"F_SEAL_FUTURE_WRITE", 0x10},
    {"F_SEAL_EXEC", 0x20},
    // fallocate
    {"FALLOC_FL_KEEP_SIZE", 1},
    {"FALLOC_FL_PUNCH_HOLE", 2},
    {"FALLOC_FL_NO_HIDE_STALE", 4},
    {"FALLOC_FL_COLLAPSE_RANGE", 8},
    {"FALLOC_FL_ZERO_RANGE", 0x10},
    {"FALLOC_FL_INSERT_RANGE", 0x20},
    {"FALLOC_FL_UNSHARE_RANGE", 0x40},
    {"FALLOC_FL_WRITE_ZEROES", 0x80},
    // eventfd
    {"EFD_SEMAPHORE", 1},
    {"EFD_NONBLOCK", 0x800},
    {"EFD_CLOEXEC", 0x80000},
    // memfd_create
    {"MFD_CLOEXEC", 1},
    {"MFD_ALLOW_SEALING", 2},
    {"MFD_HUGETLB", 4},
    {"MFD_NOEXEC_SEAL", 8},
    {"MFD_EXEC", 0x10},
    {"MFD_HUGE_SHIFT", 26},
    // close_range, pidfd_open
    {"CLOSE_RANGE_UNSHARE", 2},
    {"CLOSE_RANGE_CLOEXEC", 4},
    {"PIDFD_NONBLOCK", 0x800},
    {"PIDFD_THREAD", 0x80},
    // clone
    {"CLONE_NEWTIME", 0x80},
    {"CLONE_VM", 0x100},
    {"CLONE_FS", 0x200},
    {"CLONE_FILES", 0x400},
    {"CLONE_SIGHAND", 0x800},
    {"CLONE_PIDFD", 0x1000},
    {"CLONE_PTRACE", 0x2000},
    {"CLONE_VFORK", 0x4000},
    {"CLONE_PARENT", 0x8000},
    {"CLONE_THREAD", 0x10000},
    {"CLONE_NEWNS", 0x20000},
    {"CLONE_SYSVSEM", 0x40000},
    {"CLONE_SETTLS", 0x80000},
    {"CLONE_PARENT_SETTID", 0x100000},
    {"CLONE_CHILD_CLEARTID", 0x200000},
    {"CLONE_DETACHED", 0x400000},
    {"CLONE_UNTRACED", 0x800000},
    {"CLONE_CHILD_SETTID", 0x1000000},
    {"CLONE_NEWCGROUP", 0x2000000},
    {"CLONE_NEWUTS", 0x4000000},
    {"CLONE_NEWIPC", 0x8000000},
    {"CLONE_NEWUSER", 0x10000000},
    {"CLONE_NEWPID", 0x20000000},
    {"CLONE_NEWNET", 0x40000000},
    {"CLONE_IO", 0x80000000},
    {"CLONE_CLEAR_SIGHAND", 0x100000000},
    {"CLONE_INTO_CGROUP", 0x200000000},
    // signals
    {"SIGHUP", 1},
    {"SIGINT", 2},
    {"SIGQUIT", 3},
    {"SIGILL", 4},
    {"SIGTRAP", 5},
    {"SIGABRT", 6},
    {"SIGBUS", 7},
    {"SIGFPE", 8},
    {"SIGKILL", 9},
    {"SIGUSR1", 10},
    {"SIGSEGV", 11},
    {"SIGUSR2", 12},
    {"SIGPIPE", 13},
    {"SIGALRM", 14},
    {"SIGTERM", 15},
    {"SIGSTKFLT", 16},
    {"SIGCHLD", 17},
    {"SIGCONT", 18},
    {"SIGSTOP", 19},
    {"SIGTSTP", 20},
    {"SIGTTIN", 21},
    {"SIGTTOU", 22},
    {"SIGURG", 23},
    {"SIGXCPU", 24},
    {"SIGXFSZ", 25},
    {"SIGVTALRM", 26},
    {"SIGPROF", 27},
    {"SIGWINCH", 28},
    {"SIGIO", 29},
    {"SIGPWR", 30},
    {"SIGSYS", 31},
    {"SIGRTMIN", 32},
    // sockets
    {"AF_UNSPEC", 0},
    {"AF_UNIX", 1},
    {"AF_LOCAL", 1},
    {"AF_INET", 2},
    {"AF_INET6", 10},
    {"AF_NETLINK", 16},
    {"AF_PACKET", 17},
    {"AF_ALG", 38},
    {"AF_VSOCK", 40},
    {"SOCK_STREAM", 1},
    {"SOCK_DGRAM", 2},
    {"SOCK_RAW", 3},
    {"SOCK_RDM", 4},
    {"SOCK_SEQPACKET", 5},
    {"SOCK_NONBLOCK", 0x800},
    {"SOCK_CLOEXEC", 0x80000},
    {"IPPROTO_IP", 0},
    {"IPPROTO_ICMP", 1},
    {"IPPROTO_TCP", 6},
    {"IPPROTO_UDP", 17},
    {"IPPROTO_IPV6", 41},
    {"NETLINK_ROUTE", 0},
    // execveat
    {"AT_SYMLINK_NOFOLLOW", 0x100},
    {"AT_EMPTY_PATH", 0x1000},
};

// Open addressing over the rows; built once, at compile time.
constexpr std::size_t kSlots = 2048;

// The eight bytes from `p` on.
constexpr std::uint64_t load(const char* p, std::size_t n) {
  std::uint64_t v = 0;
  if (n == 8 && !std::is_constant_evaluated()) {
    std::memcpy(&v, p, 8);
    return v;
  }
  for (std::size_t i = 0; i < n; ++i) v |= std::uint64_t{static_cast<unsigned char>(p[i])} << 8 * i;
  return v;
}

constexpr std::size_t hash(std::string_view s) {
  // The length and the last eight bytes, where the names of one set differ, and some before them.
  const std::size_t n = s.size();
  std::uint64_t h = n < 8 ? load(s.data(), n) : load(s.data() + n - 8, 8);
  if (n > 12) h ^= static_cast<std::uint64_t>(static_cast<unsigned char>(s[n - 10])) << 32;
  h = (h + n) * 0x9e3779b97f4a7c15;
  return h >> 53;
}
static_assert(kSlots == 1u << 11, "hash() gives eleven bits");

struct Index {
  std::array<std::uint16_t, kSlots> slot{};  // row + 1, 0 for empty
  bool unique = true;
};

constexpr Index make_index() {
  Index index;
  for (std::size_t i = 0; i < std::size(kConstants); ++i) {
    std::size_t at = hash(kConstants[i].name);
    while (index.slot[at] != 0) {
      if (kConstants[index.slot[at] - 1u].name == kConstants[i].name) index.unique = false;
      at = (at + 1) % kSlots;
    }
    index.slot[at] = static_cast<std::uint16_t>(i + 1);
  }
  return index;
}

constexpr Index kIndex = make_index();
static_assert(kIndex.unique, "a constant stands twice in the table");

}  // namespace

const std::uint64_t* constant(std::string_view name) {
  for (std::size_t at = hash(name); kIndex.slot[at] != 0; at = (at + 1) % kSlots) {
    const Row& r = kConstants[kIndex.slot[at] - 1u];
    if (r.name == name) return &r.value;
  }
  return nullptr;
}

}  // namespace ringtail::capture
