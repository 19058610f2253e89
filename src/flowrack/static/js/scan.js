// The scan loop: every scan gets its key at once, waits its turn, is sent until it is answered, and is drawn in order.
import { give } from "./feedback.js";
import { BadCode, parse, words } from "./gs1.js";
import { begin, begun, keep as shelve, open, tellWaiting } from "./kept.js";
import { offer, wedgeHeard } from "./camera.js";
import { canKeepKeys, keepInStep, onChange, sync, whoIsHere, wiped, wipedWords } from "./device.js";
import { el, panel } from "./draw.js";
import { press } from "./orders.js";
import { cookie, uuid7 } from "./store.js";
import { listen } from "./wedge.js";

const screen = document.getElementById("scan");
// A code scanned on the start page comes along once: a reload must not scan it again.
const place = new URL(window.location.href);
if (place.searchParams.has("scanned")) {
  place.searchParams.delete("scanned");
  window.history.replaceState(null, "", place);
}
const address = screen.dataset.scan + place.search;
const person = screen.dataset.person;
let shelf = ""; // until it is known what waits from before, scans wait in memory
const RETRY = [500, 1000, 2000, 4000, 8000, 15000];
let queue = [];
let busy = false;
let failures = 0;
let stopped = "";
let outbox = null; // what was done without the house and waits on this device

const token = () => screen.querySelector("[data-state]")?.value ?? "";

function keep() {
  const job = screen.querySelector(".task")?.textContent ?? "";
  shelve(shelf, { queue, state: token(), name: screen.dataset.name, job });
}

function remember() {
  const state = screen.querySelector("[data-begun]");
  if (state) begin(person, screen.dataset.scan, state.dataset.begun === "yes" ? state.value : "");
}

function enqueue(kind, value, reason = "") {
  queue.push({ kind, value, reason, key: uuid7() });
  keep();
  showNet();
  pump();
}

// A code is read here first: what a label says shows at once, and a label that cannot be right is refused without asking.
// Plain digits are left to the server, which knows in-house numbers; so is everything while earlier scans wait.
function take(code) {
  let told = "";
  try {
    told = words(parse(code));
  } catch (refusal) {
    if (!(refusal instanceof BadCode)) throw refusal;
    if (!queue.length && !/^\s*\d+\s*$/.test(code)) {
      refuse(refusal);
      return;
    }
  }
  enqueue("code", code);
  const line = screen.querySelector(".scanline");
  if (told && line) line.lastChild.textContent = `Read: ${told}`;
}

function refuse(refusal) {
  const panel = document.createElement("div");
  panel.className = "panel p-bad now";
  panel.setAttribute("role", "alert");
  panel.innerHTML = '<svg class="mk m-bad" viewBox="0 0 10 10" aria-hidden="true"><path d="M5 0 10 5 5 10 0 5Z"/></svg>';
  for (const [kind, text] of [["prompt", refusal.message], ["was", refusal.fix]]) {
    const line = document.createElement("p");
    line.className = kind;
    line.textContent = text;
    panel.append(line);
  }
  for (const old of screen.querySelectorAll(".ph-mid > .panel")) old.remove();
  screen.querySelector(".ph-mid > h1").after(panel);
  window.scrollTo(0, 0);
  give(screen, "wrong");
}

async function pump() {
  if (busy || stopped || !shelf || !queue.length) return;
  busy = true;
  const entry = queue[0];
  entry.state ??= token();
  keep();
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: {
        "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content,
        "HX-Request": "true",
        "Flowrack-Device": device(),
      },
      body: new URLSearchParams({ ...entry, by: person }),
      redirect: "manual",
    });
    if (answer.status >= 500 && answer.status !== 503) throw new Error(`server ${answer.status}`);
    if (answer.status === 503) throw new Error("busy");
    await settle(answer);
    failures = 0;
  } catch {
    failures += 1;
    setTimeout(() => pump(), RETRY[Math.min(failures - 1, RETRY.length - 1)]);
  } finally {
    busy = false;
    showNet();
  }
  if (!failures) pump();
}

async function settle(answer) {
  const feedback = answer.headers.get("X-Scan-Feedback");
  if (!feedback) {
    // Signed out, or not allowed any more: keep the scans and say so.
    stopped = "Sign in again; nothing is lost";
    keep();
    return;
  }
  if (feedback === "other") {
    // Another person signed in beside this page: the scans stay with who made them, and the page is drawn anew.
    stopped = "Somebody else is signed in";
    keep();
    window.location.reload();
    return;
  }
  queue.shift();
  keep();
  const onward = answer.headers.get("X-Scan-Go");
  if (onward) {
    give(screen, feedback);
    window.location.assign(onward + (window.location.search && !onward.includes("?") ? window.location.search : ""));
    return;
  }
  const [asked, chosen] = [padValue()?.textContent, screen.querySelector('[data-reason][aria-pressed="true"]')];
  draw(await answer.text());
  if (feedback === "wrong" && asked && padValue()) {
    padValue().textContent = asked; // a scan by mistake takes no number away that was typed in
    if (chosen) choose(screen.querySelector(`[data-reason="${chosen.dataset.reason}"]`));
  }
  give(screen, feedback);
  if (outbox && screen.dataset.scan === "/scan/needs") sync(); // the top bar counts what is left
}

function draw(html) {
  const typed = screen.querySelector("[data-typed]");
  const wasTyping = typed && document.activeElement === typed;
  screen.innerHTML = html;
  remember();
  if (wasTyping && typed.closest(".virtual")) screen.querySelector("[data-typed]")?.focus();
  else if (!document.activeElement || document.activeElement === document.body) screen.focus({ preventScroll: true });
  window.scrollTo(0, 0);
  showNet();
}

function device() {
  if (cookie("device")) return cookie("device"); // its number in the house
  try {
    let known = localStorage.getItem("device");
    if (!known) {
      known = `scan-${uuid7().slice(-6)}`;
      localStorage.setItem("device", known);
    }
    return known;
  } catch {
    return "scan";
  }
}

function showNet() {
  const net = screen.querySelector("[data-net]");
  if (!net) return;
  const words = net.querySelector("span");
  const mark = net.querySelector("svg");
  const kept = queue.length + (outbox?.stored ?? 0);
  const bad = stopped || failures > 0 || !navigator.onLine;
  if (stopped) words.textContent = stopped;
  else if (failures > 0 || !navigator.onLine) words.textContent = `Offline${kept ? `, ${kept} kept` : ""}`;
  else if (!bad && kept < 2 && outbox?.needs) words.textContent = `${outbox.needs} need${outbox.needs === 1 ? "s" : ""} you`;
  else words.textContent = kept > 1 ? `Sending ${kept}` : "Online";
  const warns = bad || words.textContent.endsWith("you");
  net.classList.toggle("off", Boolean(warns));
  mark.setAttribute("class", warns ? "mk m-warn" : "mk m-ok");
  mark.innerHTML = warns ? '<path d="M5 .5 10 9.5H0Z"/>' : '<path d="M1 5.2 4 8.2 9.2 1.8"/>';
  if (stopped && !net.querySelector("a")) {
    const link = document.createElement("a");
    link.href = `/sign-in?next=${encodeURIComponent(address)}`;
    link.textContent = "Sign in";
    link.className = "b";
    net.append(link);
  }
}

// Quantities: the keypad's digits, or digits typed by hand; what is long or fast is a scan, not a quantity. Up to three
// digits are a number however fast they come: no label is that short, but the goods' own code, which the keypad names.
const SURE_DIGITS = 3;
function isQuantity(code, isFast) {
  if (!padValue() || !/^\d{1,5}$/.test(code)) return false;
  const codes = screen.querySelector("[data-pad]").dataset.codes?.split(" ") ?? [];
  return !codes.includes(code) && (!isFast || code.length <= SURE_DIGITS);
}
const padValue = () => screen.querySelector("[data-pad-value]");
let padFresh = true;
function padPress(digit) {
  const shown = padValue();
  const now = padFresh ? "" : shown.textContent;
  if (digit === "none") shown.textContent = "0";
  else if (digit === "del") shown.textContent = shown.textContent.slice(0, -1) || "0";
  else if (now.length < 5) shown.textContent = String(Number(now + digit));
  padFresh = false;
}
function padSend() {
  if (!padValue()) return;
  const reason = screen.querySelector('[data-reason][aria-pressed="true"]')?.dataset.reason ?? "";
  const choose = screen.querySelector("[data-pad]").dataset.choose;
  if (choose && !reason) {
    refuse({ message: choose, fix: "Tap one of the choices, then go on." });
    return;
  }
  padFresh = true;
  enqueue("qty", padValue().textContent, reason);
}

function typedOrScanned(code, isFast) {
  const ordered = press(screen, code);
  if (ordered === "none") refuse({ message: "This screen has no such button.", fix: "Look at what it asks." });
  if (ordered) return;
  if (isQuantity(code, isFast)) {
    padValue().textContent = String(Number(code));
    padFresh = true;
    if (!screen.querySelector("[data-fills]")) padSend();
  } else {
    padFresh = true;
    take(code);
  }
}

listen((code, how) => {
  if (how.isFast && code.trim().length > 3) wedgeHeard();
  typedOrScanned(code.trim(), how.isFast);
}, (typed) => {
  // A person's digits show at once, so that a button pressed next takes them along.
  if (!padValue() || !/^\d{1,5}$/.test(typed)) return false;
  padValue().textContent = String(Number(typed));
  padFresh = false;
  return true;
}, () => {
  if (!padValue()) return null;
  padPress("del");
  return padValue().textContent === "0" ? "" : padValue().textContent;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !padValue() || padFresh || event.target.closest?.("button, input, a")) return;
  event.preventDefault();
  padSend();
});

// A finger that bounces presses twice: the second press means nothing, also when another button came under it.
const BOUNCE = 400; // ms in which a press at the same place is the same press
const AGAIN = 1000; // ms in which the same button is the same press
let pressed = { at: -AGAIN, what: "", x: 0, y: 0 };
function bounced(event, what) {
  const now = event.timeStamp;
  const near = event.detail > 0 && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) < 24;
  const same = what === pressed.what && now - pressed.at < AGAIN;
  const waits = queue.some((entry) => entry.kind === "action" && entry.value === what);
  if (same || waits || (near && now - pressed.at < BOUNCE)) return true;
  pressed = { at: now, what, x: event.clientX, y: event.clientY };
  return false;
}

screen.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const books = button.dataset.action ?? ("padOk" in button.dataset ? "pad" : "");
  if (books && bounced(event, books)) return;
  if (button.dataset.action) enqueue("action", button.dataset.action);
  else if (button.dataset.virtual) take(button.dataset.virtual);
  else if (button.dataset.digit) padPress(button.dataset.digit);
  else if ("padOk" in button.dataset) padSend();
  else if (button.dataset.reason) choose(button);
});

function choose(button) {
  for (const other of screen.querySelectorAll("[data-reason]")) {
    other.classList.toggle("sel", other === button);
    other.setAttribute("aria-pressed", other === button);
  }
}

screen.addEventListener("toggle", (event) => {
  if (event.target.open) event.target.querySelector("[data-typed]")?.focus();
}, true);
screen.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-type]");
  if (!form) return;
  event.preventDefault();
  const box = form.querySelector("[data-typed]");
  if (box.value.trim()) typedOrScanned(box.value.trim(), false);
  box.value = "";
});

window.addEventListener("online", () => { failures = 0; showNet(); pump(); });
window.addEventListener("offline", showNet);
document.addEventListener("visibilitychange", () => { if (!document.hidden) pump(); });
window.addEventListener("beforeunload", (event) => { if (queue.length && !stopped) event.preventDefault(); });

// Scans that the person kept from before, on a page that is gone, are sent first, with the state they were made in.
const kept = await open(person, screen.dataset.scan);
queue = [...kept.queue, ...queue];
shelf = kept.shelf;
tellWaiting(screen, screen.dataset.scan);
if (screen.dataset.scanned && !queue.some((entry) => entry.key === screen.dataset.scannedKey)) {
  queue.push({ kind: "code", value: screen.dataset.scanned, reason: "", key: screen.dataset.scannedKey });
  keep();
}
// What was begun here and the page does not show is gone on with, before anything is scanned.
const left = screen.querySelector('[data-begun="no"]') ? begun(person, screen.dataset.scan) : "";
if (left && !queue.length) queue.push({ kind: "begun", value: "", reason: "", key: uuid7(), state: left });
navigator.wakeLock?.request("screen").catch(() => {});
navigator.serviceWorker?.register("/scan/worker.js", { scope: "/scan" }).catch(() => {});
offer(screen, (code) => typedOrScanned(code.trim(), true));
// An enrolled device sends what was done without the house from every page, in the name of who did it.
if (canKeepKeys() && cookie("device")) {
  onChange((now) => { outbox = now; showNet(); });
  whoIsHere().then(keepInStep).catch(() => {});
  const setUp = el("div", { class: "ph-act" }, el("a", { class: "fb main", href: "/scan/device" }, "Set up device"));
  wiped().then((code) => code && screen.before(panel("p-bad waits", "bad", ...wipedWords(code), setUp))).catch(() => {});
}
screen.focus({ preventScroll: true });
showNet();
pump();
