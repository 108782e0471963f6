// SPDX-License-Identifier: GPL-2.0-or-later
// Execution graphs in one line, for tests:
//
//   "W x=1  mb  R y=0 | W y=1  mb  R x=0"
//
// Threads are separated by |. An access is R or W, a tag behind a dot (none: once), a location and a value;
// +[adc]N after it is an address, data or control dependency on the thread's Nth event; a trailing ! makes it
// half of an atomic read-modify-write. Everything else is a fence by the name of its tag. A read reads from
// the write of its value (0: the initial one) and coherence follows the values, so values of a location must
// differ.
#pragma once

#include <algorithm>
#include <map>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "model/memory/graph.h"

namespace ringtail::memory {

inline Tag tag_named(const std::string& text) {
  for (std::size_t t = 0; t < tag_count; ++t)
    if (name(static_cast<Tag>(t)) == text) return static_cast<Tag>(t);
  ADD_FAILURE() << "no tag " << text;
  return Tag::plain;
}

inline Graph shape(const std::string& text) {
  Graph g;
  std::istringstream in(text);
  std::string word;
  std::uint8_t thread = 0;
  while (in >> word) {
    if (word == "|") {
      ++thread;
      continue;
    }
    Event e;
    e.thread = thread;
    std::vector<std::uint16_t> addr, data, ctrl;
    if (word[0] == 'R' || word[0] == 'W') {
      e.kind = word[0] == 'R' ? Kind::read : Kind::write;
      e.tag = word.size() > 2 ? tag_named(word.substr(2)) : Tag::once;
      std::string rest;
      in >> rest;
      e.rmw = rest.back() == '!';
      e.address = static_cast<std::uint64_t>(rest[0]);
      std::size_t at = 2, used = 0;
      e.value = std::stoll(rest.substr(at), &used);
      for (at += used; at + 2 < rest.size() && rest[at] == '+'; at += 3)
        (rest[at + 1] == 'a'   ? addr
         : rest[at + 1] == 'd' ? data
                               : ctrl)
            .push_back(static_cast<std::uint16_t>(rest[at + 2] - '0'));
    } else {
      e.tag = tag_named(word);
      if (e.tag == Tag::sync_srcu) {
        in >> word;
        e.address = static_cast<std::uint64_t>(word[0]);
      }
    }
    g.add(e, {addr, data, ctrl});
  }
  for (std::size_t l = 0; l < g.location_count(); ++l) {
    const std::span<const EventId> co = g.location(l).co;
    std::vector<EventId> order(co.begin(), co.end());
    std::sort(order.begin(), order.end(), [&](EventId a, EventId b) { return g[a].value < g[b].value; });
    for (std::size_t i = 0; i < order.size(); ++i) g.place(order[i], i);
    for (EventId r = 0; r < g.size(); ++r) {
      if (g[r].kind != Kind::read || g[r].address != g.location(l).address) continue;
      g.read_from(r, initial);
      for (const EventId w : order)
        if (g[w].value == g[r].value) g.read_from(r, w);
    }
  }
  return g;
}

}  // namespace ringtail::memory
