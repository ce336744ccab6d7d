// The desk beside its list: what is open, what comes next, where the reader was.
const desk = {
  pane: () => document.getElementById("desk"),
  opened: () => new URL(location.href).searchParams.get("open"),
  row: (key) => document.querySelector(`[data-key-of="${CSS.escape(key ?? "")}"]`),

  mark() {
    const key = this.opened();
    for (const row of document.querySelectorAll("[data-key-of]")) {
      const here = row.dataset.keyOf === key;
      row.classList.toggle("current", here);
      const link = row.querySelector(".queue-link");
      if (here) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  },

  close() {
    const here = new URL(location.href);
    const row = this.row(this.opened());
    here.searchParams.delete("open");
    history.pushState({ htmx: true }, "", here);
    this.pane().classList.remove("has-detail");
    document.getElementById("detail").replaceChildren();
    this.mark();
    row?.querySelector("a")?.focus();
  },

  // After a request went on to somebody else, the one below it opens.
  next() {
    const row = this.row(this.opened());
    const after = row?.nextElementSibling?.matches("[data-row]") ? row.nextElementSibling : null;
    row?.classList.add("gone");
    const wanted = this.pane().dataset.after;
    if (wanted === "list") this.close();
    else if (wanted === "next" && after) after.querySelector(".queue-link").click();
    this.refresh();
  },

  refresh() {
    document.getElementById("queue")?.dispatchEvent(new Event("desk-refresh"));
  },
};

document.addEventListener("DOMContentLoaded", () => {
  if (!desk.pane()) return;
  // Without it, Back to the first page of the desk would change the address alone.
  history.replaceState({ htmx: true }, "", location.href);
  document.querySelector(".queue-row.current")?.scrollIntoView({ block: "nearest" });
});

document.addEventListener("htmx:before:request", (event) => {
  if (event.target.closest?.(".queue-link")) desk.pane()?.classList.add("has-detail");
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-close-detail]") || !desk.pane() || !desk.opened()) return;
  event.preventDefault();
  desk.close();
});

document.addEventListener("request-changed", () => desk.refresh());
document.addEventListener("request-left", () => desk.pane() && desk.next());

// What was taken back is looked at again where it is still open.
document.addEventListener("request-undone", (event) => {
  const { key } = event.detail;
  desk.refresh();
  if (document.getElementById("request")?.dataset.open !== key) return;
  const link = desk.row(key)?.querySelector(".queue-link");
  if (link) link.click();
  else location.reload();
});

document.addEventListener("bulk-done", () => {
  document.getElementById("bulk")?.reset();
  document.getElementById("dialogs")?.replaceChildren();
  desk.refresh();
});

// A request that is swapped stays where it was read; a refusal is what has to be seen.
// On a phone the head scrolls with the rest.
const reading = {
  key: null,
  request: null,
  wrote: "",
  tops: [],
  panes: (request) => [...request.querySelectorAll(".request-scroll, .request-body")],
};

document.addEventListener("htmx:before:swap", () => {
  const request = document.getElementById("request");
  reading.key = request?.dataset.open;
  reading.request = request;
  reading.wrote = document.activeElement?.id;
  drafts.keep(request);
  reading.tops = request ? reading.panes(request).map((pane) => pane.scrollTop) : [];
});

document.addEventListener("htmx:after:swap", (event) => {
  desk.mark();
  const request = document.getElementById("request");
  // Rows and figures come anew while somebody writes.
  if (!request || request === reading.request) return;
  const refused = request.querySelector("[data-look]");
  const look = refused && (request.querySelector("[aria-invalid=true]") ?? refused);
  if (look) {
    look.scrollIntoView({ block: "nearest" });
    look.focus({ preventScroll: true });
  } else if (request.dataset.open === reading.key) {
    reading.panes(request).forEach((pane, at) => {
      pane.scrollTo({ top: reading.tops[at], behavior: "instant" });
    });
    // What was written is sent: the single keys work again.
    const back = reading.wrote && document.activeElement?.id === reading.wrote;
    if (back && !drafts.at) request.querySelector(".request-body").focus({ preventScroll: true });
  }
});

// What is being written outlives the answer to another form; else its letters would turn into keys,
// and a note's next words go to the client.
const drafts = {
  request: null,
  sent: null,
  found: [],
  at: null,

  keep(request) {
    const fields = [...(request?.querySelectorAll("textarea[id], input[type=text][id]") ?? [])];
    const own = fields.filter((field) => field.form !== this.sent);
    this.found = own.filter((field) => field.value !== field.defaultValue);
    this.at = own.find((field) => field === document.activeElement);
    if (this.at) this.found.push(this.at);
  },

  fill(request) {
    for (const old of this.found) {
      const field = request.querySelector(`#${CSS.escape(old.id)}`);
      if (field && field.value === field.defaultValue) field.value = old.value;
    }
  },

  resume(request) {
    const field = this.at && request.querySelector(`#${CSS.escape(this.at.id)}`);
    if (!field) return;
    const kind = field.form.className.replace("composer-", "");
    request.querySelector(`[name=composer][value="${CSS.escape(kind)}"]`)?.click();
    field.closest("details")?.setAttribute("open", "");
    field.focus({ preventScroll: true });
    field.setSelectionRange(this.at.selectionStart, this.at.selectionEnd);
  },
};

// Before the next key: htmx says that it has swapped only a moment after it did.
new MutationObserver(() => {
  const request = document.getElementById("request");
  if (!request || request === drafts.request) return;
  const same = request.dataset.open === drafts.request?.dataset.open;
  drafts.request = request;
  if (!same) return;
  drafts.fill(request);
  drafts.resume(request);
}).observe(document.documentElement, { childList: true, subtree: true });

document.addEventListener("htmx:before:request", (event) => {
  const form = event.target.closest?.("form");
  if (form) drafts.sent = form;
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-attach]")) return;
  const label = event.target.closest(".attach");
  const names = label.querySelector("[data-attach-names]");
  names.dataset.empty ??= names.textContent;
  const chosen = [...event.target.files].map((file) => file.name).join(", ");
  names.textContent = chosen || names.dataset.empty;
  label.classList.toggle("chosen", Boolean(chosen));
});
