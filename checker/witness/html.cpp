// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/witness/json.h"
#include "checker/witness/page.h"
#include "checker/witness/render.h"

namespace ringtail::witness {
namespace {

void replace(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

std::string escaped(std::string text) {
  replace(text, "&", "&amp;");
  replace(text, "<", "&lt;");
  return text;
}

}  // namespace

std::string to_html(const Story& s, const std::string& command) {
  nlohmann::ordered_json story = to_json(s);
  if (!command.empty()) story["command"] = command;
  story["sources"] = nlohmann::ordered_json::array();
  for (const Source& f : s.execution.sources)
    story["sources"].push_back({{"name", f.name}, {"text", f.text}});
  // Bytes that are no UTF-8 are shown as such; a source may hold "</script>" and "<!--".
  std::string data = story.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  replace(data, "<", "\\u003c");
  std::string out = page;
  // The story last: it may hold any text.
  const std::size_t title = out.find("%TITLE%");
  out.replace(title, 7, escaped(s.execution.kind + " in " + s.execution.spec));
  out.replace(out.rfind("%STORY%"), 7, data);
  return out;
}

}  // namespace ringtail::witness
