// The door calendar: a truck is dragged, or moved with the keys, to another door or hour. The server decides.
//   drag            to another line or hour, let go
//   arrow keys      move the truck in focus, Enter moves it there, Escape leaves it
let held = null;

const picture = () => document.querySelector("[data-calendar]");
const says = () => document.getElementById("move-says");

function facts() {
  const data = picture().dataset;
  return {
    start: new Date(data.start),
    minutes: Number(data.minutes),
    grid: Number(data.grid),
    left: Number(data.left),
    row: Number(data.row),
    doors: data.doors.split(" ").filter(Boolean),
    names: data.names.split("|"),
    perMinute: (1392 - Number(data.left)) / Number(data.minutes),
  };
}

function point(event) {
  const box = picture();
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(box.getScreenCTM().inverse());
  return { x: at.x, y: at.y };
}

function hold(bar) {
  held = { bar, minute: Number(bar.dataset.minute), line: Number(bar.dataset.line), steps: 0, lines: 0, from: null };
  bar.classList.add("held");
}

function letGo() {
  if (!held) return;
  held.bar.removeAttribute("transform");
  held.bar.classList.remove("held");
  held = null;
  says().textContent = "";
}

function place() {
  const known = facts();
  const minutes = held.steps * known.grid;
  const line = Math.min(Math.max(held.line + held.lines, 0), known.doors.length - 1);
  held.target = { line, minute: Math.min(Math.max(held.minute + minutes, 0), known.minutes - known.grid) };
  const x = (held.target.minute - held.minute) * known.perMinute;
  held.bar.setAttribute("transform", `translate(${x} ${(line - held.line) * known.row})`);
  const at = new Date(known.start.getTime() + held.target.minute * 60000);
  const zone = picture().dataset.zone;
  const time = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone || undefined });
  says().textContent = `To ${known.names[line]} at ${time}. Enter moves it there, Esc leaves it.`;
}

function confirm() {
  const { bar, target } = held;
  const known = facts();
  const at = new Date(known.start.getTime() + target.minute * 60000);
  const values = {
    door: known.doors[target.line],
    starts_at: at.toISOString(),
    version: bar.dataset.version,
    day: document.getElementById("calendar").dataset.day,
    idempotency_key: crypto.randomUUID(),
  };
  const id = bar.id;
  held = null;
  says().textContent = "";
  window.htmx
    .ajax("POST", bar.dataset.move, { source: "#calendar", target: "#calendar", swap: "innerHTML", values })
    .then(() => document.getElementById(id)?.focus());
}

document.addEventListener("pointerdown", (event) => {
  const bar = event.target.closest?.("[data-move]");
  if (!bar || event.button !== 0) return;
  letGo();
  hold(bar);
  held.from = point(event);
});

document.addEventListener("pointermove", (event) => {
  if (!held?.from) return;
  const at = point(event);
  const known = facts();
  if (!held.moved && Math.hypot(at.x - held.from.x, at.y - held.from.y) < 6) return;
  held.moved = true;
  held.steps = Math.round((at.x - held.from.x) / known.perMinute / known.grid);
  held.lines = Math.round((at.y - held.from.y) / known.row);
  place();
});

document.addEventListener("pointerup", () => {
  if (!held?.from) return;
  if (held.moved && (held.steps || held.lines)) {
    const swallow = (event) => event.preventDefault();
    held.bar.addEventListener("click", swallow, { once: true });
    confirm();
  } else if (held.moved) {
    held.bar.addEventListener("click", (event) => event.preventDefault(), { once: true });
    letGo();
  } else {
    letGo();
  }
});

document.addEventListener("pointercancel", letGo);
document.addEventListener("dragstart", (event) => {
  if (event.target.closest?.("[data-calendar]")) event.preventDefault();
});

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

document.addEventListener("keydown", (event) => {
  const bar = document.activeElement?.closest?.("[data-move]");
  if (event.key === "Escape" && held) {
    event.preventDefault();
    letGo();
    return;
  }
  if (event.key === "Enter" && held?.target) {
    event.preventDefault();
    confirm();
    return;
  }
  const step = STEPS[event.key];
  if (!bar || !step) return;
  event.preventDefault();
  if (held?.bar !== bar) {
    letGo();
    hold(bar);
    if (held.line >= facts().doors.length) held.lines = facts().doors.length - 1 - held.line;
  }
  held.steps += step[0];
  held.lines += step[1];
  place();
});

// Whoever goes on to another truck leaves this one where it was.
document.addEventListener("focusout", (event) => {
  if (held && !held.from && event.target === held.bar) letGo();
});

// While somebody moves a truck the picture is not drawn anew under it.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (held && event.detail.requestConfig?.verb === "get" && event.detail.elt.id === "calendar") event.preventDefault();
});
