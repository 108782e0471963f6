// SPDX-License-Identifier: GPL-2.0-or-later
// ringtail fuzz calls: random programs of system calls on this machine's kernel, held against the model. What
// differs is shrunk, and written three times: NAME.calls runs it again, NAME.jsonl is a capture for replay,
// NAME.c is a program of its own.
#include <fstream>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/fuzz.h"
#include "cli/output.h"
#include "replay/live/reproducer.h"
#include "replay/live/search.h"

namespace ringtail::cli {
namespace {

using nlohmann::ordered_json;

struct Options : FuzzOptions {
  std::string family = "all";
  int threads = 0;
};

std::string text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

class Calls {
 public:
  explicit Calls(const Options& o) : o_(o) {}

  int run() {
    const auto family = live::family_named(o_.family);
    if (!family && o_.family != "all")
      return fmt::print(stderr, "ringtail fuzz: there is no family '{}'\n", o_.family), kBadInput;
    std::vector<std::string> programs, captures;
    if (!corpus_files(o_, ".calls", programs) || !corpus_files(o_, ".jsonl", captures)) return kBadInput;
    for (const std::string& path : programs)
      if (!again(path)) return kBadInput;
    for (const std::string& path : captures)
      if (!replay(path)) return kBadInput;
    Cases cases(o_);
    for (std::uint64_t number = 0; cases.next(number);) {
      live::Kind kind = live::kind_of(number);
      if (family) kind.family = *family;
      if (o_.threads > 0) kind.threads = o_.threads;
      live::Program program = live::program_of(number, kind);
      live::Held held = live::hold(program);
      count(held);
      if (!held.finding) continue;
      // Shrinking takes a while, and threads may not meet like this again.
      fmt::print(stderr, "seed {}: {}\n", number, told(held.finding->divergence));
      if (!o_.corpus.empty()) write_text(base(number, kind) + ".jsonl", held.finding->capture);
      report(number, kind, live::shrink(std::move(program), std::move(*held.finding)));
    }
    return say(cases.done());
  }

 private:
  void count(const live::Held& held) {
    calls_ += held.calls;
    judged_ += held.judged;
    if (!held.not_run.empty()) ++not_run_[held.not_run];
  }

  // On the kernel, as often as its threads may meet differently.
  bool again(const std::string& path) {
    const auto program = live::parse(text_of(path));
    if (!program) return fmt::print(stderr, "{}:{}\n", path, program.error()), false;
    ++corpus_;
    for (int tries = live::tries_of(*program); tries > 0; --tries) {
      const live::Held held = live::hold(*program);
      count(held);
      if (!held.finding) continue;
      found(path, held.finding->divergence, {{"file", path}});
      break;
    }
    return true;
  }

  // What the kernel did when it was found.
  bool replay(const std::string& path) {
    const auto held = live::hold_capture(text_of(path));
    if (!held) return fmt::print(stderr, "{}: {}\n", path, held.error()), false;
    ++corpus_;
    count(*held);
    if (held->finding) found(path, held->finding->divergence, {{"file", path}});
    return true;
  }

  void found(const std::string& where, const oracle::Divergence& d, ordered_json one) {
    one.update({{"call", d.call}, {"observed", d.observed}, {"allowed", d.allowed}, {"rule", d.rule}});
    found_.push_back(std::move(one));
    if (!o_.json) fmt::print("{}\n{}\n", where, told(d));
  }

  static std::string told(const oracle::Divergence& d) {
    std::string out = fmt::format("  {}\n    observed  {}\n", d.call, d.observed);
    for (const std::string& a : d.allowed) out += fmt::format("    allowed   {}\n", a);
    return out + fmt::format("    rule      {} ({})\n", d.rule, d.cites);
  }

  std::string base(std::uint64_t number, live::Kind kind) const {
    return fmt::format("{}/calls-{}-{}-{}", o_.corpus, live::name_of(kind.family), kind.threads, number);
  }

  void report(std::uint64_t number, live::Kind kind, const live::Found& f) {
    const std::string command = fmt::format("ringtail fuzz calls --seed {} --cases 1{}{}", number,
                                            o_.family == "all" ? "" : " --family " + o_.family,
                                            o_.threads > 0 ? fmt::format(" --threads {}", o_.threads) : "");
    const std::string what = fmt::format("seed {}, {}, {} thread{}", number, live::name_of(kind.family),
                                         kind.threads, kind.threads > 1 ? "s" : "");
    const std::string program = live::print(f.program);
    const std::string c =
        live::reproducer(f.program, fmt::format("{}\n\nfound by {}\n", told(f.finding.divergence), command));
    ordered_json one = {{"seed", number},
                        {"family", live::name_of(kind.family)},
                        {"threads", kind.threads},
                        {"calls", live::steps_of(f.program)},
                        {"program", program}};
    if (!o_.corpus.empty()) {
      const std::string base =
          fmt::format("{}/calls-{}-{}-{}", o_.corpus, live::name_of(kind.family), kind.threads, number);
      if (write_text(base + ".calls", program) && write_text(base + ".jsonl", f.finding.capture) &&
          write_text(base + ".c", c))
        one["file"] = base + ".calls";
    } else {
      one["reproducer"] = c;
    }
    found(what, f.finding.divergence, std::move(one));
    if (o_.json) return;
    fmt::print("{}\nshrunk to {} calls in {} runs; again: {}\n\n", program, live::steps_of(f.program), f.runs,
               command);
    if (o_.corpus.empty()) fmt::print("{}\n", c);
  }

  int say(std::uint64_t done) const {
    if (o_.json) {
      fmt::print("{}\n", ordered_json{{"fuzz", "calls"},
                                      {"seed", o_.seed},
                                      {"cases", done},
                                      {"corpus", corpus_},
                                      {"calls", calls_},
                                      {"judged", judged_},
                                      {"not_run", not_run_},
                                      {"divergences", found_},
                                      {"verdict", found_.empty() ? "conforms" : "diverges"}}
                             .dump(2));
    } else {
      fmt::print(
          "{} random programs from seed {} and {} of the corpus: {} calls, {} judged, {} divergences\n", done,
          o_.seed, corpus_, calls_, judged_, found_.size());
      for (const auto& [why, n] : not_run_) fmt::print("  {} not looked at: {}\n", n, why);
    }
    if (!found_.empty()) return kViolation;
    return judged_ > 0 || (done == 0 && corpus_ == 0) ? kHolds : kInconclusive;
  }

  const Options& o_;
  std::uint64_t corpus_ = 0, calls_ = 0, judged_ = 0;
  std::map<std::string, std::uint64_t> not_run_;
  ordered_json found_ = ordered_json::array();
};

}  // namespace

void add_fuzz_calls(CLI::App& fuzz, int& status) {
  auto o = std::make_shared<Options>();
  CLI::App* c = fuzz.add_subcommand(
      "calls",
      "random programs of calls on this machine's kernel, held against the model. A seed makes the same "
      "programs each time; how the kernel runs their threads is not in its power");
  add_fuzz_options(*c, *o);
  c->add_option("--family", o->family, "memory, madvise, numa, aio, descriptors, mixed or all")
      ->capture_default_str();
  c->add_option("--threads", o->threads, "of each program; else one to three")->check(CLI::Range(1, 8));
  c->callback([o, &status] { status = Calls(*o).run(); });
}

}  // namespace ringtail::cli
