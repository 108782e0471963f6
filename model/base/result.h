// SPDX-License-Identifier: GPL-2.0-or-later
// Result<T, E>: a value or an error, with the member names of std::expected (which g++ 12 has only in C++23
// mode).
//
//   Result<int> r = parse(text);
//   if (!r) return Unexpected(std::move(r).error());
//   use(*r);
//
// Errors are values at the edges: parsers and readers return them, nothing in ringtail throws across a
// module. Reading the value of a failed Result, or the error of a good one, aborts in every build.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <variant>

namespace ringtail {

template <class E>
struct Unexpected {
  explicit Unexpected(E e) : error(std::move(e)) {}
  E error;
};

[[noreturn]] inline void fatal(const char* what) {
  std::fprintf(stderr, "ringtail: broken invariant: %s\n", what);
  std::abort();
}

template <class T, class E = std::string>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: as std::expected
  template <class G>
  Result(Unexpected<G> u) : state_(std::in_place_index<1>, E(std::move(u.error))) {}  // NOLINT

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & { return check(0), *std::get_if<0>(&state_); }
  const T& value() const& { return check(0), *std::get_if<0>(&state_); }
  T&& value() && { return check(0), std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  E& error() & { return check(1), *std::get_if<1>(&state_); }
  const E& error() const& { return check(1), *std::get_if<1>(&state_); }
  E&& error() && { return check(1), std::move(*std::get_if<1>(&state_)); }

 private:
  void check(std::size_t want) const {
    if (state_.index() != want) fatal(want == 0 ? "value() of a failed Result" : "error() of a good Result");
  }
  std::variant<T, E> state_;
};

// For overload sets given to std::visit; clang 14 wants the deduction guide.
template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

}  // namespace ringtail
