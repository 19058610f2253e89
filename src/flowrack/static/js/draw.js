// Draws a step of a job on the device with the same look as the house's own pages. All text is text, never markup.
const GLYPHS = {
  ok: '<svg class="mk m-ok" viewBox="0 0 10 10" aria-hidden="true"><path d="M1 5.2 4 8.2 9.2 1.8"/></svg>',
  warn: '<svg class="mk m-warn" viewBox="0 0 10 10" aria-hidden="true"><path d="M5 .5 10 9.5H0Z"/></svg>',
  bad: '<svg class="mk m-bad" viewBox="0 0 10 10" aria-hidden="true"><path d="M5 0 10 5 5 10 0 5Z"/></svg>',
  wait: '<svg class="mk m-wait" viewBox="0 0 10 10" aria-hidden="true"><circle cx="5" cy="5" r="4"/></svg>',
};

export function el(tag, attributes = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name in { class: 1 }) made.className = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  for (const one of inside.flat()) if (one || one === 0) made.append(one);
  return made;
}

export function glyph(kind) {
  const made = document.createElement("template");
  made.innerHTML = GLYPHS[kind];
  return made.content.firstChild;
}

export const panel = (kind, mark, title, words = "", more = null) => el(
  "div", { class: `panel ${kind}`, role: kind.startsWith("p-bad") ? "alert" : "status" },
  glyph(mark), kind === "p-off" ? el("b", {}, title) : el("p", { class: "prompt" }, title),
  words && el("p", { class: kind === "p-off" ? "" : "was" }, words), more,
);

const ago = (iso) => {
  const minutes = Math.floor((Date.now() - Date.parse(iso)) / 60000);
  return minutes < 1 ? "just now" : minutes < 60 ? `${minutes} min` : minutes < 2880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
};

// What the top bar says: Online / Offline, n stored / Sending n / n need you.
export function netWords(net) {
  if (!net) return ["ok", "…"];
  if (net.device?.state === "locked") return ["warn", "Device locked"];
  if (net.isOffline) return ["warn", net.stored ? `Offline, ${net.stored} stored` : "Offline"];
  if (net.stored) return [net.isSending ? "ok" : "warn", `${net.isSending ? "Sending" : "Not sent:"} ${net.stored}`];
  if (net.needs) return ["warn", `${net.needs} need${net.needs === 1 ? "s" : ""} you`];
  return ["ok", "Online"];
}

export function showNet(screen, net) {
  const bar = screen.querySelector("[data-net]");
  if (!bar) return;
  const [mark, words] = netWords(net);
  bar.classList.toggle("off", mark === "warn");
  bar.replaceChildren(glyph(mark), el("span", {}, words));
}

function keypad(pad) {
  const key = (digit, words = digit) => el("button", { type: "button", class: "fb", "data-digit": digit }, words);
  return [
    el("div", { class: "found" }, el("b", { "data-pad-value": true }, String(pad.value)), el("span", {}, pad.of)),
    pad.note && el("p", { class: "q2 note-k" }, pad.note),
    el("div", { class: "pad", "data-pad": true }, [..."123456789"].map((digit) => key(digit)), key("del", "Del"), key("0"),
      key("none", "None")),
  ];
}

function button(action, isKeyed) {
  const kind = action.primary ? " main" : action.ghost ? " main ghost" : isKeyed ? " side" : action.wide ? " wide" : "";
  return el(
    "button", { type: "button", class: `fb${kind}`, "data-action": action.code, disabled: action.off },
    action.label, action.note && el("small", {}, action.note),
  );
}

function actions(step) {
  const side = (step.actions ?? []).filter((one) => !one.primary && !one.ghost);
  if (step.undo) side.push({ code: "undo", label: "Undo", note: step.undo });
  if (side.length % 2) side[side.length - 1] = { ...side.at(-1), wide: true };
  const main = (step.actions ?? []).filter((one) => one.primary || one.ghost);
  const pad = step.keypad;
  if (!side.length && !main.length && !pad) return null;
  return el(
    "div", { class: `ph-act${pad ? " keyed" : ""}` },
    pad ? pad.reasons.map(([code, label], at) => el(
      "button", { type: "button", class: `fb${at ? "" : " sel"}`, "data-reason": code, "aria-pressed": at ? "false" : "true" }, label,
    )) : [],
    [...side, ...main].map((one) => button(one, pad)),
    pad && el("button", { type: "button", class: "fb main", "data-pad-ok": true }, pad.verb),
  );
}

// A code by touch alone, where there is no scanner and the camera cannot read the label.
const typer = () => el("details", { class: "typer" }, el("summary", { class: "fb" }, "Type code"), el(
  "form", { "data-type": true }, el("label", { class: "vh", for: "typed-code" }, "Code"),
  el("input", { id: "typed-code", class: "typed", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", "data-typed": true }), el("button", { class: "vcode" }, "Enter"),
));

function fact(text) {
  const at = text.lastIndexOf("-") + 1;
  return el("p", { class: `bin${text.length > 8 ? " long" : ""}` }, el("span", { class: "dim" }, text.slice(0, at)), text.slice(at));
}

// `step` has the fields of the house's ScanStep; `problem` {message, fix} is the red panel.
export function draw(screen, step, net, problem = null) {
  const share = step.progress?.[1] ? Math.min(100, Math.floor((100 * step.progress[0]) / step.progress[1])) : 0;
  const middle = el(
    "div", { class: "ph-mid" },
    el("h1", { class: "vh" }, `${step.task}: ${step.prompt}`),
    problem && panel("p-bad now", "bad", problem.message, problem.fix),
    !problem && step.stored && el("div", { class: "panel p-ok", role: "status" }, glyph("ok"), el("div", {}, el("b", {}, step.stored[0]), el("span", {}, step.stored[1]))),
    !problem && step.held && panel("p-held", "warn", ...step.held),
    !problem && !step.held && !step.keypad && net?.isOffline && net.stored > 0 && panel("p-off", "warn", `${net.stored} scan${net.stored === 1 ? "" : "s"} kept on this device`,
      step.tiles ? `Oldest ${ago(net.oldest)}. They are sent in order when the network is back.` : ""),
    ...(step.panels ?? []),
    el("p", { class: "prompt", role: "status" }, step.prompt),
    step.sub && el("p", { class: "q2 sub-p" }, step.sub),
    step.fact && fact(step.fact),
    step.keypad && step.item && el("p", { class: "q2 item-k" }, el("b", {}, step.item), step.itemNote ? ` ${step.itemNote}` : ""),
    step.keypad ? keypad(step.keypad) : [
      step.qty && el("div", { class: "qty" }, el("b", {}, step.qty), el("span", {}, step.qtyNote)),
      step.item && el("div", { class: "item" }, el("div", {}, el("b", {}, step.item), el("span", {}, step.itemNote))),
    ],
    (step.done ?? []).length > 0 && el("ul", { class: `ticks${step.wraps ? " wraps" : ""}` }, step.done.map((tick) => el("li", {}, glyph(tick.kind ?? "ok"), el("span", {}, tick.text), el("span", { class: "end" }, tick.end)))),
    step.tiles,
    step.note && el("p", { class: "q2 note-p" }, step.note),
    (problem || step.accepts) && el("p", { class: "scanline" }, el("i"), problem ? "Red goes with the next good scan" : step.accepts),
    step.accepts && !step.keypad && typer(),
  );
  const top = el(
    "header", { class: "ph-top" },
    step.back === false ? el("span", { class: "task home" }, step.task) : el("a", { class: "task", href: step.back ?? "#", "aria-label": `${step.task}, back to the jobs` }, step.task),
    step.progress && el("span", { class: "prog" }, `${step.progress[0]} of ${step.progress[1]}`),
    el("span", { class: "net", "data-net": true }),
  );
  const bar = el("progress", { class: "ph-prog", max: 100, value: share, "aria-hidden": "true" });
  const parts = [top, bar, middle, actions(step)].filter(Boolean);
  screen.replaceChildren(...parts);
  showNet(screen, net);
}
