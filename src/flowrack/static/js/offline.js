// The scan app without the house: what was taken along is done by the same grammar, stored before the beep. This is the frame;
// each kind of work (offline-*.js) says what goes along, what a scan means and what the screen asks.
import { offer, wedgeHeard } from "./camera.js";
import * as house from "./device.js";
import { draw, panel, showNet } from "./draw.js";
import { give } from "./feedback.js";
import { BadCode } from "./gs1.js";
import { counting } from "./offline-count.js";
import { loading } from "./offline-load.js";
import { picking } from "./offline-pick.js";
import { putting } from "./offline-putaway.js";
import { refilling } from "./offline-refill.js";
import * as start from "./offline-start.js";
import { press } from "./orders.js";
import { all, cookie, get, write } from "./store.js";
import { listen } from "./wedge.js";
import { Wrong } from "./work.js";

const KINDS = [putting, refilling, picking, counting, loading];
const kindOf = (one) => KINDS.find((kind) => kind.kind === (one.kind ?? "pick"));
const screen = document.getElementById("scan");
const IDLE = 10 * 60 * 1000; // ms without a touch after which the PIN is asked, when the house can be asked
let job = null; // the work that is open on the screen
let who = null;
let net = null;
let problem = null;
let stored = null;
let busy = Promise.resolve();
let touched = Date.now();

screen.classList.toggle("left", cookie("hand") === "left");
for (const [name, at] of [["theme", "theme"], ["type", "size"]]) if (cookie(name)) document.documentElement.dataset[at] = cookie(name);

// The kinds of work that this person does; all of them until the house has said so.
const mine = () => KINDS.filter((kind) => !who?.may || who.may.includes(kind.kind));

async function home() {
  if (job) await write([["meta", undefined, "open"]]);
  job = null;
  const known = net?.device ?? (await house.device());
  const [along, wiped] = [await all("lists"), await house.wiped()];
  await readRefused();
  show(start.page({ net, who, known, along, wiped, refused, news: [...news.values()], kindOf, kinds: mine() }));
}

// ---------------------------------------------------------------- scans and buttons

function show(step) {
  draw(screen, { back: "#home", ...step }, net, problem);
  if (!document.activeElement || document.activeElement === document.body) screen.focus({ preventScroll: true });
}

function redraw() {
  if (!job) return home();
  job = withoutUndo(job);
  return show({ ...kindOf(job).step(job, net), stored, panels: [...toldOf(job.id), ...refusedHere()] });
}

// What came to a job without its person's doing, until the next good scan there.
const news = new Map();
const toldOf = (id) => (news.has(id) ? [panel("p-held", "warn", ...news.get(id))] : []);

// What the house refused of this job, before anybody is sent to the same place again: the goods are where they were put.
let refused = [];
const readRefused = async () => { refused = (await all("journal")).filter(house.needsSomebody); };
// What was refused is not in the books, so there is nothing to undo.
const withoutUndo = (one) => (one.last && refused.some(({ seq }) => seq === one.seq) ? { ...one, last: null } : one);

function refusedHere() {
  const [first, ...more] = refused.filter((one) => kindOf(job).isOf(job, JSON.parse(one.payload)));
  if (!first) return [];
  const said = JSON.parse(first.payload);
  const what = [kindOf(job).stored([first.flow, said]), said.tote].filter(Boolean).join(" in ");
  return [panel("p-bad", "bad", what ? `Not booked: ${what}` : "Not booked", `${first.message} Take it out again before you go on, or tap Look at it.`, start.look(net, more.length + 1))];
}

// One after the other: each scan meets the state that the one before has left on the disk.
function then(act) {
  touched = Date.now();
  busy = busy.then(act).catch((error) => {
    if (!(error instanceof Wrong || error instanceof BadCode || error instanceof house.Refused)) {
      refuse({ message: "This could not be stored.", fix: "Do not go on. Free some room on the device, then scan again." });
      throw error;
    }
    refuse({ message: error.message, fix: error.fix });
  });
  return busy;
}

function refuse(words_) {
  problem = words_;
  stored = null;
  const typed = padValue()?.textContent;
  redraw();
  if (typed && padValue()) padValue().textContent = typed;
  window.scrollTo(0, 0);
  give(screen, "wrong");
}

async function does(step) {
  const { work: after, feedback, entry } = step(job, (await all("lists")).filter((one) => one.kind === job.kind));
  let then_ = after;
  if (entry) {
    await house.append(entry[0], entry[1], (seq) => {
      then_ = { ...after, seq };
      return [["lists", then_]];
    });
  } else await write([["lists", after]]);
  // It is on the disk now: only then the tone and the tick.
  job = then_;
  problem = null;
  news.delete(job.id);
  stored = feedback === "done" ? ["Stored", entry ? kindOf(job).stored(entry) : ""] : null;
  net = await house.standing();
  redraw();
  give(screen, feedback);
  if (entry) house.sync();
}

function take(code) {
  if (!code.trim()) return undefined;
  const ordered = press(screen, code);
  if (ordered === "pressed") return undefined;
  if (ordered === "none") return refuse({ message: "This screen has no such button.", fix: "Look at what it asks." });
  if (padValue() && /^\d{1,4}$/.test(code.trim())) {
    padValue().textContent = String(Number(code));
    padFresh = true;
    return screen.querySelector("[data-reason]") ? undefined : book(); // what is short is booked by its button
  }
  return then(() => (job ? does((one, others) => kindOf(one).scanned(one, code, others)) : openByNumber(code)));
}

async function openByNumber(code) {
  const text = code.trim().toUpperCase();
  const found = (await all("lists")).find((one) => kindOf(one).opens(one, text));
  if (found) {
    await open(found.id);
    return kindOf(found).takesCode ? does((one, others) => kindOf(one).scanned(one, code, others)) : undefined;
  }
  const kind = mine().find((one) => one.named?.(text));
  if (kind && who && net && !net.isOffline) return fetchAlong(kind, { code: text });
  throw new Wrong(`“${code.slice(0, 40)}” is no job on this device.`, "Choose one of those that are, or take it along where there is network.");
}

async function open(id) {
  job = await get("lists", id);
  await write([["meta", id, "open"]]);
  problem = stored = null;
  redraw();
}

const padValue = () => screen.querySelector("[data-pad-value]");
let padFresh = true;
function digit(key) {
  const shown = padValue();
  const now = padFresh ? "" : shown.textContent;
  if (key === "none") shown.textContent = "0";
  else if (key === "del") shown.textContent = shown.textContent.slice(0, -1) || "0";
  else if (now.length < 5) shown.textContent = String(Number(now + key));
  padFresh = false;
}
function book() {
  const units = padValue().textContent;
  const reason = screen.querySelector('[data-reason][aria-pressed="true"]')?.dataset.reason ?? "";
  padFresh = true;
  return then(() => does((one) => kindOf(one).counted(one, units, reason)));
}

const pressed = { at: -1000, what: "" };
screen.addEventListener("click", (event) => {
  touched = Date.now();
  if (event.target.closest('a[href="#home"]')) {
    event.preventDefault();
    problem = stored = null;
    then(home);
    return;
  }
  const button = event.target.closest("button");
  if (!button) return;
  const { action } = button.dataset;
  if (action || "padOk" in button.dataset) {
    // A finger that bounces presses once.
    const what = action ?? "pad";
    if (pressed.what === what && event.timeStamp - pressed.at < 500) return;
    pressed.at = event.timeStamp;
    pressed.what = what;
  }
  if (button.dataset.open) then(() => open(/^\d+$/.test(button.dataset.open) ? Number(button.dataset.open) : button.dataset.open));
  else if (action?.startsWith("take:")) then(() => fetchAlong(KINDS.find((kind) => action === `take:${kind.kind}`), { next: true }));
  else if (action === "home") {
    problem = stored = null;
    then(home);
  } else if (job && kindOf(job).goes?.(job, action)) window.location.assign(kindOf(job).goes(job, action));
  else if (action === "loss") then(async () => { await house.forgetLoss(); net = await house.standing(); await home(); });
  else if (action) then(() => does((one) => kindOf(one).acted(one, action)));
  else if ("padOk" in button.dataset) book();
  else if (button.dataset.digit) digit(button.dataset.digit);
  else if (button.dataset.reason) {
    for (const other of screen.querySelectorAll("[data-reason]")) {
      other.classList.toggle("sel", other === button);
      other.setAttribute("aria-pressed", other === button);
    }
  }
});

screen.addEventListener("toggle", (event) => {
  if (event.target.open) event.target.querySelector("[data-typed]")?.focus();
}, true);
screen.addEventListener("submit", (event) => {
  event.preventDefault();
  const box = event.target.querySelector("[data-typed]");
  const code = box.value.trim();
  box.value = "";
  if (code) take(code);
});

listen((code, how) => {
  if (how.isFast && code.length > 3) wedgeHeard();
  take(code);
}, (typed) => {
  if (!padValue() || !/^\d{1,5}$/.test(typed)) return false;
  padValue().textContent = String(Number(typed));
  padFresh = false;
  return true;
}, () => {
  if (!padValue()) return null;
  padValue().textContent = padValue().textContent.slice(0, -1) || "0";
  padFresh = false;
  return padValue().textContent === "0" ? "" : padValue().textContent;
});

// ---------------------------------------------------------------- what is taken along

const PATIENCE = 10000; // ms for which scans wait behind the house's answer
const unanswered = async () => (await all("journal")).filter((one) => one.state === "stored");

let isAsked = false; // what this device has along of every kind
let beep = ""; // the tone of what the house told about work that is here

// What the house says of all that is here; of one kind something new with it, if `asked` says what.
async function fetchAlong(of = null, asked = {}) {
  const known = await house.device();
  if (!known || known.state !== "enrolled" || !who) return;
  let opened = null;
  for (const kind of mine()) {
    // Of what is not here the house is asked once for each page, and when somebody takes more along.
    if (kind !== of && isAsked && !(await all("lists")).some((one) => kindOf(one) === kind)) continue;
    const found = await fetchKind(kind, known, kind === of ? asked : {});
    if (kind === of && found !== null) opened = found;
  }
  isAsked = true;
  net = await house.standing();
  if (opened !== null) await open(opened);
  else await redraw();
  if (beep) give(screen, beep);
  beep = "";
}

async function fetchKind(kind, known, asked) {
  // What waited when the house was asked may be done by now and gone from here, and not be in what it told.
  const before = await unanswered();
  await readRefused();
  const here = async () => (await all("lists")).filter((one) => kindOf(one) === kind);
  const told = await house.post(kind.address, kind.wants({ ...asked, mine: await here() }), { "Flowrack-Device": known.code }, AbortSignal.timeout?.(PATIENCE)).catch((error) => {
    if (error instanceof house.Refused && error.status === 403 && !who.may) return null; // not this person's kind of work
    throw error instanceof house.Refused ? error : new Wrong("The house did not answer.", "Go on with what is here, or try again where there is network.");
  });
  if (!told) return null;
  const waiting = [...new Map([...before, ...(await unanswered())].map((one) => [one.seq, one])).values()];
  const changes = [];
  const kept = new Set();
  for (const fresh of kind.told(told)) {
    const id = kind.idOf(fresh);
    const old = await get("lists", id);
    const { work: now, gone, added = [] } = old ? kind.merged(old, fresh, waiting) : { work: kind.begun(fresh), gone: [] };
    if (gone.length) problem = kind.news(now, gone);
    if (added.length) news.set(id, kind.added(now, added));
    if (gone.length || added.length) beep = gone.length ? "held" : "more";
    kept.add(id);
    changes.push(["lists", withoutUndo(now)]);
  }
  const isUnsent = (one) => waiting.some(({ payload }) => kind.isOf(one, JSON.parse(payload)));
  for (const one of await here()) {
    if (kept.has(one.id) || isUnsent(one) || (one.id === job?.id && !kind.ended)) continue;
    changes.push(["lists", undefined, one.id]);
    if (one.id !== job?.id) continue;
    problem = kind.ended(one);
    job = null;
  }
  if (changes.length) await write(changes);
  if (job && kept.has(job.id)) job = await get("lists", job.id);
  const taken = kind.taken(told, asked.next, asked.code);
  return taken ? kind.idOf(taken) : null;
}

house.onChange((now) => {
  const before = net;
  net = now;
  if (before?.needs !== now.needs || before?.stored !== now.stored) {
    then(async () => {
      const count = refused.length;
      await readRefused();
      if (job && !padValue() && refused.length !== count) redraw();
    });
  }
  showNet(screen, net);
  const from = before?.device?.site;
  if (from && from !== now.device?.site) {
    news.set("site", [`This device works at ${now.device.site} now`, `What it had along of ${from} stays there. What is stored is sent and booked at ${from}.`]);
    then(home);
    return;
  }
  // The house has taken all of it: see what it says of the work now.
  if (before?.stored && !now.stored && !now.isOffline) then(() => fetchAlong().catch(() => {}));
  else if (!before) return;
  else if (!job && (before.isOffline !== now.isOffline || before.needs !== now.needs || before.device?.state !== now.device?.state)) then(home);
  else if (job && before.isOffline !== now.isOffline && !padValue() && !problem && !screen.querySelector(".typer[open]")) then(redraw);
});

setInterval(() => {
  if (Date.now() - touched > IDLE && who && net && !net.isOffline) window.location.assign("/scan/sign-in?next=/scan/offline");
}, 5000);

// Where it was when the page went or the battery was taken out.
async function resume() {
  const [left, known] = [await get("meta", "open"), net.device];
  await readRefused();
  if (left && who && house.canKeepKeys() && known?.state === "enrolled" && !known.lost) job = (await get("lists", left)) ?? null;
  return redraw();
}

async function begin() {
  who = (await house.person()) ?? null;
  net = await house.standing();
  await resume();
  document.documentElement.dataset.ready = "yes";
  if (house.canKeepKeys() && (await get("meta", "key"))) {
    await house.keepInStep();
    who = await house.whoIsHere();
    net = await house.standing();
    await then(() => (who && !net.isOffline ? fetchAlong().catch(redraw) : redraw()));
  }
}

try {
  localStorage.setItem("app", document.documentElement.dataset.app);
} catch { /* private mode */ }
navigator.serviceWorker?.register("/scan/worker.js", { scope: "/scan" }).catch(() => {});
navigator.wakeLock?.request("screen").catch(() => {});
screen.focus({ preventScroll: true });
offer(screen, take);
begin();
