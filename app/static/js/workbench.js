// A row that came anew keeps the reader's place; Enter on a row confirms its proposal.
const workbench = {
  at: null,

  line: () => document.activeElement?.closest(".line"),

  keep() {
    this.at = this.line()?.id ?? this.at;
  },

  close(line) {
    // Hidden, not removed: a search that is on its way still finds its place.
    const work = line.querySelector(".line-work");
    if (work) work.hidden = true;
    line.querySelector(".leave[open]")?.removeAttribute("open");
    line.focus();
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
  const line = event.target.closest?.(".line");
  if (!line || event.isComposing) return;
  if (event.key === "Escape") workbench.close(line);
  if (event.key !== "Enter" || event.target !== line || document.body.dataset.keys === "off") return;
  line.querySelector('[data-key="c"]')?.click();
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest('.line [data-key="m"]');
  if (opener) opener.closest(".line").querySelector(".line-work").hidden = false;
  const line = event.target.closest("[data-close-work]")?.closest(".line");
  if (!line) return;
  event.preventDefault();
  workbench.close(line);
});
