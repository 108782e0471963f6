// SPDX-License-Identifier: GPL-2.0-or-later
// strength [--seed S] [--each N] [--misses] [--bare] [--beside] CAPTURE...: plants wrong results into
// captures, one at a time, and prints by class which share of them the oracle catches.
//
// A first pass over a capture counts, for each class, the calls that it applies to; N of them are then drawn.
// In a second pass the oracle follows the capture as it is; at a drawn call the process forks, and the child
// gives the oracle the wrong result and then the calls that really followed, kAfter of them. Caught means: a
// divergence, at the call or after it. The parent goes on with the right result, so that each mutation stands
// alone in an otherwise true capture. Last come the classes that no capture had a call for: they are named,
// not left out. With --bare the captures' headers are left out: what strength is left when a capture tells
// nothing of its machine, nor what was mapped before its first call. With --beside only calls that others
// overlap are drawn, where much is not knowable: that table has no target, it compares two models.
#include <algorithm>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "replay/capture/reader.h"
#include "replay/oracle/call_text.h"
#include "replay/oracle/oracle.h"
#include "tests/bench/strength/mutation.h"

namespace ringtail::strength {
namespace {

constexpr std::size_t kAfter = 400;
constexpr std::size_t kMostMissesShown = 3;

struct Tally {
  std::uint64_t planted = 0, caught = 0;
  std::vector<std::string> misses;
};

// A call that no other call overlaps: what is overlapped is often unknowable.
bool alone(const Event& e) { return e.kind == Event::Kind::call && e.begin_line == e.line; }

// What is drawn from, and what of the captures is left out.
struct Kind {
  bool bare = false;    // no headers
  bool beside = false;  // calls that others overlap, and no others
};
bool drawn_from(const Event& e, const Mutation& m, const Kind& kind) {
  return kind.beside ? !alone(e) : alone(e) || m.overlapped;
}

// The events of a capture, without what it says of its machine when it is to be bare. (That its recorder
// leaves out nothing is no word on the machine.)
class Source {
 public:
  Source(const std::vector<std::string>& paths, bool bare)
      : reader_(capture::Reader::open(paths)), bare_(bare) {}
  bool opened() const { return reader_.has_value(); }
  std::string error() const { return reader_ ? "no calls" : reader_.error(); }
  capture::Format format() const { return (*reader_)->format(); }
  bool next(Event& e) {
    while ((*reader_)->next(e))
      if (!bare_ || e.kind != Event::Kind::fact || e.text == "calls=all") return true;
    return false;
  }

 private:
  Result<std::unique_ptr<capture::Reader>> reader_;
  bool bare_;
};

// Calls of each class, drawn without replacement: [class] -> ascending ordinals among the calls it applies
// to.
std::vector<std::vector<std::uint64_t>> draw(Source source, const Kind& kind, std::size_t each, Rng& rng) {
  std::vector<std::uint64_t> eligible(mutations().size());
  if (!source.opened()) return {};
  Surroundings around;
  for (Event e; source.next(e);) {
    if (e.kind == Event::Kind::call) {
      for (std::size_t m = 0; m < mutations().size(); ++m) {
        if (!drawn_from(e, mutations()[m], kind)) continue;
        Event copy = e;
        Rng probe(1);
        eligible[m] += mutations()[m].apply(copy, around, probe);
      }
    }
    around.observe(e);
  }
  std::vector<std::vector<std::uint64_t>> drawn(mutations().size());
  for (std::size_t m = 0; m < drawn.size(); ++m) {
    for (std::size_t i = 0; i < each && eligible[m] != 0; ++i) drawn[m].push_back(rng() % eligible[m]);
    std::sort(drawn[m].begin(), drawn[m].end());
    drawn[m].erase(std::unique(drawn[m].begin(), drawn[m].end()), drawn[m].end());
  }
  return drawn;
}

// In a child: does the oracle object to `wrong`, or to what comes after it?
bool caught(oracle::Oracle& oracle, const Event& wrong, const std::deque<Event>& after) {
  const pid_t pid = fork();
  if (pid == 0) {
    const auto objects = [&](const Event& e) {
      const auto before = oracle.summary().total().diverges;
      oracle.take(e);
      return oracle.summary().total().diverges > before;
    };
    bool found = objects(wrong);
    for (std::size_t i = 0; i < after.size() && i < kAfter && !found; ++i) found = objects(after[i]);
    _exit(found ? 1 : 0);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  if (!WIFEXITED(status)) fmt::print(stderr, "strength: the oracle crashed at line {}\n", wrong.line);
  return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

bool run(const std::vector<std::string>& paths, const Kind& kind, std::size_t each, Rng& rng,
         std::vector<Tally>& tallies) {
  const auto drawn = draw(Source(paths, kind.bare), kind, each, rng);
  Source source(paths, kind.bare);
  if (drawn.empty() || !source.opened()) {
    fmt::print(stderr, "strength: {}: {}\n", paths[0], source.error());
    return false;
  }
  std::vector<std::uint64_t> seen(mutations().size());
  oracle::Oracle oracle({});
  oracle.may_be_filtered(true);
  oracle.shows_signals(source.format() == capture::Format::strace);
  Surroundings around;
  std::deque<Event> ahead;
  Event e;
  bool more = true;
  for (;;) {
    while (more && ahead.size() <= kAfter) {
      more = source.next(e);
      if (more) ahead.push_back(e);
    }
    if (ahead.empty()) break;
    const Event now = std::move(ahead.front());
    ahead.pop_front();
    if (now.kind == Event::Kind::call) {
      for (std::size_t m = 0; m < mutations().size(); ++m) {
        if (!drawn_from(now, mutations()[m], kind)) continue;
        Event copy = now;
        Rng probe(1);
        if (!mutations()[m].apply(copy, around, probe)) continue;
        const std::uint64_t ordinal = seen[m]++;
        if (!std::binary_search(drawn[m].begin(), drawn[m].end(), ordinal)) continue;
        Tally& tally = tallies[m];
        ++tally.planted;
        if (caught(oracle, copy, ahead)) ++tally.caught;
        else if (tally.misses.size() < kMostMissesShown)
          tally.misses.push_back(fmt::format("{}:{} {} = {} instead of {}", paths[0], now.line,
                                             oracle::call_text(copy.call), copy.call.out.value,
                                             now.call.out.value));
      }
    }
    oracle.take(now);
    around.observe(now);
  }
  return true;
}

int main_(int argc, char** argv) {
  std::uint64_t seed = 1;
  std::size_t each = 25;
  bool show = false;
  Kind kind;
  std::vector<std::string> files;
  for (int i = 1; i < argc; ++i) {
    if (!std::strcmp(argv[i], "--seed") && i + 1 < argc) seed = std::strtoull(argv[++i], nullptr, 10);
    else if (!std::strcmp(argv[i], "--each") && i + 1 < argc) each = std::strtoull(argv[++i], nullptr, 10);
    else if (!std::strcmp(argv[i], "--misses")) show = true;
    else if (!std::strcmp(argv[i], "--bare")) kind.bare = true;
    else if (!std::strcmp(argv[i], "--beside")) kind.beside = true;
    else files.emplace_back(argv[i]);
  }
  if (files.empty()) {
    fmt::print(stderr, "usage: strength [--seed S] [--each N] [--misses] [--bare] [--beside] CAPTURE...\n");
    return 2;
  }
  Rng rng(seed);
  std::vector<Tally> tallies(mutations().size());
  for (const auto& paths : capture::captures_of(files))
    if (!run(paths, kind, each, rng, tallies)) return 2;

  fmt::print("{:<42} {:>8} {:>8} {:>7}\n",
             kind.beside ? "wrong result, of overlapped calls"
             : kind.bare ? "wrong result, of captures without headers"
                         : "wrong result",
             "planted", "caught", "share");
  std::uint64_t planted = 0, found = 0;
  double worst = 1;
  for (std::size_t m = 0; m < tallies.size(); ++m) {
    const Tally& t = tallies[m];
    planted += t.planted, found += t.caught;
    if (t.planted == 0) {
      fmt::print("{:<42} {:>8} {:>8} {:>7}\n", mutations()[m].name, 0, 0, "-");
      continue;
    }
    const double share = static_cast<double>(t.caught) / static_cast<double>(t.planted);
    worst = std::min(worst, share);
    fmt::print("{:<42} {:>8} {:>8} {:>6.1f}%\n", mutations()[m].name, t.planted, t.caught, 100 * share);
    for (const std::string& miss : t.misses)
      if (show) fmt::print("    missed: {}\n", miss);
  }
  const double all = planted == 0 ? 0 : static_cast<double>(found) / static_cast<double>(planted);
  fmt::print("{:<42} {:>8} {:>8} {:>6.1f}%   worst class {:.1f}%\n", "all", planted, found, 100 * all,
             100 * worst);
  return planted != 0 && all >= 0.97 && worst >= 0.90 ? 0 : 1;
}

}  // namespace
}  // namespace ringtail::strength

int main(int argc, char** argv) { return ringtail::strength::main_(argc, argv); }
