// SPDX-License-Identifier: GPL-2.0-or-later
// ringtail hunt: the calls of a capture that overlap, by shape.
#include <memory>

#include <fmt/format.h>

#include "cli/commands.h"
#include "replay/capture/reader.h"
#include "replay/hunt/finder.h"

namespace ringtail::cli {
namespace {

struct Options {
  std::vector<std::string> captures;
  std::string kernel;
};

int hunt(const Options& o) {
  for (const auto& paths : capture::captures_of(o.captures)) {
    auto reader = capture::Reader::open(paths);
    if (!reader) return fmt::print(stderr, "error: {}\n", reader.error()), kBadInput;
    (*reader)->tell_raw_arguments();
    hunt::Finder finder(kernel::Profile{});
    for (capture::Event e; (*reader)->next(e);) finder.take(e);
    fmt::print("{}: {} calls, {} undecided\n", paths.front(), finder.calls(), finder.undecided());
    for (const hunt::Found& f : finder.found())
      fmt::print("{:>9}  line {:<8}  {}\n", f.count, f.line, hunt::name_of(f.shape));
  }
  return kHolds;
}

}  // namespace

void add_hunt(CLI::App& app, int& status) {
  auto* command =
      app.add_subcommand("hunt", "explore every interleaving of the calls of a capture that overlap");
  auto o = std::make_shared<Options>();
  command->add_option("CAPTURE", o->captures, "strace, perf or JSONL text")->required();
  command->add_option("--kernel", o->kernel, "the version that made the capture");
  command->callback([o, &status] { status = hunt(*o); });
}

}  // namespace ringtail::cli
