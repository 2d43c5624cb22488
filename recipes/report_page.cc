#include "recipes/report_page.h"

namespace r1::recipes {

// Series colours: Okabe and Ito's palette, which colour-blind readers can tell apart; lighter
// shades on dark ground.
const char* const kReportStyle = R"css(
:root {
  --ground: #ffffff; --panel: #f6f7f9; --line: #d9dde3; --text: #1a1e24; --muted: #5b6471;
  --good: #0b6b3a; --good-ground: #dff3e6; --mid: #7a4b00; --mid-ground: #fbeecd;
  --bad: #96271b; --bad-ground: #fae2de; --fault: #5a2a82; --fault-ground: #ede2f7;
  --think: #4a5563; --answer: #0b3d66; --answer-ground: #d8e9f8; --tag: #8a3b00;
  --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #b3588a; --c4: #b87f00; --c5: #3f97cf; --c6: #6b6b6b;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ground: #14171b; --panel: #1d2127; --line: #353b44; --text: #e6e9ee; --muted: #9aa4b2;
    --good: #7fdba3; --good-ground: #14392a; --mid: #f1c267; --mid-ground: #40310e;
    --bad: #ff9d8f; --bad-ground: #48201b; --fault: #cda7f0; --fault-ground: #36224a;
    --think: #a7b1be; --answer: #b9dcfb; --answer-ground: #123453; --tag: #f0a266;
    --c0: #56b4e9; --c1: #ff8a3d; --c2: #2fc798; --c3: #dd8fbd; --c4: #f0b429; --c5: #9ad0f2; --c6: #a8a8a8;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 24px 20px 60px; max-width: 1180px; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { margin: 0 0 6px; font-size: 20px; color: var(--muted); font-weight: 600; overflow-wrap: anywhere; }
h2 { margin: 40px 0 10px; padding-bottom: 4px; border-bottom: 1px solid var(--line); font-size: 20px; }
h3 { margin: 24px 0 8px; font-size: 16px; overflow-wrap: anywhere; }
p { margin: 6px 0; }
code, pre { font-family: ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 13px; }
.muted { color: var(--muted); font-weight: 400; }
.result { font-size: 22px; line-height: 1.35; font-weight: 600; max-width: 46em; text-wrap: balance; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 10px; margin: 16px 0 8px; }
.figure { padding: 10px 12px; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; }
.figure span { display: block; font-size: 13px; color: var(--muted); }
.figure b { font-size: 21px; font-variant-numeric: tabular-nums; white-space: nowrap; }
.figure i { font-style: normal; font-weight: 400; font-size: 16px; color: var(--muted); }
.scroll { overflow-x: auto; }
.scroll + .scroll { margin-top: 16px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { padding: 6px 12px 6px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--muted); white-space: nowrap; }
td { font-variant-numeric: tabular-nums; }
.narrow { width: auto; }
.pair { display: inline-block; margin-right: 12px; overflow-wrap: anywhere; }
.badges { margin: 0 0 4px; font-size: 13px; }
.badge { display: inline-block; margin-right: 6px; padding: 0 7px; border-radius: 9px; font-size: 12px; line-height: 19px; white-space: nowrap;
  background: var(--panel); color: var(--muted); border: 1px solid var(--line); }
.badge.good { background: var(--good-ground); color: var(--good); border-color: transparent; }
.badge.mid { background: var(--mid-ground); color: var(--mid); border-color: transparent; }
.badge.bad { background: var(--bad-ground); color: var(--bad); border-color: transparent; }
.badge.fault { background: var(--fault-ground); color: var(--fault); border-color: transparent; }
.charts { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 12px; }
.chart { position: relative; padding: 10px 10px 8px; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; break-inside: avoid; }
.chart h4 { margin: 0 0 4px; font-size: 13px; overflow-wrap: anywhere; }
.chart svg { display: block; width: 100%; touch-action: pan-y; }
.chart text { fill: var(--muted); font-size: 11px; font-family: inherit; }
.grid { stroke: var(--line); stroke-width: 1; }
.s0 { --s: var(--c0); } .s1 { --s: var(--c1); } .s2 { --s: var(--c2); } .s3 { --s: var(--c3); }
.s4 { --s: var(--c4); } .s5 { --s: var(--c5); } .s6 { --s: var(--c6); }
.line { fill: none; stroke: var(--s); stroke-width: 1.8; stroke-linejoin: round; }
.line.raw { stroke-width: 1; opacity: 0.3; }
.dot { fill: var(--s); stroke: var(--panel); stroke-width: 1; }
.area { fill: var(--s); opacity: 0.75; }
.cursor { stroke: var(--muted); stroke-width: 1; stroke-dasharray: 3 3; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 12px; font-size: 12px; color: var(--muted); }
.legend span::before { content: ""; display: inline-block; width: 10px; height: 10px; margin-right: 5px; border-radius: 2px; background: var(--s); }
.legend span.marks::before { border-radius: 50%; }
.legend b { color: var(--text); font-weight: 600; font-variant-numeric: tabular-nums; }
.tip { position: absolute; z-index: 1; pointer-events: none; padding: 5px 8px; font-size: 12px; line-height: 1.4; border-radius: 4px;
  background: var(--text); color: var(--ground); font-variant-numeric: tabular-nums; max-width: 90%; }
.controls { font-size: 13px; color: var(--muted); }
details { margin: 8px 0; }
summary { cursor: pointer; color: var(--muted); }
details > .charts { margin-top: 10px; }
.sides { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 14px; }
.heads { font-size: 13px; color: var(--muted); }
.problem { margin: 0 0 14px; break-inside: avoid; }
.prompt { margin: 8px 0 4px; font: 600 13px ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  overflow-wrap: anywhere; white-space: pre-wrap; unicode-bidi: isolate; }
.completion { margin-bottom: 8px; padding: 8px 10px; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; }
.completion pre { margin: 0; max-height: 22em; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }
.think { color: var(--think); }
.answer { color: var(--answer); background: var(--answer-ground); font-weight: 600; }
.tag { color: var(--tag); font-weight: 600; }
.cut { color: var(--muted); }
.recipe { padding: 10px; max-height: 40em; overflow: auto; background: var(--panel); border: 1px solid var(--line); border-radius: 6px;
  white-space: pre-wrap; overflow-wrap: anywhere; }
@media (max-width: 1080px) { .charts { grid-template-columns: repeat(3, minmax(0, 1fr)); } }
@media (max-width: 860px) { .charts { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
@media (max-width: 640px) {
  body { padding: 16px 12px 40px; }
  .result { font-size: 18px; }
  .charts, .sides { grid-template-columns: minmax(0, 1fr); }
  .figures { grid-template-columns: 1fr 1fr; }
  .figure b { font-size: 18px; }
  .figure i { font-size: 14px; }
  .wide { min-width: 640px; }
  .stacked thead { display: none; }
  .stacked tr { display: block; padding: 6px 0; border-bottom: 1px solid var(--line); }
  .stacked td { display: inline-block; padding: 1px 8px 1px 0; border: 0; }
  .stacked td:last-child { display: block; }
  .heads b + b::before { content: "then "; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 11pt; }
  .charts { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .controls, .tip { display: none; }
  .completion pre, .recipe { max-height: none; overflow: visible; }
}
)css";

const char* const kReportScript = R"js(
(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("run-data").textContent);
  var smoothing = document.getElementById("smooth");
  var height = 180, margin = {left: 46, right: 18, top: 8, bottom: 34};
  var colours = 7;
  var drawn = [];

  function svg(parent, tag, attributes, text) {
    var node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (var name in attributes) node.setAttribute(name, attributes[name]);
    if (text !== undefined) node.textContent = text;
    return parent.appendChild(node);
  }
  function html(parent, tag, className, text) {
    var node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return parent.appendChild(node);
  }
  function format(value) {
    if (value === null || value === undefined) return "not finite";
    var size = Math.abs(value);
    if (size === 0) return "0";
    if (size < 1e-3 || size >= 1e7) return value.toExponential(2).replace(/\.?0+e/, "e");
    if (size >= 1000) return Math.round(value).toLocaleString("en-US");
    return String(Number(value.toPrecision(4)));
  }

  // Short enough for the margin: 20k, 1.5M.
  function tick_text(value) {
    var size = Math.abs(value);
    if (size >= 1e6 && size < 1e9) return Number((value / 1e6).toPrecision(4)) + "M";
    return size >= 1e4 && size < 1e6 ? Number((value / 1e3).toPrecision(4)) + "k" : format(value);
  }

  // About `count` round numbers from low to high.
  function ticks(low, high, count) {
    var raw = (high - low) / count, power = Math.pow(10, Math.floor(Math.log10(raw))), list = [];
    var step = power * (raw / power <= 1 ? 1 : raw / power <= 2 ? 2 : raw / power <= 5 ? 5 : 10);
    for (var i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) list.push(Number((i * step).toPrecision(12)));
    return list;
  }

  // Mean over the neighbours on both sides, near ones counting more, so that nothing is shifted; gaps stay gaps.
  function smooth(values) {
    var radius = Math.max(2, Math.round(values.length / 30));
    return values.map(function (value, i) {
      if (value === null) return null;
      var reach = Math.min(radius, i, values.length - 1 - i), sum = 0, weight = 0;
      for (var j = i - reach; j <= i + reach; j++) {
        if (values[j] === null) continue;
        var w = reach + 1 - Math.abs(j - i);
        sum += w * values[j];
        weight += w;
      }
      return sum / weight;
    });
  }

  // Series as they are drawn: for a stack, each on top of those before it.
  function layers(chart) {
    var below = null;
    return chart.series.map(function (series) {
      if (chart.kind !== "stack") return {x: series.x, y: series.y, base: null};
      var base = below || series.y.map(function () { return 0; });
      below = series.y.map(function (value, i) { return base[i] + (value || 0); });
      return {x: series.x, y: below, base: base};
    });
  }
  function extent(chart, list) {
    var box = {x0: Infinity, x1: -Infinity, y0: chart.zero ? 0 : Infinity, y1: chart.zero ? 0 : -Infinity};
    list.forEach(function (series) {
      series.x.forEach(function (x, i) {
        box.x0 = Math.min(box.x0, x);
        box.x1 = Math.max(box.x1, x);
        if (series.y[i] === null) return;
        box.y0 = Math.min(box.y0, series.y[i]);
        box.y1 = Math.max(box.y1, series.y[i]);
      });
    });
    if (!(box.x0 <= box.x1)) { box.x0 = 0; box.x1 = 1; }
    if (!(box.y0 <= box.y1)) { box.y0 = 0; box.y1 = 1; }
    if (box.x0 === box.x1) { box.x0 -= 1; box.x1 += 1; }
    if (box.y0 === box.y1) {
      if (box.y0 === 0) box.y1 = 1;
      else { var pad = Math.abs(box.y0) / 2; box.y0 -= chart.zero && box.y0 > 0 ? box.y0 : pad; box.y1 += pad; }
    }
    var room = (box.y1 - box.y0) * 0.05;
    if (!(chart.zero && box.y0 === 0)) box.y0 -= room;
    box.y1 += room;
    return box;
  }

  function all_zero(chart) {
    return chart.series.every(function (series) { return series.y.every(function (value) { return value === 0; }); });
  }

  // A path through the points, broken where a value is missing.
  function path(x, y, px, py) {
    var text = "", open = false;
    for (var i = 0; i < x.length; i++) {
      if (y[i] === null) { open = false; continue; }
      text += (open ? "L" : "M") + px(x[i]).toFixed(1) + " " + py(y[i]).toFixed(1);
      open = true;
    }
    return text;
  }
  function area(layer, px, py) {
    var top = layer.x.map(function (x, i) { return px(x).toFixed(1) + " " + py(layer.y[i]).toFixed(1); });
    var bottom = layer.x.map(function (x, i) { return px(x).toFixed(1) + " " + py(layer.base[i]).toFixed(1); });
    return "M" + top.concat(bottom.reverse()).join("L") + "Z";
  }

  function draw_axes(root, box, width, px, py) {
    ticks(box.y0, box.y1, 4).forEach(function (value) {
      svg(root, "line", {"class": "grid", x1: margin.left, x2: width - margin.right, y1: py(value), y2: py(value)});
      svg(root, "text", {x: margin.left - 6, y: py(value) + 4, "text-anchor": "end"}, tick_text(value));
    });
    ticks(box.x0, box.x1, Math.max(2, Math.floor(width / 60))).forEach(function (value) {
      if (value !== Math.round(value)) return;
      svg(root, "text", {x: px(value), y: height - margin.bottom + 15, "text-anchor": "middle"}, tick_text(value));
    });
    svg(root, "text", {x: (margin.left + width - margin.right) / 2, y: height - 3, "text-anchor": "middle"}, "step");
  }
  function draw_line(root, series, noisy, layer, index, px, py) {
    var name = "s" + index % colours, solid = layer.y.filter(function (value) { return value !== null; }).length;
    var marked = series.marks && solid <= 80;
    var smoothed = smoothing.checked && noisy && !series.marks && solid > 5;
    if (smoothed) svg(root, "path", {"class": "line raw " + name, d: path(layer.x, layer.y, px, py)});
    var line = svg(root, "path", {"class": "line " + name, d: path(layer.x, smoothed ? smooth(layer.y) : layer.y, px, py)});
    if (index >= colours) line.setAttribute("stroke-dasharray", "5 3");
    layer.x.forEach(function (x, i) {
      var alone = (i === 0 || layer.y[i - 1] === null) && (i + 1 === layer.y.length || layer.y[i + 1] === null);
      if (layer.y[i] !== null && (marked || alone)) svg(root, "circle", {"class": "dot " + name, cx: px(x), cy: py(layer.y[i]), r: 3.5});
    });
  }

  function draw(card) {
    var width = Math.max(200, card.holder.clientWidth), list = layers(card.chart), box = extent(card.chart, list);
    var px = function (x) { return margin.left + (x - box.x0) / (box.x1 - box.x0) * (width - margin.left - margin.right); };
    var py = function (y) { return height - margin.bottom - (y - box.y0) / (box.y1 - box.y0) * (height - margin.top - margin.bottom); };
    card.holder.textContent = "";
    var root = svg(card.holder, "svg", {viewBox: "0 0 " + width + " " + height, role: "img", "aria-label": card.chart.title});
    draw_axes(root, box, width, px, py);
    card.chart.series.forEach(function (series, i) {
      if (card.chart.kind === "stack" && series.x.length > 1) svg(root, "path", {"class": "area s" + i % colours, d: area(list[i], px, py)});
      else draw_line(root, series, card.chart.noisy, list[i], i, px, py);
    });
    if (all_zero(card.chart)) svg(root, "text", {x: (margin.left + width) / 2, y: height / 2, "text-anchor": "middle"}, "0 at every step");
    card.width = width;
    card.px = px;
    card.cursor = svg(root, "line", {"class": "cursor", y1: margin.top, y2: height - margin.bottom, visibility: "hidden"});
    root.addEventListener("pointermove", function (event) { point(card, root, event); });
    root.addEventListener("pointerleave", function () { hide(card); });
  }

  function nearest(x, value) {
    var low = 0, high = x.length - 1;
    while (low < high) {
      var middle = (low + high) >> 1;
      if (x[middle] < value) low = middle + 1; else high = middle;
    }
    return low > 0 && value - x[low - 1] < x[low] - value ? low - 1 : low;
  }
  // Shows the values at the step nearest to the pointer.
  function point(card, root, event) {
    var frame = root.getBoundingClientRect(), at = (event.clientX - frame.left) * card.width / frame.width;
    var best = null, lines = [], total = 0;
    card.chart.series.forEach(function (series) {
      if (!series.x.length) return;
      var low = series.x[0], high = series.x[series.x.length - 1];
      var inside = (at - card.px(low)) / (card.px(high) - card.px(low) || 1) * (high - low) + low;
      var x = series.x[nearest(series.x, inside)];
      if (best === null || Math.abs(card.px(x) - at) < Math.abs(card.px(best) - at)) best = x;
    });
    if (best === null) return;
    card.chart.series.forEach(function (series) {
      var i = nearest(series.x, best);
      if (Math.abs(card.px(series.x[i]) - card.px(best)) > 3) return;
      total += series.y[i] || 0;
      lines.push(series.label + " " + format(series.y[i]));
    });
    if (card.chart.kind === "stack" && lines.length > 1) lines.push("together " + format(total));
    card.cursor.setAttribute("x1", card.px(best));
    card.cursor.setAttribute("x2", card.px(best));
    card.cursor.setAttribute("visibility", "visible");
    card.tip.textContent = "";
    html(card.tip, "div", "", "step " + format(best));
    lines.forEach(function (line) { html(card.tip, "div", "", line); });
    card.tip.hidden = false;
    var left = card.px(best) * frame.width / card.width + 14, most = card.node.clientWidth - card.tip.offsetWidth - 4;
    card.tip.style.left = Math.max(4, left > most ? left - card.tip.offsetWidth - 16 : left) + "px";
    card.tip.style.top = "34px";
  }
  function hide(card) {
    card.tip.hidden = true;
    card.cursor.setAttribute("visibility", "hidden");
  }

  function last(series) {
    for (var i = series.y.length - 1; i >= 0; i--) if (series.y[i] !== null) return series.y[i];
    return null;
  }
  function add(parent, chart) {
    var card = {chart: chart, node: html(parent, "div", "chart")};
    var title = html(card.node, "h4", "", chart.title);
    if (chart.unit) html(title, "span", "muted", ", " + chart.unit);
    card.holder = html(card.node, "div");
    var legend = html(card.node, "div", "legend");
    chart.series.forEach(function (series, i) {
      var entry = html(legend, "span", "s" + i % colours + (series.marks ? " marks" : ""), series.label + " ");
      html(entry, "b", "", format(last(series)));
    });
    card.tip = html(card.node, "div", "tip");
    card.tip.hidden = true;
    drawn.push(card);
  }
  // Folded charts have no width until they are opened.
  function redraw(force) {
    drawn.forEach(function (card) {
      var width = card.holder.clientWidth;
      if (width > 0 && (force || Math.max(200, width) !== card.width)) draw(card);
    });
  }

  var holders = document.querySelectorAll("#curves > .charts"), folded = document.querySelectorAll("#curves > details.more");
  data.stages.forEach(function (stage, i) {
    stage.charts.forEach(function (chart) { add(holders[i], chart); });
    stage.more.forEach(function (chart) { add(folded[i].querySelector(".charts"), chart); });
    folded[i].hidden = stage.more.length === 0;
    folded[i].addEventListener("toggle", function () { redraw(false); });
  });
  if (smoothing) smoothing.addEventListener("change", function () { redraw(true); });
  window.addEventListener("resize", function () { redraw(false); });
  redraw(true);
})();
)js";

}  // namespace r1::recipes
