// @ts-check
// Keyboard for the feed. Without this script everything still works by links and buttons.

/** @returns {HTMLElement[]} the things that j and k move between */
const stops = () => Array.from(document.querySelectorAll("[data-stop]"));

/** @param {number} step */
function move(step) {
  const all = stops();
  if (!all.length) return;
  const at = all.findIndex((stop) => stop.contains(document.activeElement));
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

/** @param {string} name the data-key of a link or button inside the focused item */
function press(name) {
  const stop = stops().find((one) => one.contains(document.activeElement));
  const target = /** @type {HTMLElement | null | undefined} */ (stop?.querySelector(`[data-key="${name}"]`));
  target?.click();
}

/** @type {Record<string, () => void>} */
const keys = {
  j: () => move(1),
  k: () => move(-1),
  o: () => press("open"),
  u: () => press("undo"),
  x: () => press("wrong"),
  w: () => press("why"),
  "/": () => /** @type {HTMLElement | null} */ (document.querySelector("input[type=search]"))?.focus(),
  "?": () => /** @type {HTMLDialogElement | null} */ (document.querySelector("dialog#keys"))?.showModal(),
};

document.addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.ctrlKey || event.metaKey || event.altKey || target.matches("input, textarea, select")) return;
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("change", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (target.matches("[data-submit]")) /** @type {HTMLSelectElement} */ (target).form?.requestSubmit();
});
