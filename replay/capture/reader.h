// SPDX-License-Identifier: GPL-2.0-or-later
// A capture as a stream of Events: what `replay`, `hunt` and `convert` pull from.
//
//   auto reader = Reader::open({"run.strace.zst"});
//   if (!reader) ...;                                   // no such file, several files that are not one
//   capture for (Event e; (*reader)->next(e);) ...
//
// What holds for every format:
// 1. Memory is bounded, whatever the capture holds: lines up to kMaxLine, as many open calls as threads, at
// most
//    kMaxOpenBytes of their text, lists up to kMaxItems (kMaxIocbs for iocbs) elements, then `truncated`.
// 2. A reader never crashes and never guesses. A line that it cannot read becomes Event::problem, with the
// line's number
//    and what was expected, and the next line is read. What a line does not tell stays absent, opaque or
//    unknown.
// 3. A capture that is cut gives every call before the cut; the cut line itself, unless it is whole by its
// looks, is a
//    problem; calls in flight at the end are given last with Outcome::unknown.
// 4. The Event is recycled: pass the same one again and steady-state reading allocates nothing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/result.h"
#include "replay/capture/event.h"
#include "replay/capture/lines.h"

namespace ringtail::capture {

enum class Format : std::uint8_t { automatic, strace, perf_trace, perf_script, jsonl };
std::string_view name_of(Format);
std::optional<Format> format_of(
    std::string_view name);  // "auto", "strace", "perf-trace", "perf-script", "jsonl"

inline constexpr std::size_t kMaxOpenBytes = 24u << 20;
inline constexpr std::size_t kMaxItems = 1u << 19;
inline constexpr std::size_t kMaxIocbs = 1u << 15;

// A stretch of a capture on its way from bytes to events, for readers that are shared by threads. Three steps
// make it, of which `draft` is most of the work and may be done by any thread at any time:
//
//   reader.take(stretch);   // its bytes: one stretch after the other
//   reader.draft(stretch);  // what its lines say by themselves
//   reader.join(stretch);   // what they say together: one stretch after the other, in the order of take()
//
// Then `events` are those that next() would give, and good until the stretch is taken again.
struct Stretch {
  virtual ~Stretch() = default;
  std::vector<const Event*> events;
  std::uint64_t lines = 0;  // of the capture up to here
};

class Reader {
 public:
  virtual ~Reader() = default;

  // False at the end of the capture.
  virtual bool next(Event& event) = 0;
  virtual Format format() const = 0;
  virtual std::uint64_t lines() const = 0;  // read so far
  virtual std::uint64_t bytes() const = 0;  // of text, likewise
  // From now on calls that write to memory by other means than the model's (pwrite64 to /proc/PID/mem,
  // process_vm_writev, ...), and shmget (is_told_raw in names.h), carry their arguments as printed in
  // Event::text. Only strace shows them so that they can be read.
  virtual void tell_raw_arguments() {}

  // An empty one, of this reader.
  virtual std::unique_ptr<Stretch> stretch() const;
  // False when the capture has ended; the stretch goes through the other steps all the same.
  virtual bool take(Stretch& stretch);
  virtual void draft(Stretch&) const {}
  virtual void join(Stretch&) {}

  // One path, or the files FILE.PID of one `strace -ff`, which are merged by their timestamps (see merge.h).
  // "-" is standard input. Decompresses; tells the format from the first lines.
  static Result<std::unique_ptr<Reader>> open(const std::vector<std::string>& paths,
                                              Format format = Format::automatic);
  // Over text that outlives the reader.
  static std::unique_ptr<Reader> over(std::string_view text, Format format = Format::automatic);
};

// What the first lines of a capture look like; strace when nothing speaks for another.
Format detect(std::string_view head);
// Whether they are text at all.
bool looks_binary(std::string_view head);

// Captures among command line arguments: the files FILE.PID of one `strace -ff` belong together, others stand
// alone.
std::vector<std::vector<std::string>> captures_of(const std::vector<std::string>& paths);

}  // namespace ringtail::capture
