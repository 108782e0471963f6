// SPDX-License-Identifier: GPL-2.0-or-later
// The project's own format: one JSON object a line, and everything that an Event says.
//
//   {"ringtail":"capture","version":1}
//   {"e":"fact","seq":[1,1],"text":"kernel=6.1.0-13-amd64"}
//   {"e":"call","tid":31,"line":[7,9],"seq":[12,15],"ns":[1795249940088829740,1795249940088841740],
//    "name":"madvise","args":[139845427232768,4096,4],"ret":0}
//
// The header comes first. Then each line is an Event; what has its default value is left out.
//   e           enter, call, exited, signal, lost, fact, problem
//   tid, pid    as in Event;  compat: true for a thread that runs 32-bit code;
//   blind        true for a problem that may have been a call;  text: a string
//   line, seq, ns   [begin, end] (-1 in ns: not recorded); `line` and `seq` are those of the capture that was
//   converted name        the call; one that the model has not comes as "other":"NAME" instead args        up
//   to six words. A word is a number (negative: two's complement), null for "printed, but not so that its
//               value can be told", false for "not there"
//   ret         what the call returned, or "restarted", or "never"; left out when that is not known
//   fd          a word; fd_path, out_path, path: strings; path_cut: true when the recorder cut the string
//   pages, nodes, status, mask, mask2, outs    arrays of numbers
//   iov         an array of [base, len];  events  of [data, obj, res, res2];  iocbs  of objects of words by
//   the names of
//               Iocb's fields, with path, iov, null, unreadable
//   timeout_ns  a word
// A list that was cut ends with the string "..."; one whose contents are not known is the string "?".
//
// Strings are bytes: a byte above 0x7f is written as the character of that number (\u0080 to \u00ff), so that
// paths in no encoding at all come back as they were. Names that are not known are passed over: later
// versions may add some.
#pragma once

#include <memory>
#include <string>

#include "replay/capture/names.h"
#include "replay/capture/reader.h"

namespace ringtail::capture {

// The header line, with its newline.
std::string json_header();
// One event as a line, with its newline.
void append_json(std::string& out, const Event& event);

class JsonlReader final : public Reader {
 public:
  explicit JsonlReader(LineSource lines);
  ~JsonlReader() override;
  bool next(Event& event) override;
  Format format() const override { return Format::jsonl; }
  std::uint64_t lines() const override { return lines_.number(); }
  std::uint64_t bytes() const override { return lines_.bytes(); }

 private:
  struct Parser;
  LineSource lines_;
  Names names_;
  std::unique_ptr<Parser> parser_;
  std::uint64_t last_seq_ = 0;
  bool ended_ = false;
};

}  // namespace ringtail::capture
