// Sign-in by passkey on the sign-in page. Without it, or where the browser knows no passkeys, the form works as it is.
"use strict";

(() => {
  const button = document.getElementById("passkey");
  const told = document.getElementById("passkey-told");
  if (!button || !told || !window.PublicKeyCredential) return;

  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");
  const post = async (address, body) => {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };

  const signIn = async () => {
    const { log, token, next } = button.dataset;
    const asked = await post("/v1/sign-in/passkey/options", { log });
    const found = await navigator.credentials.get({
      publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: [] },
    });
    const given = found.response;
    const answer = await post("/sign-in/passkey", {
      log,
      form_token: token,
      next,
      credential: text(found.rawId),
      client_data: text(given.clientDataJSON),
      authenticator_data: text(given.authenticatorData),
      signature: text(given.signature),
      user_handle: given.userHandle ? text(given.userHandle) : "",
    });
    window.location.assign(answer.to);
  };

  button.hidden = false;
  button.addEventListener("click", async () => {
    told.textContent = "";
    button.disabled = true;
    try {
      await signIn();
    } catch {
      told.textContent = button.dataset.failed;
      button.disabled = false;
    }
  });
})();
