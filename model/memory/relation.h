// SPDX-License-Identifier: GPL-2.0-or-later
// Sets of events and relations between them, as bit masks and bit matrices, with the algebra of cat, the
// language in which LKMM is written. What cat writes on the left is written here as on the right:
//
//   [S] ; r ; [T]      S >> r >> T           r | s, r & s    the same
//   r ; s              r >> s                r \ s           r - s
//   r? r+ r*           opt(r) plus(r) star(r)    r^-1        inverse(r)
//   S * T              cross(S, T)           domain, range, [S]   domain(r), range(r), id(S)
//
// In C++, - binds before >>, >> before &, & before |, which is close to cat.
//
// W is the number of 64-bit words of a row, so that a graph of up to 64 W events fits; the matrices of small
// graphs are arrays on the stack, of which only the rows in use are touched. W = 0 is for graphs of any size,
// on the heap. An event counts below n; every operand of an operation has the same n.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace ringtail::memory {

template <std::size_t W>
struct RowWords {  // words in a row of n bits: a constant where W is given
  static constexpr std::size_t of(std::size_t) { return W; }
};
template <>
struct RowWords<0> {
  static constexpr std::size_t of(std::size_t n) { return (n + 63) / 64; }
};

template <std::size_t W>
class Set {
 public:
  explicit Set(std::size_t n = 0) : n_(n) {
    if constexpr (W == 0) bits_.resize(words());
    for (std::size_t k = 0; k < words(); ++k) bits_[k] = 0;
  }
  std::size_t size() const { return n_; }
  std::size_t words() const { return RowWords<W>::of(n_); }
  std::uint64_t* data() { return bits_.data(); }
  const std::uint64_t* data() const { return bits_.data(); }
  void add(std::size_t i) { bits_[i / 64] |= std::uint64_t{1} << (i % 64); }
  bool has(std::size_t i) const { return bits_[i / 64] >> (i % 64) & 1; }

  friend Set operator|(Set a, const Set& b) {
    return a.zip(b, [](auto x, auto y) { return x | y; });
  }
  friend Set operator&(Set a, const Set& b) {
    return a.zip(b, [](auto x, auto y) { return x & y; });
  }
  friend Set operator-(Set a, const Set& b) {
    return a.zip(b, [](auto x, auto y) { return x & ~y; });
  }
  friend Set operator~(const Set& a) {
    Set all(a.n_);
    for (std::size_t i = 0; i < a.n_; ++i) all.add(i);
    return all - a;
  }

 private:
  template <class F>
  Set& zip(const Set& b, F f) {
    for (std::size_t k = 0; k < words(); ++k) bits_[k] = f(bits_[k], b.bits_[k]);
    return *this;
  }
  std::conditional_t<W == 0, std::vector<std::uint64_t>, std::array<std::uint64_t, W == 0 ? 1 : W>> bits_;
  std::size_t n_;
};

template <std::size_t W>
bool empty(const Set<W>& s) {
  for (std::size_t k = 0; k < s.words(); ++k)
    if (s.data()[k] != 0) return false;
  return true;
}

// Calls f(i) for each bit of a row, lowest first.
template <class F>
void for_bits(const std::uint64_t* row, std::size_t words, F f) {
  for (std::size_t k = 0; k < words; ++k)
    for (std::uint64_t bits = row[k]; bits != 0; bits &= bits - 1)
      f(k * 64 + static_cast<std::size_t>(std::countr_zero(bits)));
}

template <std::size_t W>
class Relation {
 public:
  explicit Relation(std::size_t n = 0) : n_(n) {
    if constexpr (W == 0) bits_.resize(n * words());
    for (std::size_t k = 0; k < n * words(); ++k) bits_[k] = 0;
  }
  Relation(const Relation& other) : n_(other.n_) { *this = other; }
  Relation& operator=(const Relation& other) {
    n_ = other.n_;
    if constexpr (W == 0) bits_.resize(n_ * words());
    for (std::size_t k = 0; k < n_ * words(); ++k) bits_[k] = other.bits_[k];
    return *this;
  }
  std::size_t size() const { return n_; }
  std::size_t words() const { return RowWords<W>::of(n_); }
  std::uint64_t* row(std::size_t i) { return bits_.data() + i * words(); }
  const std::uint64_t* row(std::size_t i) const { return bits_.data() + i * words(); }
  void add(std::size_t i, std::size_t j) { row(i)[j / 64] |= std::uint64_t{1} << (j % 64); }
  bool has(std::size_t i, std::size_t j) const { return row(i)[j / 64] >> (j % 64) & 1; }
  // row(i) |= other.row(j)
  void join(std::size_t i, const Relation& other, std::size_t j) {
    std::uint64_t* to = row(i);
    const std::uint64_t* from = other.row(j);
    for (std::size_t k = 0; k < words(); ++k) to[k] |= from[k];
  }

  // Whether row(j) is part of row(i).
  bool contains(std::size_t i, std::size_t j) const {
    std::uint64_t missing = 0;
    for (std::size_t k = 0; k < words(); ++k) missing |= row(j)[k] & ~row(i)[k];
    return missing == 0;
  }

  friend Relation operator|(Relation a, const Relation& b) {
    return a.zip(b, [](auto x, auto y) { return x | y; });
  }
  friend Relation operator&(Relation a, const Relation& b) {
    return a.zip(b, [](auto x, auto y) { return x & y; });
  }
  friend Relation operator-(Relation a, const Relation& b) {
    return a.zip(b, [](auto x, auto y) { return x & ~y; });
  }
  // Events of a thread stand in program order, and what relates to all that comes later has rows of which
  // each contains the next: only what is new in a row is joined.
  friend Relation operator>>(const Relation& a, const Relation& b) {
    Relation out(a.n_);
    for (std::size_t i = a.n_; i-- > 0;) {
      const std::uint64_t* next = i + 1 < a.n_ && a.contains(i, i + 1) ? a.row(i + 1) : nullptr;
      if (next != nullptr) out.join(i, out, i + 1);
      for (std::size_t k = 0; k < a.words(); ++k)
        for (std::uint64_t bits = a.row(i)[k] & ~(next == nullptr ? 0 : next[k]); bits != 0; bits &= bits - 1)
          out.join(i, b, k * 64 + static_cast<std::size_t>(std::countr_zero(bits)));
    }
    return out;
  }
  friend Relation operator>>(const Set<W>& s, const Relation& a) {
    Relation out(a.n_);
    for_bits(s.data(), s.words(), [&](std::size_t i) { out.join(i, a, i); });
    return out;
  }
  friend Relation operator>>(Relation a, const Set<W>& s) {
    for (std::size_t i = 0; i < a.n_; ++i)
      for (std::size_t k = 0; k < a.words(); ++k) a.row(i)[k] &= s.data()[k];
    return a;
  }

 private:
  template <class F>
  Relation& zip(const Relation& b, F f) {
    for (std::size_t k = 0; k < n_ * words(); ++k) bits_[k] = f(bits_[k], b.bits_[k]);
    return *this;
  }
  std::conditional_t<W == 0, std::vector<std::uint64_t>, std::array<std::uint64_t, W == 0 ? 1 : 64 * W * W>>
      bits_;
  std::size_t n_;
};

template <std::size_t W>
bool empty(const Relation<W>& r) {
  for (std::size_t k = 0; k < r.size() * r.words(); ++k)
    if (r.row(0)[k] != 0) return false;
  return true;
}

template <std::size_t W>
Relation<W> id(const Set<W>& s) {
  Relation<W> out(s.size());
  for_bits(s.data(), s.words(), [&](std::size_t i) { out.add(i, i); });
  return out;
}

template <std::size_t W>
Relation<W> cross(const Set<W>& s, const Set<W>& t) {
  Relation<W> out(s.size());
  for_bits(s.data(), s.words(), [&](std::size_t i) {
    for (std::size_t k = 0; k < t.words(); ++k) out.row(i)[k] = t.data()[k];
  });
  return out;
}

template <std::size_t W>
Relation<W> inverse(const Relation<W>& r) {
  Relation<W> out(r.size());
  for (std::size_t i = 0; i < r.size(); ++i)
    for_bits(r.row(i), r.words(), [&](std::size_t j) { out.add(j, i); });
  return out;
}

template <std::size_t W>
Set<W> domain(const Relation<W>& r) {
  Set<W> out(r.size());
  for (std::size_t i = 0; i < r.size(); ++i)
    for (std::size_t k = 0; k < r.words(); ++k)
      if (r.row(i)[k] != 0) out.add(i);
  return out;
}

template <std::size_t W>
Set<W> range(const Relation<W>& r) {
  Set<W> out(r.size());
  for (std::size_t i = 0; i < r.size(); ++i)
    for (std::size_t k = 0; k < r.words(); ++k) out.data()[k] |= r.row(i)[k];
  return out;
}

template <std::size_t W>
Relation<W> opt(Relation<W> r) {
  for (std::size_t i = 0; i < r.size(); ++i) r.add(i, i);
  return r;
}

template <std::size_t W>
bool irreflexive(const Relation<W>& r) {
  for (std::size_t i = 0; i < r.size(); ++i)
    if (r.has(i, i)) return false;
  return true;
}

// Visits every event after all its successors and calls leave(i); stops and answers false at a cycle. Each
// event is entered once and each row is scanned a word at a time, so this costs about n words, not n rows.
template <std::size_t W, class F>
bool postorder(const Relation<W>& r, F leave) {
  const std::size_t n = r.size(), words = r.words();
  Set<W> seen(n), open(n);
  struct Frame {
    std::size_t event, word;
  };
  std::conditional_t<W == 0, std::vector<Frame>, std::array<Frame, 64 * W>> stack;
  if constexpr (W == 0) stack.resize(n);
  for (std::size_t root = 0; root < n; ++root) {
    if (seen.has(root)) continue;
    std::size_t depth = 0;
    stack[depth++] = {root, 0};
    seen.add(root);
    open.add(root);
    while (depth != 0) {
      Frame& f = stack[depth - 1];
      if (f.word == words) {
        open.data()[f.event / 64] &= ~(std::uint64_t{1} << (f.event % 64));
        leave(f.event);
        --depth;
        continue;
      }
      const std::uint64_t next = r.row(f.event)[f.word];
      if ((next & open.data()[f.word]) != 0) return false;
      const std::uint64_t fresh = next & ~seen.data()[f.word];
      if (fresh == 0) {
        ++f.word;
        continue;
      }
      const std::size_t j = f.word * 64 + static_cast<std::size_t>(std::countr_zero(fresh));
      stack[depth++] = {j, 0};
      seen.add(j);
      open.add(j);
    }
  }
  return true;
}

template <std::size_t W>
bool acyclic(const Relation<W>& r) {
  return postorder(r, [](std::size_t) {});
}

// Without cycles a row's closure is the union of its successors' closures, taken in postorder; with cycles,
// Warshall.
template <std::size_t W>
Relation<W> plus(const Relation<W>& r) {
  Relation<W> out = r;
  Set<W> todo(r.size());
  const bool done = postorder(r, [&](std::size_t i) {
    std::uint64_t* left = todo.data();
    for (std::size_t k = 0; k < r.words(); ++k) left[k] = r.row(i)[k];
    for (std::size_t k = 0; k < r.words(); ++k)
      while (left[k] != 0) {
        const std::size_t j = k * 64 + static_cast<std::size_t>(std::countr_zero(left[k]));
        left[k] &= left[k] - 1;
        out.join(i, out, j);
        for (std::size_t m = k; m < r.words(); ++m) left[m] &= ~out.row(j)[m];
      }
  });
  if (done) return out;
  out = r;
  for (std::size_t k = 0; k < out.size(); ++k)
    for (std::size_t i = 0; i < out.size(); ++i)
      if (out.has(i, k)) out.join(i, out, k);
  return out;
}

template <std::size_t W>
Relation<W> star(const Relation<W>& r) {
  return opt(plus(r));
}

// The least relation that contains `r` and all that `step` makes of it; `step` gives no less than it is
// given.
template <std::size_t W, class F>
Relation<W> least(Relation<W> r, F step) {
  for (;;) {
    Relation<W> next = step(r);
    if (empty(next - r)) return r;
    r = next;
  }
}

// A shortest cycle, or nothing when there is none: each event is related to the next, the last to the first.
template <std::size_t W>
std::vector<std::size_t> shortest_cycle(const Relation<W>& r) {
  std::vector<std::size_t> best;
  const std::size_t n = r.size();
  for (std::size_t root = 0; root < n; ++root) {
    std::vector<std::size_t> parent(n, n), queue = {root};
    bool closed = false;
    for (std::size_t at = 0; at < queue.size() && !closed; ++at) {
      const std::size_t i = queue[at];
      if (r.has(i, root)) {
        std::vector<std::size_t> cycle = {i};
        for (std::size_t p = i; p != root; p = parent[p]) cycle.insert(cycle.begin(), parent[p]);
        if (best.empty() || cycle.size() < best.size()) best = cycle;
        closed = true;
        break;
      }
      for_bits(r.row(i), r.words(), [&](std::size_t j) {
        if (j == root || parent[j] != n) return;
        parent[j] = i;
        queue.push_back(j);
      });
    }
  }
  return best;
}

}  // namespace ringtail::memory
