// The shell's own behaviour: keys, palette, list selection, confirm, toasts. No inline script, no eval.
import { bind, help, registry } from "./keys.js";
import { startPalette } from "./palette.js";
import { startLists } from "./list.js";
import "./lookup.js";

// A morph keeps what the person has open and is typing.
const morphing = window.Idiomorph?.defaults;
if (morphing) {
  morphing.ignoreActiveValue = true;
  morphing.callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.matches("details, dialog"));
}

// How wide the screen is decides where a person of the floor lands after signing in.
for (const field of document.querySelectorAll("[data-screen]")) field.value = window.innerWidth;

const dialog = (id) => document.getElementById(id);

// Links and buttons that open a dialog.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) openDialog(opener.dataset.open);
});

export function openDialog(id) {
  const found = dialog(id);
  if (!found || found.open) return;
  for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
  found.showModal();
  if (id === "palette") {
    const box = found.querySelector("input");
    box.select();
    box.dispatchEvent(new CustomEvent("palette-open", { bubbles: true }));
  }
}

// Menus close when one clicks elsewhere or presses Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// What cannot be undone asks first; the button repeats verb and object.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  const sentence = button?.dataset.confirm || form.dataset.confirm;
  if (!sentence || form.dataset.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const box = dialog("confirm");
  const verb = (button?.firstChild?.textContent || "Do it").trim();
  box.querySelector("[data-confirm-title]").textContent = `${verb}?`;
  box.querySelector("[data-confirm-text]").textContent = sentence;
  box.querySelector("[data-confirm-yes]").textContent = verb;
  box.returnValue = "no";
  box.addEventListener("close", () => {
    if (box.returnValue !== "yes") return;
    form.dataset.confirmed = "1";
    form.requestSubmit(button);
    delete form.dataset.confirmed;
  }, { once: true });
  box.showModal();
}, true);

// A form is sent once: a second click while it is under way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Focus goes to what went wrong.
function focusProblem(root) {
  root.querySelector("[data-focus]")?.focus();
}
focusProblem(document);
document.addEventListener("htmx:afterSwap", (event) => focusProblem(event.target));

// Toasts leave after six seconds, with an Undo after twelve.
function ageToasts() {
  for (const toast of document.querySelectorAll("[data-toast]:not([data-aging])")) {
    toast.dataset.aging = "1";
    setTimeout(() => toast.remove(), toast.querySelector("a") ? 12000 : 6000);
  }
}
ageToasts();
document.addEventListener("htmx:afterSettle", ageToasts);

export function toast(words) {
  const line = document.createElement("p");
  line.className = "toast";
  line.dataset.toast = "";
  line.textContent = words;
  document.getElementById("toasts").append(line);
  ageToasts();
}
document.body.addEventListener("toast", (event) => toast(event.detail.value ?? event.detail));

// Empty parameters do not belong into the address; columns travel in one parameter.
document.addEventListener("htmx:configRequest", (event) => {
  const form = event.target.closest?.("[data-list-form]");
  if (!form) return;
  const data = event.detail.formData ?? event.detail.parameters;
  const columns = data.getAll("cols").join(",");
  data.delete("cols");
  if (columns && columns !== form.dataset.defaultCols) data.set("cols", columns);
  for (const name of new Set([...data.keys()])) {
    const kept = data.getAll(name).filter((value) => value !== "");
    data.delete(name);
    if (kept.length) data.set(name, kept.join(","));
  }
  if (![...data.keys()].length) data.set("view", "all");
});

// Keys that every page has; pages add theirs with data-key="x" on a link or button.
bind("ctrl+k", "search, run or scan", () => openDialog("palette"), { always: true });
// A digit begins a question ("40 x 4711") or a code, typed or scanned: it is the first letter in the palette.
bind("0-9", "ask for so many, or scan a code", () => openDialog("palette"), { isText: true });
bind("?", "all keys", () => { help(dialog("keys").querySelector("[data-keylist]")); openDialog("keys"); });
bind("/", "search this list", () => {
  const box = document.querySelector("[data-search]");
  if (box) box.focus(); else openDialog("palette");
});
registry.scan = () => document.querySelectorAll("[data-key]");
startPalette(dialog("palette"));
startLists();
document.querySelector(".subnav > [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
