// SPDX-License-Identifier: GPL-2.0-or-later
#include <charconv>

#include "replay/capture/jsonl.h"

namespace ringtail::capture {
namespace {

using kernel::Call;
using kernel::Iocb;
using kernel::IoEvent;
using kernel::Iovec;
using kernel::List;
using kernel::Outcome;
using kernel::Word;

constexpr std::string_view kKinds[] = {"enter", "call", "exited", "signal", "lost", "fact", "problem"};

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void key(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    (out_ += '"') += name;
    out_ += "\":";
  }
  void number(std::int64_t v) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, v).ptr;
    out_.append(digits, end);
  }
  void word(const Word& w) {
    switch (w.state) {
      case Word::State::known:
        return number(w.s64());
      case Word::State::unknown:
        out_ += "null";
        return;
      case Word::State::absent:
        out_ += "false";
        return;
    }
  }
  void string(std::string_view text) {
    constexpr char kHex[] = "0123456789abcdef";
    out_ += '"';
    for (const char c : text) {
      const auto u = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        (out_ += '\\') += c;
      } else if (u < 0x20 || u > 0x7e) {
        ((out_ += "\\u00") += kHex[u >> 4]) += kHex[u & 15];
      } else {
        out_ += c;
      }
    }
    out_ += '"';
  }
  void text(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    key(name);
    string(value);
  }
  void flag(std::string_view name, bool value) {
    if (!value) return;
    key(name);
    out_ += "true";
  }
  void scalar(std::string_view name, const Word& w) {
    if (w.state == Word::State::absent) return;
    key(name);
    word(w);
  }
  void pair(std::string_view name, std::int64_t a, std::int64_t b) {
    key(name);
    out_ += '[';
    number(a);
    out_ += ',';
    number(b);
    out_ += ']';
  }

  template <class T, class One>
  void list(std::string_view name, const List<T>& l, One one) {
    using State = typename List<T>::State;
    if (l.state == State::absent) return;
    key(name);
    if (l.state == State::opaque) {
      out_ += "\"?\"";
      return;
    }
    out_ += '[';
    for (const T& item : l.items) {
      one(item);
      out_ += ',';
    }
    if (l.state == State::truncated) {
      out_ += "\"...\"]";
    } else if (l.items.empty()) {
      out_ += ']';
    } else {
      out_.back() = ']';
    }
  }
  template <class T>
  void numbers(std::string_view name, const List<T>& l) {
    list(name, l, [this](T v) { number(static_cast<std::int64_t>(v)); });
  }
  void words(std::initializer_list<Word> ws) {
    out_ += '[';
    for (const Word& w : ws) {
      word(w);
      out_ += ',';
    }
    out_.back() = ']';
  }
  void iovecs(const List<Iovec>& l) {
    list("iov", l, [this](const Iovec& v) { words({v.base, v.len}); });
  }
  void iocb(const Iocb& cb) {
    out_ += '{';
    scalar("address", cb.address);
    scalar("data", cb.data);
    scalar("key", cb.key);
    scalar("opcode", cb.opcode);
    scalar("reqprio", cb.reqprio);
    scalar("fildes", cb.fildes);
    scalar("buf", cb.buf);
    scalar("nbytes", cb.nbytes);
    scalar("offset", cb.offset);
    scalar("flags", cb.flags);
    scalar("resfd", cb.resfd);
    scalar("rw_flags", cb.rw_flags);
    text("path", cb.path);
    iovecs(cb.iov);
    flag("null", cb.null);
    flag("unreadable", cb.unreadable);
    out_ += '}';
  }

  void call(const Call& c) {
    if (c.sys == kernel::Sys::other) {
      key("other");
      string(c.name);
    } else {
      key("name");
      string(kernel::name_of(c.sys));
    }
    std::size_t args = c.arg.size();
    while (args > 0 && c.arg[args - 1].state == Word::State::absent) --args;
    if (args > 0) {
      key("args");
      out_ += '[';
      for (std::size_t i = 0; i < args; ++i) {
        word(c.arg[i]);
        out_ += ',';
      }
      out_.back() = ']';
    }
    switch (c.out.state) {
      case Outcome::State::returned:
        key("ret"), number(c.out.value);
        break;
      case Outcome::State::restarted:
        key("ret"), string("restarted");
        break;
      case Outcome::State::never:
        key("ret"), string("never");
        break;
      case Outcome::State::unknown:
        break;
    }
    scalar("fd", c.fd.fd);
    text("fd_path", c.fd.path);
    text("out_path", c.out_path);
    text("path", c.path);
    flag("path_cut", c.path_truncated);
    numbers("pages", c.pages);
    numbers("nodes", c.nodes);
    numbers("status", c.status);
    numbers("mask", c.mask);
    numbers("mask2", c.mask2);
    numbers("outs", c.outs);
    iovecs(c.iov);
    list("iocbs", c.iocbs, [this](const Iocb& cb) { iocb(cb); });
    list("events", c.events, [this](const IoEvent& e) { words({e.data, e.obj, e.res, e.res2}); });
    scalar("timeout_ns", c.timeout_ns);
  }

 private:
  std::string& out_;
};

}  // namespace

std::string json_header() { return "{\"ringtail\":\"capture\",\"version\":1}\n"; }

void append_json(std::string& out, const Event& event) {
  out += "{\"e\":\"";
  out += kKinds[static_cast<std::size_t>(event.kind)];
  out += '"';
  Writer w(out);
  if (event.tid != 0) w.key("tid"), w.number(event.tid);
  if (event.pid != 0) w.key("pid"), w.number(event.pid);
  w.pair("line", static_cast<std::int64_t>(event.begin_line), static_cast<std::int64_t>(event.line));
  w.pair("seq", static_cast<std::int64_t>(event.begin_seq), static_cast<std::int64_t>(event.end_seq));
  if (event.begin_ns != -1 || event.end_ns != -1) w.pair("ns", event.begin_ns, event.end_ns);
  w.flag("blind", event.blind);
  w.flag("compat", event.compat);
  w.text("text", event.text);
  if (event.kind == Event::Kind::enter || event.kind == Event::Kind::call) w.call(event.call);
  out += "}\n";
}

}  // namespace ringtail::capture
