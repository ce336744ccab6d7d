// A row that came anew keeps the reader's place; Enter on a row confirms its proposal.
const workbench = {
  at: null,

  line: () => document.activeElement?.closest(".line"),

  keep() {
    this.at = this.line()?.id ?? this.at;
  },

  find() {
    const line = this.at && document.getElementById(this.at);
    if (line && document.activeElement === document.body) line.focus({ preventScroll: true });
  },
};

document.addEventListener("htmx:before:request", () => workbench.keep());
document.addEventListener("htmx:after:swap", () => workbench.find());
document.addEventListener("htmx:after:settle", () => workbench.find());

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.(".line")) return;
  if (document.body.dataset.keys !== "off") event.target.querySelector('[data-key="c"]')?.click();
});

document.addEventListener("click", (event) => {
  const work = event.target.closest("[data-close-work]")?.closest(".line-work");
  if (!work) return;
  event.preventDefault();
  work.closest(".line").focus();
  work.replaceChildren();
});
