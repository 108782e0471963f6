// SPDX-License-Identifier: GPL-2.0-or-later
// What the generators of steps are made of.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <rapidcheck.h>

#include "replay/live/run.h"

namespace ringtail::live {

inline constexpr std::int64_t kPage = kPageBytes, kArenaPages = 16;

inline rc::Gen<Arg> literal(std::vector<std::int64_t> values) {
  return rc::gen::map(rc::gen::elementOf(std::move(values)), [](std::int64_t v) {
    return Arg{Arg::Base::literal, v};
  });
}

inline rc::Gen<Arg> in(Arg::Base base, std::vector<std::int64_t> offsets = {0}) {
  return rc::gen::map(rc::gen::elementOf(std::move(offsets)), [base](std::int64_t v) {
    return Arg{base, v};
  });
}

inline rc::Gen<Arg> arena_page() {
  return rc::gen::map(rc::gen::inRange<std::int64_t>(0, kArenaPages), [](std::int64_t p) {
    return Arg{Arg::Base::arena, p * kPage};
  });
}

inline rc::Gen<Arg> arena_address() {
  return rc::gen::weightedOneOf<Arg>({{20, arena_page()}, {1, in(Arg::Base::arena, {1, kPage - 1})}});
}

// Lengths that stay inside the arena.
inline rc::Gen<Arg> arena_length() {
  return rc::gen::weightedOneOf<Arg>({{20, rc::gen::map(rc::gen::inRange<std::int64_t>(0, 7),
                                                        [](std::int64_t p) {
                                                          return Arg{Arg::Base::literal, p * kPage};
                                                        })},
                                      {2, literal({1, kPage - 1, kPage + 1, 3 * kPage + 100})}});
}

// Those, and such as every kernel refuses: beyond the address space, or wrapping.
inline rc::Gen<Arg> safe_length() {
  return rc::gen::weightedOneOf<Arg>({{20, arena_length()}, {1, literal({-1, -kPage, -2 * kPage})}});
}

inline rc::Gen<Arg> pointer_to(std::size_t at) {
  return in(Arg::Base::scratch, {static_cast<std::int64_t>(at)});
}

// A pointer into the scratch, or now and then one that leads nowhere, or into the arena.
inline rc::Gen<Arg> pointer(std::size_t at) {
  return rc::gen::weightedOneOf<Arg>(
      {{20, pointer_to(at)},
       {1, literal({0, static_cast<std::int64_t>(kNowhere), -4096, std::int64_t{1} << 47})},
       {1, arena_page()}});
}

inline rc::Gen<Arg> descriptor() {
  return rc::gen::weightedOneOf<Arg>({{12, in(Arg::Base::fd, {0, 1, 2, 3, 4, 5, 6, 7})},
                                      {6, in(Arg::Base::fd, {8, 9, 10, 11, 12, 13, 14})},
                                      {1, literal({-1, -100, 987, 1 << 20, 0x7fffffff})}});
}

inline Step step_of(kernel::Sys sys, std::vector<Arg> args) {
  Step s;
  s.sys = sys;
  s.count = static_cast<int>(args.size());
  std::copy(args.begin(), args.end(), s.args.begin());
  return s;
}

template <class... Gens>
rc::Gen<Step> step(kernel::Sys sys, Gens... gens) {
  return rc::gen::map(rc::gen::tuple(std::move(gens)...), [sys](const auto& t) {
    return std::apply([sys](const auto&... a) { return step_of(sys, {a...}); }, t);
  });
}

inline rc::Gen<Put> put(std::size_t at, std::uint8_t size, rc::Gen<Arg> value) {
  return rc::gen::map(std::move(value), [at, size](const Arg& a) {
    return Put{static_cast<std::uint16_t>(at), size, a};
  });
}

inline rc::Gen<Step> with_puts(rc::Gen<Step> step, rc::Gen<std::vector<Put>> puts) {
  return rc::gen::map(rc::gen::pair(std::move(step), std::move(puts)),
                      [](std::pair<Step, std::vector<Put>> p) {
                        p.first.puts.insert(p.first.puts.end(), p.second.begin(), p.second.end());
                        return p.first;
                      });
}

// An array of up to `most` elements, and what stands behind it as it was.
inline rc::Gen<std::vector<Put>> array(std::size_t at, std::uint8_t size, std::size_t most,
                                       rc::Gen<Arg> element) {
  return rc::gen::map(
      rc::gen::resize(static_cast<int>(most), rc::gen::container<std::vector<Arg>>(std::move(element))),
      [at, size, most](const std::vector<Arg>& values) {
        std::vector<Put> puts;
        for (std::size_t i = 0; i < values.size() && i < most; ++i)
          puts.push_back({static_cast<std::uint16_t>(at + i * size), size, values[i]});
        return puts;
      });
}

}  // namespace ringtail::live
