// Asks for the token of the service.

import { byId } from "./dom.js";

// wrong: whether one was given that the service refused. A promise of the token, or of null.
export function askToken(wrong) {
  const dialog = byId("token-dialog");
  const field = byId("token");
  byId("token-text").textContent = wrong
    ? "The service does not know that token."
    : "Whoever runs it set one; it is sent with every request.";
  field.value = "";
  field.setAttribute("aria-invalid", wrong);
  if (!dialog.open) dialog.showModal();
  return new Promise((resolve) => {
    let token = null;
    byId("token-form").onsubmit = () => (token = field.value.trim());
    byId("token-cancel").onclick = () => dialog.close();
    dialog.addEventListener("close", () => resolve(token || null), { once: true });
  });
}
