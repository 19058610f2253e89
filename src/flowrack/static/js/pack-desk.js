// The pack station with a keyboard beside the scanner. A key means its button only when no other key follows at once:
// a scanner types its code in a few milliseconds, a person does not.
const screen = document.getElementById("scan");
const PAUSE = 180; // ms after which a lone key is a person's
const KEYS = { p: openLabel, r: () => act("reprint"), u: () => act(has("undo") ? "undo" : "reopen"), "?": help, Escape: leave };
for (const n of ["1", "2", "3", "4"]) KEYS[n] = () => act(`box:${n}`);
const ANYWHERE = /^(box:\d|reprint|undo)$/; // what the flow understands without a button of its own
let last = -PAUSE;
let waiting = 0;

document.body.classList.add("desk");
const help_ = document.createElement("dialog");
help_.className = "desk-keys";
help_.innerHTML =
  "<h2>Keys</h2><dl><dt>Enter</dt><dd>the main button</dd><dt>Esc</dt><dd>leave or go back</dd><dt>1 to 4</dt><dd>take that carton, the smallest first</dd>" +
  "<dt>P</dt><dd>open the label to print</dd><dt>R</dt><dd>print it again</dd><dt>U</dt><dd>take the last scan back, or open the carton again</dd><dt>?</dt><dd>this list</dd></dl>";
document.body.append(help_);

function has(action) {
  return screen.querySelector(`button[data-action="${action}"]`);
}

function act(action) {
  const button = has(action);
  if (button) return button.click();
  if (!ANYWHERE.test(action)) return;
  const made = document.createElement("button");
  made.type = "button";
  made.hidden = true;
  made.dataset.action = action;
  screen.append(made);
  made.click();
  made.remove();
}

function openLabel() {
  const link = screen.querySelector('a[target="_blank"]');
  if (link) window.open(link.href, "_blank", "noopener");
}

function help() {
  help_.showModal();
}

function leave() {
  for (const action of ["back", "later", "leave"]) if (has(action)) return act(action);
}

window.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea")) return;
  if (help_.open) {
    event.stopImmediatePropagation(); // the list of keys hears nothing but its end; Esc closes it by itself
    if (event.key === "?" || event.key === "Enter") help_.close();
    return;
  }
  const quick = event.timeStamp - last < PAUSE;
  last = event.timeStamp;
  clearTimeout(waiting);
  if (screen.querySelector("[data-pad]") && /^\d$/.test(event.key)) return; // digits are the number that is asked for
  if (event.key === "Enter") {
    const main = screen.querySelector(".fb.main[data-action]");
    if (!quick && main && !screen.querySelector("[data-pad]") && !event.target.closest?.("button, a")) main.click();
    return;
  }
  const does = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (does && !quick) waiting = setTimeout(() => {
    document.dispatchEvent(new Event("wedge:forget"));
    does();
  }, PAUSE);
}, true);
