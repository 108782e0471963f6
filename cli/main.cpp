// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "cli/commands.h"
#include "cli/output.h"

namespace ringtail::cli {
namespace {

struct Command {
  std::string_view name;
  void (*add)(CLI::App&, int& status);
};
constexpr std::array<Command, 10> kCommands = {{{"check", add_check},
                                                {"convert", add_convert},
                                                {"explain", add_explain},
                                                {"fuzz", add_fuzz},
                                                {"hunt", add_hunt},
                                                {"list", add_list},
                                                {"prove", add_prove},
                                                {"record", add_record},
                                                {"replay", add_replay},
                                                {"run", add_run}}};

// The one that is asked for, or all of them: the options of all take longer to set up than a small check.
void add_commands(CLI::App& app, int& status, std::string_view asked) {
  const auto is_asked = [asked](const Command& c) { return c.name == asked; };
  const bool one = std::any_of(kCommands.begin(), kCommands.end(), is_asked);
  for (const Command& c : kCommands)
    if (!one || is_asked(c)) c.add(app, status);
}

}  // namespace
}  // namespace ringtail::cli

int main(int argc, char** argv) {
  using namespace ringtail::cli;
  CLI::App app{"replay and model-check Linux page migration, madvise and AIO", "ringtail"};
  app.set_version_flag("--version", "ringtail " RINGTAIL_VERSION);
  app.require_subcommand(1);
  int status = kHolds;
  add_commands(app, status, argc > 1 ? argv[1] : "");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kHolds : kBadInput;
  }
  return all_written() ? status : kBadInput;
}
