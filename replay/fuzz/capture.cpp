// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/fuzz/capture.h"

#include <algorithm>

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "replay/capture/jsonl.h"
#include "replay/fuzz/reading.h"
#include "replay/oracle/oracle.h"
#include "replay/oracle/relay.h"
#include "replay/oracle/report.h"

namespace ringtail::fuzz {
namespace {

constexpr unsigned kPatience = 20;  // seconds
constexpr std::size_t kMostLines = 300, kMostAnswer = 4096;

// What `ringtail replay` would say.
std::string replayed(std::string_view text, capture::Format format, bool two_runners) {
  const auto reader = capture::Reader::over(text, format);
  oracle::Oracle oracle{kernel::Profile{}};
  oracle.may_be_filtered(true);
  oracle.shows_signals(format == capture::Format::strace || format == capture::Format::jsonl);
  oracle::relay(*reader, oracle, two_runners, [](std::uint64_t) {});
  return oracle::report_text(oracle.summary());
}

std::string converted(std::string_view text, capture::Format format) {
  const auto reader = capture::Reader::over(text, format);
  std::string json = capture::json_header();
  for (capture::Event e; reader->next(e);) capture::append_json(json, e);
  return json;
}

// What a report says of the calls, but for the capture's form.
std::string verdicts_of(std::string_view text, capture::Format format) {
  const auto reader = capture::Reader::over(text, format);
  oracle::Oracle oracle{kernel::Profile{}};
  for (capture::Event e; reader->next(e);) oracle.take(e);
  const oracle::Summary& s = oracle.summary();
  std::string out;
  for (std::size_t i = 0; i < s.by_sys.size(); ++i)
    if (s.by_sys[i].all())
      out +=
          fmt::format("{} {} {} {}\n", i, s.by_sys[i].conforms, s.by_sys[i].diverges, s.by_sys[i].not_judged);
  for (const oracle::Divergence& d : s.divergences)
    out += fmt::format("{} {} {} {}\n", d.line, d.call, d.observed, d.rule);
  return out;
}

// Some hundred lines from somewhere, behind the first, which may be a header.
std::string window(std::uint64_t number, std::string_view capture) {
  const auto lines = static_cast<std::size_t>(std::count(capture.begin(), capture.end(), '\n'));
  if (lines <= kMostLines) return std::string(capture);
  std::size_t skip = number * 7919 % (lines - kMostLines), first = capture.find('\n') + 1, begin = first;
  for (; skip > 0; --skip) begin = capture.find('\n', begin) + 1;
  std::size_t end = begin;
  for (std::size_t n = 0; n < kMostLines && end != std::string_view::npos; ++n)
    end = capture.find('\n', end + 1);
  return std::string(capture.substr(0, first)) +
         std::string(capture.substr(begin, end == capture.npos ? end : end + 1 - begin));
}

}  // namespace

std::string broken_by(std::string_view capture, capture::Format format) {
  if (format == capture::Format::automatic) format = capture::Reader::over(capture)->format();
  if (const char* what = capture::broken_by(capture, format)) return what;
  const std::string one = replayed(capture, format, false);
  if (replayed(capture, format, false) != one) return "the same report twice";
  if (replayed(capture, format, true) != one) return "the same report with two threads";
  if (verdicts_of(converted(capture, format), capture::Format::jsonl) != verdicts_of(capture, format))
    return "the same verdicts from JSON lines";
  return {};
}

std::string in_a_child(const CaptureCheck& check, std::string_view capture) {
  void* memory = mmap(nullptr, kMostAnswer, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return {};
  auto* answer = static_cast<char*>(memory);
  const pid_t child = fork();
  if (child == 0) {
    alarm(kPatience);
    const std::string what = check(capture).substr(0, kMostAnswer - 1);
    std::copy(what.begin(), what.end(), answer);
    _exit(0);
  }
  int status = 0;
  if (child > 0) waitpid(child, &status, 0);
  std::string what = answer;
  munmap(memory, kMostAnswer);
  if (WIFSIGNALED(status))
    return WTERMSIG(status) == SIGALRM ? std::string("it ends")
                                       : fmt::format("no crash (signal {})", WTERMSIG(status));
  return what;
}

std::optional<BrokenCapture> try_capture(std::uint64_t number, std::string_view capture,
                                         const CaptureCheck& check) {
  std::string base = window(number, capture);
  std::vector<Mutation> list = mutations()(rc::Random(number), rc::kNominalSize).value();
  BrokenCapture found{in_a_child(check, mutated(base, list)), {}};
  if (found.what.empty()) return std::nullopt;
  const auto breaks = [&](const std::string& text) { return in_a_child(check, text) == found.what; };
  // Fewer mutations; then lines of what they made, half of them, a quarter, and so on.
  for (std::size_t i = list.size(); i-- > 0;) {
    std::vector<Mutation> fewer = list;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    if (breaks(mutated(base, fewer))) list = std::move(fewer);
  }
  std::vector<std::string> lines;
  for (std::string text = mutated(base, list); !text.empty();) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.erase(0, end);
  }
  const auto text_of = [](const std::vector<std::string>& of) {
    std::string out;
    for (const std::string& l : of) out += l;
    return out;
  };
  for (std::size_t size = lines.size() / 2; size > 0; size /= 2)
    for (std::size_t at = 0; at < lines.size();) {
      std::vector<std::string> fewer = lines;
      const auto begin = fewer.begin() + static_cast<std::ptrdiff_t>(at);
      fewer.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(size, fewer.size() - at)));
      if (breaks(text_of(fewer))) lines = std::move(fewer);
      else at += size;
    }
  found.capture = text_of(lines);
  return found;
}

}  // namespace ringtail::fuzz
