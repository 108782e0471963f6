// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/run/crew.h"

#include <utility>

#include <fmt/format.h>
#include <pthread.h>
#include <time.h>

namespace ringtail::run {

void Tally::add(const Tally& o) {
  moved += o.moved, asked += o.asked, partial += o.partial, writes += o.writes;
  forks += o.forks, ios += o.ios, advices += o.advices;
  for (const auto& [status, n] : o.statuses) statuses[status] += n;
  lost_writes += o.lost_writes, content_errors += o.content_errors, left_behind += o.left_behind;
  for (const Finding& f : o.findings)
    if (findings.size() < kMostFindings) findings.push_back(f);
}

void Tally::find(std::string what, std::string where) {
  if (findings.size() < kMostFindings) findings.push_back({std::move(what), std::move(where)});
}

void Tally::flaw(Flaw f, const Arena& arena, std::size_t page) {
  ++(f == Flaw::lost_write ? lost_writes : content_errors);
  find(std::string(text_of(f)),
       fmt::format("page {} of {} pages, {}", page, arena.pages(), text_of(arena.kind())));
}

Crew::Crew(const Options& o, host::Clock& clock) : patience_(o.patience), movers_(o.threads) {
  Random seeds(o.seed);
  for (unsigned i = 0; i < o.threads; ++i) actors_.push_back(make_mover(clock, o.gate, seeds.next()));
  for (unsigned i = 0; i < o.writers; ++i) actors_.push_back(make_writer(clock, seeds.next(), i, o.writers));
  for (unsigned i = 0; i < o.disturbers; ++i) actors_.push_back(make_disturber(clock, seeds.next()));
  for (auto& a : actors_) threads_.emplace_back([this, &a] { live(*a); });
}

Crew::~Crew() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& t : threads_)
    if (t.joinable()) t.join();
}

void Crew::live(Actor& actor) {
  for (std::uint64_t seen = 0;;) {
    Scene* scene = nullptr;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stop_ || round_ != seen; });
      if (stop_) return;
      seen = round_;
      scene = scene_;
    }
    actor.work(*scene);
    const std::scoped_lock lock(mutex_);
    if (--busy_ == 0) done_.notify_all();
  }
}

bool Crew::work(Scene& scene) {
  std::unique_lock lock(mutex_);
  scene_ = &scene;
  busy_ = actors_.size();
  ++round_;
  wake_.notify_all();
  int slow = 0;
  for (std::int64_t steps = -1, usage = -1; slow < kSlow;) {
    const auto steps_before = std::exchange(steps, static_cast<std::int64_t>(scene.steps));
    const auto usage_before = std::exchange(usage, used(scene));
    if (steps != steps_before) slow = 0;
    else if (usage == usage_before) break;
    else ++slow;
    if (done_.wait_for(lock, patience_, [&] { return busy_ == 0; })) return true;
  }
  for (std::thread& t : threads_) t.detach();
  return false;
}

// By the movers as long as they are at work: the others go on for as long. Then by all.
std::int64_t Crew::used(const Scene& scene) {
  const std::size_t whose = scene.moving > 0 ? movers_ : threads_.size();
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < whose; ++i) {
    clockid_t clock;
    timespec t{};
    if (pthread_getcpuclockid(threads_[i].native_handle(), &clock) == 0) clock_gettime(clock, &t);
    sum += t.tv_sec * 1'000'000'000 + t.tv_nsec;
  }
  return sum;
}

std::vector<host::Tape*> Crew::tapes() {
  std::vector<host::Tape*> all;
  for (auto& a : actors_) all.push_back(&a->tape());
  return all;
}

Tally Crew::tally() const {
  Tally all;
  for (const auto& a : actors_) all.add(a->tally());
  return all;
}

}  // namespace ringtail::run
