// Passkeys: what forms that ask for a second factor gain from scripts. Every one of them takes a code without.
//
// form[data-passkey=url]       a form that takes a passkey's answer in its hidden field `passkey`. url is asked what the
//   [data-origin]                authenticator is to be asked for; the form's own address has to be this origin
//   button[data-proved]          sent with a code as it is typed; with none, the passkey is asked for first
//   button[data-by-passkey]      always asks for the passkey
//   [data-passkey-state][data-asking][data-cancelled][data-known][data-ended]   says how it goes
// [data-passkey-shown]         shown where passkeys work
// [data-passkey-hidden]        hidden there
// [data-passkey-elsewhere]     shown where the page came from another address than passkeys belong to
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const known = typeof PublicKeyCredential === "function" && isSecureContext;
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const works = (form) => known && form.dataset.origin === location.origin;
  for (const form of all("form[data-passkey]")) {
    const place = form.closest("[data-passkey-place]") || form;
    const elsewhere = known && form.dataset.origin && !works(form);
    for (const part of all("[data-passkey-shown]", place)) part.hidden = !works(form);
    for (const part of all("[data-passkey-hidden]", place)) part.hidden = works(form) || elsewhere;
    for (const part of all("[data-passkey-elsewhere]", place)) part.hidden = !elsewhere;
  }

  // What is asked for goes to the authenticator as bytes, and its answer comes back as text.
  const ask = async (form) => {
    const body = new URLSearchParams();
    for (const name of ["csrf", "ticket", "digest", "password"]) {
      if (form.elements[name]) body.set(name, form.elements[name].value);
    }
    // With the header, a session that ended is said so; without, a page to sign in would come.
    const headers = form.elements.csrf ? { "x-csrf-token": form.elements.csrf.value } : {};
    const reply = await fetch(form.dataset.passkey, { method: "POST", body, headers, redirect: "error" });
    if (!reply.ok) throw new Error(reply.status === 401 ? "" : await reply.text());
    const publicKey = await reply.json();
    publicKey.challenge = bytes(publicKey.challenge);
    if (publicKey.user) {
      publicKey.user.id = bytes(publicKey.user.id);
      publicKey.excludeCredentials = named(publicKey.excludeCredentials);
      const { id, rawId, type, response } = await navigator.credentials.create({ publicKey });
      const transports = response.getTransports?.() || [];
      const { clientDataJSON, attestationObject } = response;
      return { id, type, rawId: text(rawId), response: { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject), transports } };
    }
    publicKey.allowCredentials = named(publicKey.allowCredentials);
    const { id, rawId, type, response } = await navigator.credentials.get({ publicKey });
    const { clientDataJSON, authenticatorData, signature, userHandle } = response;
    return {
      id, type, rawId: text(rawId),
      response: {
        clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature),
        userHandle: userHandle ? text(userHandle) : null,
      },
    };
  };

  // Before every other listener: the form is sent once the answer is in it.
  document.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    const answer = form.elements?.passkey;
    if (!answer || answer.value || !works(form)) return;
    const always = submitter?.matches("[data-by-passkey]");
    const instead = submitter?.matches("[data-proved]") && !form.elements.code?.value.trim();
    if (!(always || instead) || submitter.getAttribute("aria-disabled") === "true") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const state = form.querySelector("[data-passkey-state]");
    if (form.dataset.asking) return;
    form.dataset.asking = "yes";
    state.classList.remove("bad-text");
    state.textContent = state.dataset.asking;
    try {
      answer.value = JSON.stringify(await ask(form));
      state.textContent = "";
      form.requestSubmit(submitter);
    } catch (why) {
      state.classList.add("bad-text");
      // What the browser says is for developers, but for the one case that a person can mend.
      const { cancelled, known: twice, ended } = state.dataset;
      const own = why instanceof DOMException ? (why.name === "InvalidStateError" && twice) || cancelled : why.message;
      state.textContent = own || ended;
    }
    delete form.dataset.asking;
  }, true);
  addEventListener("pageshow", () => all("form[data-passkey]").forEach((form) => { form.elements.passkey.value = ""; }));
})();
