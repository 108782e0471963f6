// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/nodes.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

namespace ringtail::kernel {

int NodeSet::count() const {
  int n = 0;
  for (const std::uint64_t w : words_) n += std::popcount(w);
  return n;
}

int NodeSet::first() const {
  for (std::size_t i = 0; i < words_.size(); ++i)
    if (words_[i]) return static_cast<int>(i) * 64 + std::countr_zero(words_[i]);
  return -1;
}

int NodeSet::last() const {
  for (std::size_t i = words_.size(); i-- > 0;)
    if (words_[i]) return static_cast<int>(i) * 64 + 63 - std::countl_zero(words_[i]);
  return -1;
}

bool NodeSet::subset_of(const NodeSet& o) const { return (*this & o) == *this; }

NodeSet NodeSet::operator&(const NodeSet& o) const {
  NodeSet r;
  for (std::size_t i = 0; i < words_.size(); ++i) r.words_[i] = words_[i] & o.words_[i];
  return r;
}

std::string to_string(const NodeSet& s) {
  std::string text;
  for (int n = 0; n < NodeSet::kMost; ++n) {
    if (!s.has(n)) continue;
    const int begin = n;
    while (s.has(n + 1)) ++n;
    if (!text.empty()) text += ',';
    text += begin == n ? fmt::format("{}", n) : fmt::format("{}-{}", begin, n);
  }
  return "{" + text + "}";
}

bool one_node(const Host& h, const Learned& l) {
  return l.nodes_below == 1 || (h.nodes && h.nodes->size() == 1);
}

Tri has_memory(const Host& h, const Learned& l, int node) {
  if (node < 0 || node >= l.nodes_below) return Tri::no;
  if (l.without_memory.has(node) && !l.with_memory.has(node)) return Tri::no;
  if (h.nodes && std::find(h.nodes->begin(), h.nodes->end(), node) == h.nodes->end()) return Tri::no;
  return tri(one_node(h, l)) | (l.with_memory.has(node) ? Tri::yes : Tri::maybe);
}

Tri holds_own(const Host& h, const Learned& l, int node) {
  if (l.allowed_shown && !l.allowed.has(node)) return Tri::no;
  return has_memory(h, l, node);
}

bool one_own_node(const Host& h, const Learned& l) {
  return one_node(h, l) || (l.allowed_shown && l.allowed.count() == 1);
}

NodeSet possible_nodes(const Host& h, const Learned& l) {
  NodeSet s;
  if (h.nodes) {
    for (const int n : *h.nodes)
      if (n >= 0 && n < l.nodes_below) s.add(n);
  } else {
    for (int n = 0; n < l.nodes_below; ++n) s.add(n);
  }
  return s;
}

}  // namespace ringtail::kernel
