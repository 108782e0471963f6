// SPDX-License-Identifier: GPL-2.0-or-later
// Nothing here may wait for ever: descriptors do not block, and io_getevents has a timeout or wants nothing.
#include "replay/live/pieces.h"
#include "replay/live/steps.h"

namespace ringtail::live {
namespace {

using kernel::Sys;
using rc::gen::weightedOneOf;

constexpr std::size_t kIocbs = std::size(Scratch{}.iocbs);

std::size_t iocb_at(std::size_t slot) { return offsetof(Scratch, iocbs) + slot * sizeof(RawIocb); }

rc::Gen<Arg> context() {
  return weightedOneOf<Arg>({{16, in(Arg::Base::context, {0, 0, 0, 1, 1, 2})},
                             {1, literal({0, 1, -1, static_cast<std::int64_t>(kNowhere)})},
                             {1, arena_page()}});
}

rc::Gen<Arg> where_bytes_go() {
  return weightedOneOf<Arg>(
      {{8, in(Arg::Base::buffer, {0, 0, 512, 2048})}, {6, arena_page()}, {1, literal({0, -4096})}});
}

// What most requests look like, and then one field or two that are odd.
rc::Gen<std::vector<Put>> iocb(std::size_t slot) {
  const std::size_t at = iocb_at(slot);
  const auto zero = [](std::vector<std::int64_t> odd, std::size_t weight = 30) {
    return weightedOneOf<Arg>({{weight, literal({0})}, {1, literal(std::move(odd))}});
  };
  const auto reads = rc::gen::tuple(
      put(at + offsetof(RawIocb, opcode), 2, literal({0, 0, 1, 1})),
      put(at + offsetof(RawIocb, fildes), 4,
          weightedOneOf<Arg>({{10, in(Arg::Base::fd, {kFile, kFile, kDirect, kDirect, kPipeRead, kPipeWrite,
                                                      kEventFd, kSocket})},
                              {3, descriptor()}})),
      put(at + offsetof(RawIocb, buf), 8, where_bytes_go()),
      put(at + offsetof(RawIocb, nbytes), 8,
          weightedOneOf<Arg>({{16, literal({1, 8, 512, 512, 4096, 4096, 0})},
                              {1, literal({-1, std::int64_t{1} << 40, 0x80000000})}})),
      put(at + offsetof(RawIocb, offset), 8,
          weightedOneOf<Arg>(
              {{16, literal({0, 0, 512, 4096, 100000})}, {1, literal({-1, 0x7fffffffffffffff})}})));
  const auto vectors =
      rc::gen::tuple(put(at + offsetof(RawIocb, opcode), 2, literal({7, 8})),
                     put(at + offsetof(RawIocb, fildes), 4, in(Arg::Base::fd, {kFile, kDirect, kPipeRead})),
                     put(at + offsetof(RawIocb, buf), 8, pointer(offsetof(Scratch, iov))),
                     put(at + offsetof(RawIocb, nbytes), 8, literal({0, 1, 1, 2, 1025})),
                     put(at + offsetof(RawIocb, offset), 8, literal({0, 512})));
  const auto polls = rc::gen::tuple(
      put(at + offsetof(RawIocb, opcode), 2, literal({5})),
      put(at + offsetof(RawIocb, fildes), 4,
          in(Arg::Base::fd, {kPipeRead, kPipeWrite, kEventFd, kSocket, kFile, kFolder, 8, 9})),
      put(at + offsetof(RawIocb, buf), 8,
          weightedOneOf<Arg>({{10, literal({1, 1, 4, 5, 0})}, {1, literal({0x10000, -1})}})),
      put(at + offsetof(RawIocb, nbytes), 8, zero({1})), put(at + offsetof(RawIocb, offset), 8, zero({1})));
  const auto syncs = rc::gen::tuple(put(at + offsetof(RawIocb, opcode), 2, literal({2, 3})),
                                    put(at + offsetof(RawIocb, fildes), 4, descriptor()),
                                    put(at + offsetof(RawIocb, buf), 8, zero({1, 4096})),
                                    put(at + offsetof(RawIocb, nbytes), 8, zero({1})),
                                    put(at + offsetof(RawIocb, offset), 8, zero({1})));
  const auto strange = rc::gen::tuple(put(at + offsetof(RawIocb, opcode), 2, literal({4, 6, 9, 100, -1})),
                                      put(at + offsetof(RawIocb, fildes), 4, descriptor()),
                                      put(at + offsetof(RawIocb, buf), 8, where_bytes_go()),
                                      put(at + offsetof(RawIocb, nbytes), 8, literal({0, 512})),
                                      put(at + offsetof(RawIocb, offset), 8, literal({0})));
  const auto rest = rc::gen::tuple(
      put(at + offsetof(RawIocb, data), 8, literal({0, 0, 1, 2, 3, static_cast<std::int64_t>(slot) + 16})),
      put(at + offsetof(RawIocb, key), 4, zero({7})),
      put(at + offsetof(RawIocb, rw_flags), 4, zero({1, 2, 4, 8, 0x10, 0x20, 0x1000, -1}, 12)),
      put(at + offsetof(RawIocb, reqprio), 2, zero({1, 0x4000, 0x2001, -1}, 12)),
      put(at + offsetof(RawIocb, reserved2), 8, zero({1}, 40)),
      put(at + offsetof(RawIocb, flags), 4, zero({1, 1, 2, 3, 4}, 10)),
      put(at + offsetof(RawIocb, resfd), 4,
          weightedOneOf<Arg>({{6, in(Arg::Base::fd, {kEventFd})}, {1, descriptor()}})));
  const auto both = [](auto head, auto tail) {
    return rc::gen::map(rc::gen::pair(std::move(head), std::move(tail)), [](const auto& p) {
      std::vector<Put> puts;
      std::apply([&puts](const auto&... x) { (puts.push_back(x), ...); }, p.first);
      std::apply([&puts](const auto&... x) { (puts.push_back(x), ...); }, p.second);
      return puts;
    });
  };
  return weightedOneOf<std::vector<Put>>({{8, both(reads, rest)},
                                          {2, both(vectors, rest)},
                                          {5, both(polls, rest)},
                                          {2, both(syncs, rest)},
                                          {1, both(strange, rest)}});
}

rc::Gen<std::vector<Put>> vectors() {
  const auto one = rc::gen::pair(where_bytes_go(), literal({0, 1, 512, 512, -1}));
  return rc::gen::map(rc::gen::pair(one, one), [](const auto& p) {
    constexpr auto at = static_cast<std::uint16_t>(offsetof(Scratch, iov));
    const auto next = [](int i) { return static_cast<std::uint16_t>(at + 8 * i); };
    return std::vector<Put>{{next(0), 8, p.first.first},
                            {next(1), 8, p.first.second},
                            {next(2), 8, p.second.first},
                            {next(3), 8, p.second.second}};
  });
}

// Up to four iocbs, each of its own slot, and zeros behind them.
rc::Gen<Step> any_submit() {
  const auto pointers = [](const std::vector<std::pair<std::size_t, int>>& chosen) {
    std::vector<Put> puts;
    for (std::size_t i = 0; i < 8; ++i) {
      Arg value;
      if (i < chosen.size() && i < 4) {
        value = {Arg::Base::scratch, static_cast<std::int64_t>(iocb_at(chosen[i].first))};
        if (chosen[i].second == 0) value = {Arg::Base::literal, static_cast<std::int64_t>(kNowhere)};
        if (chosen[i].second == 1) value = {Arg::Base::literal, 0};
      }
      puts.push_back({static_cast<std::uint16_t>(offsetof(Scratch, iocbpp) + 8 * i), 8, value});
    }
    return puts;
  };
  const auto count = weightedOneOf<Arg>(
      {{20, literal({1, 1, 1, 2, 3, 4})}, {2, literal({0, 8, 1000, -1, std::int64_t{1} << 62})}});
  const auto chosen = rc::gen::container<std::vector<std::pair<std::size_t, int>>>(
      rc::gen::pair(rc::gen::inRange<std::size_t>(0, kIocbs), rc::gen::inRange(0, 40)));
  const auto one = [](std::size_t lo) {
    return rc::gen::mapcat(rc::gen::inRange<std::size_t>(lo, lo + 2),
                           [](std::size_t slot) { return iocb(slot); });
  };
  const auto bare = step(Sys::io_submit, context(), count, pointer(offsetof(Scratch, iocbpp)));
  return with_puts(
      with_puts(with_puts(with_puts(bare, rc::gen::map(rc::gen::resize(4, chosen), pointers)), vectors()),
                one(0)),
      rc::gen::oneOf(one(2), one(4), one(6)));
}

// Never negative: io_getevents of 6.18 then waits for ever.
rc::Gen<std::vector<Put>> timeout() {
  return rc::gen::map(literal({0, 0, 0, 1, 1000, 50'000}), [](const Arg& ns) {
    const auto at = static_cast<std::uint16_t>(offsetof(Scratch, timeout));
    return std::vector<Put>{{at, 8, {}}, {static_cast<std::uint16_t>(at + 8), 8, ns}};
  });
}

rc::Gen<Step> any_getevents(Sys sys) {
  const auto nr = literal({0, 1, 1, 2, 4, 8, 16, 16, -1});
  const auto least = literal({0, 0, 1, 1, 2, 4, -1});
  const auto events = pointer(offsetof(Scratch, events));
  const auto waits = pointer_to(offsetof(Scratch, timeout));
  const auto bad = literal({static_cast<std::int64_t>(kNowhere), -4096});
  const auto sigs =
      weightedOneOf<Arg>({{3, literal({0})}, {3, pointer_to(offsetof(Scratch, sigset))}, {1, bad}});
  if (sys == Sys::io_getevents)
    return with_puts(
        weightedOneOf<Step>({{12, step(sys, context(), least, nr, events, waits)},
                             {3, step(sys, context(), literal({0, -1}), nr, events, literal({0}))},
                             {1, step(sys, context(), least, nr, events, bad)}}),
        timeout());
  const auto size = put(offsetof(Scratch, sigset) + 8, 8, literal({8, 8, 8, 0, 4}));
  const auto set = put(offsetof(Scratch, sigset), 8,
                       weightedOneOf<Arg>({{4, literal({0})}, {4, in(Arg::Base::buffer, {1024})}, {1, bad}}));
  const auto sigset = rc::gen::map(rc::gen::pair(set, size), [](const auto& p) {
    return std::vector<Put>{p.first, p.second};
  });
  return with_puts(with_puts(step(sys, context(), least, nr, events, waits, sigs), timeout()), sigset);
}

rc::Gen<Step> any_setup() {
  const auto fresh = rc::gen::map(
      rc::gen::pair(
          weightedOneOf<Arg>({{20, literal({1, 1, 2, 8, 64, 128})},
                              {2, literal({0, -1, 65537, 1 << 23, (1 << 23) + 1, 0x7fffffff, 1000})}}),
          rc::gen::inRange(0, 3)),
      [](const std::pair<Arg, int>& p) {
        Step s = step_of(Sys::io_setup, {p.first, {Arg::Base::scratch, offsetof(Scratch, context)}});
        s.slot = p.second;
        return s;
      });
  const auto bad =
      step(Sys::io_setup, literal({1, 0}), literal({0, static_cast<std::int64_t>(kNowhere), -4096}));
  return weightedOneOf<Step>({{12, fresh}, {1, bad}});
}

}  // namespace

rc::Gen<Step> aio_step() {
  const auto slot = rc::gen::map(rc::gen::inRange<std::size_t>(0, kIocbs), [](std::size_t i) {
    return Arg{Arg::Base::scratch, static_cast<std::int64_t>(iocb_at(i))};
  });
  return weightedOneOf<Step>(
      {{6, any_setup()},
       {16, any_submit()},
       {10, any_getevents(Sys::io_getevents)},
       {4, any_getevents(Sys::io_pgetevents)},
       {5, step(Sys::io_cancel, context(),
                weightedOneOf<Arg>({{10, slot}, {1, literal({0, static_cast<std::int64_t>(kNowhere)})}}),
                pointer(offsetof(Scratch, cancelled)))},
       {3, step(Sys::io_destroy, context())},
       {3, descriptor_step()},
       {2, memory_step()},
       {2, step(Sys::mmap, arena_page(), arena_length(), literal({1, 3, 3}), literal({0x32, 0x31}),
                literal({-1}), literal({0}))}});
}

}  // namespace ringtail::live
