// The website banner: one tag, anywhere in the page. /banner/snippet.txt has it; src/public/mod.rs says what it promises.
// No inline style or script, no HTML from text, no global name, no cookie. It lies over the top of the page and moves
// nothing in it. While nobody can be reached it keeps what it shows, or shows nothing.
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || !script.src || !window.fetch || !Element.prototype.attachShadow) return;
  const { key, origins = "", paths } = script.dataset;
  const matches = (path) => path.endsWith("*") ? location.pathname.startsWith(path.slice(0, -1)) : location.pathname === path;
  if (paths && !paths.split(/\s+/).some(matches)) return;
  // With a tag for each origin, the first that loads does it.
  if (document.querySelector("script[data-banner-runs]")) return;
  script.dataset.bannerRuns = "";

  // Asked in the order that the tag names them, whichever the script itself came from: a copy may load first, and is older.
  const own = new URL(".", script.src).href;
  const places = [];
  for (const origin of [...origins.split(/\s+/), own]) {
    try { const { href } = new URL(origin.replace(/\/?$/, "/")); if (!places.includes(href)) places.push(href); } catch { /* No address. */ }
  }
  const home = places[0];
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

  // What the tab remembers where it may, and else this page: what was put away, and the newest state that was seen.
  const memory = {};
  const recall = (name) => {
    try { return sessionStorage.getItem("onevoice-" + name) || memory[name]; } catch { return memory[name]; }
  };
  const remember = (name, value) => {
    memory[name] = String(value);
    try { sessionStorage.setItem("onevoice-" + name, value); } catch { /* Then it lasts until the page is left. */ }
  };

  // Its own language, then one that is related, then the default.
  const inLanguage = ({ texts, locale }) => {
    const wish = (document.documentElement.lang || navigator.language || "").toLowerCase();
    const names = Object.keys(texts);
    const first = (one) => one.toLowerCase().split("-")[0];
    const name = names.find((one) => one.toLowerCase() === wish) || names.find((one) => first(one) === first(wish));
    return texts[name || locale] || texts[names[0]];
  };

  let shown = ""; // What stands in the banner now.
  const show = (banner) => {
    const text = banner && inLanguage(banner);
    const late = banner && !(Date.parse(banner.next_update_at) > Date.now());
    const next = text && !late ? text.next : "";
    const name = text ? [banner.id, banner.sequence, text.lang, text.note, next].join(":") : "";
    if (name === shown) return;
    shown = name;
    const put = text && recall("dismissed") !== banner.id + ":" + banner.sequence;
    polite.textContent = urgent.textContent = "";
    link.hidden = button.hidden = !put;
    bar.className = put ? "bar on " + (/^(warning|critical)$/.exec(banner.severity) || [""])[0] : "bar";
    bar.removeAttribute("role");
    if (!put) return;
    bar.lang = text.lang;
    bar.dir = "auto";
    bar.setAttribute("role", "region");
    bar.setAttribute("aria-label", text.label);
    const says = banner.severity === "critical" ? urgent : polite;
    make("b", says, {}).textContent = text.headline;
    says.append(" " + text.text);
    // The next word, while it is not late; and ways to reach the organisation that are overloaded now.
    for (const more of [next, text.note]) if (more) make("span", says, { class: "note" }).textContent = more;
    let address = null;
    try { address = new URL(text.link); } catch { /* No link, then. */ }
    link.hidden = !address || !/^https?:$/.test(address.protocol);
    link.href = link.hidden ? "" : address.href;
    link.textContent = text.link_label;
    button.textContent = text.dismiss;
    button.onclick = () => {
      remember("dismissed", banner.id + ":" + banner.sequence);
      shown = "";
      show(banner);
    };
  };

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  // True, false, or undefined where the browser does not know Ed25519 or the page is not https.
  const isSigned = async ({ payload, signature }) => {
    let known;
    try { known = await crypto.subtle.importKey("raw", bytes(key), "Ed25519", false, ["verify"]); } catch { return; }
    return crypto.subtle.verify("Ed25519", known, bytes(signature), new TextEncoder().encode(payload));
  };

  // Throws at whatever is not to be believed. Who cannot check a signature believes the script's own origin alone.
  const take = async (envelope, place) => {
    if (envelope.version !== 2) throw 0;
    const signed = key ? await isSigned(envelope) : undefined;
    if (signed === false || (!signed && place !== own)) throw 0;
    const { sequence, expires_at, banner } = JSON.parse(envelope.payload);
    if (!(Date.parse(expires_at) > Date.now()) || sequence < (Number(recall("sequence")) || 0)) throw 0;
    remember("sequence", sequence);
    show(banner);
  };

  // "no-cache" lets the browser ask with the ETag that it has, so that most answers are an empty 304.
  const ask = async (place) => {
    const stop = new AbortController();
    const limit = setTimeout(() => stop.abort(), 8000);
    try {
      const options = { cache: "no-cache", credentials: "omit", referrerPolicy: "no-referrer", signal: stop.signal };
      const answer = await fetch(place + "banner/live.json", options);
      if (!answer.ok) throw 0;
      await take(await answer.json(), place);
    } finally { clearTimeout(limit); }
  };

  // A stream from the first origin, while somebody looks and it was reachable just now; it is not insisted on.
  let stream = null;
  const hush = () => {
    if (stream) stream.close();
    stream = null;
  };
  const listen = () => {
    if (stream || !window.EventSource || document.hidden) return;
    stream = new EventSource(home + "banner/events");
    stream.onmessage = async ({ data }) => {
      try { await take(JSON.parse(data), home); } catch { /* Then it stays as it is. */ }
    };
    stream.onerror = () => {
      hush();
      later(EVERY);
    };
  };

  // One timer at a time; none while nobody looks. The jitter keeps a crowd from asking in one moment.
  let timer = 0;
  let asked = 0;
  const later = (wait) => {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(next, wait * (0.8 + 0.4 * Math.random()));
  };
  const next = async () => {
    if (document.hidden) return;
    asked = Date.now();
    later(stream ? 10 * EVERY : EVERY);
    for (const place of places) {
      try {
        await ask(place);
        if (place === home) listen();
        return;
      } catch { /* Silent: this page is not the one in trouble. The next place, then. */ }
    }
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hush();
    later(Math.max(0, asked + EVERY / 2 - Date.now()));
  });
  const start = () => {
    document.body.prepend(host);
    next();
  };
  if (document.body) start(); else document.addEventListener("DOMContentLoaded", start);
})();
