// SPDX-License-Identifier: GPL-2.0-or-later
// What a spec says about itself, in comments:
//
//   // AIO completion ring: one side publishes events, the other reaps them.
//   // @source fs/aio.c v3.6: aio_complete(), aio_read_evt()
//   // @bug AIO-01 2ff396be602f (v3.17) reader may see the new tail and the old event
//   // @seed present
//   // @expect lkmm: violation (assertion)   sc, tso: safe
//   // @expect[FIX_READ_BARRIER] all: safe
//
// A word in brackets names a variant: the macros, separated by commas, that -D would define. Without one, the
// plain spec is meant. An annotation goes on in the next line where that begins with two blanks or more. The
// title is the first comment of the file that is no annotation.
#pragma once

#include <string>
#include <vector>

#include "model/lang/lex.h"

namespace ringtail::lang {

enum class Verdict : std::uint8_t { safe, violation, bounded };
std::string_view name(Verdict v);

struct ModelVerdict {
  std::string model;  // sc, tso, lkmm, lkmm-6.1, all
  Verdict verdict = Verdict::safe;
  std::string violation;  // its class, in the words of design/kernel-c.md: "data race"; empty: any
  friend bool operator==(const ModelVerdict&, const ModelVerdict&) = default;
};

struct Expectation {
  std::vector<std::string> variant;  // sorted
  std::vector<ModelVerdict> verdicts;
  Loc at;
};

struct Bug {
  std::vector<std::string> variant;
  std::string id;  // AIO-01; may be empty, as the two after it
  std::string commit;
  std::string kernel;  // v3.17
  std::string text;
  Loc at;
};

struct Annotations {
  std::string title;
  std::vector<std::string> sources;
  std::vector<Bug> bugs;
  std::vector<std::string> seed;  // whether the seeds' sources have the bug
  std::vector<Expectation> expectations;
};

// The classes of violations, as verdicts and annotations name them.
const std::vector<std::string>& violation_classes();

Annotations read_annotations(const std::vector<Comment>& comments, Errors& errors);

// What is expected of a variant under a model; null where nothing is said. A model's own line counts before
// `all`.
const ModelVerdict* find_expectation(const Annotations& a, std::vector<std::string> variant,
                                     std::string_view model);

}  // namespace ringtail::lang
