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

// Matching by hand: what the chosen rows leave of the line or item, while one chooses.
const sums = {
  minor(text, places) {
    const plain = text.replace(/[\s\u00a0\u202f']/g, "").replace(",", ".");
    return /^\d+(\.\d+)?$/.test(plain) ? Math.round(Number(plain) * 10 ** places) : null;
  },

  format(minor, currency) {
    const format = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency, currencyDisplay: "code" });
    const places = format.resolvedOptions().maximumFractionDigits;
    const negative = minor < 0 ? "\u2212" : "";
    return negative + new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: places, maximumFractionDigits: places }).format(Math.abs(minor) / 10 ** places) + "\u00a0" + currency;
  },

  rows(form, places) {
    const whole = Number(form.dataset.left);
    let left = whole;
    const chosen = [...form.querySelectorAll(".found input[type=checkbox]:checked")]
      .map((box) => ({ box, left: Number(box.dataset.left), whole: Number(box.dataset.whole) }))
      .sort((a, b) => (Math.sign(a.left) === Math.sign(whole)) - (Math.sign(b.left) === Math.sign(whole)));
    for (const row of chosen) {
      const typed = this.minor(row.box.closest(".found").querySelector(".found-part")?.value ?? "", places);
      const same = Math.sign(row.left) === Math.sign(whole);
      const most = same && Math.abs(left) < Math.abs(row.left) ? left : row.left;
      row.taken = typed === null ? most : Math.sign(row.left) * typed;
      left -= row.taken;
    }
    return { chosen, left };
  },

  show(form) {
    const { currency } = form.dataset;
    const places = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
    const { chosen, left } = this.rows(form, places);
    const rest = form.querySelector("[data-rest]");
    rest.textContent = this.format(left, currency);
    rest.classList.toggle("sum-over", Math.sign(left) === -Math.sign(Number(form.dataset.left)));
    const short = chosen.filter((row) => row.left !== row.taken);
    const open = form.querySelector("[data-open-item]");
    if (!open) return;
    const lacking = short.length === 1 && !left ? short[0].left - short[0].taken : 0;
    open.hidden = !lacking;
    open.querySelector("[data-open-rest]").textContent = lacking ? this.format(lacking, currency) : "";
    this.offer(form, lacking || (short.length ? 0 : -left), chosen);
  },

  // A difference is offered where one may be made of what is left.
  offer(form, lacking, chosen) {
    const field = form.querySelector("[name=difference]");
    const whole = Math.max(0, ...chosen.map((row) => Math.abs(row.whole)));
    const small = Math.min(Number(form.dataset.absolute), whole * Number(form.dataset.basisPoints) / 10000);
    const most = Math.max(small, Number(form.dataset.charges), lacking > 0 ? whole * 0.03 : 0);
    const offered = chosen.length > 0 && lacking !== 0 && Math.abs(lacking) <= most;
    field.closest(".field").hidden = !offered;
    if (!offered) field.value = "";
  },

  all: () => document.querySelectorAll("form[data-sum]").forEach((form) => sums.show(form)),
};

for (const name of ["input", "change"]) {
  document.addEventListener(name, (event) => {
    const form = event.target.closest?.("form[data-sum]");
    if (form) sums.show(form);
  });
}
document.addEventListener("htmx:after:settle", sums.all);
sums.all();
