// Text modules: a dialog that narrows as one types, and puts the chosen one where the cursor was.
const texts = {
  // Where the cursor was when the dialog took the focus.
  left: { id: "", start: 0, end: 0 },

  // The reply, question or note that is written now.
  writing: () =>
    [...document.querySelectorAll("#request .composer textarea")].find((one) => one.checkVisibility()),

  insert(text) {
    const field = this.writing();
    if (!field) return;
    field.focus();
    const end = field.value.length;
    const at = this.left.id === field.id ? this.left : { start: end, end };
    field.setRangeText(text, Math.min(at.start, end), Math.min(at.end, end), "end");
    // It is kept on the server like what is typed.
    field.dispatchEvent(new Event("input", { bubbles: true }));
  },

  narrow(input) {
    const wanted = input.value.trim().toLowerCase();
    for (const item of input.closest("dialog").querySelectorAll("[data-insert]")) {
      item.hidden = Boolean(wanted) && !item.textContent.toLowerCase().includes(wanted);
    }
  },
};

document.addEventListener("focusout", ({ target }) => {
  if (!target.matches?.("#request .composer textarea")) return;
  texts.left = { id: target.id, start: target.selectionStart, end: target.selectionEnd };
});

document.addEventListener("click", (event) => {
  const item = event.target.closest("[data-insert]");
  if (!item) return;
  item.closest("dialog").close();
  texts.insert(item.dataset.insert);
});

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-narrow]")) texts.narrow(event.target);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "." || !(event.ctrlKey || event.metaKey)) return;
  const opener = [...document.querySelectorAll("[data-texts]")].find((one) => one.checkVisibility());
  if (!opener) return;
  event.preventDefault();
  opener.click();
});
