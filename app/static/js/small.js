document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  toasts.show(document.body.dataset.textCopied, "good", 2);
});

document.addEventListener("change", (event) => {
  const drop = event.target.closest("[data-drop]");
  if (!drop || event.target.type !== "file") return;
  const names = drop.querySelector("[data-drop-names]");
  names.dataset.empty ??= names.textContent;
  names.textContent = [...event.target.files].map((file) => file.name).join(", ") || names.dataset.empty;
});

for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
  document.addEventListener(name, (event) => {
    event.target.closest?.("[data-drop]")?.classList.toggle("over", over);
  });
}

// A select or checkbox of a filter form sends it; without JavaScript its button does. With the keys
// one passes other options on the way: the form waits until they rest, and they stay where they were.
const filters = {
  keyed: false,
  timer: 0,
  kept: "filter-focus",

  change(field) {
    clearTimeout(this.timer);
    if (!this.keyed || !field.matches("select")) return field.form.requestSubmit();
    this.timer = setTimeout(() => {
      if (document.activeElement === field) sessionStorage.setItem(this.kept, field.name);
      field.form.requestSubmit();
    }, 700);
  },

  resume() {
    const name = sessionStorage.getItem(this.kept);
    sessionStorage.removeItem(this.kept);
    if (name) document.querySelector(`[data-submit-on-change] [name="${CSS.escape(name)}"]`)?.focus();
  },
};

document.addEventListener("keydown", () => (filters.keyed = true), { capture: true });
document.addEventListener("pointerdown", () => (filters.keyed = false), { capture: true });
document.addEventListener("change", (event) => {
  const { target } = event;
  if (target.form?.matches("[data-submit-on-change]") && target.matches("select, [type=checkbox], [type=date]")) {
    filters.change(target);
  }
});
filters.resume();

// One box ticks all of a name; without JavaScript it is sent itself.
document.addEventListener("change", ({ target }) => {
  const all = target.form?.querySelector("[data-tick-all]");
  if (!all) return;
  const boxes = [...target.form.querySelectorAll(`[name="${CSS.escape(all.dataset.tickAll)}"]`)];
  if (target === all) boxes.forEach((box) => (box.checked = all.checked));
  else if (boxes.includes(target)) all.checked = boxes.every((box) => box.checked);
});

// Back shows what the address says, not what was chosen before leaving.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-submit-on-change]").forEach((form) => form.reset());
});

// An item opened from the queue is the current one at once, not when its answer arrives.
document.addEventListener("htmx:before:request", (event) => {
  const link = event.target.closest?.(".queue-link");
  if (!link) return;
  document.querySelectorAll(".queue-link[aria-current]").forEach((one) => one.removeAttribute("aria-current"));
  document.querySelectorAll("[data-row].current").forEach((one) => one.classList.remove("current"));
  link.setAttribute("aria-current", "true");
  link.closest("[data-row]").classList.add("current");
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// A menu of acts closes with a click beside it and with Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("[data-more][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("[data-more][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
  event.stopImmediatePropagation();
}, { capture: true });

// A part of the page that is folded opens when a link leads to it.
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  const fold = link && document.getElementById(link.hash.slice(1));
  if (fold?.matches("details")) fold.open = true;
});
