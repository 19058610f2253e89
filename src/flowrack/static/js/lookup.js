// Codes while one types: arrows choose, Enter or a click takes, Escape closes. A code that is typed or scanned in full
// is left alone: nothing is taken unless somebody chose it.
const WAIT = 120;
const list = document.createElement("ul");
list.className = "looks";
list.id = "looks";
list.setAttribute("role", "listbox");
list.setAttribute("aria-label", "Codes that fit");
list.hidden = true;

let box = null;
let timer = 0;
let asked = 0;

const options = () => [...list.querySelectorAll("[data-code]")];
const chosen = () => list.querySelector('[aria-selected="true"]');

function close() {
  clearTimeout(timer);
  asked += 1;
  list.hidden = true;
  list.replaceChildren();
  box?.setAttribute("aria-expanded", "false");
  box?.removeAttribute("aria-activedescendant");
}

function place() {
  const at = box.getBoundingClientRect();
  list.style.insetInlineStart = `${Math.round(at.left + window.scrollX)}px`;
  list.style.insetBlockStart = `${Math.round(at.bottom + window.scrollY)}px`;
  list.style.minInlineSize = `${Math.round(at.width)}px`;
}

function choose(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  if (!option) return;
  box.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function take(option) {
  const into = box;
  into.value = option.dataset.code;
  close();
  into.dispatchEvent(new Event("change", { bubbles: true }));
  into.focus();
}

async function ask() {
  const text = box.value.trim();
  const mine = (asked += 1);
  if (!text) return close();
  const beside = (name) => box.form?.elements.namedItem(name)?.value ?? "";
  const asks = { q: text, site: beside("site"), customer: box.name === "customer" ? "" : beside("customer") };
  const answer = await fetch(`${box.dataset.look}?${new URLSearchParams(asks)}`);
  if (mine !== asked || !answer.ok || document.activeElement !== box) return;
  list.innerHTML = await answer.text();
  const found = options();
  found.forEach((option, at) => { option.id = `looks-${at}`; });
  list.hidden = !found.length || (found.length === 1 && found[0].dataset.code === text);
  box.setAttribute("aria-expanded", String(!list.hidden));
  if (!list.hidden) place();
}

document.addEventListener("focusin", (event) => {
  const next = event.target.closest?.("input[data-look]");
  if (next === box) return;
  if (box) close();
  box = next;
  if (!box) return;
  document.body.append(list);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", "looks"]]) {
    box.setAttribute(name, value);
  }
  box.setAttribute("aria-expanded", "false");
});

document.addEventListener("input", (event) => {
  if (event.target !== box) return;
  clearTimeout(timer);
  timer = setTimeout(ask, WAIT);
});

document.addEventListener("keydown", (event) => {
  if (event.target !== box || list.hidden || event.isComposing) return;
  const all = options();
  const at = all.indexOf(chosen());
  if (event.key === "ArrowDown") choose(all[(at + 1) % all.length]);
  else if (event.key === "ArrowUp") choose(all[(at - 1 + all.length) % all.length]);
  else if (event.key === "Enter" && at >= 0) take(all[at]);
  else if (event.key === "Escape") close();
  else {
    if (event.key === "Enter" || event.key === "Tab") close();
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}, true);

list.addEventListener("pointerdown", (event) => {
  const option = event.target.closest("[data-code]");
  if (!option) return;
  event.preventDefault();
  take(option);
});
window.addEventListener("resize", () => { if (!list.hidden) place(); });
