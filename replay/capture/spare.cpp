// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/spare.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "replay/capture/signature.h"

namespace ringtail::capture {
namespace {

using kernel::Call;

// f(field of a, field of b) for each that the first `count` arguments of a call of a's kind may have filled.
template <class A, class B, class F>
void contents(A& a, B& b, F f, int count = 6) {
  const Signature& signature = signature_of(a.sys);
  for (int i = 0; i < signature.holds; ++i) {
    const std::size_t at = signature.holders[static_cast<std::size_t>(i)];
    if (at >= static_cast<std::size_t>(count)) return;
    switch (signature.parameters[at].kind) {
      case Kind::fd:
        f(a.fd, b.fd);
        break;
      case Kind::path:
        f(a.path, b.path);
        f(a.path_truncated, b.path_truncated);
        break;
      case Kind::pages:
        f(a.pages, b.pages);
        break;
      case Kind::nodes:
        f(a.nodes, b.nodes);
        break;
      case Kind::status:
        f(a.status, b.status);
        break;
      case Kind::mask:
        f(a.mask, b.mask);
        break;
      case Kind::mask2:
        f(a.mask2, b.mask2);
        break;
      case Kind::outs:
      case Kind::sigmask:
      case Kind::clone_args:
        f(a.outs, b.outs);
        break;
      case Kind::iov:
        f(a.iov, b.iov);
        break;
      case Kind::iocbs:
      case Kind::iocb:
        f(a.iocbs, b.iocbs);
        break;
      case Kind::events:
      case Kind::event:
        f(a.events, b.events);
        break;
      case Kind::timeout:
        f(a.timeout_ns, b.timeout_ns);
        break;
      case Kind::none:
      case Kind::u64:
      case Kind::u32:
      case Kind::i32:
      case Kind::pointer:
        break;
    }
  }
}

void take_arguments(Call& to, const Call& from) {
  to.sys = from.sys;
  to.name = from.name;
  to.arg = from.arg;
  to.out = from.out;
}

}  // namespace

void Spare::clear(Call& call) {
  contents(call, call, [this](auto& field, auto&) {
    if constexpr (std::is_same_v<std::decay_t<decltype(field)>, kernel::List<kernel::Iocb>>)
      if (field.items.size() > iocbs.size()) iocbs.swap(field.items);
    if constexpr (requires { field.clear(); }) field.clear();
    else field = {};
  });
  if (!call.out_path.empty()) call.out_path.clear();
  call.sys = kernel::Sys::other;
  call.name = {};
  call.arg = {};
  call.out = {};
}

void Spare::copy(Call& to, const Call& from) {
  clear(to);
  take_arguments(to, from);
  contents(from, to, [this](const auto& has, auto& field) {
    if constexpr (std::is_same_v<std::decay_t<decltype(field)>, kernel::List<kernel::Iocb>>)
      if (!has.items.empty()) iocbs.swap(field.items);
    field = has;
  });
  if (!from.out_path.empty()) to.out_path = from.out_path;
}

void Spare::move(Call& to, Call& from) {
  take_arguments(to, from);
  contents(from, to, [](auto& has, auto& field) { std::swap(has, field); });
  to.out_path.swap(from.out_path);
}

void Spare::move_arguments(Call& to, Call& from, int count) {
  std::copy_n(from.arg.begin(), count, to.arg.begin());
  contents(
      from, to, [](auto& has, auto& field) { std::swap(has, field); }, count);
}

}  // namespace ringtail::capture
