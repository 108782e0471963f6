// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdio>

#include "cli/commands.h"
#include "cli/output.h"

int main(int argc, char** argv) {
  using namespace ringtail::cli;
  CLI::App app{"replay and model-check Linux page migration, madvise and AIO", "ringtail"};
  app.set_version_flag("--version", "ringtail " RINGTAIL_VERSION);
  app.require_subcommand(1);
  int status = kHolds;
  add_check(app, status);
  add_convert(app, status);
  add_explain(app, status);
  add_fuzz(app, status);
  add_hunt(app, status);
  add_list(app, status);
  add_prove(app, status);
  add_record(app, status);
  add_replay(app, status);
  add_run(app, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kHolds : kBadInput;
  }
  return all_written() ? status : kBadInput;
}
