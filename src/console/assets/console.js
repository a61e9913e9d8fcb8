// What the console's pages gain from scripts. Every page works without them: forms are sent, links are followed, and the
// server checks again whatever is checked here. Words come from the page, in its language; {time} and {n} are filled in.
//
// <meta name="csrf" content>, <meta name="now" content="RFC 3339">   the token for changes; the server's clock
// form[data-autosave=url]      sent 600 ms after typing stops; the answer's [data-preview=name] replace the page's own
//   [data-look=url]                                      asked while somebody types: the same answer, and nothing is saved
//   [data-saved="Saved {time}"][data-failed]             says so; what could not be saved is kept in the tab
//   [data-conflict][data-signed-out]                     the same where trying again would not help …
//   [data-needs=409|401]                                 … with what to do then, shown by its status
// [data-marks=id]              marks under a field, kept at their words while it is typed in
// [data-poll=url][data-every=seconds]                    fetches url and the form's version, while somebody is at work, and
//   [data-part=name]                                     puts in what changed of these
// [data-live-events=url][data-fragment=url]              each event fetches the fragment into its [data-live-region]
//   .live-state[data-lost]                               says that the connection is lost
// [data-parts-events=url][data-parts=url]                each event fetches the parts anew: its [data-part=name] replace the
//   page's own. Only while the page is seen: browsers allow few such connections, and tabs are many
// form[data-upload]            a file is sent with a bar; [data-upload-state][data-sending][data-reading][data-lost] says how far
// time[data-countdown=clock|words][datetime][data-late="{time} late"][data-near=minutes]   ticks; turns .near, .late
// form[data-opened=url]        each text that is opened in it is noted at the server
// form[data-gate]              its [data-gated] buttons work once every condition holds:
//   input[data-confirm-count=n]                          the number is typed
//   details[data-opened-required]                        each was opened; a check box in it is checked then
//   [data-unread="{n} texts are still unread"]           how many are not; empty when none
// details[data-note]          opened with words marked above it, its quote field takes them
// button[data-use][data-words][data-for=id][data-undo]   puts better words into a field, with undo
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const meta = (name) => document.querySelector(`meta[name=${name}]`)?.content;
  const lang = document.documentElement.lang || "en";
  const ahead = meta("now") ? Date.parse(meta("now")) - Date.now() : 0;
  const parse = (html) => new DOMParser().parseFromString(html, "text/html");

  // Makes the content of one node that of another and touches only what differs: what is focused, opened, chosen or being
  // read stays as it is. A button never becomes another one under somebody's finger.
  const kind = (node) => [node.nodeName, node.id, node.getAttribute?.("name"),
    node.nodeName === "BUTTON" && node.value, node.getAttribute?.("href"), node.getAttribute?.("action")].join(" ");
  const morph = (old, wanted) => {
    let at = old.firstChild;
    for (const node of [...wanted.childNodes]) {
      let same = at;
      while (same && kind(same) !== kind(node)) same = same.nextSibling;
      if (!same) { old.insertBefore(node, at); continue; }
      while (at !== same) { const next = at.nextSibling; at.remove(); at = next; }
      at = same.nextSibling;
      if (same.nodeType !== 1) { if (same.data !== node.data) same.data = node.data; continue; }
      if (same.nodeName === "IFRAME") { frame(same, node); continue; }
      for (const { name } of [...same.attributes]) if (!node.hasAttribute(name) && name !== "open") same.removeAttribute(name);
      for (const { name, value } of node.attributes) if (name !== "open" && same.getAttribute(name) !== value) same.setAttribute(name, value);
      morph(same, node);
    }
    while (at) {
      const next = at.nextSibling;
      if (!at.classList?.contains("coming")) at.remove();
      at = next;
    }
  };

  // Another page in a frame: the old one stays until the new one is there, so that nothing flickers.
  const frame = (old, wanted) => {
    const src = wanted.getAttribute("src");
    if (old.next) { if (old.next.getAttribute("src") !== src) old.next.src = src; return; }
    if (old.getAttribute("src") === src) return;
    if (!old.offsetParent) return void (old.src = src);
    const next = (old.next = wanted);
    next.classList.add("coming");
    next.loading = "eager";
    next.onload = () => { old.remove(); next.classList.remove("coming"); };
    old.after(next);
  };

  // Puts new content in.
  const swap = (old, content) => {
    morph(old, content);
    remark();
    tick();
    gate();
  };

  // Marks lie under a field's own text. What was typed since they came is newer: each stays with its words, or goes.
  const remark = (root = document) => {
    for (const marks of all("[data-marks]", root)) {
      const field = document.getElementById(marks.dataset.marks);
      if (!field || field.value === marks.textContent) continue;
      const words = all("mark", marks).map((mark) => [mark.textContent, mark.className]);
      let rest = field.value;
      marks.replaceChildren();
      for (const [text, name] of words) {
        const at = text ? rest.indexOf(text) : -1;
        if (at < 0) continue;
        const mark = document.createElement("mark");
        mark.className = name;
        mark.textContent = text;
        marks.append(rest.slice(0, at), mark);
        rest = rest.slice(at + text.length);
      }
      marks.append(rest);
    }
  };
  document.documentElement.classList.add("scripted");
  document.addEventListener("input", (event) => event.target.closest(".under") && remark(event.target.closest(".under")));
  document.addEventListener("scroll", (event) => {
    const marks = event.target.closest?.(".under")?.querySelector("[data-marks]");
    if (marks) [marks.scrollLeft, marks.scrollTop] = [event.target.scrollLeft, event.target.scrollTop];
  }, true);

  // Saving. One save at a time; typing meanwhile leads to another. Leaving the page saves at once. Until a save is
  // answered the words stay in the tab, under the draft's version: they never overwrite what somebody else has written.
  // A save whose answer was lost may have been made. It is said again first, word for word: that is no new version, while
  // other words on the old one would look like a colleague's.
  const autosave = (form) => {
    const url = form.dataset.autosave;
    const note = document.querySelector("[data-saved]");
    let timer = 0, busy = false, doubt = null, wait = 1000, edits = 0, saved = 0, shown = 0, looking = false;
    const values = () => new URLSearchParams(new FormData(form)).toString();
    const tab = kept(url, form.elements.version);
    // What the page says already was saved, and only its answer lost.
    const words = (text) => [...new URLSearchParams(text)].filter(([name]) => name !== "version" && name !== "csrf").join();
    let late = note?.dataset.conflict ? tab.late() : null;
    if (late && words(late) === words(values())) late = tab.seen();
    const say = (text, failed) => {
      if (!note) return;
      note.textContent = text;
      note.classList.toggle("is-failed", failed);
    };
    const needs = (status) => {
      status ||= late ? 409 : 0;
      for (const note of all("[data-needs]")) note.hidden = note.dataset.needs !== String(status);
    };
    const took = (html, at) => {
      // An older answer says only which version is saved.
      const parts = at < shown ? "[data-preview=version]" : "[data-preview]";
      shown = Math.max(shown, at);
      for (const part of all(parts, parse(html))) {
        const name = CSS.escape(part.dataset.preview);
        for (const old of all(`[data-preview="${name}"]`)) swap(old, part.cloneNode(true));
      }
      for (const found of all(".found[data-preview]")) {
        const field = found.parentElement.querySelector("input, textarea");
        field?.setAttribute("aria-invalid", String(!!found.querySelector(".finding.block")));
      }
    };
    const post = async (url, body, keepalive) => {
      const headers = { "content-type": "application/x-www-form-urlencoded", "x-csrf-token": meta("csrf") || "" };
      // Longer than the server takes for a save; a connection that hangs is given up, and the save made again.
      const signal = AbortSignal.timeout(20000);
      const answer = await fetch(url, { method: "POST", body, headers, keepalive, signal, redirect: "error" });
      if (!answer.ok) throw answer.status;
      return answer.text();
    };
    // One at a time, and the last words always.
    const look = async () => {
      if (looking) return;
      looking = true;
      await new Promise((done) => setTimeout(done, 30));
      const now = edits;
      try { if (now > shown) took(await post(form.dataset.look, values()), now); } catch { /* The save says why. */ }
      looking = false;
      if (edits > now) look();
    };
    const short = (body) => body.length < 60000; // What a browser sends although its page is closed.
    const save = async () => {
      clearTimeout(timer);
      if (edits === saved || busy) return;
      const [now, body] = doubt || [edits, values()];
      busy = true;
      try {
        const html = await post(url, body, short(body));
        // From here to the new version without a pause: what is typed meanwhile is kept under the one it is based on.
        [saved, doubt, wait] = [now, null, 1000];
        tab.drop();
        needs(0);
        took(html, now);
        const time = new Intl.DateTimeFormat(lang, { timeStyle: "medium", hourCycle: "h23" }).format(Date.now() + ahead);
        say(note?.dataset.saved.replace("{time}", time), false);
      } catch (why) {
        // 408: it took too long, and may have been made.
        doubt = why >= 400 && why < 500 && why !== 408 ? null : [now, body];
        // A colleague's newer version, and a session that ended (its token with it), need a person.
        const stuck = { 409: note?.dataset.conflict, 401: note?.dataset.signedOut, 403: note?.dataset.signedOut }[why];
        needs(stuck ? (why === 409 ? 409 : 401) : 0);
        say(stuck || note?.dataset.failed || "", true);
        // What comes back is not kept waiting: whoever writes in a crisis sees it saved within seconds.
        wait = stuck ? 30000 : Math.min(wait * 2, 4000);
      }
      busy = false;
      if (edits === saved) return;
      tab.keep(values());
      if (saved === now && document.hidden) return save();
      timer = setTimeout(save, wait);
    };
    const typed = (event) => {
      if (event && event.target.form !== form) return; // How a preview is looked at is no edit.
      edits += 1;
      tab.keep(values());
      clearTimeout(timer);
      timer = setTimeout(save, 600);
      if (form.dataset.look) look();
    };
    form.addEventListener("input", typed);
    // What a button sends needs no save besides; should it not arrive, the tab has kept the words.
    form.addEventListener("submit", () => { clearTimeout(timer); saved = edits; tab.send(); });
    document.addEventListener("visibilitychange", () => document.hidden && save());
    // Closed in the middle of a save: should that one not arrive, this one does.
    addEventListener("pagehide", () => {
      const body = values();
      if (busy && edits !== saved && short(body)) post(url, body, true).catch(() => {});
    });
    if (restore(form, tab.find())) typed();
    if (late) needs(0);
    form.addEventListener("click", (event) => {
      if (!late || !event.target.closest("[data-needs] button")) return;
      event.preventDefault();
      tab.seen();
      send(form, late);
    });
  };

  // Sends what the tab kept of a form as its button "Save" would have: the page that comes shows both texts.
  const send = (form, text) => {
    const other = document.createElement("form");
    [other.method, other.action, other.hidden] = ["post", form.getAttribute("action"), true];
    const pairs = new URLSearchParams(text);
    pairs.set("csrf", form.elements.csrf.value);
    pairs.set("action", "save");
    for (const [name, value] of pairs) {
      const field = document.createElement("textarea");
      [field.name, field.value] = [name, value];
      other.append(field);
    }
    document.body.append(other);
    other.submit();
  };

  // What the tab keeps of a form: words that were typed and never saved come back after a reload, an expired session, a lost
  // connection. Written on an older version they are not poured into the newer one, which may have no field for them: they
  // are `late`, and wait for somebody to look at both. Choices, which have no version, begin anew the next time.
  const kept = (url, version) => {
    const form = version?.form;
    const place = (name, number = form.elements.version.value) => `${name} ${url} ${number}`;
    const safely = (act) => { try { return form ? act(sessionStorage) : null; } catch { return null; } };
    const send = (tab, number) => {
      const text = tab.getItem(place("unsaved", number));
      if (!text) return;
      tab.setItem(place("sent", number), text);
      tab.removeItem(place("unsaved", number));
    };
    let last = null;
    return {
      keep: (text) => safely((tab) => tab.setItem(place("unsaved"), text)),
      drop: () => safely((tab) => { for (const name of ["unsaved", "sent"]) tab.removeItem(place(name)); }),
      // With a button: should the version stay, they did not arrive.
      send: () => safely((tab) => send(tab)),
      find: () => safely((tab) => tab.getItem(place("unsaved")) || tab.getItem(place("sent"))),
      late: () => safely((tab) => {
        const start = `unsaved ${url} `;
        const versions = Object.keys(tab).filter((key) => key.startsWith(start)).map((key) => Number(key.slice(start.length)));
        last = Math.max(...versions.filter((number) => number < Number(form.elements.version.value)));
        return tab.getItem(start + last);
      }),
      seen: () => safely((tab) => send(tab, last)),
    };
  };

  const restore = (form, text) => {
    if (!text) return false;
    const texts = new URLSearchParams(text);
    for (const field of form.elements) {
      if (!field.name || field.type === "hidden") continue;
      const values = texts.getAll(field.name);
      if (field.type === "checkbox") field.checked = values.includes(field.value);
      // An offer that is no longer made leaves what was chosen before.
      else if (field.type === "radio") field.checked ||= values.includes(field.value);
      else if (values.length) field.value = values[0];
    }
    return true;
  };

  // Who else is here. Asked while somebody is at work: a page that lies open must not keep a session alive.
  const REST = 600000;
  let worked = Date.now();
  for (const kind of ["input", "pointerdown", "keydown"]) document.addEventListener(kind, () => { worked = Date.now(); });
  const poll = (place) => {
    const { poll: url, every } = place.dataset;
    setInterval(async () => {
      if (document.hidden || Date.now() - worked > REST) return;
      const version = document.querySelector("form[data-autosave] input[name=version]")?.value || 0;
      try {
        const answer = await fetch(url + version, { redirect: "error" });
        const html = answer.ok ? await answer.text() : "";
        if (version !== document.querySelector("form[data-autosave] input[name=version]")?.value) return;
        // Part by part and only what changed, so that a screen reader says it once.
        for (const part of all("[data-part]", parse(html))) {
          const old = place.querySelector(`[data-part="${part.dataset.part}"]`);
          if (old && old.textContent !== part.textContent) swap(old, part);
        }
      } catch { /* The next time. */ }
    }, 1000 * every);
  };

  // Live pages. Events only say that something changed, so a lost one is made good by the next fetch.
  const live = (place) => {
    const { liveEvents, fragment } = place.dataset;
    const state = place.querySelector(".live-state");
    const region = place.querySelector("[data-live-region]");
    let busy = false, again = false;
    const lost = (yes) => { if (state) state.textContent = yes ? state.dataset.lost : ""; };
    const refresh = async () => {
      if (busy) return void (again = true);
      busy = true;
      again = false;
      try {
        const answer = await fetch(fragment, { redirect: "error" });
        if (!answer.ok) throw answer.status;
        swap(region, parse(await answer.text()).body);
        lost(false);
      } catch { lost(true); again = true; }
      setTimeout(() => { busy = false; if (again) refresh(); }, 500 + (again ? 2000 : 0));
    };
    const connect = () => {
      const events = new EventSource(liveEvents);
      events.onopen = events.onmessage = refresh;
      events.onerror = () => {
        lost(true);
        if (events.readyState === EventSource.CLOSED) setTimeout(connect, 5000);
      };
    };
    connect();
  };

  // A file of customer ids is put into the field, where it can be read before it is sent.
  for (const place of all("[data-file-for]")) {
    place.hidden = false;
    place.querySelector("input").onchange = async (event) => {
      const file = event.target.files[0];
      if (file) document.getElementById(place.dataset.fileFor).value = await file.text();
    };
  }

  // What stands around every page and concerns everybody at once: that everything was stopped.
  const parts = (place) => {
    let events = null;
    const refresh = async () => {
      try {
        const answer = await fetch(place.dataset.parts, { redirect: "error" });
        if (!answer.ok) return;
        for (const part of all("[data-part]", parse(await answer.text()))) {
          for (const old of all(`[data-part="${CSS.escape(part.dataset.part)}"]`)) {
            if (old.innerHTML.trim() !== part.innerHTML.trim()) swap(old, part);
          }
        }
      } catch { /* The next event, or the next page, says it. */ }
    };
    const watch = () => {
      if (document.hidden) return void (events?.close(), (events = null));
      if (events) return;
      events = new EventSource(place.dataset.partsEvents);
      events.onopen = events.onmessage = refresh;
      events.onerror = () => {
        if (events?.readyState !== EventSource.CLOSED) return;
        events = null;
        setTimeout(watch, 5000);
      };
    };
    document.addEventListener("visibilitychange", watch);
    addEventListener("pagehide", () => { events?.close(); events = null; });
    addEventListener("pageshow", watch);
  };

  // A long file: the server reads it as it arrives, so what is sent is nearly what is read.
  const upload = (form) => {
    const state = form.querySelector("[data-upload-state]");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const bar = document.createElement("progress");
      const words = document.createElement("span");
      const say = (text) => { if (words.textContent !== text) words.textContent = text; };
      bar.max = 100;
      bar.setAttribute("aria-hidden", "true"); // The words beside it say the same.
      state.replaceChildren(bar, words);
      const request = new XMLHttpRequest();
      request.upload.onprogress = ({ loaded, total }) => {
        const n = Math.floor((100 * loaded) / (total || 1));
        bar.value = n;
        // Said at every tenth, so that nobody is read a hundred numbers.
        say(n < 100 ? state.dataset.sending.replace("{n}", n - (n % 10)) : state.dataset.reading);
      };
      request.onerror = () => { bar.remove(); say(state.dataset.lost); delete form.dataset.sent; };
      request.onload = () => {
        if (request.status < 400) return void location.assign(request.responseURL);
        const main = parse(request.responseText).querySelector("#main");
        document.querySelector("#main").replaceChildren(...(main?.childNodes || []));
        scrollTo(0, 0);
      };
      request.open("POST", form.action);
      request.send(new FormData(form));
    });
  };

  // Clocks, by the server's time.
  const near = new Intl.RelativeTimeFormat(lang, { style: "short" });
  const two = (n) => String(n).padStart(2, "0");
  const tick = () => {
    for (const time of all("time[data-countdown]")) {
      const left = Date.parse(time.dateTime) - Date.now() - ahead;
      const seconds = Math.floor(Math.abs(left) / 1000), minutes = Math.floor(seconds / 60);
      const hours = Math.floor(minutes / 60);
      const clock = (hours ? hours + ":" + two(minutes % 60) : minutes) + ":" + two(seconds % 60);
      const words = hours ? near.format(Math.sign(left) * hours, "hour") : near.format(Math.sign(left) * minutes, "minute");
      const plain = time.dataset.countdown === "words" ? words : clock;
      const text = left < 0 && time.dataset.late ? time.dataset.late.replace("{time}", clock) : plain;
      if (time.textContent !== text) time.textContent = text;
      const marked = time.closest(".clock, .figure") || time;
      marked.classList.toggle("late", left < 0);
      marked.classList.toggle("near", left >= 0 && left < 60000 * (time.dataset.near || 15));
    }
  };

  // What must be read and typed before something goes out. The button stays reachable and leads to what is missing.
  const opened = new Set();
  const unread = () => all("details[data-opened-required]").filter((details) => !opened.has(details.id || details));
  const miscounted = (form) => all("input[data-confirm-count]", form)
    .filter((input) => input.value.replace(/[\s.,'’]/g, "") !== input.dataset.confirmCount);
  const gate = () => {
    for (const details of all("details[data-opened-required]")) {
      if (!details.open) continue;
      opened.add(details.id || details);
      for (const box of all("input[type=checkbox]", details)) box.checked = true;
    }
    const left = unread();
    for (const details of all("details[data-opened-required]")) details.classList.toggle("is-read", !left.includes(details));
    for (const note of all("[data-unread]")) note.textContent = left.length ? note.dataset.unread.replace("{n}", left.length) : "";
    for (const form of all("form[data-gate]")) {
      const closed = String(left.length + miscounted(form).length > 0);
      for (const button of all("[data-gated]", form)) button.setAttribute("aria-disabled", closed);
    }
  };
  document.addEventListener("toggle", gate, true);
  // Which texts were opened is written down at the server, for the record of the approval.
  const noted = new Set();
  document.addEventListener("toggle", ({ target }) => {
    const url = target.matches?.("details[data-opened-required][open]") && target.closest("form[data-opened]")?.dataset.opened;
    if (!url || noted.has(target.id)) return;
    noted.add(target.id);
    const body = new URLSearchParams({ text: target.id });
    const headers = { "x-csrf-token": meta("csrf") || "" };
    fetch(url, { method: "POST", body, headers, keepalive: true, redirect: "error" }).catch(() => noted.delete(target.id));
  }, true);
  document.addEventListener("input", gate);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const missing = form.matches("[data-gate]") && event.submitter?.matches("[data-gated]")
      ? unread().map((details) => details.querySelector("summary")).concat(miscounted(form))[0] : null;
    if (!missing && !form.dataset.sent) return void (form.dataset.sent = "yes");
    event.preventDefault(); // Something is missing, or it was a double click.
    missing?.focus();
  });
  addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => delete form.dataset.sent));

  // Better words. insertText keeps the field's own undo; a button offers it too, until the field is typed in.
  const replace = (field, from, to) => {
    const start = field.value.indexOf(from);
    if (start < 0) return false;
    field.focus();
    field.setSelectionRange(start, start + from.length);
    if (!document.execCommand(to ? "insertText" : "delete", false, to)) {
      field.setRangeText(to, start, start + from.length, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    return true;
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[data-use]");
    const field = button && document.getElementById(button.dataset.for);
    if (!field) return;
    const { words, use } = button.dataset;
    if (!replace(field, words, use)) return;
    event.preventDefault();
    const undo = document.createElement("button");
    undo.type = "button";
    undo.className = "use small";
    undo.textContent = button.dataset.undo;
    undo.onclick = () => { replace(field, use, words); undo.remove(); };
    (field.closest(".under") || field).after(undo);
    field.addEventListener("input", () => undo.remove(), { once: true });
  });

  // A note is about the words that were marked when it is opened.
  document.addEventListener("pointerdown", (event) => {
    const summary = event.target.closest?.("details[data-note] > summary");
    const field = summary?.parentElement.querySelector("input[name^='quote.']");
    const marked = getSelection();
    if (!field || field.value || marked.isCollapsed) return;
    if (summary.closest("details[data-opened-required]").contains(marked.anchorNode)) field.value = marked.toString().trim();
  });

  all("form[data-autosave]").forEach(autosave);
  all("[data-live-events]").forEach(live);
  all("[data-poll]").forEach(poll);
  remark();
  all("[data-parts-events]").forEach(parts);
  all("form[data-upload]").forEach(upload);
  tick();
  gate();
  setInterval(tick, 1000);
})();
