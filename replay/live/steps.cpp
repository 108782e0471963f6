// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/live/steps.h"

namespace ringtail::live {
namespace {

constexpr std::string_view kNamesOfFamilies[kFamilies] = {"memory", "madvise",     "numa",
                                                          "aio",    "descriptors", "mixed"};

rc::Gen<Step> step_of(Family family) {
  switch (family) {
    case Family::memory:
      return memory_step();
    case Family::madvise:
      return madvise_step();
    case Family::numa:
      return numa_step();
    case Family::aio:
      return aio_step();
    case Family::descriptors:
      return descriptor_step();
    case Family::mixed:
      break;
  }
  return rc::gen::oneOf(memory_step(), madvise_step(), numa_step(), aio_step(), descriptor_step(),
                        fault_step());
}

}  // namespace

std::string_view name_of(Family f) { return kNamesOfFamilies[static_cast<int>(f)]; }

std::optional<Family> family_named(std::string_view name) {
  for (int i = 0; i < kFamilies; ++i)
    if (kNamesOfFamilies[i] == name) return static_cast<Family>(i);
  return std::nullopt;
}

rc::Gen<Program> programs(Family family, int threads) {
  const auto step = rc::gen::weightedOneOf<Step>({{30, step_of(family)}, {1, clone_step()}});
  const auto all = rc::gen::container<std::vector<Thread>>(static_cast<std::size_t>(threads),
                                                           rc::gen::container<Thread>(step));
  const auto recorder = rc::gen::construct<Recorder>(rc::gen::arbitrary<bool>(), rc::gen::arbitrary<bool>(),
                                                     rc::gen::arbitrary<bool>());
  return rc::gen::map(rc::gen::pair(recorder, all), [](std::pair<Recorder, std::vector<Thread>> p) {
    return Program{p.first, std::move(p.second)};
  });
}

}  // namespace ringtail::live
