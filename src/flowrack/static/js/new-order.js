// A new order is read while it is typed: what each line means, whose order it is, when it leaves and what would hold it.
const WAIT = 350;
const entry = document.querySelector("[data-understood]");
const form = entry.closest("form");
const about = document.getElementById("about-order");
const sums = entry.querySelector("[data-grid-sums]");
let timer = 0;
let asking = null;

const rows = () => [...entry.querySelectorAll("tbody tr:not([data-fault])")];

// What stands in a field that the customer's terms fill; without a known customer what stood there first.
const plain = new Map();
function show(name, words) {
  const box = form.elements.namedItem(name);
  if (!box) return;
  const option = box instanceof HTMLSelectElement ? box.options[0] : null;
  if (!plain.has(name)) plain.set(name, option ? option.textContent : box.placeholder);
  const said = words === undefined ? plain.get(name) : `the customer's: ${words}`;
  if (option) option.textContent = said;
  else box.placeholder = said;
}

function say(found) {
  if (about.innerHTML !== found.about) about.innerHTML = found.about;
  sums.textContent = found.sums;
  rows().forEach((row, at) => {
    const cell = row.querySelector("[data-said]");
    const [words, level] = found.rows[at + 1] ?? ["", ""];
    if (cell.textContent !== words) cell.textContent = words;
    cell.title = words;
    cell.dataset.level = level;
  });
  for (const name of new Set([...plain.keys(), ...Object.keys(found.usual)])) show(name, found.usual[name]);
}

async function ask() {
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await fetch(entry.dataset.understood, { method: "POST", body: new FormData(form), signal: asking.signal });
    if (answer.ok) say(await answer.json());
  } catch (error) {
    if (error.name !== "AbortError") sums.textContent = "";
  }
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(ask, WAIT);
}

// Enter in a field above the lines goes to the next one: nobody sends half an order by it.
form.addEventListener("keydown", (event) => {
  const box = event.target;
  if (event.key !== "Enter" || event.isComposing || entry.contains(box) || !box.matches("input, select")) return;
  event.preventDefault();
  if (event.ctrlKey || event.metaKey) {
    form.requestSubmit();
    return;
  }
  const all = [...form.querySelectorAll("input:not([type=hidden]), select")].filter((one) => one.checkVisibility());
  all[all.indexOf(box) + 1]?.focus();
});

// Lines that were typed are not lost by a slip: leaving the page asks first.
let isSent = false;
form.addEventListener("submit", () => { isSent = true; });
window.addEventListener("beforeunload", (event) => {
  if (!isSent && rows().some((row) => row.querySelector("input").value.trim())) event.preventDefault();
});

form.elements.namedItem("ship_to")?.setAttribute("list", "ship-tos");
form.addEventListener("input", later);
form.addEventListener("change", later);
if (form.elements.namedItem("customer").value) ask();
