// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/run/storm.h"

#include <chrono>
#include <cstring>
#include <ctime>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <numaif.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replay/capture/jsonl.h"
#include "replay/run/probes.h"

namespace ringtail::run {
namespace {

using kernel::Sys;

constexpr std::uint64_t kIoBytes = 1 << 20;
constexpr std::uint64_t kMaskBits = 1024;

// Where AIO reads from and writes to.
struct IoFile {
  int fd = -1;
  std::uint64_t bytes = 0;
  bool direct = false;
  std::string what = "nothing";

  IoFile() = default;
  IoFile(const IoFile&) = delete;
  ~IoFile() {
    if (fd >= 0) close(fd);
  }

  Result<bool> open_device(const std::string& path) {
    fd = open(path.c_str(), O_RDWR | O_DIRECT | O_CLOEXEC);
    std::uint64_t size = 0;
    if (fd < 0 || ioctl(fd, BLKGETSIZE64, &size) != 0 || size < kIoBytes)
      return Unexpected(fmt::format("{}: not a block device of {} bytes or more: {}", path, kIoBytes,
                                    std::strerror(errno)));
    bytes = kIoBytes, direct = true, what = "a block device, direct";
    return true;
  }

  Result<bool> open_in(const std::string& folder) {
    std::string path = folder + "/ringtail-io-XXXXXX";
    fd = mkostemp(path.data(), O_CLOEXEC);
    if (fd < 0) return Unexpected(fmt::format("{}: {}", path, std::strerror(errno)));
    const int direct_fd = open(path.c_str(), O_RDWR | O_DIRECT | O_CLOEXEC);
    unlink(path.c_str());
    if (ftruncate(fd, kIoBytes) != 0) return Unexpected(fmt::format("{}: {}", folder, std::strerror(errno)));
    bytes = kIoBytes, what = "a file, buffered";
    if (direct_fd < 0) return true;
    // Some file systems open so and then refuse; a page will tell.
    alignas(kPageBytes) static char page[kPageBytes];
    if (pwrite(direct_fd, page, sizeof page, 0) != static_cast<ssize_t>(sizeof page)) {
      close(direct_fd);
      return true;
    }
    close(fd);
    fd = direct_fd, direct = true, what = "a file, direct";
    return true;
  }
};

// Nothing when the arena may be mapped; else why not.
std::string missing(Kind k, const host::Topology& t, std::size_t pages) {
  if (k == Kind::huge && t.thp == "never") return "transparent huge pages are switched off";
  const std::uint64_t huge = (pages * kPageBytes + host::kHugePage - 1) / host::kHugePage;
  if (k == Kind::hugetlb && t.huge_pages() < huge * t.nodes.size() + huge)
    return fmt::format("{} huge pages of 2 MiB in the pool, too few", t.huge_pages());
  return "";
}

// How often the kernel has migrated pages by itself, within nodes and between them. khugepaged makes a huge
// page of pages of several nodes on one of them.
struct OwnMigrations {
  std::uint64_t within = 0, across = 0;

  static OwnMigrations so_far() {
    std::ifstream in("/proc/vmstat");
    OwnMigrations m;
    std::uint64_t n = 0;
    for (std::string name; in >> name >> n;) {
      if (name == "compact_isolated" || name == "compact_migrate_scanned") m.within += n;
      if (name == "numa_pages_migrated" || name == "numa_hint_faults") m.across += n;
    }
    std::ifstream collapsed("/sys/kernel/mm/transparent_hugepage/khugepaged/pages_collapsed");
    if (collapsed >> n) m.across += n;
    return m;
  }
  std::string_view since(const OwnMigrations& before) const {
    return across != before.across ? "across" : within != before.within ? "within" : "no";
  }
};

class Rounds {
 public:
  Rounds(const Options& o, const host::Topology& t, const std::vector<int>& nodes, Judge& judge, IoFile& io,
         host::Clock& clock)
      : o_(o), topology_(t), nodes_(nodes), judge_(judge), io_(io), tape_(clock), crew_(o, clock) {}

  // False when the process hangs; an error when there is no memory of that kind.
  Result<bool> one(Kind kind, std::uint64_t seed) {
    Random random(seed);
    auto mapped = Arena::map(kind, o_.pages, first_, folder(o_), tape_);
    if (!mapped) return Unexpected(mapped.error());
    const auto round = std::make_shared<Round>(*this, std::move(*mapped), begins_as_zeros(kind));
    Arena& arena = round->arena;
    first_ += static_cast<std::uint32_t>(arena.pages());
    fill(arena, round->ledger, random);
    if (!crew_.work(round->scene)) {
      tally.find("a thread hangs in the kernel", std::string(text_of(kind)));
      ++tally.left_behind;
      hanging_ = round;  // its threads still use it
      return false;
    }
    examine(arena, round->ledger);
    arena.unmap(tape_);
    judge();
    return true;
  }

  void probe() {
    probe_calls(tape_, nodes_, topology_.root);
    judge();
  }

  Tally all() const {
    Tally t = tally;
    t.add(crew_.tally());
    return t;
  }
  Tally tally;

  static std::string folder(const Options& o) {
    if (!o.folder.empty()) return o.folder;
    const char* tmp = std::getenv("TMPDIR");
    return tmp && *tmp ? tmp : "/var/tmp";
  }

 private:
  void judge() {
    std::vector<host::Tape*> tapes = crew_.tapes();
    tapes.push_back(&tape_);
    std::vector<capture::Event> events = merged(tapes);
    const OwnMigrations now = OwnMigrations::so_far();
    capture::Event fact;
    fact.kind = capture::Event::Kind::fact;
    fact.begin_seq = fact.end_seq = events.empty() ? 0 : events.front().begin_seq;
    fact.text = fmt::format("migrates={}", now.since(migrations_));
    migrations_ = now;
    events.insert(events.begin(), std::move(fact));
    judge_.take(std::move(events));
  }

  struct Round {
    Arena arena;
    Ledger ledger;
    Scene scene;

    Round(const Rounds& r, Arena mapped, bool zeros)
        : arena(std::move(mapped)),
          ledger(r.first_, arena.pages(), zeros),
          scene{r.o_, r.nodes_, arena, ledger, r.io_.fd, r.io_.bytes, r.io_.direct, r.o_.threads} {}
  };

  // Puts the pages on a node and writes all but a few, which stay as they are in the beginning.
  void fill(Arena& arena, Ledger& ledger, Random& random) {
    const bool binds = arena.kind() != Kind::hugetlb;
    std::uint64_t mask[kMaskBits / 64] = {};
    const int node = random.of(nodes_);
    mask[node / 64] |= std::uint64_t{1} << (node % 64);
    const std::uint64_t words = reinterpret_cast<std::uint64_t>(mask);
    if (binds) tape_.call(Sys::mbind, {arena.base(), arena.bytes(), MPOL_PREFERRED, words, kMaskBits, 0});
    for (std::size_t p = 0; p < arena.pages(); ++p) {
      if (random.one_in(16)) continue;
      for (std::size_t w = 0; w < kWords; ++w) arena.words(p)[w] = ledger.stamped(p, w, 1);
      for (std::size_t s = 0; s < kSlices; ++s) ledger.slice(p, s) = {1, 0};
    }
    if (binds) tape_.call(Sys::mbind, {arena.base(), arena.bytes(), MPOL_DEFAULT, 0, 0, 0});
  }

  // A migration entry looks like a swapped page; where nothing swaps, one that stays is left behind, and
  // whoever touches the page waits for ever.
  bool left_behind(const Arena& arena, std::size_t page) const {
    if (topology_.swap_kib != 0) return false;
    for (int tries = 0; tries < 200; ++tries) {
      const Residence r = o_.residence(arena.address(page));
      if (!r.known || !r.swapped) return false;
      const timespec wait{0, 5'000'000};
      nanosleep(&wait, nullptr);
    }
    return true;
  }

  void examine(const Arena& arena, const Ledger& ledger) {
    Content content;
    for (std::size_t p = 0; p < arena.pages(); ++p) {
      if (left_behind(arena, p)) {
        ++tally.left_behind;
        tally.find("migration entry left behind", fmt::format("page {}, {}", p, text_of(arena.kind())));
        continue;
      }
      if (ledger.accepted(p)) continue;
      std::memcpy(content.data(), arena.words(p), sizeof content);
      if (const auto flaw = ledger.examine(p, content)) tally.flaw(*flaw, arena, p);
    }
  }

  const Options& o_;
  const host::Topology& topology_;
  const std::vector<int>& nodes_;
  Judge& judge_;
  IoFile& io_;
  host::Tape tape_;
  Crew crew_;
  std::uint32_t first_ = 1;
  std::shared_ptr<Round> hanging_;
  OwnMigrations migrations_ = OwnMigrations::so_far();
};

}  // namespace

Judge::Judge(std::unique_ptr<capture::Sink> keep) : keep_(std::move(keep)) {
  oracle_.shows_signals(true);  // none come: all that the crew's calls could be interrupted by is ignored
  if (keep_) keep_->write(capture::json_header());
  ++line_;
}

void Judge::take(std::vector<capture::Event> events) {
  std::string text;
  for (capture::Event& e : events) {
    e.line = e.begin_line = ++line_;
    oracle_.take(e);
    if (keep_) capture::append_json(text, e);
  }
  if (keep_) keep_->write(text);
}

Result<bool> Judge::close() { return keep_ ? keep_->close() : Result<bool>(true); }

Result<Storm> storm(const Options& o, const host::Topology& t, const std::vector<int>& nodes,
                    const std::function<void(const Storm&)>& progress) {
  std::unique_ptr<capture::Sink> keep;
  if (!o.capture.empty()) {
    auto sink = capture::Sink::open(o.capture);
    if (!sink) return Unexpected(sink.error());
    keep = std::move(*sink);
  }
  IoFile io;
  const auto opened = o.device.empty() ? io.open_in(Rounds::folder(o)) : io.open_device(o.device);
  if (!opened) return Unexpected(opened.error());

  Storm done;
  done.io = io.what;
  std::vector<Kind> kinds;
  for (int i = 0; i < kKinds; ++i) {
    const auto k = static_cast<Kind>(i);
    if (o.huge && !is_huge(k)) continue;
    std::string why = missing(k, t, o.pages);
    if (why.empty()) kinds.push_back(k);
    else done.not_run[k] = why;
  }
  if (kinds.empty()) return done;

  host::Clock clock{0};
  Judge judge(std::move(keep));
  auto rounds = std::make_unique<Rounds>(o, t, nodes, judge, io, clock);
  judge.take(host::opening(clock));
  rounds->probe();
  Random seeds(o.seed);
  const auto start = std::chrono::steady_clock::now();
  const std::chrono::duration<double> limit(o.minutes * 60);
  const auto more = [&] {
    return o.minutes > 0 ? std::chrono::steady_clock::now() - start < limit : done.rounds < o.rounds;
  };
  while (more() && !kinds.empty()) {
    const Kind kind = kinds[done.rounds % kinds.size()];
    const auto ended = rounds->one(kind, seeds.next());
    if (!ended) {  // no room for this kind just now: huge pages that somebody reserved, a full file system
      done.not_run[kind] = ended.error();
      std::erase(kinds, kind);
      continue;
    }
    ++done.rounds;
    ++done.by_kind[kind];
    done.tally = rounds->all();
    done.judged = judge.summary();
    progress(done);
    if (!*ended) {
      done.hangs = true;
      static_cast<void>(rounds.release());  // its threads still use it
      break;
    }
  }
  if (auto closed = judge.close(); !closed) return Unexpected(closed.error());
  return done;
}

}  // namespace ringtail::run
