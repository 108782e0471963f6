// SPDX-License-Identifier: GPL-2.0-or-later
// The page that html.cpp fills in: %TITLE% and %STORY% (the JSON of json.h with the sources, where no "</" is
// left). Nothing is fetched; the arrows are SVG over the columns, drawn anew when the page is resized.
#pragma once

namespace ringtail::witness {

inline constexpr char page[] = R"page(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%TITLE%</title>
<style>
:root {
  color-scheme: light;
  --bg: #fbfaf7; --panel: #ffffff; --ink: #22262b; --faint: #6c747d; --line: #d9d6ce;
  --card: #f3f1ea; --now: #fff2c4; --now-edge: #c58a00; --bad: #b3261e; --bad-bg: #fde7e4;
  --rf: #b3261e; --stale: #a2610a; --code: #f7f5ef; --mark: #ffe38a;
}
:root.dark {
  color-scheme: dark;
  --bg: #16181c; --panel: #1d2025; --ink: #e4e6ea; --faint: #949ca6; --line: #343941;
  --card: #262a31; --now: #4a3d12; --now-edge: #e3b341; --bad: #ff8a80; --bad-bg: #44201e;
  --rf: #ff8a80; --stale: #e3b341; --code: #191c20; --mark: #5b4a12;
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink); font: 14px/1.45 system-ui, sans-serif;
  display: grid; grid-template-rows: auto 1fr; height: 100vh; }
header { padding: 12px 18px; border-bottom: 1px solid var(--line); background: var(--panel);
  display: flex; gap: 18px; align-items: start; }
h1 { font-size: 17px; margin: 0 0 2px; }
h1 .class { color: var(--bad); }
p { margin: 2px 0; color: var(--faint); }
p.missing { color: var(--stale); font-weight: 600; }
nav { margin-left: auto; display: flex; gap: 6px; align-items: center; white-space: nowrap; }
button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line);
  border-radius: 6px; padding: 3px 10px; cursor: pointer; }
button:focus-visible, .step:focus-visible { outline: 2px solid var(--now-edge); }
main { display: grid; grid-template-columns: minmax(0, 1.35fr) minmax(0, 1fr); min-height: 0; }
#story, #source { overflow: auto; min-height: 0; position: relative; }
#source { border-left: 1px solid var(--line); background: var(--code); }
#lanes { display: grid; position: relative; padding: 0 18px 40px; column-gap: 44px; row-gap: 8px;
  min-width: 100%; }
.name { font-weight: 700; position: sticky; top: 0; background: var(--bg); padding: 10px 0 6px; z-index: 3;
  border-bottom: 1px solid var(--line); }
.step { border: 1px solid var(--line); border-left: 4px solid var(--line); border-radius: 6px; padding: 4px 9px;
  background: var(--panel); cursor: pointer; z-index: 1; overflow-wrap: anywhere; }
.step code, .end code { font: 13px/1.4 ui-monospace, monospace; white-space: pre-wrap; }
.step small { color: var(--faint); display: block; }
.step .n { float: right; color: var(--faint); font-size: 12px; margin-left: 10px; }
.step.later { opacity: .38; }
.step.now { background: var(--now); border-color: var(--now-edge); }
.step.fails { border-left-color: var(--bad); }
.step.fails.told { background: var(--bad-bg); }
.step .stale { color: var(--stale); }
.end { color: var(--bad); padding: 4px 9px; border: 1px dashed var(--bad); border-radius: 6px; }
svg { position: absolute; inset: 0; pointer-events: none; z-index: 2; overflow: visible; }
svg path { fill: none; stroke: var(--rf); stroke-width: 1.6; opacity: .75; }
svg path.stale { stroke: var(--stale); stroke-dasharray: 5 4; }
svg path.later { opacity: .1; }
svg path.now { stroke-width: 2.6; opacity: 1; }
#source h2 { font-size: 13px; margin: 0; padding: 10px 14px; position: sticky; top: 0; background: var(--code);
  border-bottom: 1px solid var(--line); }
#source pre { margin: 0; padding: 8px 0 40px; font: 12.5px/1.5 ui-monospace, monospace; tab-size: 4; width: max-content;
  min-width: 100%; }
#source pre span { display: block; padding: 0 14px; }
#source pre span::before { content: attr(data-n); display: inline-block; width: 3.2em; color: var(--faint);
  user-select: none; }
#source pre span.used { box-shadow: inset 3px 0 var(--line); }
#source pre span.now { background: var(--mark); box-shadow: inset 3px 0 var(--now-edge); }
@media (max-width: 800px) { main { grid-template-columns: 1fr; grid-template-rows: 1fr 1fr; }
  #source { border-left: 0; border-top: 1px solid var(--line); } }
</style>
</head>
<body>
<header>
  <div id="about"></div>
  <nav><button id="back" title="arrow up or left, k">back</button><span id="count"></span>
  <button id="next" title="arrow down or right, j, space">next</button>
  <button id="theme" title="t">dark</button></nav>
</header>
<main>
  <section id="story" aria-label="timeline"><div id="lanes"></div></section>
  <section id="source" aria-label="source"></section>
</main>
<script id="data" type="application/json">%STORY%</script>
<script>
"use strict";
const story = JSON.parse(document.getElementById("data").textContent);
const el = (tag, cls, text) => {
  const e = document.createElement(tag);
  if (cls) e.className = cls;
  if (text !== undefined) e.textContent = text;
  return e;
};
const about = document.getElementById("about"), lanes = document.getElementById("lanes");
const h1 = el("h1");
h1.append(el("span", "class", story["class"]), ` in ${story.spec} under ${story.model}`);
about.append(h1);
if (story.message) about.append(el("p", "", story.message));
about.append(el("p", "", story.explanation));
for (const m of story.missing) about.append(el("p", "missing", m.text));
if (story.command) about.append(el("p", "", `replay: ${story.command}`));

lanes.style.gridTemplateColumns = `repeat(${story.threads.length}, minmax(170px, 1fr))`;
const place = (e, thread, row) => { e.style.gridColumn = thread + 1; e.style.gridRow = row; lanes.append(e); };
story.threads.forEach((t, i) => place(el("div", "name", t.name), i, 1));
const cards = story.steps.map((s, i) => {
  const card = el("div", "step" + (s.fails ? " fails" : ""));
  card.tabIndex = -1;
  card.append(el("span", "n", i + 1), el("code", "", s.text + (s.reaches_memory ? " reaches memory" : "") +
    (s.outcome ? " " + s.outcome : "") + (s.buffered ? ", buffered" : "")));
  let note = `${s.function}() ${s.file === story.spec ? "line " : s.file + ":"}${s.line}`;
  if (s.from !== undefined) note += `, from step ${s.from + 1}`;
  if (s.initial) note += ", initial value";
  card.append(el("small", "", note));
  if (s.stale !== undefined) card.append(el("small", "stale", `stale: does not see step ${s.stale + 1}`));
  card.onclick = () => show(i);
  place(card, s.thread, i + 2);
  return card;
});
const last = story.steps.length + 2;
story.threads.forEach((t, i) => {
  if (t.end) {
    const end = el("div", "end");
    end.append(el("code", "", `line ${t.line}: ${t.end}`));
    place(end, i, last);
  }
});

const panel = document.getElementById("source"), lines = {};
for (const file of story.sources) {
  panel.append(el("h2", "", file.name));
  const pre = el("pre");
  lines[file.name] = file.text.split("\n").map((text, i) => {
    const line = el("span", "", text === "" ? " " : text);
    line.dataset.n = i + 1;
    pre.append(line);
    return line;
  });
  panel.append(pre);
}
const lineOf = s => (lines[s.file] || [])[s.line - 1];
for (const s of story.steps) lineOf(s)?.classList.add("used");

const ns = "http://www.w3.org/2000/svg", svg = document.createElementNS(ns, "svg"), arrows = [];
svg.innerHTML = '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"' +
  ' orient="auto"><path d="M0 0 8 4 0 8z" style="fill:var(--rf);stroke:none;opacity:1"/></marker>' +
  '<marker id="tips" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">' +
  '<path d="M0 0 8 4 0 8z" style="fill:var(--stale);stroke:none;opacity:1"/></marker></defs>';
lanes.append(svg);
const arrow = (from, to, stale) => {
  const path = document.createElementNS(ns, "path");
  if (stale) path.classList.add("stale");
  path.setAttribute("marker-end", stale ? "url(#tips)" : "url(#tip)");
  svg.append(path);
  arrows.push({ from, to, path, stale });
};
story.steps.forEach((s, i) => {
  if (s.from !== undefined && story.steps[s.from].thread !== s.thread) arrow(s.from, i, false);
  if (s.stale !== undefined && story.steps[s.stale].thread !== s.thread) arrow(s.stale, i, true);
});
// From the side of one card to the facing side of the other; several at one card do not touch.
const draw = () => {
  const used = {};
  const port = (i, side) => { const k = i + side; return used[k] = (used[k] || 0) + 1; };
  for (const a of arrows) {
    const f = cards[a.from], t = cards[a.to], right = story.steps[a.to].thread > story.steps[a.from].thread;
    const y = (c, n) => c.offsetTop + Math.min(c.offsetHeight - 5, 5 + 10 * n);
    const x1 = f.offsetLeft + (right ? f.offsetWidth : 0), x2 = t.offsetLeft + (right ? 0 : t.offsetWidth);
    const y1 = y(f, port(a.from, right)), y2 = y(t, port(a.to, !right));
    const bend = (right ? 1 : -1) * Math.max(24, Math.abs(x2 - x1) / 2);
    a.path.setAttribute("d", `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`);
  }
};

let now = 0;
const show = i => {
  now = Math.max(0, Math.min(story.steps.length - 1, i));
  cards.forEach((c, k) => {
    c.classList.toggle("later", k > now);
    c.classList.toggle("told", k <= now);
    c.classList.toggle("now", k === now);
  });
  for (const a of arrows) {
    a.path.classList.toggle("later", a.from > now || a.to > now);
    a.path.classList.toggle("now", a.from === now || a.to === now);
  }
  document.querySelectorAll("pre .now").forEach(e => e.classList.remove("now"));
  const line = lineOf(story.steps[now]);
  line?.classList.add("now");
  line?.scrollIntoView({ block: "nearest" });
  cards[now].scrollIntoView({ block: "nearest", inline: "nearest" });
  document.getElementById("count").textContent = `${now + 1} of ${story.steps.length}`;
  history.replaceState(null, "", "#" + (now + 1));
};
const root = document.documentElement, theme = document.getElementById("theme");
const paint = dark => { root.classList.toggle("dark", dark); theme.textContent = dark ? "light" : "dark"; };
paint(matchMedia("(prefers-color-scheme: dark)").matches);
theme.onclick = () => paint(!root.classList.contains("dark"));
document.getElementById("back").onclick = () => show(now - 1);
document.getElementById("next").onclick = () => show(now + 1);
const keys = { ArrowDown: 1, ArrowRight: 1, j: 1, " ": 1, ArrowUp: -1, ArrowLeft: -1, k: -1,
  Home: -Infinity, End: Infinity };
addEventListener("keydown", e => {
  if (e.ctrlKey || e.altKey || e.metaKey) return;
  if (e.key === "t") theme.click();
  else if (e.key in keys) { e.preventDefault(); show(now + keys[e.key]); }
});
addEventListener("resize", draw);
addEventListener("hashchange", () => show((parseInt(location.hash.slice(1)) || 1) - 1));
draw();
if (story.steps.length > 0) show((parseInt(location.hash.slice(1)) || story.steps.length) - 1);
</script>
</body>
</html>
)page";

}  // namespace ringtail::witness
