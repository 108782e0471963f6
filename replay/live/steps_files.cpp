// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "replay/live/pieces.h"
#include "replay/live/steps.h"

namespace ringtail::live {
namespace {

using kernel::Sys;
using rc::gen::weightedOneOf;

rc::Gen<Step> kept(rc::Gen<Step> step) {
  return rc::gen::map(
      rc::gen::pair(std::move(step), rc::gen::inRange<int>(kFirstFree, kFirstFree + kFreeFds)),
      [](std::pair<Step, int> p) {
        p.first.keep = p.second;
        return p.first;
      });
}

rc::Gen<Arg> own_descriptor() { return in(Arg::Base::fd, {8, 9, 10, 11, 12, 13, 14, 15}); }

rc::Gen<Arg> name() {
  const auto at = static_cast<std::int64_t>(kScene + offsetof(Common, names));
  return literal({at, at + 32, at + 64, at + 96});
}

}  // namespace

rc::Gen<Step> descriptor_step() {
  const auto bytes = literal({0, 1, kPage, 3 * kPage, 8 * kPage, -1});
  const auto number = literal({700, 701, -1, 1 << 22});
  return weightedOneOf<Step>(
      {{6, kept(step(Sys::dup, descriptor()))},
       {2, kept(step(Sys::dup2, descriptor(), number))},
       {2, kept(step(Sys::dup3, descriptor(), number, literal({0, O_CLOEXEC, 1})))},
       {1, step(Sys::dup3, in(Arg::Base::fd, {kFile}), in(Arg::Base::fd, {kFile}), literal({0}))},
       {5, step(Sys::close, own_descriptor())},
       {1, step(Sys::close, literal({-1, 987}))},
       {2, kept(step(Sys::fcntl, descriptor(), literal({F_DUPFD, F_DUPFD_CLOEXEC}), literal({0, 600, -1})))},
       {1, step(Sys::fcntl, descriptor(), literal({F_SETFD, F_GETFD}), literal({0, 1}))},
       {3,
        kept(step(Sys::memfd_create, literal({static_cast<std::int64_t>(kScene + offsetof(Common, names))}),
                  literal({0, MFD_CLOEXEC, MFD_ALLOW_SEALING, 0x1000})))},
       {2, kept(step(Sys::eventfd2, literal({0, 1}),
                     literal({EFD_NONBLOCK, EFD_NONBLOCK | EFD_CLOEXEC, EFD_NONBLOCK | 4})))},
       {2, kept(step(Sys::pipe2, pointer(offsetof(Scratch, pair)),
                     literal({O_NONBLOCK, O_NONBLOCK | O_CLOEXEC, O_NONBLOCK | 1})))},
       {1, kept(step(Sys::socketpair, literal({AF_UNIX}), literal({SOCK_STREAM | SOCK_NONBLOCK, 99}),
                     literal({0}), pointer(offsetof(Scratch, pair))))},
       {2, kept(step(Sys::openat, literal({AT_FDCWD}), name(),
                     literal({O_RDONLY, O_RDWR, O_WRONLY, O_PATH, O_RDONLY | O_DIRECTORY}), literal({0})))},
       {2, step(Sys::ftruncate, descriptor(), bytes)},
       {2, step(Sys::fallocate, descriptor(), literal({0, 1, 2, 3, 99}), bytes, bytes)},
       {1, step(Sys::close_range, literal({600, 701}), literal({650, 800, 0}), literal({0, 4, 99}))}});
}

}  // namespace ringtail::live
