// The website banner. One tag, anywhere in the page, puts it there:
//   <script src="https://status.example/banner.js" async></script>
// It needs script-src and connect-src of that origin and nothing else: no inline style or script, no HTML from text, no
// global name, no cookie. It lies over the top of the page and moves nothing in it. While the origin cannot be
// reached it keeps what it shows, or shows nothing.
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || !script.src || !window.fetch || !Element.prototype.attachShadow) return;
  const origin = new URL(script.src).origin;
  const EVERY = 30000;
  const STYLE = `
    :host { all: initial !important; position: fixed !important; inset: 0 0 auto 0 !important;
      z-index: 2147483647 !important; }
    .bar { font: 16px/1.5 system-ui, sans-serif; color: #fff; background: #0b4fb3; }
    .bar.warning { background: #805300; }
    .bar.critical { background: #a61b12; }
    .bar.on { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 16px; padding: 8px 16px;
      max-height: 40vh; overflow: auto; box-shadow: 0 1px 4px #0006; animation: in .2s ease-out; }
    .says { flex: 0 1 auto; }
    .says:not(:empty) { flex: 1 1 16em; }
    .says:empty { position: absolute; }
    b { margin-inline-end: .5em; }
    .note { display: block; }
    a { color: inherit; padding: 10px 0; }
    button { font: inherit; color: inherit; background: none; border: 1px solid #fffc; border-radius: 8px;
      min-height: 44px; padding: 0 14px; cursor: pointer; }
    [hidden] { display: none; }
    a:focus-visible, button:focus-visible { outline: 3px solid #fff; outline-offset: 2px; }
    @media (max-width: 40em) { .says:not(:empty) { flex-basis: 100%; } }
    @keyframes in { from { transform: translateY(-100%); } }
    @media (prefers-reduced-motion: reduce) { .bar.on { animation: none; } }
    @media (forced-colors: active) { .bar.on { border-bottom: 2px solid; } }
    @media print { :host { position: static !important; } button { display: none; } }`;

  const make = (name, parent, attributes) => {
    const element = document.createElement(name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    return parent.appendChild(element);
  };

  // Both live regions stand in the page, empty, before the first text comes: that is what screen readers wait for.
  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "closed" });
  const bar = make("div", root, { class: "bar" });
  const polite = make("div", bar, { class: "says", role: "status" });
  const urgent = make("div", bar, { class: "says", role: "alert" });
  const link = make("a", bar, {});
  const button = make("button", bar, { type: "button" });
  link.hidden = button.hidden = true;
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
  } catch {
    // Browsers of before 2023: plain, still readable, and still allowed by a strict policy.
    host.style.cssText = "position:fixed;top:0;left:0;right:0;z-index:2147483647;color:#fff;background:#805300";
  }

  let shown = ""; // What stands in the banner now.
  let dismissed = ""; // Which one the reader has put away; the tab remembers it where it may.
  const KEY = "onevoice-dismissed";
  const recall = () => {
    try { return sessionStorage.getItem(KEY) || dismissed; } catch { return dismissed; }
  };
  const remember = (name) => {
    dismissed = name;
    try { sessionStorage.setItem(KEY, name); } catch { /* Then it lasts until the page is left. */ }
  };

  const show = (banner) => {
    const name = banner ? [banner.id, banner.sequence, banner.lang, banner.note].join(":") : "";
    if (name === shown) return;
    shown = name;
    polite.textContent = urgent.textContent = "";
    const put = banner && recall() !== [banner.id, banner.sequence].join(":");
    link.hidden = button.hidden = !put;
    bar.className = put ? "bar on " + (/^(warning|critical)$/.exec(banner.severity) || [""])[0] : "bar";
    bar.removeAttribute("role");
    if (!put) return;
    bar.lang = banner.lang;
    bar.dir = "auto";
    bar.setAttribute("role", "region");
    bar.setAttribute("aria-label", banner.label);
    const says = banner.severity === "critical" ? urgent : polite;
    make("b", says, {}).textContent = banner.headline;
    says.append(" " + banner.text);
    // Ways to reach the organisation that are overloaded now; it comes and goes while the words beside it stay.
    if (banner.note) make("span", says, { class: "note" }).textContent = banner.note;
    let address = null;
    try { address = new URL(banner.link); } catch { /* No link, then. */ }
    link.hidden = !address || !/^https?:$/.test(address.protocol);
    link.href = link.hidden ? "" : address.href;
    link.textContent = banner.link_label;
    button.textContent = banner.dismiss;
    button.onclick = () => {
      remember([banner.id, banner.sequence].join(":"));
      shown = "";
      show(banner);
    };
  };

  // "no-cache" lets the browser ask with the ETag that it has, so that most answers are an empty 304.
  const ask = async () => {
    const locale = encodeURIComponent(document.documentElement.lang || navigator.language || "");
    const stop = new AbortController();
    const limit = setTimeout(() => stop.abort(), 10000);
    try {
      const options = { cache: "no-cache", credentials: "omit", referrerPolicy: "no-referrer", signal: stop.signal };
      const answer = await fetch(origin + "/banner.json?locale=" + locale, options);
      const body = answer.ok ? await answer.json() : null;
      if (body && body.version === 1) show(body.banner);
    } catch { /* Silent: this page is not the one in trouble. */ } finally { clearTimeout(limit); }
  };

  // One timer at a time; none while nobody looks. The jitter keeps a crowd from asking in one moment.
  let timer = 0;
  let asked = 0;
  const next = async () => {
    clearTimeout(timer);
    if (document.hidden) return;
    asked = Date.now();
    timer = setTimeout(next, EVERY * (0.8 + 0.4 * Math.random()));
    await ask();
  };
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(next, Math.max(0, asked + EVERY / 2 - Date.now()));
  });
  const start = () => {
    document.body.prepend(host);
    next();
  };
  if (document.body) start(); else document.addEventListener("DOMContentLoaded", start);
})();
