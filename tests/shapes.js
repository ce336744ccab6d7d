// A number for each element of the body, in the order of the document: of its tag, classes and
// attributes, of whether there is text, of the same of what it holds, and of the tags, classes and
// states around it. Words and figures make no shape, but where they are missing; what is pointed at
// has to exist, and once.
() => {
  const pointing = new Set(["for", "form", "list", "headers", "popovertarget", "aria-labelledby",
    "aria-describedby", "aria-controls", "aria-owns", "aria-activedescendant", "aria-details"]);
  const worded = new Set(["id", "src", "srcset", "name", "value", "title", "alt", "action", "d",
    "placeholder", "content", "nonce", "aria-label", "datetime", "download", "formaction"]);
  const around = ["hidden", "open", "inert", "aria-hidden", "aria-current", "aria-expanded"];
  const states = ["checked", "disabled", "indeterminate", "required", "readOnly"];
  const times = new Map();
  for (const { id } of document.querySelectorAll("[id]")) times.set(id, (times.get(id) ?? 0) + 1);

  const number = (text) => {
    let a = 0xdeadbeef;
    let b = 0x41c6ce57;
    for (let place = 0; place < text.length; place += 1) {
      a = Math.imul(a ^ text.charCodeAt(place), 2654435761);
      b = Math.imul(b ^ text.charCodeAt(place), 1597334677);
    }
    a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
    b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
    return 4294967296 * (2097151 & b) + (a >>> 0);
  };
  const aim = (id) => {
    const said = document.getElementById(id)?.textContent.trim();
    return `${Math.min(times.get(id) ?? 0, 2)}${said ? "t" : ""}`;
  };
  const told = ({ name, value }) => {
    if (pointing.has(name)) {
      return `${name}:${value.split(/\s+/).map(aim)}`;
    }
    if (name === "href") return value.startsWith("#") ? "href#" : "href";
    if (worded.has(name) || name.startsWith("hx-")) return `${name}:${value.trim() !== ""}`;
    return `${name}:${value.replace(/[0-9a-f-]{9,}|\d+/g, "")}`;
  };

  const found = [];
  const walk = (element, outside) => {
    const place = found.push(0) - 1;
    let mine = `${element.localName} ${element.getAttribute("class") ?? ""}`;
    for (const name of around) {
      if (element.hasAttribute(name)) mine += ` ${name}=${element.getAttribute(name)}`;
    }
    const inside = `${outside}>${mine}`;
    for (const attribute of element.attributes) mine += `|${told(attribute)}`;
    for (const state of states) if (element[state]) mine += `+${state}`;
    for (const label of element.labels ?? []) mine += `*${label.textContent.trim() ? "t" : ""}`;
    for (const node of element.childNodes) {
      if (node.nodeType === Node.ELEMENT_NODE) mine += `(${walk(node, inside)})`;
      else if (node.nodeType === Node.TEXT_NODE && node.data.trim()) mine += "t";
    }
    const held = number(mine);
    found[place] = number(`${outside}|${held}`);
    return held;
  };
  const { title, documentElement: root } = document;
  const viewport = document.querySelector("meta[name=viewport]")?.content;
  walk(document.body, `${title.trim() !== ""}${root.lang !== ""}${viewport}${root.className}`);
  return found;
}
