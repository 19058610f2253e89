// Signing in on a device of the house: scan the badge, type the PIN. A badge that is scanned later takes the device over.
import { offer } from "./camera.js";
import * as house from "./device.js";
import { el } from "./draw.js";
import { give } from "./feedback.js";
import { listen } from "./wedge.js";

const screen = document.getElementById("scan");
const { next } = screen.dataset;
const prompt = screen.querySelector("[data-prompt]");
const sub = screen.querySelector("[data-sub]");
const dots = screen.querySelector("[data-dots]");
const pad = screen.querySelector("[data-badge-pad]");
const wrong = screen.querySelector("[data-wrong]");
let badge = "";
let again = screen.dataset.again;
let pin = "";
let busy = false;
let cannot = null; // why no badge opens anything here: [what, way out]

function refuse(message, fix) {
  wrong.replaceChildren(el("p", { class: "prompt" }, message), el("p", { class: "was" }, fix));
  wrong.hidden = false;
  give(screen, "wrong");
}

function show() {
  const asks = Boolean(badge || again);
  prompt.textContent = asks ? (again && !badge ? `${again}, your PIN` : "Your PIN") : "Scan your badge";
  sub.textContent = asks ? "Six digits. Scan another badge if this is not you." : "The barcode that the office printed for you.";
  dots.textContent = asks ? "●".repeat(pin.length) + "○".repeat(6 - pin.length) : "";
  pad.hidden = !asks;
}

async function send() {
  busy = true;
  const typed = pin;
  pin = "";
  try {
    await house.signIn(badge, typed);
    give(screen, "done");
    window.location.assign(next);
  } catch (error) {
    if (!(error instanceof house.Refused)) refuse("The house does not answer.", "Without network nobody can sign in. What is stored stays.");
    else {
      refuse(error.message, error.fix);
      if (error.message === "Scan your badge.") again = "";
    }
  } finally {
    busy = false;
    show();
  }
}

function digit(key) {
  if (busy || pad.hidden) return;
  wrong.hidden = true;
  if (key === "del") pin = pin.slice(0, -1);
  else if (pin.length < 6) pin += key;
  show();
  if (pin.length === 6) send();
}

pad.addEventListener("click", (event) => {
  const key = event.target.closest("[data-digit]")?.dataset.digit;
  if (key) digit(key);
});

const read = (code) => {
  if (cannot) return refuse(...cannot);
  const text = code.trim().toUpperCase();
  const command = /^FR-(\d)$/.exec(text)?.[1];
  if (command) digit(command);
  else if (/^\d{1,6}$/.test(text) && !pad.hidden) for (const one of text) digit(one);
  else if (/^FRB[0-9A-F]{32}$/.test(text)) {
    badge = text;
    pin = "";
    wrong.hidden = true;
    give(screen, "more");
    show();
  } else return refuse("That is no badge.", "Scan the badge that the office printed for you.");
  return undefined;
};
listen(read);
offer(screen, read);

async function begin() {
  const known = house.canKeepKeys() ? await house.device() : null;
  if (!known || known.state !== "enrolled") {
    const isGone = ["locked", "lost", "revoked", "refused"].includes(known?.state);
    const waits = known?.state === "asked";
    cannot = [
      isGone ? `This device is ${known.state}` : waits ? "This device waits for approval" : "This device is not set up",
      isGone ? "Take it to the lead, or sign in with your password." : "Badge and PIN work on devices of the house only. Sign in with your password.",
    ];
    [prompt.textContent, sub.textContent] = cannot;
    pad.hidden = true;
    screen.querySelector("[data-name]").textContent = "Sign in";
    return;
  }
  screen.querySelector("[data-name]").textContent = [known.name || known.code, known.site].filter(Boolean).join(", ");
  show();
}
begin();
