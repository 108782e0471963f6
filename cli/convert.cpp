// SPDX-License-Identifier: GPL-2.0-or-later
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include "cli/commands.h"
#include "model/base/diagnostic.h"
#include "replay/capture/jsonl.h"

namespace ringtail::cli {
namespace {

struct Options {
  std::vector<std::string> captures;
  std::string out;
  std::string format = "auto";
};

int convert(const Options& o) {
  auto reader = capture::Reader::open(o.captures, *capture::format_of(o.format));
  if (!reader) {
    fmt::print(stderr, "ringtail: {}\n", reader.error());
    return kBadInput;
  }
  std::FILE* out = o.out == "-" ? stdout : std::fopen(o.out.c_str(), "we");
  if (out == nullptr) {
    fmt::print(stderr, "ringtail: {}: {}\n", o.out, std::strerror(errno));
    return kBadInput;
  }
  std::string buffer = capture::json_header();
  const auto flush = [&] {
    const bool ok = std::fwrite(buffer.data(), 1, buffer.size(), out) == buffer.size();
    buffer.clear();
    return ok;
  };
  constexpr std::size_t kChunk = 1 << 18;
  constexpr int kMostShown = 20;
  bool ok = true;
  std::uint64_t calls = 0, problems = 0;
  for (capture::Event event; ok && (*reader)->next(event);) {
    capture::append_json(buffer, event);
    if (buffer.size() >= kChunk) ok = flush();
    if (event.kind == capture::Event::Kind::call) ++calls;
    if (event.kind == capture::Event::Kind::problem && ++problems <= kMostShown) {
      const Diagnostic d{.file = o.captures[0],
                         .span = {.line = static_cast<std::uint32_t>(event.line)},
                         .what = event.text,
                         .hint = "",
                         .severity = Severity::warning};
      fmt::print(stderr, "{}", render(d, ""));
    }
  }
  ok = flush() && ok;
  ok = (out == stdout ? std::fflush(out) : std::fclose(out)) == 0 && ok;
  if (!ok) {
    fmt::print(stderr, "ringtail: {}: {}\n", o.out, std::strerror(errno));
    return kBadInput;
  }
  fmt::print(stderr, "{}: {} lines of {}, {} calls, {} lines that could not be read\n", o.captures[0],
             (*reader)->lines(), capture::name_of((*reader)->format()), calls, problems);
  return calls == 0 && problems > 0 ? kBadInput : kHolds;
}

}  // namespace

void add_convert(CLI::App& app, int& status) {
  auto o = std::make_shared<Options>();
  CLI::App* cmd = app.add_subcommand("convert", "turn a capture into JSON lines, losing nothing");
  cmd->add_option("capture", o->captures,
                  "a capture, plain, .gz or .zst, '-' for standard input; or the files of one strace -ff")
      ->required();
  cmd->add_option("-o,--output", o->out, "the file to write, '-' for standard output")->required();
  cmd->add_option("--format", o->format, "what wrote the capture (default: told from its first lines)")
      ->check(CLI::IsMember({"auto", "strace", "perf-trace", "perf-script", "jsonl"}));
  cmd->callback([o, &status] { status = convert(*o); });
}

}  // namespace ringtail::cli
