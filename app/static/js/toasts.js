"use strict";

// A text that is already shown is not shown twice: polling would fill the screen with one error.
const toasts = {
  region: () => document.getElementById("toasts"),

  adopt(note) {
    if (note.dataset.adopted) return;
    note.dataset.adopted = "1";
    const text = note.querySelector("p")?.textContent;
    for (const other of this.region().querySelectorAll(".toast-note")) {
      if (other !== note && other.querySelector("p")?.textContent === text) other.remove();
    }
    this.keepTwo();
    const seconds = Number(note.dataset.seconds);
    if (seconds) this.expire(note, seconds * 1000);
  },

  // Good news that offers nothing to undo makes room for newer; errors stay until they are read.
  keepTwo() {
    const said = [...this.region().querySelectorAll(".toast-good")];
    const done = said.filter((note) => !note.querySelector("button:not([data-close-toast]), a"));
    for (const note of done.slice(0, -2)) {
      if (!note.matches(":hover, :focus-within")) note.remove();
    }
  },

  // Time stands still while somebody reads or reaches for the button.
  expire(note, wait) {
    setTimeout(() => {
      if (note.matches(":hover, :focus-within")) this.expire(note, 2000);
      else note.remove();
    }, wait);
  },

  show(text, kind = "good", seconds = 6) {
    const region = this.region();
    if (!region) return;
    const note = document.createElement("div");
    note.className = `toast-note toast-${kind}`;
    note.dataset.seconds = seconds;
    const line = document.createElement("p");
    line.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "toast-close";
    close.dataset.closeToast = "";
    close.setAttribute("aria-label", document.body.dataset.textClose);
    close.textContent = "×";
    note.append(line, close);
    region.append(note);
    this.adopt(note);
  },

  adoptAll() {
    this.region()?.querySelectorAll(".toast-note").forEach((note) => this.adopt(note));
  },
};

document.addEventListener("DOMContentLoaded", () => toasts.adoptAll());
document.addEventListener("htmx:after:settle", () => toasts.adoptAll());

document.addEventListener("click", (event) => {
  const close = event.target.closest("[data-close-toast]");
  if (close) close.closest(".toast-note").remove();
});

// Not before the swap: htmx drops the answer of an element that is gone.
document.addEventListener("htmx:finally:request", (event) => {
  const note = event.target.closest?.(".toast-note");
  if (note && event.detail.ctx?.response?.status < 400) note.remove();
});

// HX-Trigger: {"toast": {"text": "…", "kind": "bad"}}
document.addEventListener("toast", (event) => {
  toasts.show(event.detail.text ?? event.detail.value, event.detail.kind);
});
