// SPDX-License-Identifier: GPL-2.0-or-later
// Every sample of every format, cut at every byte: what came before the cut is read and judged as it was.
#include <gtest/gtest.h>

#include "replay/capture/reader.h"
#include "replay/oracle/oracle.h"
#include "replay/oracle/report.h"
#include "tests/replay/convert/samples.h"

namespace ringtail {
namespace {

using capture::Event;
using capture::Format;
using Kind = Event::Kind;

std::vector<Event> read_all(capture::Reader& reader) {
  std::vector<Event> events;
  for (Event e; reader.next(e);) events.push_back(e);
  return events;
}

// The report that `ringtail replay` would print of these events, which must not be a divergence.
void expect_report(const std::vector<Event>& events, Format format, std::size_t cut) {
  oracle::Oracle oracle({});
  std::uint64_t calls = 0;
  for (const Event& e : events) {
    oracle.take(e);
    calls += e.kind == Kind::call;
  }
  oracle::Summary summary = oracle.summary();
  summary.format = capture::name_of(format);
  EXPECT_EQ(summary.total().all(), calls) << "cut at " << cut;
  EXPECT_EQ(summary.total().diverges, 0u) << "cut at " << cut << "\n" << oracle::report_text(summary);
  EXPECT_NE(oracle::report_text(summary).find("calls"), std::string::npos);
}

std::vector<std::string> files() {
  std::vector<std::string> found;
  for (const auto& sample : samples())
    if (sample.size() == 1) found.push_back(sample[0]);
  return found;
}

bool compressed(const std::string& file) { return file.ends_with(".gz") || file.ends_with(".zst"); }

class Cut : public testing::TestWithParam<std::string> {};

TEST_P(Cut, AtAnyByteLeavesWhatCameBefore) {
  const std::string text = text_of(kSamples / GetParam());
  const auto whole_reader = capture::Reader::over(text);
  const std::vector<Event> whole = read_all(*whole_reader);
  const Format format = whole_reader->format();
  // Each cut of the text of a compressed capture was a cut of another's.
  const std::size_t step = compressed(GetParam()) ? 13 : 1;
  for (std::size_t cut = 0; cut < text.size(); cut += step) {
    const std::string_view head = std::string_view(text).substr(0, cut);
    const auto reader = capture::Reader::over(head, format);
    const std::vector<Event> events = read_all(*reader);
    std::size_t i = 0;
    if (!compressed(GetParam())) {
      const auto lines = static_cast<std::uint64_t>(std::count(head.begin(), head.end(), '\n'));
      if (format == Format::jsonl) {  // whose events tell the lines of another file; the first is the header
        for (; i + 1 < lines; ++i) {
          ASSERT_LT(i, events.size()) << "cut at " << cut;
          ASSERT_TRUE(events[i] == whole[i]) << "cut at " << cut;
        }
      } else {
        for (; i < whole.size() && whole[i].line <= lines; ++i) {
          ASSERT_LT(i, events.size()) << "cut at " << cut;
          ASSERT_TRUE(events[i] == whole[i]) << "cut at " << cut << ": event " << i;
        }
      }
    } else {
      while (i < events.size() && i < whole.size() && events[i] == whole[i]) ++i;
    }
    // Behind them: the cut line, whole by its looks or a problem; and calls without an end.
    std::size_t others = 0;
    for (; i < events.size(); ++i) {
      const bool in_flight = events[i].kind == Kind::call && !events[i].call.out.known();
      if (events[i].kind != Kind::problem && !in_flight) ++others;
    }
    EXPECT_LE(others, 1u) << "cut at " << cut;
    if (cut % 7 == 0 || cut + 40 > text.size()) expect_report(events, format, cut);
    if (HasFailure()) return;
  }
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Samples, Cut, testing::ValuesIn(files()), test_name);

}  // namespace
}  // namespace ringtail
