// Lists: j and k move, x selects, Shift with x or a click selects all from the last one; Enter opens; the batch bar shows
// what is selected.
import { bind, isTyping } from "./keys.js";

const table = () => document.querySelector("[data-rows]");
const rows = () => [...(table()?.querySelectorAll("tbody tr") ?? [])];
const current = () => table()?.querySelector("tr.cur") ?? null;

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  for (const row of all) row.classList.toggle("cur", row === next);
  next.scrollIntoView({ block: "nearest" });
}

function picks() {
  return [...(table()?.querySelectorAll('input[name="ids"]') ?? [])];
}

let last = null; // the box that was chosen last: a range begins there

function choose(box, isOn) {
  box.checked = isOn;
  last = box;
}

// All rows from the one chosen last to this one become chosen.
function chooseTo(box) {
  const all = picks();
  const from = Math.max(all.indexOf(last), 0), to = all.indexOf(box);
  for (const one of all.slice(Math.min(from, to), Math.max(from, to) + 1)) one.checked = true;
  last = box;
}

function refresh() {
  const form = document.querySelector("[data-batch]");
  const bar = form?.querySelector("[data-batch-bar]");
  if (!bar) return;
  const chosen = picks().filter((box) => box.checked);
  for (const box of picks()) box.closest("tr").classList.toggle("sel", box.checked);
  const whole = form.querySelector("[data-pick-all]");
  whole.checked = chosen.length > 0 && chosen.length === picks().length;
  whole.indeterminate = chosen.length > 0 && !whole.checked;
  const all = form.querySelector("[data-all]").value === "1";
  bar.hidden = chosen.length === 0;
  const total = form.querySelector("[data-select-all]")?.textContent.match(/[\d,]+/)?.[0];
  bar.querySelector("[data-count]").textContent = all ? `All ${total} selected` : `${chosen.length} selected`;
}

function clear() {
  for (const box of picks()) box.checked = false;
  const all = document.querySelector("[data-all]");
  if (all) all.value = "";
  refresh();
}

export function startLists() {
  const has = () => rows().length > 0;
  const picky = () => picks().length > 0;
  bind("j", "next row", () => move(1), { when: has });
  bind("k", "previous row", () => move(-1), { when: has });
  bind("enter", "open the row", () => current()?.querySelector("a[href]")?.click(), { when: () => current() !== null && !document.activeElement?.closest("a, button, summary") });
  bind("x", "select the row", () => {
    const box = current()?.querySelector('input[name="ids"]');
    if (box) { choose(box, !box.checked); clearAll(); refresh(); }
  }, { when: picky });
  bind("X", "select the rows from the last one to here", () => {
    const box = current()?.querySelector('input[name="ids"]');
    if (box) { chooseTo(box); clearAll(); refresh(); }
  }, { when: picky });
  bind("escape", "clear the selection", clear, { when: () => picks().some((box) => box.checked) });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) for (const box of picks()) box.checked = event.target.checked;
    if (event.target.closest("[data-batch]")) { clearAll(); refresh(); }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-clear]")) clear();
    const box = event.target.closest('[data-rows] input[name="ids"]');
    if (box) {
      if (event.shiftKey && box.checked && picks().includes(last)) { chooseTo(box); refresh(); }
      last = box;
    }
    if (event.target.closest("[data-select-all]")) {
      for (const box of picks()) box.checked = true;
      document.querySelector("[data-all]").value = "1";
      refresh();
    }
    const row = event.target.closest("[data-rows] tbody tr");
    if (row && !isTyping(event.target)) for (const other of rows()) other.classList.toggle("cur", other === row);
  });
  document.addEventListener("htmx:afterSettle", refresh);
  window.addEventListener("pageshow", refresh);
}

function clearAll() {
  const all = document.querySelector("[data-all]");
  if (all) all.value = "";
}
