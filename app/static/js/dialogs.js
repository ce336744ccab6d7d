const palette = {
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
      if (at < 0 && items.length) {
        event.preventDefault();
        items[0].click();
      }
      return;
    }
    event.preventDefault();
    const next = at + (event.key === "ArrowDown" ? 1 : -1);
    (items[next] ?? dialog.querySelector("input")).focus();
  },
};

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
