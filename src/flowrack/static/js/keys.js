// One registry of keys: what is bound here is what "?" lists, so the list cannot lie.
const bindings = new Map();
export const registry = { scan: () => [] };
let pending = "";
let pendingTimer = 0;

export function bind(key, words, run, options = {}) {
  bindings.set(key, { key, words, run, ...options });
}

export function isTyping(target) {
  if (!target || target.isContentEditable) return Boolean(target?.isContentEditable);
  const tag = target.tagName;
  if (tag === "TEXTAREA" || tag === "SELECT") return true;
  return tag === "INPUT" && !["checkbox", "radio", "button", "submit"].includes(target.type);
}

function name(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key.toLowerCase();
  return event.ctrlKey || event.metaKey ? `ctrl+${key}` : event.key.length === 1 ? event.key : key;
}

function goLinks() {
  return [...document.querySelectorAll("[data-go]")];
}

function onPage(element) {
  return element.offsetParent !== null && !element.disabled;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const pressed = name(event);
  const bound = bindings.get(pressed) ?? (/^[0-9]$/.test(pressed) ? bindings.get("0-9") : undefined);
  if (bound?.always) {
    event.preventDefault();
    bound.run(event);
    return;
  }
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (pending === "g") {
    pending = "";
    clearTimeout(pendingTimer);
    const link = goLinks().find((a) => a.dataset.go === pressed);
    if (link) {
      event.preventDefault();
      window.location.assign(link.href);
    }
    return;
  }
  if (pressed === "g" && goLinks().length) {
    pending = "g";
    pendingTimer = setTimeout(() => { pending = ""; }, 1500);
    return;
  }
  const own = [...registry.scan()].find((element) => element.dataset.key === pressed && onPage(element));
  if (own) {
    event.preventDefault();
    own.click();
    return;
  }
  if (bound && (!bound.when || bound.when())) {
    if (!bound.isText) event.preventDefault();
    bound.run(event);
  }
});

export function help(list) {
  const rows = [];
  for (const element of registry.scan()) {
    if (onPage(element)) rows.push([element.dataset.key, element.firstChild.textContent.trim()]);
  }
  for (const bound of bindings.values()) {
    if (!bound.when || bound.when()) rows.push([bound.key.replace("ctrl+", "Ctrl "), bound.words]);
  }
  for (const link of goLinks()) rows.push([`g ${link.dataset.go}`, `go to ${link.textContent}`]);
  list.replaceChildren(...rows.flatMap(([key, words]) => {
    const term = document.createElement("dt");
    const keys = document.createElement("dd");
    term.textContent = words;
    for (const part of key.split(" ")) {
      const cap = document.createElement("kbd");
      cap.textContent = part;
      keys.append(cap, " ");
    }
    return [term, keys];
  }));
}
