// The scan app without the house: the lists that were taken along, picked by the same grammar, stored before the beep.
import { offer, wedgeHeard } from "./camera.js";
import * as house from "./device.js";
import { draw, el, panel, showNet } from "./draw.js";
import { give } from "./feedback.js";
import { BadCode } from "./gs1.js";
import { press } from "./orders.js";
import { all, cookie, get, write } from "./store.js";
import { listen } from "./wedge.js";
import * as work from "./work.js";

const screen = document.getElementById("scan");
const IDLE = 10 * 60 * 1000; // ms without a touch after which the PIN is asked, when the house can be asked
let job = null; // the list that is open on the screen
let who = null;
let net = null;
let problem = null;
let stored = null;
let busy = Promise.resolve();
let touched = Date.now();

for (const [name, place] of [["hand", screen.classList], ["theme", null]]) {
  const chosen = cookie(name);
  if (name === "hand") place.toggle("left", chosen === "left");
  else if (chosen) document.documentElement.dataset.theme = chosen;
}

const words = (one) => one.toLocaleString("en-GB");
const day = (iso) => (iso ? new Date(`${iso}T12:00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }) : "");

// ---------------------------------------------------------------- the start page

async function home() {
  job = null;
  const known = net?.device ?? (await house.device());
  const lists = await all("lists");
  if (!house.canKeepKeys()) return show(notSecure());
  if (!known || ["asked", "refused", "unknown"].includes(known.state)) return show(notEnrolled(known, await house.wiped()));
  if (!who) return show(nobody(known));
  const panels = [];
  if (known.lost) panels.push(lossPanel(known.lost));
  if (known.state !== "enrolled") panels.push(panel("p-bad", "bad", `This device is ${known.state}.`, `${known.reason}. What is stored on it stays, and is sent when the lead has looked.`));
  for (const one of (await all("journal")).filter(house.needsSomebody).slice(0, 3)) {
    panels.push(panel("p-held", "warn", one.message, one.fix));
  }
  const tiles = el("ul", { class: "tiles" },
    lists.map((one) => {
      const [done, of] = work.progress(one);
      return el("li", {}, el("button", { type: "button", class: "fb tile", "data-open": one.id }, el("b", {}, one.list.head.number),
        el("span", {}, work.current(one) ? `${done} of ${of} picked` : "all picked"), el("span", { class: "n" }, work.current(one) ? words(of - done) : "✓")));
    }),
    net?.isOffline ? [] : el("li", {}, el("a", { class: "fb tile", href: "/scan" }, el("b", {}, "All jobs"), el("span", {}, "with the network"))),
    net?.needs ? el("li", {}, el("a", { class: "fb tile", href: "/scan/needs" }, el("b", {}, "Needs you"), el("span", {}, "scans to look at"), el("span", { class: "n" }, words(net.needs)))) : [],
  );
  show({
    task: who.name, back: false, prompt: lists.length ? "Choose a list" : "Nothing taken along",
    sub: lists.length ? "These lists are on this device and need no network." : "Take a list along while there is network.",
    tiles, panels, actions: [{ code: "next", label: "Take a list along", note: net?.isOffline ? "needs the network" : "first to leave, nearest to you", primary: !lists.length, ghost: lists.length > 0, off: net?.isOffline }],
    accepts: "or scan a list",
  });
}

function lossPanel(lost) {
  const since = lost.since ? ` Last heard of it ${new Date(lost.since).toLocaleString("en-GB")}.` : "";
  const count = lost.count ? `${words(lost.count)} scans of ${lost.device} were not sent and are lost.` : `What ${lost.device} had stored after scan ${words(lost.last_seq)} is lost.`;
  return panel("p-bad", "bad", "The storage of this device was wiped.", `${count}${since} Check what was picked since then, and tell the lead.`,
    el("button", { type: "button", class: "fb wide", "data-action": "loss" }, "I have told the lead"));
}

const notSecure = () => ({
  task: "Flowrack scan", back: false, prompt: "Not without network here", sub: "This address is not secure (https), so the browser keeps no keys. The jobs work with the network.",
  tiles: el("ul", { class: "tiles" }, el("li", {}, el("a", { class: "fb tile", href: "/scan" }, el("b", {}, "All jobs")))),
});

const notEnrolled = (known, wiped) => ({
  panels: wiped ? [panel("p-bad", "bad", ...house.wipedWords(wiped))] : [],
  task: "Flowrack scan", back: false, prompt: known?.state === "asked" ? `Waiting: ${known.letters}` : "Set this device up",
  sub: known?.state === "asked" ? "Somebody approves it under Work, Devices, by these letters." : "The house must know it before it can work without network.",
  tiles: el("ul", { class: "tiles" }, el("li", {}, el("a", { class: "fb tile", href: "/scan/device" }, el("b", {}, "Set up device"))), el("li", {}, el("a", { class: "fb tile", href: "/scan" }, el("b", {}, "All jobs"), el("span", {}, "with the network")))),
});

const nobody = (known) => ({
  task: known.name || known.code, back: false, prompt: "Sign in", sub: net?.isOffline ? "After half a day without network somebody must sign in again. What is stored stays." : "Badge and PIN, or your password.",
  tiles: el("ul", { class: "tiles" }, el("li", {}, el("a", { class: "fb tile", href: "/scan/sign-in?next=/scan/offline" }, el("b", {}, "Sign in")))),
});

// ---------------------------------------------------------------- a list

function stepOf(one) {
  const { head } = one.list;
  const line = work.current(one);
  const progress = work.progress(one);
  const done = one.list.lines.filter((each) => one.done[each.pick_id]?.at).sort((a, b) => one.done[b.pick_id].at - one.done[a.pick_id].at).slice(0, 3)
    .map((each) => ({ text: `${words(one.done[each.pick_id].units)} × ${work.itemOf(one, each).sku} ${work.itemOf(one, each).name.slice(0, 24)}`, end: one.done[each.pick_id].tote ? `in ${one.done[each.pick_id].tote}` : "", kind: one.done[each.pick_id].state === "short" ? "warn" : "ok" }));
  const common = { task: head.number, progress, done, undo: one.last?.words ?? "", stored };
  if (work.needsCart(one)) return { ...common, prompt: "Scan cart", sub: `It needs ${one.list.totes.length} place${one.list.totes.length === 1 ? "" : "s"} for totes.`, accepts: "The code on the cart", actions: [{ code: "no_cart", label: "Without a cart" }] };
  if (!line) {
    const totes = one.list.totes.map((at) => [at.letter, one.totes[at.letter] ?? at.tote]).filter(([, tote]) => tote).map(([letter, tote]) => `${tote} (${letter})`).join(", ");
    return { ...common, prompt: "List done", sub: totes ? `Bring ${totes} to ${head.place}.` : `Bring it to ${head.place}.`, note: net?.stored ? `${net.stored} scans are stored here and not sent yet.` : "", actions: [{ code: "home", label: "Back to the lists", primary: true }] };
  }
  const item = work.itemOf(one, line);
  if (one.short) {
    return { ...common, done: [], undo: "", task: "Short pick", prompt: "How many are there?", sub: `${item.sku} ${item.name.slice(0, 40)}`, actions: [{ code: "back", label: "Back", wide: true }],
      keypad: { value: 0, of: `of ${words(line.units)} ${item.base_uom}, ${line.location}`, reasons: work.REASONS, verb: "Book it", note: "Another bin comes with the network." } };
  }
  return { ...common, ...pickStep(one, line, item) };
}

function pickStep(one, line, item) {
  const { head, scan } = one.list;
  const stage = work.stage(one, line);
  const seen = one.at.pick === line.pick_id ? one.at : {};
  const at = work.placeOf(one, line);
  const isPallet = head.unit_kind === "pallet";
  const lot = line.lot ? `Lot ${line.lot}${line.expires_on ? `, exp ${day(line.expires_on)}` : ""}` : "";
  const into = isPallet ? `the whole pallet, to ${head.place}` : at?.tote ? `into ${one.list.totes.length > 1 ? `${at.letter} · ` : ""}${at.tote}` : at && one.list.totes.length > 1 ? `into a new tote at ${at.letter}` : at ? "into a tote" : `to ${head.place}`;
  const tote = at?.tote ? `Scan ${at.tote}` : "Scan a tote, or confirm without";
  const asks = { bin: `Scan the bin ${line.location}`, lot: `Scan the lot ${line.lot}`, units: "Scan each unit or pack", tote, item: seen.bin ? "The bin is right: scan the item" : `Scan the ${isPallet ? `pallet ${line.lpn}` : "item"}, or the bin first` };
  const prompts = { bin: "Go to", item: seen.bin ? "Scan item" : "Go to", lot: "Scan lot", units: "Scan each one", tote: at?.tote ? `Scan ${at.tote}` : scan.tote ? "Scan tote" : "Confirm" };
  const actions = [{ code: "short", label: "Short" }, { code: "skip", label: "Skip" }];
  if (at?.tote) actions.push({ code: "full", label: "Tote full", note: at.tote });
  if (stage === "tote") actions.push({ code: "loose", label: `Confirm ${words(line.units)}`, note: "without a tote", primary: !(at?.tote || scan.tote), ghost: Boolean(at?.tote || scan.tote) });
  const n = stage === "units" ? seen.n ?? 0 : 0;
  return {
    prompt: prompts[stage], fact: line.location, qty: words(line.units - n), qtyNote: `${item.base_uom} ${into}${n ? `, ${words(n)} counted` : ""}`,
    item: `${item.sku} ${item.name}`, itemNote: [lot, line.lpn && `on ${line.lpn}`, `for ${line.customer}`].filter(Boolean).join(", "), accepts: asks[stage], actions,
  };
}

// ---------------------------------------------------------------- scans and buttons

function show(step) {
  draw(screen, { back: "#home", ...step }, net, problem);
  if (!document.activeElement || document.activeElement === document.body) screen.focus({ preventScroll: true });
}

function redraw() {
  return job ? show(stepOf(job)) : home();
}

// One after the other: each scan meets the state that the one before has left on the disk.
function then(act) {
  touched = Date.now();
  busy = busy.then(act).catch((error) => {
    if (!(error instanceof work.Wrong || error instanceof BadCode || error instanceof house.Refused)) {
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
  redraw();
  window.scrollTo(0, 0);
  give(screen, "wrong");
}

async function does(step) {
  const { work: after, feedback, entry } = step(job, await all("lists"));
  if (entry) await house.append(entry[0], entry[1], [["lists", after]]);
  else await write([["lists", after]]);
  // It is on the disk now: only then the tone and the tick.
  job = after;
  problem = null;
  stored = feedback === "done" ? ["Stored", entry?.[1].sku ? `${words(entry[1].units)} × ${entry[1].sku}` : ""] : null;
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
  if (padValue() && /^\d{1,3}$/.test(code.trim())) {
    padValue().textContent = String(Number(code));
    return book();
  }
  return then(() => (job ? does((one, lists) => work.scanned(one, code, lists)) : openByNumber(code)));
}

async function openByNumber(code) {
  const found = (await all("lists")).find((one) => one.list.head.number === code.trim().toUpperCase());
  if (!found) throw new work.Wrong(`“${code.slice(0, 40)}” is no list on this device.`, "Choose one of the lists.");
  await open(found.id);
}

async function open(id) {
  job = await get("lists", id);
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
  return then(() => does((one) => work.counted(one, units, reason)));
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
  if (button.dataset.open) then(() => open(Number(button.dataset.open)));
  else if (action === "next") then(() => fetchAlong(true));
  else if (action === "home") then(home);
  else if (action === "loss") then(async () => { await house.forgetLoss(); net = await house.standing(); await home(); });
  else if (action) then(() => does((one) => work.acted(one, action)));
  else if ("padOk" in button.dataset) book();
  else if (button.dataset.digit) digit(button.dataset.digit);
  else if (button.dataset.reason) {
    for (const other of screen.querySelectorAll("[data-reason]")) {
      other.classList.toggle("sel", other === button);
      other.setAttribute("aria-pressed", other === button);
    }
  }
});

listen((code, how) => {
  if (how.isFast && code.length > 3) wedgeHeard();
  take(code);
}, (typed) => {
  if (!padValue() || !/^\d{1,5}$/.test(typed)) return false;
  padValue().textContent = String(Number(typed));
  padFresh = false;
  return true;
});

// ---------------------------------------------------------------- what is taken along

const PATIENCE = 10000; // ms for which scans wait behind the house's answer
const unanswered = async () => (await all("journal")).filter((one) => one.state === "stored");

async function fetchAlong(next = false) {
  const known = await house.device();
  if (!known || known.state !== "enrolled" || !who) return;
  // What waited when the house was asked may be done by now and gone from here, and not be in what it told.
  const before = await unanswered();
  const told = await house.post("/scan/pick/along", { next }, { "Flowrack-Device": known.code }, AbortSignal.timeout?.(PATIENCE)).catch((error) => {
    throw error instanceof house.Refused ? error : new work.Wrong("The house did not answer.", "Go on with what is here, or try again where there is network.");
  });
  const waiting = [...new Map([...before, ...(await unanswered())].map((one) => [one.seq, one])).values()];
  const unsent = new Set(waiting.map((one) => JSON.parse(one.payload).list));
  const changes = [];
  let news = null;
  for (const list of told.lists) {
    const mine = await get("lists", list.head.id);
    const { work: now, gone } = mine ? work.merged(mine, list, waiting) : { work: work.begun(list), gone: [] };
    if (gone.length) news = `${gone.length} line${gone.length === 1 ? " was" : "s were"} called back from ${list.head.number}. Leave ${gone.length === 1 ? "it" : "them"}.`;
    changes.push(["lists", now]);
  }
  const kept = new Set(told.lists.map((one) => one.head.id));
  for (const one of await all("lists")) if (!kept.has(one.id) && !unsent.has(one.id) && one.id !== job?.id) changes.push(["lists", undefined, one.id]);
  if (changes.length) await write(changes);
  if (job && kept.has(job.id)) job = await get("lists", job.id);
  if (news) problem = { message: news, fix: "What you picked of it before is kept; the house says where it goes." };
  net = await house.standing();
  if (next && told.lists.length) await open(told.lists.at(-1).head.id);
  else redraw();
}

house.onChange((now) => {
  const before = net;
  net = now;
  showNet(screen, net);
  // The house has taken all of it: see what it says of the lists now.
  if (before?.stored && !now.stored && !now.isOffline) then(() => fetchAlong().catch(() => {}));
  else if (!job && before && (before.isOffline !== now.isOffline || before.needs !== now.needs || before.device?.state !== now.device?.state)) then(home);
});

setInterval(() => {
  if (Date.now() - touched > IDLE && who && net && !net.isOffline) window.location.assign("/scan/sign-in?next=/scan/offline");
}, 5000);

async function begin() {
  who = (await house.person()) ?? null;
  net = await house.standing();
  await home();
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
