// Setting a device up: it makes its key, shows letters until somebody approves it, and proves its scanner with ten codes.
import * as house from "./device.js";
import { glyph } from "./draw.js";
import { give } from "./feedback.js";
import { listen } from "./wedge.js";

const screen = document.getElementById("scan");
const part = (name) => screen.querySelector(`[data-${name}]`);
const codes = [...screen.querySelectorAll("[data-code]")].map((row) => ({ row, code: row.dataset.code, label: row.dataset.label, got: null }));
let known = null;

const GS = "\u001d";
// What a scanner may add or leave out without harm: the mark of the symbology, the separators of a GS1 label.
const bare = (code) => code.replace(/^\](C1|d2|Q3|e0|E0|E4|C0)/, "").replaceAll(GS, "").replaceAll("{GS}", "");

function showDevice(error = null) {
  const words = {
    asked: ["Waiting for approval", `Tell whoever approves it, under Work, Devices, these letters: ${known?.letters}`],
    enrolled: [`${known?.code} ${known?.name}`, `Works at ${known?.site}${known?.zones ? `, zones ${known.zones}` : ", all zones"}.`],
    locked: ["This device is locked", known?.reason],
    lost: ["This device was reported lost", known?.reason],
    revoked: ["This device was revoked", known?.reason],
    refused: ["This device was refused", known?.reason],
  }[known?.state] ?? ["Not known to the house yet", "It makes a key of its own that cannot leave it. Somebody then approves the device."];
  part("state").textContent = error ? error.message : words[0];
  part("why").textContent = error ? error.fix : [words[1], ...(house.clockWords(known) ?? [])].join(" ");
  part("letters").textContent = known?.state === "asked" ? known.letters : "";
  part("ask").hidden = Boolean(known && known.state !== "unknown");
  part("offline").hidden = known?.state !== "enrolled";
}

async function ask() {
  try {
    known = await house.ask();
    showDevice();
  } catch (error) {
    showDevice({ message: error.message, fix: error.fix || "Try again when there is network." });
  }
}

function showCodes() {
  for (const one of codes) {
    const mark = one.got === null ? "wait" : one.got ? "ok" : "bad";
    one.row.querySelector("svg")?.replaceWith(glyph(mark));
  }
  const done = codes.filter((one) => one.got !== null);
  const good = codes.filter((one) => one.got);
  part("score").textContent = `${good.length} of ${codes.length}`;
  part("keep").hidden = !done.length || known?.state !== "enrolled";
}

listen((code) => {
  const exact = codes.find((one) => one.code === code || bare(one.code) === bare(code));
  if (exact) {
    exact.got = true;
    give(screen, codes.every((one) => one.got) ? "done" : "ok");
    part("heard").textContent = `Right: ${exact.label}`;
  } else {
    const near = codes.find((one) => bare(one.code).toLowerCase() === bare(code).toLowerCase())
      ?? codes.find((one) => bare(one.code).replace(/\W/g, "") === code.replace(/\W/g, ""));
    if (near) near.got = false;
    const why = !near ? "This is none of the ten codes, or signs are missing." : near.code.toLowerCase() === code.toLowerCase() ? "Capitals were swapped: is Caps Lock on?" : "Signs were lost: check the keyboard country of the scanner.";
    give(screen, "wrong");
    part("heard").textContent = `${near ? near.label : "Not right"}: “${code.slice(0, 60)}”. ${why}`;
  }
  showCodes();
});

screen.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("ask" in button.dataset) ask();
  if (button.dataset.tone) give(screen, button.dataset.tone);
  if ("keep" in button.dataset) {
    const faults = codes.filter((one) => !one.got).map((one) => one.label).join(", ");
    const answer = await fetch("/scan/device/tested", {
      method: "POST",
      headers: { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content, "Flowrack-Device": known.code },
      body: new URLSearchParams({ passed: codes.filter((one) => one.got).length, faults: faults && `Not read: ${faults}` }),
    });
    part("heard").textContent = answer.ok ? "Kept with this device." : "This could not be kept. Try again.";
  }
});

async function begin() {
  showCodes();
  const wiped = await house.wiped();
  if (wiped) {
    const [message, fix] = house.wipedWords(wiped);
    showDevice({ message, fix });
    return;
  }
  if (!house.canKeepKeys()) {
    showDevice({ message: "This address is not secure", fix: "A device keeps its key only under https. Ask your administrator; scanning works meanwhile with the network." });
    part("ask").hidden = true;
    return;
  }
  known = (await house.device()) ?? null;
  showDevice();
  if (known) await ask();
  showCodes();
  setInterval(() => { if (known?.state === "asked" && !document.hidden) ask().then(showCodes); }, 5000);
}
navigator.serviceWorker?.register("/scan/worker.js", { scope: "/scan" }).catch(() => {});
begin();
