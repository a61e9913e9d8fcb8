// The status page without scripts says everything. With them it also says how far away its times are, gives them in
// the reader's own zone, and brings new updates to those who leave the page open.
(() => {
  "use strict";
  const lang = document.documentElement.lang;
  const distance = new Intl.RelativeTimeFormat(lang, { numeric: "always", style: "short" });
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

  const away = (milliseconds) => {
    const minutes = Math.round(milliseconds / 60000);
    const hours = Math.round(minutes / 60);
    if (Math.abs(minutes) < 60) return distance.format(minutes, "minute");
    return Math.abs(hours) < 48 ? distance.format(hours, "hour") : distance.format(Math.round(hours / 24), "day");
  };

  const tick = () => {
    const yours = document.getElementById("main").dataset.yours;
    for (const place of document.querySelectorAll("[data-when]")) {
      const at = new Date(place.dataset.when);
      const own = clock.format(at);
      // A promise is given in the reader's zone too, where its clock shows another time.
      const differs = "own" in place.dataset && !place.previousElementSibling.textContent.includes(own);
      const elsewhere = differs ? ", " + yours.replace("{time}", own) : "";
      const text = elsewhere + ", " + away(at - Date.now());
      if (place.textContent !== text) place.textContent = text;
    }
  };

  // As the server wrote it, before the distances are put in.
  let written = document.getElementById("main").innerHTML;
  const refresh = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.pathname + location.search, { cache: "no-cache", credentials: "omit" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const [main, next] = [document.getElementById("main"), page.getElementById("main")];
      // What has the reader's focus is not taken from under them; the next minute tries again.
      if (!next || next.innerHTML === written || main.contains(document.activeElement)) return;
      written = next.innerHTML;
      document.title = page.title;
      main.replaceWith(next);
      document.getElementById("news").textContent = next.querySelector("h1").textContent;
      tick();
    } catch { /* Offline: what stands here, stands with its time. */ }
  };

  tick();
  setInterval(tick, 10000);
  setInterval(refresh, 60000 * (0.8 + 0.4 * Math.random()));
  document.addEventListener("visibilitychange", () => { tick(); refresh(); });
})();
