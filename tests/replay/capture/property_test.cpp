// SPDX-License-Identifier: GPL-2.0-or-later
// Random captures: printed as strace prints them and read back, turned into JSON and read back, cut and
// damaged.
#include <map>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "replay/capture/jsonl.h"
#include "replay/capture/strace.h"
#include "replay/fuzz/reading.h"
#include "tests/replay/capture/pieces.h"
#include "tests/replay/capture/read.h"
#include "tests/replay/capture/strace_print.h"

namespace ringtail::capture {
namespace {

using Kind = Event::Kind;

struct Capture {
  Flags flags;
  std::string text;
  std::vector<Event> calls;  // in the order of their ends
};

// A few threads that make calls, some of them split where another thread's line comes between.
Capture random_capture() {
  Capture capture;
  capture.flags = random_flags();
  const Flags& flags = capture.flags;
  std::int64_t now = 1'795'249'940'000'000'000, last = now;
  std::uint64_t line = 0, seq = 0;
  struct Open {
    Event event;
    std::string after;
  };
  std::map<std::int32_t, Open> open;
  const auto stamp = [&] { return now += *rc::gen::inRange(1, 1000) * 1000; };
  const auto finish = [&](Open& o) {
    const std::int64_t ns = stamp();
    capture.text += print_leader(o.event, ns, flags, last) + "<... " +
                    std::string(kernel::name_of(o.event.call.sys)) + " resumed>" + o.after + "\n";
    o.event.line = ++line;
    o.event.end_seq = ++seq;
    if (!flags.durations) o.event.end_ns = ns;
    capture.calls.push_back(o.event);
  };
  const int count = *rc::gen::inRange(1, 12);
  for (int i = 0; i < count; ++i) {
    const std::int32_t tid = flags.pids == 0 ? 0 : 100 + *rc::gen::inRange(0, 3);
    if (const auto o = open.find(tid); o != open.end()) {
      finish(o->second);
      open.erase(o);
    }
    Event e = random_call(flags, tid);
    e.begin_ns = stamp();
    const std::int64_t duration = *rc::gen::inRange(0, 100000);
    const auto [before, after] = print_call(e.call, flags, duration);
    if (flags.durations) e.end_ns = e.begin_ns + duration;
    capture.text += print_leader(e, e.begin_ns, flags, last);
    e.begin_line = ++line;
    e.begin_seq = ++seq;
    const bool split = flags.pids != 0 && *rc::gen::inRange(0, 3) == 0;
    if (split) {
      // strace splits between any two tokens; between two bytes is harder.
      const std::string whole = before + after;
      const std::size_t at = *rc::gen::inRange(before.find('(') + 1, before.size() + 1);
      capture.text += whole.substr(0, at) + " <unfinished ...>\n";
      open[tid] = {e, whole.substr(at)};
    } else {
      capture.text += before + after + "\n";
      e.line = line;
      e.end_seq = ++seq;
      capture.calls.push_back(e);
    }
  }
  for (auto& [tid, o] : open) finish(o);
  return capture;
}

// What the text cannot say of the times.
void forget_times(Event& e, const Flags& flags, std::int64_t origin) {
  constexpr std::int64_t kDay = 86'400'000'000'000;
  const auto shape = [&](std::int64_t& ns) {
    if (ns < 0) return;
    if (flags.times == 0) ns = -1;
    if (flags.times == 2) ns = ns % kDay;
    if (flags.times == 3) ns -= origin;
  };
  shape(e.begin_ns);
  shape(e.end_ns);
}

RC_GTEST_PROP(StraceProperty, WhatIsPrintedIsRead, ()) {
  Capture capture = random_capture();
  RC_LOG() << capture.text;
  std::vector<Event> read;
  for (const Event& e : read_all(capture.text, Format::strace)) {
    RC_ASSERT(e.kind != Kind::problem);
    if (e.kind == Kind::call) read.push_back(e);
  }
  RC_ASSERT(read.size() == capture.calls.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    Event& expected = capture.calls[i];
    forget_times(expected, capture.flags, 1'795'249'940'000'000'000);
    RC_ASSERT(read[i].tid == expected.tid);
    RC_ASSERT(read[i].call == expected.call);
    RC_ASSERT(read[i].begin_seq == expected.begin_seq);
    RC_ASSERT(read[i].end_seq == expected.end_seq);
    RC_ASSERT(read[i].line == expected.line);
    RC_ASSERT(read[i].begin_line == expected.begin_line);
    RC_ASSERT(read[i].begin_ns == expected.begin_ns);
    RC_ASSERT(read[i].end_ns == expected.end_ns);
  }
}

// However the capture is cut into stretches, and whatever is wrong with it.
RC_GTEST_PROP(StretchProperty, StretchesGiveTheSameEvents, ()) {
  std::string text = random_capture().text;
  for (int damages = *rc::gen::inRange(0, 3); damages > 0; --damages)
    text[*rc::gen::inRange<std::size_t>(0, text.size())] = static_cast<char>(*rc::gen::inRange(0, 256));
  RC_LOG() << text;
  const std::size_t most = *rc::gen::inRange<std::size_t>(50, 500);
  const auto lines = [&](unsigned seed) { return LineSource(std::make_unique<Pieces>(text, most, seed)); };
  StraceReader one_by_one(lines(1)), in_stretches(lines(2));
  RC_ASSERT(same_in_stretches(in_stretches, read_all(one_by_one)));
  RC_ASSERT(in_stretches.lines() == one_by_one.lines());
}

std::string to_json(const std::vector<Event>& events) {
  std::string text = json_header();
  for (const Event& e : events) append_json(text, e);
  return text;
}

RC_GTEST_PROP(JsonlProperty, ComesBackEqual, ()) {
  const Capture capture = random_capture();
  const auto events = read_all(capture.text, Format::strace);
  const std::string json = to_json(events);
  const auto back = read_all(json);
  RC_ASSERT(back.size() == events.size());
  for (std::size_t i = 0; i < back.size(); ++i) RC_ASSERT(back[i] == events[i]);
  RC_ASSERT(to_json(back) == json);
}

std::string gzip(const std::string& text) {
  std::string out(compressBound(text.size()) + 64, '\0');
  z_stream z{};
  deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

std::string zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

RC_GTEST_PROP(BytesProperty, CompressedIsThesame, ()) {
  const std::string text = random_capture().text;
  const auto plain = read_all(text);
  RC_ASSERT(read_all(gzip(text)) == plain);
  RC_ASSERT(read_all(zstd(text)) == plain);
  const std::size_t at = text.find('\n') + 1;  // several members, several frames
  RC_ASSERT(read_all(gzip(text.substr(0, at)) + gzip(text.substr(at))) == plain);
  RC_ASSERT(read_all(zstd(text.substr(0, at)) + zstd(text.substr(at))) == plain);
}

RC_GTEST_PROP(BytesProperty, DamageIsAProblemAndWhatCameBeforeIsRead, ()) {
  const std::string text = random_capture().text;
  for (std::string bytes : {gzip(text), zstd(text)}) {
    bytes.resize(*rc::gen::inRange<std::size_t>(5, bytes.size()));
    const auto events = read_all(bytes, Format::strace);
    RC_ASSERT(!events.empty());
    RC_ASSERT(events.back().kind == Kind::problem);
  }
}

// Every call that was whole before the cut is read as it was, at every cut of the text.
RC_GTEST_PROP(CutProperty, AtAnyByteLeavesWhatCameBefore, ()) {
  const Capture capture = random_capture();
  const auto whole = read_all(capture.text, Format::strace);
  for (std::size_t cut = 0; cut < capture.text.size(); ++cut) {
    const std::string_view text = std::string_view(capture.text).substr(0, cut);
    const auto lines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
    const auto events = read_all(text, Format::strace);
    std::size_t i = 0;
    for (; i < whole.size() && whole[i].line <= lines; ++i) {
      RC_ASSERT(i < events.size());
      RC_ASSERT(events[i] == whole[i]);
    }
    // Behind them: the cut line as it was, or a problem; and calls without an end.
    for (; i < events.size(); ++i) {
      const bool in_flight = events[i].kind == Kind::call && !events[i].call.out.known();
      // A duration may be missing behind a result that is whole.
      const bool as_it_was = i < whole.size() && events[i].call == whole[i].call;
      RC_ASSERT(events[i].kind == Kind::problem || in_flight || as_it_was);
    }
  }
}

RC_GTEST_PROP(NoiseProperty, NothingCrashesAndNothingIsLost, ()) {
  Capture capture = random_capture();
  std::string& text = capture.text;
  const int damages = *rc::gen::inRange(1, 6);
  for (int i = 0; i < damages; ++i)
    text[*rc::gen::inRange<std::size_t>(0, text.size())] = static_cast<char>(*rc::gen::inRange(0, 256));
  RC_LOG() << text;
  for (const Format format : {Format::automatic, Format::perf_trace, Format::perf_script, Format::jsonl}) {
    const auto reader = Reader::over(text, format);  // the names of calls live as long as it
    const auto events = read_all(*reader);
    std::uint64_t last = 0;
    for (const Event& e : events) {
      RC_ASSERT(e.begin_seq <= e.end_seq);
      RC_ASSERT(e.end_seq >= last);
      last = e.end_seq;
    }
    // The JSON of whatever was read is read again.
    const std::string json = to_json(events);
    const auto again = Reader::over(json, Format::jsonl);
    RC_ASSERT(read_all(*again) == events);
  }
}

}  // namespace
}  // namespace ringtail::capture
