// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/registers.h"

namespace ringtail::capture {

using kernel::Call;
using kernel::List;
using kernel::Outcome;
using kernel::Word;

namespace {

template <class T>
void opaque(List<T>& list, const Word& pointer) {
  list.clear();
  const bool null = pointer.known() && pointer.value == 0;
  list.state = null ? List<T>::State::absent : List<T>::State::opaque;
}

void set(Call& call, int i, Word word) {
  const Signature& signature = signature_of(call.sys);
  if (i < 0 || i >= signature.count) return;
  const auto at = static_cast<std::size_t>(i);
  const Kind kind = signature.parameters[at].kind;
  word.value = word.known() ? as_kind(kind, word.value) : 0;
  call.arg[at] = word;
  switch (kind) {
    case Kind::fd:
      if (call.fd.fd.state == Word::State::absent) call.fd.fd = word;
      break;
    case Kind::pages:
      opaque(call.pages, word);
      break;
    case Kind::nodes:
      opaque(call.nodes, word);
      break;
    case Kind::status:
      opaque(call.status, word);
      break;
    case Kind::mask:
      opaque(call.mask, word);
      break;
    case Kind::mask2:
      opaque(call.mask2, word);
      break;
    case Kind::outs:
    case Kind::sigmask:
    case Kind::clone_args:
      opaque(call.outs, word);
      break;
    case Kind::iov:
      opaque(call.iov, word);
      break;
    case Kind::iocb:
    case Kind::iocbs:
      opaque(call.iocbs, word);
      break;
    case Kind::event:
    case Kind::events:
      opaque(call.events, word);
      break;
    case Kind::timeout:
      call.timeout_ns = word.known() && word.value == 0 ? Word{} : Word::unknown();
      break;
    case Kind::path:
      call.path_truncated = true;
      break;  // a string, of which nothing is known
    case Kind::none:
    case Kind::u64:
    case Kind::u32:
    case Kind::i32:
    case Kind::pointer:
      break;
  }
}

}  // namespace

void set_register(Call& call, int i, std::uint64_t value) { set(call, i, Word::of(value)); }
void set_unknown(Call& call, int i) { set(call, i, Word::unknown()); }

Outcome outcome_of(std::int64_t value) {
  switch (value) {
    case -512:  // ERESTARTSYS
    case -513:  // ERESTARTNOINTR
    case -514:  // ERESTARTNOHAND
    case -516:  // ERESTART_RESTARTBLOCK
      return {0, Outcome::State::restarted};
    default:
      return {value, Outcome::State::returned};
  }
}

void doubt_end(kernel::Call& call) {
  if (call.out.state != Outcome::State::never) call.out = {0, Outcome::State::unknown};
}

}  // namespace ringtail::capture
