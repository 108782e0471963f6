// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/live/hold.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include "replay/capture/jsonl.h"
#include "replay/live/run.h"
#include "replay/live/show.h"
#include "replay/oracle/oracle.h"

namespace ringtail::live {

kernel::Profile this_kernel() {
  utsname u{};
  uname(&u);
  kernel::Profile p;
  p.take_fact("kernel", u.release);
  return p;
}

Result<Held> hold_capture(std::string text) {
  Held held;
  const auto reader = capture::Reader::over(text);
  oracle::Oracle oracle(this_kernel());
  for (capture::Event e; reader->next(e);) {
    if (e.kind == capture::Event::Kind::problem)
      return Unexpected(fmt::format("line {}: {}", e.line, e.text));
    oracle.take(e);
    held.calls += e.kind == capture::Event::Kind::call;
    if (oracle.summary().divergences.empty()) continue;
    held.finding = Finding{oracle.summary().divergences.front(), {}};
    break;
  }
  const oracle::Counts counts = oracle.summary().total();
  held.judged = counts.conforms + counts.diverges;
  if (held.finding) held.finding->capture = std::move(text);
  return held;
}

Held hold(const Program& program) {
  const auto ran = run(program.threads, program.recorder.annotate);
  Held held;
  if (!ran) {
    held.not_run = ran.error();
    return held;
  }
  std::string text = capture::json_header();
  for (const capture::Event& e : events_of(*ran, program.recorder)) capture::append_json(text, e);
  auto replayed = hold_capture(std::move(text));
  if (!replayed) fatal("a capture that was just written cannot be read");
  return std::move(*replayed);
}

}  // namespace ringtail::live
