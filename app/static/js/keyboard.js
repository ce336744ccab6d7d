// Single keys press what carries data-key; they sleep inside inputs, dialogs and when turned off.
const keyboard = {
  rows: () => [...document.querySelectorAll("[data-row]")],

  currentRow() {
    return (
      document.activeElement?.closest("[data-row]") ??
      document.querySelector("[data-row].current") ??
      document.querySelector("[data-row] .queue-link[aria-current]")?.closest("[data-row]")
    );
  },

  step(by) {
    const rows = this.rows();
    if (!rows.length) return;
    const at = rows.indexOf(this.currentRow());
    const inRow = document.activeElement?.closest("[data-row]");
    // The first j goes to the row that is open, not past it.
    const to = at < 0 ? 0 : inRow || rows[at].matches(".current") ? at + by : at;
    const row = rows[Math.max(0, Math.min(rows.length - 1, to))];
    (row.matches("[tabindex]") ? row : row.querySelector("a, button"))?.focus();
    row.scrollIntoView({ block: "nearest" });
  },

  press(key) {
    const wanted = `[data-key="${CSS.escape(key)}"]`;
    const inRow = this.currentRow()?.querySelector(wanted);
    // A key of another row than the one that is looked at does nothing.
    const visible = [...document.querySelectorAll(wanted)].find(
      (one) => one.checkVisibility() && !one.closest("[data-row]"),
    );
    const target = inRow ?? visible;
    if (!target) return false;
    if (target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select")) target.focus();
    else target.click();
    if (target.dataset.keyFocus) document.querySelector(target.dataset.keyFocus)?.focus();
    return true;
  },

  toggle() {
    const box = this.currentRow()?.querySelector(".queue-check");
    box?.click();
    return Boolean(box);
  },

  act(key) {
    if (key === "j" || key === "k") return this.step(key === "j" ? 1 : -1), true;
    if (key === "x") return this.toggle();
    if (key === "?") return document.getElementById("help")?.showModal(), true;
    return this.press(key);
  },

  typing: (target) =>
    target.isContentEditable ||
    target.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit])"),

  escape(target) {
    if (document.querySelector("dialog[open]")) return;
    if (this.typing(target)) target.blur();
    else this.press("Escape");
  },
};

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (!(target instanceof Element) || event.isComposing || event.altKey) return;
  if (event.ctrlKey || event.metaKey) {
    if (key.toLowerCase() === "k" && palette.open()) event.preventDefault();
    const form = key === "Enter" && target.closest("form")?.querySelector("[data-submit-key]");
    if (form) {
      event.preventDefault();
      form.click();
    }
    return;
  }
  if (key === "Escape") return keyboard.escape(target);
  if (document.body.dataset.keys === "off" || keyboard.typing(target)) return;
  if (document.querySelector("dialog[open]") || key.length !== 1 || key === " ") return;
  if (keyboard.act(key)) event.preventDefault();
});
