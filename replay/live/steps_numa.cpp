// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/live/pieces.h"
#include "replay/live/steps.h"

namespace ringtail::live {
namespace {

using kernel::Sys;
using rc::gen::weightedOneOf;

constexpr std::int64_t kNodeFlag = 1, kAddrFlag = 2, kMemsAllowed = 4;

rc::Gen<Arg> process() {
  return weightedOneOf<Arg>(
      {{10, literal({0})}, {3, in(Arg::Base::self)}, {1, literal({-1, 1, 4194305, 0x7fffffff})}});
}

rc::Gen<Step> any_move_pages() {
  const auto page = weightedOneOf<Arg>({{16, arena_page()},
                                        {2, in(Arg::Base::arena, {5, kPage + 77, -kPage})},
                                        {1, in(Arg::Base::brk, {-kPage})},
                                        {1, in(Arg::Base::scratch, {0, kPage})},
                                        {1, literal({0, -4096, 0x7ffffffff000})}});
  const auto node = weightedOneOf<Arg>({{24, literal({0})}, {1, literal({1, 2, 63, 1000, 1024, -1})}});
  const auto nodes = weightedOneOf<Arg>({{10, pointer_to(offsetof(Scratch, nodes))},
                                         {8, literal({0})},
                                         {1, pointer(offsetof(Scratch, nodes))}});
  const auto count = literal({0, 1, 2, 3, 4, 6, 8, 16});
  const auto flags = weightedOneOf<Arg>({{16, literal({2, 2, 4, 6, 0})}, {1, literal({1, 8, -1})}});
  const auto bare = step(Sys::move_pages, process(), count, pointer(offsetof(Scratch, pages)), nodes,
                         pointer(offsetof(Scratch, status)), flags);
  // More pages than there are: the call would go on behind the arrays, if it could read the first.
  const auto endless = step(Sys::move_pages, process(), literal({-1, std::int64_t{1} << 60, 1 << 20}),
                            literal({0, static_cast<std::int64_t>(kNowhere)}), nodes,
                            pointer(offsetof(Scratch, status)), flags);
  const auto any = weightedOneOf<Step>({{20, bare}, {1, endless}});
  return with_puts(with_puts(any, array(offsetof(Scratch, pages), 8, kEntries, page)),
                   array(offsetof(Scratch, nodes), 4, kEntries, node));
}

rc::Gen<Arg> mask_word() { return literal({1, 1, 1, 1, 1, 0, 0, 2, 3, 4, -1, std::int64_t{1} << 63}); }

rc::Gen<std::vector<Put>> mask(std::size_t at) {
  const auto later = literal({0, 0, 0, 0, 0, 0, 0, 1});
  return rc::gen::map(rc::gen::tuple(mask_word(), later, later), [at](const std::tuple<Arg, Arg, Arg>& t) {
    const auto w = static_cast<std::uint16_t>(at);
    return std::vector<Put>{{w, 8, std::get<0>(t)},
                            {static_cast<std::uint16_t>(w + 8), 8, std::get<1>(t)},
                            {static_cast<std::uint16_t>(w + 16), 8, std::get<2>(t)}};
  });
}

rc::Gen<Arg> bits() {
  return weightedOneOf<Arg>({{20, literal({64, 64, 65, 2, 8, 1, 128, 129})},
                             {1, literal({0, 1024, 1025, 32768, 32769, 32770, -1, std::int64_t{1} << 40})}});
}

rc::Gen<Arg> mode() {
  return weightedOneOf<Arg>(
      {{20, literal({0, 1, 2, 3, 4, 5, 6})},
       {4, literal({1 | 0x8000, 2 | 0x4000, 3 | 0x8000, 2 | 0x2000, 5 | 0x2000, 1 | 0x4000, 4 | 0x8000})},
       {1, literal({7, -1, 0xc002, 1 | 0x2000, 100, (std::int64_t{1} << 32) | 2})}});
}

rc::Gen<Arg> mask_pointer(std::size_t at) {
  return weightedOneOf<Arg>({{12, pointer_to(at)}, {3, literal({0})}, {1, pointer(at)}});
}

rc::Gen<Step> any_get_mempolicy() {
  const auto flags =
      literal({0, 0, kNodeFlag, kAddrFlag, kAddrFlag, kNodeFlag | kAddrFlag, kNodeFlag | kAddrFlag,
               kMemsAllowed, kMemsAllowed, kMemsAllowed | kNodeFlag, 7, 8, -1});
  const auto where =
      weightedOneOf<Arg>({{3, literal({0})}, {6, arena_address()}, {1, in(Arg::Base::scratch)}});
  return step(Sys::get_mempolicy, mask_pointer(offsetof(Scratch, policy)),
              mask_pointer(offsetof(Scratch, mask)), bits(), where, flags);
}

}  // namespace

rc::Gen<Step> numa_step() {
  return weightedOneOf<Step>(
      {{16, any_move_pages()},
       {3,
        with_puts(with_puts(step(Sys::migrate_pages, process(), bits(), mask_pointer(offsetof(Scratch, mask)),
                                 mask_pointer(offsetof(Scratch, mask2))),
                            mask(offsetof(Scratch, mask))),
                  mask(offsetof(Scratch, mask2)))},
       {8,
        with_puts(step(Sys::mbind, arena_address(), safe_length(), mode(),
                       mask_pointer(offsetof(Scratch, mask)), bits(), literal({0, 0, 1, 2, 3, 4, 7, 8, -1})),
                  mask(offsetof(Scratch, mask)))},
       {4, with_puts(step(Sys::set_mempolicy, mode(), mask_pointer(offsetof(Scratch, mask)), bits()),
                     mask(offsetof(Scratch, mask)))},
       {6, any_get_mempolicy()},
       {6, memory_step()},
       {8, step(Sys::mmap, arena_page(), arena_length(), literal({0, 1, 3, 3, 3}),
                literal({0x32, 0x32, 0x31, 0x8032}), literal({-1}), literal({0}))},
       {2, step(Sys::mmap, arena_page(), arena_length(), literal({1, 3}), literal({0x11, 0x12}),
                in(Arg::Base::fd, {kFile}), literal({0}))},
       {3, step(Sys::madvise, arena_page(), arena_length(), literal({4, 8, 20, 21, 22, 23, 102, 103, 12}))},
       {5, fault_step()}});
}

}  // namespace ringtail::live
