// A file that is verified stays on the reader's machine: its fingerprint is sent in its place. Where
// the browser can't make one, the form sends the file.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-hash-file]");
  const [file] = form?.querySelector("[type=file]").files ?? [];
  if (!file || !window.crypto?.subtle) return;
  event.preventDefault();
  form.setAttribute("aria-busy", "true");
  try {
    const made = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    form.elements.sha256.value = [...new Uint8Array(made)].map((one) => one.toString(16).padStart(2, "0")).join("");
    form.elements.name.value = file.name;
    form.querySelector("[type=file]").disabled = true;
  } catch {
    // Too large for this browser's memory: the server looks at it, within its own limit.
  }
  form.submit();
});
