// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/oracle/oracle.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "replay/oracle/call_text.h"

namespace ringtail::oracle {

using capture::Event;

void Oracle::take_fact(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == text.npos) return;
  const auto name = text.substr(0, equals), value = text.substr(equals + 1);
  if (name == "map") {
    world_.take_map(value);
  } else if (name == "pid") {
    std::int32_t pid = 0;
    std::from_chars(value.data(), value.data() + value.size(), pid);
    world_.begin_map(pid);
  } else if (name == "order") {
    unordered_ = value == "thread";
  } else {
    world_.profile.take_fact(name, value);
  }
}

namespace {

// A thread that is killed as it enters a call leaves the call's number where its result should be.
bool is_own_number(const kernel::Call& call) {
  return call.out.known() && call.out.value >= 0 && call.sys != kernel::Sys::other &&
         kernel::sys_of_number(static_cast<std::uint64_t>(call.out.value)) == call.sys;
}

}  // namespace

void Oracle::hold(const Event& e, const kernel::Verdict& v, const kernel::Rule& rule, bool cut) {
  held_.push_back({e.call.sys,
                   e.tid,
                   cut,
                   {e.line, e.tid, call_text(e.call), v.observed, v.allowed, rule.name, rule.cites, {}}});
}

// What the capture showed before may be over: the call as if it were the first.
void Oracle::judge_alone(const Event& e) {
  kernel::World nothing(world_.profile);
  nothing.task(e.tid, e.pid, 0);
  nothing.lose();
  nothing.learned = world_.learned;
  kernel::Verdict alone =
      kernel::end_call(nothing, {e.tid, e.pid, e.begin_seq, e.end_seq, e.end_ns, e.line, e.begin_ns}, e.call);
  if (alone.kind == kernel::Verdict::Kind::diverges) return;
  verdict_ = std::move(alone);
  ++summary_.alone;
  world_.lose();
}

void Oracle::count(const Event& e, const kernel::Verdict& v) {
  Counts& c = summary_.by_sys[static_cast<std::size_t>(e.call.sys)];
  switch (v.kind) {
    case kernel::Verdict::Kind::conforms:
      ++c.conforms;
      if (v.unless_signal && shows_signals_ && !may_lack(*v.unless_signal))
        hold(e, v, *v.unless_signal, false);
      break;
    case kernel::Verdict::Kind::not_judged:
      ++c.not_judged;
      ++summary_.reasons[v.reason];
      break;
    case kernel::Verdict::Kind::diverges:
      if (shows_signals_ && is_own_number(e.call)) {
        ++c.not_judged;
        ++summary_.reasons[kernel::reason::kNoResult];
        hold(e, v, *v.rule, true);
        break;
      }
      ++c.diverges;
      diverges(e.line, e.tid, e.call, v);
      break;
  }
  summary_.exact += v.exact;
}

// Calls that were counted as conforming, as by themselves they do.
void Oracle::take_misfits() {
  for (const kernel::Misfit& m : world_.orders.misfits()) {
    if (may_lack(*m.verdict.rule)) {
      ++summary_.alone;
      continue;
    }
    Counts& c = summary_.by_sys[static_cast<std::size_t>(m.call.sys)];
    --c.conforms;
    ++c.diverges;
    diverges(m.when.line, m.when.tid, m.call, m.verdict);
  }
  world_.orders.misfits().clear();
}

// What contradicted the rules of contexts is explained by contexts that were destroyed unseen.
void Oracle::take_back_contexts() {
  for (std::size_t i = 0; i < of_contexts_.size(); ++i) {
    summary_.by_sys[i].diverges -= of_contexts_[i];
    summary_.by_sys[i].conforms += of_contexts_[i];
    summary_.alone += std::exchange(of_contexts_[i], 0);
  }
  std::erase_if(summary_.divergences, [](const Divergence& d) { return Shown::is_of_contexts(d.rule); });
}

void Oracle::diverges(std::uint64_t line, std::int32_t tid, const kernel::Call& call,
                      const kernel::Verdict& v) {
  keep(call.sys, {line, tid, call_text(call), v.observed, v.allowed, v.rule->name, v.rule->cites, v.beside});
}

void Oracle::keep(kernel::Sys sys, Divergence d) {
  of_contexts_[static_cast<std::size_t>(sys)] += Shown::is_of_contexts(d.rule);
  if (summary_.divergences.size() < Summary::kMostDivergences) summary_.divergences.push_back(std::move(d));
}

void Oracle::count_window(bool overlaps) {
  if (!overlaps || in_window_) return;
  in_window_ = true;
  ++summary_.windows;
}

void Oracle::settle(const Event& e) {
  const auto it = std::find_if(held_.begin(), held_.end(), [&](const Held& h) { return h.tid == e.tid; });
  if (it == held_.end() || e.kind == Event::Kind::fact || e.kind == Event::Kind::problem) return;
  if (it->cut && e.kind == Event::Kind::signal) return;
  if (e.kind == Event::Kind::enter || e.kind == Event::Kind::call) {
    Counts& c = summary_.by_sys[static_cast<std::size_t>(it->sys)];
    if (it->cut) {
      --c.not_judged;
      const auto reason = summary_.reasons.find(kernel::reason::kNoResult);
      if (--reason->second == 0) summary_.reasons.erase(reason);
    } else {
      --c.conforms;
    }
    ++c.diverges;
    keep(it->sys, std::move(it->otherwise));
  }
  held_.erase(it);
}

const kernel::Verdict* Oracle::take(const Event& e) {
  if (!held_.empty()) settle(e);
  if (filtered_) shown_.take(e);
  // What other threads did meanwhile is unknown, or what a call that the model cannot read did.
  if (unordered_ || e.compat) world_.lose();
  switch (e.kind) {
    case Event::Kind::enter:
      if (e.compat) return nullptr;
      if (e.call.sys == kernel::Sys::other) return nullptr;
      kernel::begin_call(world_, {e.tid, e.pid, e.begin_seq, 0}, e.call);
      count_window(world_.overlaps.running() > 1);
      return nullptr;
    case Event::Kind::call:
      if (e.call.out.state == kernel::Outcome::State::unknown) ++summary_.unfinished;
      if (e.compat) {
        verdict_ = {};
        verdict_.kind = kernel::Verdict::Kind::not_judged;
        verdict_.reason = kernel::reason::kCompat;
        count(e, verdict_);
        return &verdict_;
      }
      verdict_ = kernel::end_call(
          world_, {e.tid, e.pid, e.begin_seq, e.end_seq, e.end_ns, e.line, e.begin_ns}, e.call);
      if (verdict_.kind == kernel::Verdict::Kind::diverges) {
        if (filtered_ && shown_.shows_no_destroys(*verdict_.rule)) take_back_contexts();
        if (may_lack(*verdict_.rule)) judge_alone(e);
      }
      count(e, verdict_);
      if (!world_.orders.misfits().empty()) take_misfits();
      if (e.call.out.state == kernel::Outcome::State::never && kernel::is_exit(e.call.sys))
        kernel::end_thread(world_, e.tid, e.end_seq);  // a quiet recorder says no more of it
      count_window(e.call.sys != kernel::Sys::other && world_.overlaps.running() > 0);
      if (!world_.overlaps.running()) in_window_ = false;
      return &verdict_;
    case Event::Kind::exited:
      kernel::end_thread(world_, e.tid, e.end_seq);
      return nullptr;
    case Event::Kind::signal:
      return nullptr;
    case Event::Kind::lost:
      summary_.lost += !e.text.empty();
      held_.clear();
      world_.lose();
      return nullptr;
    case Event::Kind::fact:
      take_fact(e.text);
      return nullptr;
    case Event::Kind::problem:
      ++summary_.problems;
      if (summary_.first_problems.size() < Summary::kMostProblems)
        summary_.first_problems.push_back({e.line, e.text});
      if (!e.blind) return nullptr;
      held_.clear();
      world_.lose();
      return nullptr;
  }
  return nullptr;
}

}  // namespace ringtail::oracle
