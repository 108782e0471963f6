// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/host/record.h"

#include <fmt/format.h>

#include "cli/commands.h"

namespace ringtail::cli {

void add_record(CLI::App& app, int& status) {
  struct Options {
    host::RecordOptions record;
    std::string recorder = "strace";
  };
  auto o = std::make_shared<Options>();
  CLI::App* cmd = app.add_subcommand("record", "run a command and record what the model can judge");
  cmd->add_option("-o,--output", o->record.out, "the capture to write; .gz and .zst compress it")->required();
  cmd->add_option("--recorder", o->recorder,
                  "strace (default), or perf: cheaper, but arrays are not recorded")
      ->check(CLI::IsMember({"strace", "perf"}));
  cmd->add_flag("--scrub-paths", o->record.scrub_paths,
                "replace every path by a number, for captures that are shared");
  cmd->add_option("command", o->record.command, "the command and its arguments")->required();
  cmd->callback([o, &status] {
    if (o->recorder == "perf") o->record.recorder = host::Recorder::perf;
    const auto done = host::record(o->record);
    if (!done) {
      fmt::print(stderr, "ringtail: {}\n", done.error());
      status = kBadInput;
      return;
    }
    fmt::print(stderr, "{}: {} lines, {} memory maps; the command's exit status was {}\n", o->record.out,
               done->lines, done->maps, done->status);
  });
}

}  // namespace ringtail::cli
