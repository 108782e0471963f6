// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <simdjson.h>

#include "replay/capture/jsonl.h"
#include "replay/capture/notes.h"

namespace ringtail::capture {
namespace {

namespace od = simdjson::ondemand;
using kernel::Call;
using kernel::Iocb;
using kernel::IoEvent;
using kernel::Iovec;
using kernel::List;
using kernel::Outcome;
using kernel::Word;

constexpr std::pair<std::string_view, Event::Kind> kKinds[] = {
    {"enter", Event::Kind::enter},     {"call", Event::Kind::call}, {"exited", Event::Kind::exited},
    {"signal", Event::Kind::signal},   {"lost", Event::Kind::lost}, {"fact", Event::Kind::fact},
    {"problem", Event::Kind::problem},
};

bool number(od::value& v, std::uint64_t& out) {
  std::int64_t s = 0;
  if (v.get_int64().get(s) == simdjson::SUCCESS) return out = static_cast<std::uint64_t>(s), true;
  return v.get_uint64().get(out) == simdjson::SUCCESS;
}

bool word(od::value& v, Word& out) {
  od::json_type type{};
  if (v.type().get(type) != simdjson::SUCCESS) return false;
  switch (type) {
    case od::json_type::number: {
      std::uint64_t n = 0;
      if (!number(v, n)) return false;
      out = Word::of(n);
      return true;
    }
    case od::json_type::null: {
      bool null = false;
      if (v.is_null().get(null) != simdjson::SUCCESS || !null) return false;
      out = Word::unknown();
      return true;
    }
    case od::json_type::boolean: {
      bool value = true;
      if (v.get_bool().get(value) != simdjson::SUCCESS || value) return false;
      out = Word{};
      return true;
    }
    default:
      return false;
  }
}

// Characters back to the bytes that they stand for.
bool text(od::value& v, std::string& out) {
  std::string_view utf8;
  if (v.get_string().get(utf8) != simdjson::SUCCESS) return false;
  out.clear();
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto u = static_cast<unsigned char>(utf8[i]);
    if (u < 0x80) {
      out += utf8[i];
    } else if ((u == 0xc2 || u == 0xc3) && i + 1 < utf8.size()) {
      out += static_cast<char>((u & 3) << 6 | (static_cast<unsigned char>(utf8[++i]) & 0x3f));
    } else {
      return false;  // a character that is no byte
    }
  }
  return true;
}

bool is(od::value& v, std::string_view expected) {
  std::string_view s;
  return v.get_string().get(s) == simdjson::SUCCESS && s == expected;
}

bool flag(od::value& v, bool& out) { return v.get_bool().get(out) == simdjson::SUCCESS; }

template <class T, class One>
bool list(od::value& v, List<T>& out, std::size_t cap, One one) {
  using State = typename List<T>::State;
  od::json_type type{};
  if (v.type().get(type) != simdjson::SUCCESS) return false;
  if (type == od::json_type::string) {
    out.state = State::opaque;
    return is(v, "?");
  }
  od::array array;
  if (v.get_array().get(array) != simdjson::SUCCESS) return false;
  out.state = State::complete;
  for (auto element : array) {
    od::value item;
    if (element.get(item) != simdjson::SUCCESS || out.state == State::truncated) return false;
    if (item.type().get(type) != simdjson::SUCCESS) return false;
    if (type == od::json_type::string) {
      if (!is(item, "...")) return false;
      out.state = State::truncated;
      continue;
    }
    if (out.items.size() >= cap) return false;
    if (!one(item, out.items.emplace_back())) return false;
  }
  return true;
}

template <class T>
bool numbers(od::value& v, List<T>& out) {
  return list(v, out, kMaxItems, [](od::value& item, T& slot) {
    std::uint64_t n = 0;
    if (!number(item, n)) return false;
    slot = static_cast<T>(n);
    return true;
  });
}

template <std::size_t N>
bool words(od::value& v, Word* const (&slots)[N]) {
  od::array array;
  if (v.get_array().get(array) != simdjson::SUCCESS) return false;
  std::size_t i = 0;
  for (auto element : array) {
    od::value item;
    if (element.get(item) != simdjson::SUCCESS || i == N || !word(item, *slots[i++])) return false;
  }
  return i == N;
}

bool iovecs(od::value& v, List<Iovec>& out) {
  return list(v, out, kMaxIocbs, [](od::value& item, Iovec& slot) {
    return words(item, {&slot.base, &slot.len});
  });
}

bool iocb(od::value& v, Iocb& cb) {
  constexpr std::pair<std::string_view, Word Iocb::*> kWords[] = {
      {"address", &Iocb::address}, {"data", &Iocb::data},       {"key", &Iocb::key},
      {"opcode", &Iocb::opcode},   {"reqprio", &Iocb::reqprio}, {"fildes", &Iocb::fildes},
      {"buf", &Iocb::buf},         {"nbytes", &Iocb::nbytes},   {"offset", &Iocb::offset},
      {"flags", &Iocb::flags},     {"resfd", &Iocb::resfd},     {"rw_flags", &Iocb::rw_flags},
  };
  od::object object;
  if (v.get_object().get(object) != simdjson::SUCCESS) return false;
  for (auto field : object) {
    std::string_view key;
    od::value value;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS || field.value().get(value) != simdjson::SUCCESS)
      return false;
    bool ok = true;
    if (key == "path") {
      ok = text(value, cb.path);
    } else if (key == "iov") {
      ok = iovecs(value, cb.iov);
    } else if (key == "null") {
      ok = flag(value, cb.null);
    } else if (key == "unreadable") {
      ok = flag(value, cb.unreadable);
    } else {
      for (const auto& [name, member] : kWords)
        if (name == key) ok = word(value, cb.*member);
    }
    if (!ok) return false;
  }
  return true;
}

bool result(od::value& v, Outcome& out) {
  od::json_type type{};
  if (v.type().get(type) != simdjson::SUCCESS) return false;
  if (type == od::json_type::number) {
    std::uint64_t n = 0;
    if (!number(v, n)) return false;
    out = {static_cast<std::int64_t>(n), Outcome::State::returned};
    return true;
  }
  std::string_view s;
  if (v.get_string().get(s) != simdjson::SUCCESS) return false;
  if (s == "restarted") return out = {0, Outcome::State::restarted}, true;
  if (s == "never") return out = {0, Outcome::State::never}, true;
  return false;
}

template <class T>
bool pair(od::value& v, T& begin, T& end) {
  od::array array;
  if (v.get_array().get(array) != simdjson::SUCCESS) return false;
  std::size_t i = 0;
  for (auto element : array) {
    od::value item;
    std::uint64_t n = 0;
    if (element.get(item) != simdjson::SUCCESS || i == 2 || !number(item, n)) return false;
    (i++ == 0 ? begin : end) = static_cast<T>(n);
  }
  return i == 2;
}

bool small(od::value& v, std::int32_t& out) {
  std::int64_t n = 0;
  if (v.get_int64().get(n) != simdjson::SUCCESS || n < INT32_MIN || n > INT32_MAX) return false;
  out = static_cast<std::int32_t>(n);
  return true;
}

}  // namespace

struct JsonlReader::Parser {
  od::parser json;

  // Null, or what was expected. `header` is set when the line is one.
  const char* read(std::string_view line, Names& names, Event& e, bool& header) {
    od::document document;
    const simdjson::padded_string_view padded(line.data(), line.size(), line.size() + kPadding);
    od::object object;
    if (json.iterate(padded).get(document) != simdjson::SUCCESS ||
        document.get_object().get(object) != simdjson::SUCCESS) {
      return "a JSON object";
    }
    bool kind = false;
    for (auto field : object) {
      std::string_view key;
      od::value value;
      if (field.unescaped_key().get(key) != simdjson::SUCCESS ||
          field.value().get(value) != simdjson::SUCCESS)
        return "a JSON object";
      if (const char* expected = member(key, value, names, e, kind, header)) return expected;
    }
    const char* behind = nullptr;
    if (document.current_location().get(behind) == simdjson::SUCCESS) return "one JSON object a line";
    if (!kind && !header) return "\"e\" with the kind of an event";
    return nullptr;
  }

  const char* member(std::string_view key, od::value& value, Names& names, Event& e, bool& kind,
                     bool& header) {
    const auto check = [](bool ok, const char* expected) { return ok ? nullptr : expected; };
    Call& c = e.call;
    if (key == "e") {
      std::string_view name;
      if (value.get_string().get(name) != simdjson::SUCCESS) return "\"e\" with the kind of an event";
      for (const auto& [known, k] : kKinds)
        if (known == name) e.kind = k, kind = true;
      return check(kind, "\"e\" with the kind of an event");
    }
    if (key == "tid") return check(small(value, e.tid), "a process id");
    if (key == "pid") return check(small(value, e.pid), "a process id");
    if (key == "line") return check(pair(value, e.begin_line, e.line), "[begin, end] of \"line\"");
    if (key == "seq") return check(pair(value, e.begin_seq, e.end_seq), "[begin, end] of \"seq\"");
    if (key == "ns") return check(pair(value, e.begin_ns, e.end_ns), "[begin, end] of \"ns\"");
    if (key == "name" || key == "other") {
      std::string_view name;
      if (value.get_string().get(name) != simdjson::SUCCESS) return "the name of a call";
      if (key == "other") {
        c.sys = kernel::Sys::other;
        c.name = names.kept(name);
        return nullptr;
      }
      c.sys = sys_named(name);
      c.name = {};
      return check(c.sys != kernel::Sys::other, "the name of a call that the model has, or \"other\"");
    }
    if (key == "args") {
      od::array array;
      if (value.get_array().get(array) != simdjson::SUCCESS) return "an array of words";
      std::size_t i = 0;
      for (auto element : array) {
        od::value item;
        if (element.get(item) != simdjson::SUCCESS || i == c.arg.size() || !word(item, c.arg[i++]))
          return "up to six words: numbers, null or false";
      }
      return nullptr;
    }
    if (key == "ret") return check(result(value, c.out), "a number, \"restarted\" or \"never\"");
    if (key == "fd") return check(word(value, c.fd.fd), "a word");
    if (key == "fd_path") return check(text(value, c.fd.path), "a string of bytes");
    if (key == "out_path") return check(text(value, c.out_path), "a string of bytes");
    if (key == "path") return check(text(value, c.path), "a string of bytes");
    if (key == "text") return check(text(value, e.text), "a string of bytes");
    if (key == "path_cut") return check(flag(value, c.path_truncated), "true or false");
    if (key == "blind") return check(flag(value, e.blind), "true or false");
    if (key == "compat") return check(flag(value, e.compat), "true or false");
    if (key == "pages") return check(numbers(value, c.pages), "an array of numbers");
    if (key == "nodes") return check(numbers(value, c.nodes), "an array of numbers");
    if (key == "status") return check(numbers(value, c.status), "an array of numbers");
    if (key == "mask") return check(numbers(value, c.mask), "an array of numbers");
    if (key == "mask2") return check(numbers(value, c.mask2), "an array of numbers");
    if (key == "outs") return check(numbers(value, c.outs), "an array of numbers");
    if (key == "iov") return check(iovecs(value, c.iov), "an array of [base, len]");
    if (key == "iocbs") return check(list(value, c.iocbs, kMaxIocbs, iocb), "an array of iocbs");
    if (key == "events") {
      return check(list(value, c.events, kMaxItems,
                        [](od::value& item, IoEvent& e) {
                          return words(item, {&e.data, &e.obj, &e.res, &e.res2});
                        }),
                   "an array of [data, obj, res, res2]");
    }
    if (key == "timeout_ns") return check(word(value, c.timeout_ns), "a word");
    if (key == "ringtail") {
      header = is(value, "capture");
      return check(header, "\"ringtail\":\"capture\"");
    }
    if (key == "version") {
      std::uint64_t version = 0;
      return check(number(value, version) && version == 1, "version 1, the one that this program reads");
    }
    return nullptr;
  }
};

JsonlReader::JsonlReader(LineSource lines) : lines_(std::move(lines)), parser_(std::make_unique<Parser>()) {}
JsonlReader::~JsonlReader() = default;

bool JsonlReader::next(Event& e) {
  std::string_view line;
  for (;;) {
    if (ended_) return false;
    e.kind = Event::Kind::problem;
    e.tid = e.pid = 0;
    e.line = e.begin_line = e.begin_seq = e.end_seq = 0;
    e.begin_ns = e.end_ns = -1;
    e.blind = e.compat = false;
    e.text.clear();
    e.call.clear();
    std::string_view what;
    if (!lines_.next(line)) {
      ended_ = true;
      if (lines_.error().empty()) return false;
      what = lines_.error();
    } else if (lines_.oversized()) {
      what = kOversized;
    } else if (line.empty() || line[0] == '#') {
      if (!line.empty() && fact_of(line, e)) {
        e.line = e.begin_line = lines_.number();
        e.begin_seq = e.end_seq = last_seq_;
        return true;
      }
      continue;
    } else {
      bool header = false;
      const char* expected = parser_->read(line, names_, e, header);
      if (expected == nullptr) {
        if (header) continue;
        if (e.kind != Event::Kind::enter && e.kind != Event::Kind::call) e.call.clear();
        last_seq_ = std::max(last_seq_, e.end_seq);
        return true;
      }
      what = expected;
    }
    // A problem of this line, whatever the line said before it.
    const std::string text(what);
    e = Event();
    e.kind = Event::Kind::problem;
    e.blind = !ended_;
    e.line = e.begin_line = lines_.number();
    e.begin_seq = e.end_seq = last_seq_;
    if (lines_.oversized() || ended_) {
      e.text = text;
    } else if (lines_.unterminated()) {
      e.text = kCut;
    } else {
      e.text = "expected " + text;
    }
    return true;
  }
}

}  // namespace ringtail::capture
