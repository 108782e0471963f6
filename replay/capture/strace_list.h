// SPDX-License-Identifier: GPL-2.0-or-later
// The brackets and braces of strace: what an array or a structure is made of, in every spelling. What stands
// in them is read by the caller's functions; what these do not understand is stepped over.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "model/kernel/call.h"
#include "replay/capture/reader.h"
#include "replay/capture/scan.h"

namespace ringtail::capture {

// A scalar, and `<path>` behind it.
inline kernel::Word annotated(Scanner& s, std::string* path, bool& whole) {
  const kernel::Word w = scalar(s);
  const bool here = *s.p == '<' && !s.rest().starts_with("<unfinished");
  whole = !here || annotation(s, path);
  return w;
}

// `[a, b, ...]` (or braces, before strace 4.13), NULL, or a pointer. `one(scanner, i)` reads the i-th element
// and makes room for it; false when what stands there is none.
template <class One>
bool list(Scanner& s, kernel::Word& pointer, kernel::List<kernel::Word>::State& state, std::size_t cap,
          One one) {
  using State = kernel::List<kernel::Word>::State;
  const char open = *s.p;
  if (open != '[' && open != '{') {
    pointer = scalar(s);
    state = pointer.known() && pointer.value == 0 ? State::absent : State::opaque;
    return true;
  }
  const char close = open == '[' ? ']' : '}';
  ++s.p;
  pointer = kernel::Word::unknown();
  state = State::complete;
  for (std::size_t i = 0;; ++i) {
    s.spaces();
    if (s.take(close)) return true;
    if (s.at_end()) return state = State::truncated, true;
    if (s.take("...")) {  // `... /* 0x7ffe6f1b2000 */` where memory ended
      state = State::truncated;
      skip_comment(s);
    } else if (state == State::truncated || i >= cap || !one(s, i)) {
      state = State::truncated;
      const char* before = s.p;
      if (!skip_value(s) || s.p == before) return false;
    }
    s.spaces();
    s.take(',');
  }
}

template <class T, class One>
bool list(Scanner& s, kernel::Word& pointer, kernel::List<T>& out, std::size_t cap, One one) {
  kernel::List<kernel::Word>::State state{};
  const bool ok = list(s, pointer, state, cap, std::move(one));
  out.state = static_cast<typename kernel::List<T>::State>(state);
  return ok;
}

template <class T>
bool numbers(Scanner& s, kernel::Word& pointer, kernel::List<T>& out) {
  return list(s, pointer, out, kMaxItems, [&](Scanner& in, std::size_t) {
    bool whole = false;
    const kernel::Word w = annotated(in, nullptr, whole);
    if (!w.known() || !whole) return false;
    out.items.push_back(static_cast<T>(w.value));
    return true;
  });
}

// Calls field(name) at each value of `{name=value, value, name:value}`; the name is empty where none is
// printed.
template <class Field>
bool fields(Scanner& s, Field field) {
  if (!s.take('{')) return false;
  for (;;) {
    s.spaces();
    if (s.take('}')) return true;
    if (s.at_end()) return false;
    std::string_view name;
    if (is_lower(*s.p)) {
      const char* from = s.p;
      name = word(s);
      if (*s.p == '=' || *s.p == ':') {
        ++s.p;
      } else {
        name = {};
        s.p = from;
      }
    }
    const char* before = s.p;
    if (!field(name)) {
      s.p = before;
      if (!skip_value(s)) return false;
    }
    if (s.p == before && *s.p != ',' && *s.p != '}') return false;
    s.spaces();
    if (*s.p != ',' && *s.p != '}') {  // trailing matter behind a value that was understood
      if (!skip_value(s) || (*s.p != ',' && *s.p != '}')) return false;
    }
    s.take(',');
  }
}

}  // namespace ringtail::capture
