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

Result<std::string> recorded(const Program& program) {
  const auto ran = run(program.threads, program.recorder.annotate);
  if (!ran) return Unexpected(ran.error());
  std::string text = capture::json_header();
  for (const capture::Event& e : events_of(*ran, program.recorder)) capture::append_json(text, e);
  return text;
}

Held hold(const Program& program) {
  auto text = recorded(program);
  Held held;
  if (!text) {
    held.not_run = text.error();
    return held;
  }
  auto replayed = hold_capture(std::move(*text));
  if (!replayed) fatal("a capture that was just written cannot be read");
  return std::move(*replayed);
}

}  // namespace ringtail::live
