// SPDX-License-Identifier: GPL-2.0-or-later
// What a line of strace says by itself, before the lines around it are asked.
//
// A line is a leader (process, times), and then a call, half a call, a signal, an exit, or a word of strace's
// own. Reading it takes most of the time that a capture takes, and needs nothing of the lines before it; so
// it is done here, by any thread, and StraceReader puts the drafts together in the order of the capture:
// which half belongs to which, whose lines without a process id are, what times mean that count from another.
//
// A call's second half is drafted on a guess, that the first one ended where strace stops printing when a
// call begins: in front of the first argument that the kernel writes. Where that is wrong, or the split is
// elsewhere, the halves are read once more as one text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "replay/capture/event.h"
#include "replay/capture/scan.h"
#include "replay/capture/spare.h"
#include "replay/capture/strace_call.h"

namespace ringtail::capture {

// What stands in front of a call.
struct Leader {
  enum class Clock : std::uint8_t { none, epoch, day, relative };  // what `ns` counts from
  std::int32_t tid = 0;
  bool named = false;      // the line says the thread,
  bool bracketed = false;  // as `[pid N]`
  Clock clock = Clock::none;
  std::int64_t ns = -1;
  std::int64_t resolution_ns = 0;  // how fine it was printed
};
inline constexpr std::uint64_t kMaxTid = 1u << 24;  // PID_MAX_LIMIT is 2^22

// What strace says of itself on the same stream.
struct Words {
  enum class About : std::uint8_t { nothing, other, runs_64, runs_32, attached, detached };
  About about = About::nothing;
  std::int32_t tid = 0;
};
Words words_of(Scanner s);

struct Draft {
  enum class Kind : std::uint8_t {
    nothing,    // passed over
    oversized,  // longer than any line
    fact,
    table,    // the first line of the table of -C
    words,    // of strace's own
    call,     // a whole one
    begun,    // its first half
    resumed,  // its second one
    signal,
    gone,      // a thread
    strange,   // whose line it is cannot be told
    misplaced  // it can, but not what the line says
  };
  static constexpr int kUnread = -1, kOnlyResult = -2;

  Kind kind = Kind::nothing;
  bool cut = false;                  // the capture ends in the middle of it
  std::string_view text;             // the line
  Leader by;                         // from `call` on, and of `words`
  Words words;                       // of `words`
  std::size_t announces = kNowhere;  // where a word about a new process interrupts the line
  std::string_view name;             // of a call
  const char* expected = nullptr;    // what should have stood
  const char* at = nullptr;          // here
  Ending ending;                     // of `call` and `resumed`
  std::string_view arguments;        // of a call that the model has not, as printed
  std::string half;                  // of `begun`: what was printed, and kTail
  const char* rest = nullptr;        // of `resumed`: what follows the name, with its spaces
  // How many arguments the first half has, whole ones; before how many of them the second one goes on.
  int position = kUnread;
  bool readable = false;  // the first half is

  static constexpr std::size_t kNowhere = ~std::size_t{0};
  Scanner scanner() const {
    Scanner s(text);
    s.p = at;
    return s;
  }
};

// Reads `text`, behind which stands '\n'. `event` gets what is known of it, `draft` the rest.
void draft_line(std::string_view text, bool oversized, bool cut, Draft& draft, Event& event, Spare& spare);

// Arguments and result of a call whose `event.call.sys` is set, from behind "name(". False when
// `draft.expected` should have stood at `draft.at`.
bool draft_call(Scanner& s, Draft& draft, Event& event, Spare& spare);

}  // namespace ringtail::capture
