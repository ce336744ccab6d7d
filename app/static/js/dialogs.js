const palette = {
  // What is shown answers `asked`; Enter before the answer to what is typed waits for it.
  asked: null,
  waiting: false,

  open() {
    const dialog = document.getElementById("palette");
    if (!dialog) return false;
    if (!dialog.open) dialog.showModal();
    const input = dialog.querySelector("input");
    input.focus();
    input.select();
    return true;
  },

  move(event) {
    const dialog = event.target.closest("dialog.palette");
    if (!dialog || !["ArrowDown", "ArrowUp", "Enter"].includes(event.key)) return;
    const items = [...dialog.querySelectorAll(".palette-item:not([hidden])")];
    const at = items.indexOf(document.activeElement);
    if (event.key === "Enter") {
      if (at >= 0) return;
      const early = dialog.id === "palette" && this.early();
      if (early || items.length) event.preventDefault();
      if (early) this.waiting = true;
      else items[0]?.click();
      return;
    }
    event.preventDefault();
    const next = at + (event.key === "ArrowDown" ? 1 : -1);
    (items[next] ?? dialog.querySelector("input")).focus();
  },

  early: () => document.querySelector("#palette input").value !== palette.asked,

  answered() {
    if (!this.waiting || this.early()) return;
    this.waiting = false;
    document.querySelector("#palette[open] .palette-item")?.click();
  },
};

document.addEventListener("input", (event) => {
  if (event.target.closest("#palette")) palette.waiting = false;
});

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx?.target?.id !== "palette-results") return;
  palette.asked = new URL(event.detail.ctx.request.action, location.href).searchParams.get("q");
  palette.answered();
});

document.addEventListener("keydown", (event) => palette.move(event));

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open-palette]");
  if (opener && !event.ctrlKey && !event.metaKey && palette.open()) event.preventDefault();
  if (event.target.closest("[data-open-help]")) document.getElementById("help").showModal();
  const dialogButton = event.target.closest("[data-open-dialog]");
  if (dialogButton) document.getElementById(dialogButton.dataset.openDialog)?.showModal();
  // A click on the backdrop lands on the dialog itself.
  if (event.target.matches("dialog.palette, dialog.dialog[data-light]")) event.target.close();
});

// A dialog that arrives by htmx opens itself.
document.addEventListener("htmx:after:process", (event) => {
  const root = event.target;
  if (!(root instanceof Element)) return;
  const found = root.matches("dialog[data-open]") ? root : root.querySelector("dialog[data-open]");
  if (found && !found.open) found.showModal();
});
