// Text modules: a dialog that narrows as one types, and puts the chosen one where the cursor was.
const texts = {
  field: null,

  // The reply, question or note that is written now.
  writing: () =>
    [...document.querySelectorAll("#request .composer textarea")].find((one) => one.checkVisibility()),

  insert(text) {
    const field = this.writing();
    if (!field) return;
    field.focus();
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
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
