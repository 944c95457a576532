"use strict";
// The explorer of a briefing: draws what the page holds as data; nothing is fetched or kept.
(() => {
  const byId = (id) => document.getElementById(id);
  const D = JSON.parse(byId("data").textContent), W = D.words, DAY = 86400000;
  const PARTS = ["mean", "low", "high", "q05", "q25", "q50", "q75", "q95"];
  const place = new Map([...D.letters].map((letter, n) => [letter, n]));
  const state = { measure: D.measures[0], region: "", good: "", at: 0, runs: new Set(D.runs.keys()) };
  const decoded = new Map();

  function make(tag, attributes, parent, text) {
    const svg = ["svg", "g", "path", "line", "rect", "circle", "text", "title", "desc", "style"];
    const node = svg.includes(tag)
      ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
    if (text !== undefined) node.textContent = text;
    if (parent) parent.append(node);
    return node;
  }

  // ---- numbers ----
  const key = () => `${state.region}|${state.good}`;
  const chosen = () => D.runs.filter((_, n) => state.runs.has(n));
  const isTime = () => state.measure.kind === "time";

  function numbers(run) {
    const told = (run.series[state.measure.id] || {})[key()];
    if (told === undefined) return null;
    if (!isTime()) return Object.fromEntries(PARTS.map((part, n) => [part, told[n]]));
    if (!decoded.has(told)) {
      const many = run.n, [top, letters] = told || [1, ""];
      const read = (n) => {
        if (!letters) return 0;
        const value = place.get(letters[2 * n]) * 90 + place.get(letters[2 * n + 1]);
        return value === 8099 ? null : value * top / 8000;
      };
      const found = Object.fromEntries(PARTS.map((part, x) =>
        [part, Array.from({ length: many }, (_, n) => read(x * many + n))]));
      if (!told) return found;
      decoded.set(told, found);
    }
    return decoded.get(told);
  }

  function figure(value) {
    const M = state.measure;
    if (value === null || value === undefined) return W.no_value;
    const least = 10 ** -M.decimals;
    const small = value > 0 && value < least / 2;
    const told = new Intl.NumberFormat(D.lang, {
      minimumFractionDigits: M.decimals, maximumFractionDigits: M.decimals
    }).format(small ? least : value);
    const gap = M.unit && D.lang !== "ja" ? "\u00a0" : "";
    return (small ? "<" : "") + told + gap + M.unit;
  }

  const start = (run) => Date.parse(run.start);
  const day = (time) => new Intl.DateTimeFormat(D.lang, {
    day: "numeric", month: "short", year: "numeric", timeZone: "UTC"
  }).format(new Date(time));

  function frame() {  // of all chosen runs: first and last day, steps, and the end of the scale
    const runs = chosen();
    const from = Math.min(...runs.map(start));
    const to = Math.max(...runs.map((run) => start(run) + run.n * run.step * DAY));
    const step = Math.min(...runs.map((run) => run.step)) * DAY;
    let top = 0;
    for (const run of runs) {
      const found = numbers(run);
      if (found) top = Math.max(top, ...PARTS.flatMap((part) => found[part]).map((v) => v || 0));
    }
    return { from, to, step, many: Math.max(1, Math.round((to - from) / step)), top: nice(top) };
  }

  function nice(value) {
    if (!(value > 0)) return 1;
    const power = 10 ** Math.floor(Math.log10(value));
    return [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((m) => m * power >= value * 0.999) * power;
  }

  // ---- drawings ----
  const write = (svg, x, y, text, kind, anchor) => make("text",
    { x, y, "font-size": 12, class: kind, "text-anchor": anchor || "start" }, svg, text);
  const plain = (value) => new Intl.NumberFormat(D.lang, { maximumSignificantDigits: 3 }).format(value);
  const sign = () => (state.measure.unit === "%" ? (D.lang === "ja" ? "%" : "\u00a0%") : "");

  function course(run, F, wide, svg) {
    const tall = 210, left = 50, right = wide - 8, top = 8, low = tall - 38;
    svg.setAttribute("viewBox", `0 0 ${wide} ${tall}`);
    const x = (time) => left + (right - left) * (time - F.from) / (F.to - F.from);
    const y = (value) => low - (low - top) * Math.min(value, F.top) / F.top;
    for (const part of [0, 0.25, 0.5, 0.75, 1]) {
      make("line", { x1: left, x2: right, y1: y(F.top * part), y2: y(F.top * part), class: "s-grid" }, svg);
      write(svg, left - 5, y(F.top * part) + 4, plain(F.top * part) + sign(), "faint", "end");
    }
    dates(svg, F, x, low, wide);
    for (const mark of run.marks) {
      const at = x(start(run) + mark * DAY);
      make("line", { x1: at, x2: at, y1: top, y2: low, class: "s-faint", "stroke-dasharray": "1.5 3" }, svg);
    }
    const found = numbers(run);
    if (!found) return write(svg, left + 8, 40, W.none, "faint");
    const at = (n) => x(start(run) + n * run.step * DAY).toFixed(1);
    const known = [...Array(run.n).keys()].filter((n) => found.mean[n] !== null);
    const points = (part, list) => list.map((n) => `${at(n)},${y(found[part][n] || 0).toFixed(1)}`);
    const area = (over, under, opacity) => make("path", {
      d: `M${points(over, known).concat(points(under, [...known].reverse())).join("L")}Z`,
      class: "accent", "fill-opacity": opacity
    }, svg);
    const line = (part, kind, width, dashes) => make("path", {
      d: `M${points(part, known).join("L")}`, fill: "none", class: kind, "stroke-width": width,
      "stroke-dasharray": dashes || "none"
    }, svg);
    if (!known.length) return svg;
    area("q95", "q05", 0.22);
    area("q75", "q25", 0.42);
    line("q95", "s-accent", 1);
    line("q50", "s-accent", 2.2);
    line("mean", "s-ink", 1.5, "5 3");
    return svg;
  }

  function dates(svg, F, x, low, wide) {
    const months = (F.to - F.from) / DAY / 30.4, most = wide > 420 ? 7 : 4;
    const every = [1, 2, 3, 6, 12, 24, 60, 120, 600].find((m) => months / m <= most) || 1200;
    const first = new Date(F.from);
    let year = 0;
    for (let n = 0; n <= months + 1; n++) {
      const date = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + n, 1));
      if ((date.getUTCFullYear() * 12 + date.getUTCMonth()) % every) continue;
      if (date < first || x(+date) > wide - 24) continue;
      const name = new Intl.DateTimeFormat(D.lang, { month: "short", timeZone: "UTC" }).format(date);
      make("line", { x1: x(+date), x2: x(+date), y1: low, y2: low + 4, class: "s-faint" }, svg);
      write(svg, x(+date), low + 16, name, "faint", "middle");
      if (date.getUTCFullYear() !== year) {
        year = date.getUTCFullYear();
        write(svg, x(+date), low + 31, String(year), "faint", "middle");
      }
    }
  }

  function ranges(F, wide, svg) {
    const left = 8, right = wide - 90;
    const x = (value) => left + (right - left) * Math.min(value, F.top) / F.top;
    let at = 14;
    chosen().forEach((run, n) => {
      const row = make("g", { class: "row" }, svg), found = numbers(run);
      for (const part of lines(run.label, wide / 7.2)) {
        write(row, left, at, part, n === state.at ? "ink" : "faint");
        at += 15;
      }
      if (!found) { write(row, left, at, W.none, "faint"); at += 24; return; }
      const wideOf = (a, b) => Math.max(0.5, x(found[b]) - x(found[a]));
      if (found.q05 !== null && found.q95 !== null) {
        make("rect", { x: x(found.q05), y: at - 8, width: wideOf("q05", "q95"), height: 9, class: "accent s-accent", "fill-opacity": 0.28 }, row);
      }
      if (found.low !== null) {
        make("line", { x1: x(found.low), x2: x(found.high), y1: at - 3.5, y2: at - 3.5, class: "s-accent", "stroke-width": 3 }, row);
      }
      make("circle", { cx: x(found.mean), cy: at - 3.5, r: 5, class: "accent" }, row);
      const end = Math.max(x(found.mean) + 5, x(found.q95 || 0), x(found.high || 0));
      write(row, end + 5, at + 1, figure(found.mean), "ink");
      at += 26;
    });
    for (const part of [0, 0.5, 1]) {
      const line = make("line", { x1: x(F.top * part), x2: x(F.top * part), y1: 0, y2: at - 8, class: "s-grid" });
      svg.prepend(line);
      write(svg, x(F.top * part), at + 8, plain(F.top * part), "faint", part ? "middle" : "start");
    }
    svg.setAttribute("viewBox", `0 0 ${wide} ${at + 16}`);
    return svg;
  }

  function lines(text, most) {
    const told = [""];
    for (const word of text.match(/[\u3000-\u9fff\uff00-\uffef]|[^\s\u3000-\u9fff\uff00-\uffef]+\s*|\s+/g) || []) {
      const long = [...told.at(-1) + word].reduce((n, c) => n + (c > "\u2fff" ? 2 : 1), 0);
      if (told.at(-1) && long > most) told.push(word); else told[told.length - 1] += word;
    }
    return told;
  }

  function show() {
    const chart = byId("chart"), F = frame();
    state.at = Math.min(state.at, last(F));
    chart.replaceChildren();
    if (isTime()) {
      const boxes = chosen().map((run) => [run, make("div", { class: "panel" }, chart)]);
      for (const [run, box] of boxes) make("p", { class: "note" }, box, run.label);
      const wide = boxes.map(([, box]) => Math.max(260, box.clientWidth || 340));  // side by side
      boxes.forEach(([run, box], n) => course(run, F, wide[n], make("svg", { "aria-hidden": "true" }, box)));
    } else {
      const box = make("div", { class: "panel" }, chart);
      ranges(F, Math.max(300, box.clientWidth || 340), make("svg", { "aria-hidden": "true" }, box));
    }
    read(F);
    if (byId("numbers").closest("details").open) table();
  }

  // ---- the cursor ----
  const last = (F) => (isTime() ? F.many : chosen().length) - 1;

  function read(F) {
    const chart = byId("chart"), box = byId("read"), time = F.from + state.at * F.step;
    box.replaceChildren();
    const told = [];
    if (isTime()) told.push(day(time));
    chosen().forEach((run, n) => {
      if (!isTime() && n !== state.at) return;
      const found = numbers(run);
      const at = Math.floor((time - start(run)) / (run.step * DAY));
      const value = (part) => (isTime() ? found[part][at] : found[part]);
      if (!found || isTime() && (at < 0 || at >= run.n)) return told.push(`${run.label}: ${W.none}`);
      let text = `${run.label}: ${W.mean} ${figure(value("mean"))}`;
      if (value("q95") !== null) text += `, ${W.band} ${figure(value("q05"))} ${W.to} ${figure(value("q95"))}`;
      if (value("high") !== null) text += `, ${W.interval} ${figure(value("low"))} ${W.to} ${figure(value("high"))}`;
      told.push(text);
    });
    for (const text of told) make("p", {}, box, text);
    for (const run of chosen()) if (run.left) make("p", { class: "note" }, box, `${run.label}: ${run.left}`);
    chart.setAttribute("aria-valuemin", 0);
    chart.setAttribute("aria-valuemax", last(F));
    chart.setAttribute("aria-valuenow", state.at);
    chart.setAttribute("aria-valuetext", told.join("; "));
    chart.setAttribute("aria-label", `${W.chart}: ${heading()}; ${W.help}`);
    if (!isTime()) {
      return chart.querySelectorAll("g.row").forEach((row, n) => row.querySelectorAll("text")
        .forEach((text, x, all) => text.setAttribute("class", n === state.at || x === all.length - 1 ? "ink" : "faint")));
    }
    for (const svg of chart.querySelectorAll("svg")) {
      svg.querySelectorAll(".cursor").forEach((node) => node.remove());
      const wide = svg.viewBox.baseVal.width;
      const x = 50 + (wide - 58) * (time - F.from) / (F.to - F.from);
      make("line", { x1: x, x2: x, y1: 8, y2: 172, class: "s-ink cursor", "stroke-width": 1.2 }, svg);
    }
  }

  const heading = () => [state.measure.title, state.region ? D.names[state.region] : "",
    state.good ? D.names[state.good] : ""].filter(Boolean).join(", ");

  function move(to) {
    const F = frame();
    state.at = Math.max(0, Math.min(last(F), to));
    read(F);
  }

  byId("chart").addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowUp: isTime() ? 1 : -1, ArrowLeft: -1, ArrowDown: isTime() ? -1 : 1, PageUp: 10, PageDown: -10 }[event.key];
    const to = by ? state.at + by : { Home: 0, End: 1e9 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    move(to);
  });

  function point(event) {
    const svg = event.target.closest && event.target.closest("svg");
    if (!svg) return;
    const box = svg.getBoundingClientRect(), F = frame(), wide = svg.viewBox.baseVal.width;
    if (isTime()) {
      const x = (event.clientX - box.left) * wide / box.width;
      return move(Math.round((x - 50) / (wide - 58) * F.many));
    }
    const rows = [...svg.querySelectorAll("g.row")];
    const n = rows.findIndex((row) => event.clientY <= row.getBoundingClientRect().bottom + 4);
    if (n >= 0) move(n);
  }
  byId("chart").addEventListener("pointermove", point);
  byId("chart").addEventListener("pointerdown", point);

  // ---- choices ----
  function options(select, list, value) {
    select.replaceChildren(...list.map(([id, name]) => make("option", { value: id }, null, name)));
    select.value = list.some(([id]) => id === value) ? value : (list[0] || [""])[0];
    select.disabled = list.length < 2;
    return select.value;
  }

  function choices() {
    const keys = new Set(D.runs.flatMap((run) => Object.keys(run.series[state.measure.id] || {})));
    const regions = D.order.filter((r) => [...keys].some((k) => k.startsWith(`${r}|`)));
    options(byId("measure"), D.measures.map((m) => [m.id, m.title]), state.measure.id);
    state.region = options(byId("region"), regions.map((r) => [r, r ? D.names[r] : W.all_regions]), state.region);
    const goods = [...keys].filter((k) => k.startsWith(`${state.region}|`)).map((k) => k.slice(state.region.length + 1));
    const named = goods.map((g) => [g, g ? D.names[g] || g : W.all_goods]);
    named.sort((a, b) => (a[0] ? 1 : 0) - (b[0] ? 1 : 0) || a[1].localeCompare(b[1], D.lang));
    state.good = options(byId("good"), named, state.good);
  }

  byId("measure").addEventListener("change", (event) => {
    state.measure = D.measures.find((m) => m.id === event.target.value);
    choices();
    peak();
    show();
  });
  byId("region").addEventListener("change", (event) => { state.region = event.target.value; choices(); show(); });
  byId("good").addEventListener("change", (event) => { state.good = event.target.value; show(); });
  D.runs.forEach((run, n) => {
    const label = make("label", {}, byId("runs"));
    const box = make("input", { type: "checkbox", value: n }, label);
    box.checked = true;
    label.append(` ${run.label}`);
    box.addEventListener("change", () => {
      if (box.checked) state.runs.add(n); else state.runs.delete(n);
      if (!state.runs.size) { state.runs.add(n); box.checked = true; }
      show();
    });
  });

  // ---- the same as a table, as CSV, as SVG ----
  function rows() {
    const told = [];
    for (const run of chosen()) {
      const found = numbers(run);
      if (!found) continue;
      if (!isTime()) told.push([run.label, "", ...PARTS.map((part) => found[part])]);
      else for (let n = 0; n < run.n; n++) {
        const date = new Date(start(run) + n * run.step * DAY).toISOString().slice(0, 10);
        told.push([run.label, date, ...PARTS.map((part) => found[part][n])]);
      }
    }
    return told;
  }

  function table() {
    const numbers = byId("numbers");
    numbers.replaceChildren();
    make("caption", {}, numbers, heading());
    const heads = [W.run, ...(isTime() ? [W.date] : []), W.mean, W.interval, W.median, W.band];
    const top = make("tr", {}, make("thead", {}, numbers)), body = make("tbody", {}, numbers);
    heads.forEach((head) => make("th", { scope: "col" }, top, head));
    for (const [label, date, mean, low, high, q05, , q50, , q95] of rows()) {
      const line = make("tr", {}, body);
      make("th", { scope: "row" }, line, label);
      if (isTime()) make("td", {}, line, day(Date.parse(date)));
      const cells = [figure(mean), `${figure(low)} ${W.to} ${figure(high)}`, figure(q50), `${figure(q05)} ${W.to} ${figure(q95)}`];
      cells.forEach((cell) => make("td", { class: "n" }, line, cell));
    }
  }
  byId("numbers").closest("details").addEventListener("toggle", (event) => { if (event.target.open) table(); });

  function csv() {
    const cell = (value) => {
      if (value === null || value === undefined) return "";
      if (typeof value === "number") return String(Number(value.toPrecision(6)));
      const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;  // a spreadsheet runs nothing
      return `"${safe.replaceAll('"', '""')}"`;
    };
    const heads = ["measure", "place", "run", "date", "mean", "mean_low", "mean_high", "q05", "q25", "q50", "q75", "q95"];
    const at = [state.region && D.names[state.region], state.good && D.names[state.good]].filter(Boolean).join(", ");
    const told = rows().map((row) => [state.measure.title, at || W.all_regions, ...row]);
    return [heads, ...told].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
  }

  function svg() {
    const wide = 640, F = frame(), root = make("svg", { xmlns: "http://www.w3.org/2000/svg", "font-family": "'DejaVu Sans', 'Noto Sans', 'Noto Sans CJK JP', sans-serif" });
    make("title", {}, root, heading());
    make("desc", {}, root, byId("chart").getAttribute("aria-valuetext"));
    make("style", {}, root, "svg{background:#fff}.ink{fill:#1a1a1a}.faint{fill:#5a5a5a}.accent{fill:#1a4fb4}.s-ink{stroke:#1a1a1a}.s-faint{stroke:#5a5a5a}.s-grid{stroke:#dcdcdc}.s-accent{stroke:#1a4fb4}");
    let at = 24;
    write(root, 8, 16, heading(), "ink").setAttribute("font-weight", "bold");
    const put = (label, draw) => {
      if (label) for (const part of lines(label, 85)) { write(root, 8, at + 12, part, "faint"); at += 16; }
      const inner = make("svg", { x: 0, y: at, width: wide }, root);
      draw(inner);
      const tall = inner.viewBox.baseVal.height;
      inner.setAttribute("height", tall);
      at += tall + 8;
    };
    if (isTime()) for (const run of chosen()) put(run.label, (inner) => course(run, F, wide, inner));
    else put("", (inner) => ranges(F, wide, inner));
    write(root, 8, at + 12, document.title, "faint");
    root.setAttribute("viewBox", `0 0 ${wide} ${at + 20}`);
    return new XMLSerializer().serializeToString(root);
  }

  function save(text, type, ending) {
    const link = make("a", { href: URL.createObjectURL(new Blob([text], { type })), download: `${D.file}-${state.measure.id}.${ending}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }
  byId("csv").addEventListener("click", () => save("\ufeff" + csv(), "text/csv;charset=utf-8", "csv"));
  byId("svg").addEventListener("click", () => save(svg(), "image/svg+xml", "svg"));

  let width = 0;
  new ResizeObserver(() => {
    const now = byId("chart").clientWidth;
    if (now !== width) { width = now; show(); }
  }).observe(byId("chart"));
  function peak() {  // where the first run's mean is highest
    const found = isTime() && numbers(chosen()[0]);
    state.at = found ? Math.max(0, found.mean.indexOf(Math.max(...found.mean))) : 0;
  }
  choices();
  peak();
  show();
})();
