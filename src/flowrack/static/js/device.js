// This device: its key, which cannot leave it, how it stands with the house, and its journal. Each entry is stored first,
// with its number and the hash of the one before; only then does the app say that it is.
import { all, cookie, get, inTurn, uuid7, write } from "./store.js";

// The shell bears the version of the app; the house's own pages remember it.
export const APP = document.documentElement.dataset.app ?? remembered();
function remembered() {
  try {
    return localStorage.getItem("app") ?? "house";
  } catch {
    return "house";
  }
}
const MOST = 100; // entries in one message
const EVERY = 15000; // ms between looks at the outbox
const text = new TextEncoder();
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const sha256 = async (words) => hex(await crypto.subtle.digest("SHA-256", text.encode(words)));
const listeners = new Set();
const MOST_TOLD = 1000; // entries that need a person, of which the house tells at once
// "broken" is not in the house's books: it stays here until somebody has seen to it.
export const needsSomebody = (entry) => entry.state === "review" || entry.state === "broken";

export const canKeepKeys = () => Boolean(window.isSecureContext && window.crypto?.subtle && window.indexedDB);
export const device = () => get("meta", "device");
export const person = () => get("meta", "person");

// The number under which this browser worked, when its key and its journal are gone: somebody wiped its storage. Else "".
export async function wiped() {
  const code = canKeepKeys() ? cookie("device") : "";
  return code && !(await get("meta", "key")) ? code : "";
}
export const wipedWords = (code) => [
  `The storage of this device was wiped. It was ${code}.`,
  "What it had stored and not sent is lost. Check what was picked last, tell the lead, and set the device up again.",
];

// Of a clock that is off by minutes its person should know; empty while it is right.
const WRONG = 2 * 60 * 1000;
export function clockWords(known) {
  const off = Math.floor(Math.abs(known?.slow ?? 0) / 60000);
  if (off * 60000 < WRONG) return null;
  const long = off < 120 ? `${off} min` : off < 2880 ? `${Math.floor(off / 60)} h ${off % 60} min` : `${Math.floor(off / 1440).toLocaleString("en-GB")} days`;
  return [`The clock of this device is ${long} ${known.slow > 0 ? "slow" : "fast"}.`, "What you scan is booked at the right time all the same. Set the clock, or tell the lead."];
}

export function onChange(listener) {
  listeners.add(listener);
}

// {stored, sending, needs, isOffline, state}: what the top bar says. `stored` counts what the house has not answered for good.
// `needs` is what the person here must look at: as the house counted it last, wherever they did it, and what only this
// device knows.
export async function standing() {
  const [entries, known, who] = await Promise.all([all("journal"), device(), person()]);
  const mine = entries.filter((one) => needsSomebody(one) && one.person_id === who?.id);
  const isCounted = known?.needs && known.needs.person === who?.id;
  const waits = entries.filter((one) => one.state === "stored");
  return {
    stored: waits.length,
    oldest: waits[0]?.claimed_at ?? "",
    needs: isCounted ? known.needs.count + mine.filter((one) => one.state === "broken").length : mine.length,
    isOffline: isOffline(),
    isSending,
    device: known,
  };
}

let isSending = false;
let failures = 0;
export const isOffline = () => !navigator.onLine || failures > 0;

async function tell() {
  const now = await standing();
  for (const listener of listeners) listener(now);
}

async function signed(words) {
  const pair = await get("meta", "key");
  return hex(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, text.encode(words)));
}

// Make a key if there is none, and ask the house to know it. The house tells how the device stands; asking again is free.
export async function ask() {
  let pair = await get("meta", "key");
  if (!pair) {
    pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
    await write([["meta", pair, "key"], ["meta", { seq: 0, hash: "" }, "head"]]);
    navigator.storage?.persist?.().catch(() => {});
  }
  const raw = hex(await crypto.subtle.exportKey("raw", pair.publicKey));
  const told = await post("/scan/device/ask", {
    public_key: raw, model: navigator.userAgent.slice(0, 120), replaces: cookie("device"),
  });
  return know(told);
}

async function know(told) {
  const head = (await get("meta", "head")) ?? { seq: 0, hash: "" };
  const before = await device();
  const now = {
    code: told.device, name: told.name, state: told.state, reason: told.reason, letters: told.letters, site: told.site,
    zones: told.zones, lost: told.lost ?? before?.lost ?? null, needs: told.needs ?? before?.needs ?? null,
    // ms by which the clock of this device is slow: entries are booked at the house's time all the same
    slow: told.server_time ? Date.parse(told.server_time) - Date.now() : before?.slow ?? 0,
  };
  const changes = [["meta", now, "device"]];
  if (told.last_seq > head.seq) {
    // The house knows more of us than we do: part of what was stored here is gone.
    now.lost = { device: told.device, count: 0, since: "", last_seq: told.last_seq };
    changes.push(["meta", { seq: told.last_seq, hash: told.last_hash }, "head"]);
  }
  await write(changes);
  if (told.state === "enrolled") document.cookie = `device=${told.device}; path=/; max-age=31536000; samesite=lax`;
  const isElsewhere = Boolean(before?.site) && before.site !== told.site; // the work of another site stays there
  if (told.state === "revoked" || told.state === "lost" || isElsewhere) await wipeWork();
  return now;
}

// What was taken along goes; what was done stays until the house has it.
async function wipeWork() {
  for (const list of await all("lists")) await write([["lists", undefined, list.id]]);
}

export async function forgetLoss() {
  const known = await device();
  if (known) await write([["meta", { ...known, lost: null }, "device"]]);
}

export async function post(address, body, headers = {}, signal = undefined) {
  const response = await fetch(address, {
    method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", ...headers },
    redirect: "manual", cache: "no-store", signal,
  });
  if (response.type === "opaqueredirect" || response.status === 0) throw new Refused(401, { title: "Sign in again." });
  const told = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, told);
  return told;
}

export class Refused extends Error {
  constructor(status, told) {
    super(told.title ?? `The house answered ${status}.`);
    this.status = status;
    this.fix = told.detail ?? "";
    this.details = told.details ?? {};
  }
}

// Write down what was done, together with how far the work is then: `alongside` of the entry's number. Resolves when it is
// on the disk.
export function append(flow, payload, alongside = () => []) {
  return inTurn("flowrack-journal", async () => {
    const [head, known, who] = await Promise.all([get("meta", "head"), device(), person()]);
    const entry = {
      seq: head.seq + 1, key: uuid7(), person_id: who.id, flow, payload: JSON.stringify(payload),
      claimed_at: new Date().toISOString(), prev_hash: head.hash,
    };
    entry.hash = await sha256([
      "flowrack-journal-1", known.code, entry.seq, entry.key, entry.person_id, flow, entry.claimed_at, entry.prev_hash,
      entry.payload,
    ].join("\n"));
    await write([
      ["journal", { ...entry, device: known.code, state: "stored", message: "", fix: "" }],
      ["meta", { seq: entry.seq, hash: entry.hash }, "head"],
      ...alongside(entry.seq),
    ]);
    tell();
    return entry;
  });
}

// Send what waits, in order, until the house has answered all of it. Several pages take turns.
export async function sync() {
  const known = await device();
  if (!known || !(await get("meta", "key")) || !navigator.onLine) {
    await tell();
    return;
  }
  try {
    await inTurn("flowrack-sync", sendAll);
    failures = 0;
  } catch (error) {
    failures += 1;
    if (error instanceof Refused && error.status === 401) await write([["meta", { ...known, state: "unknown" }, "device"]]);
  } finally {
    isSending = false;
    await tell();
  }
}

async function sendAll() {
  for (let last = 0; ;) {
    const waiting = (await all("journal")).filter((one) => one.state === "stored");
    const part = waiting.filter((one) => one.seq > last).slice(0, MOST);
    isSending = part.length > 0;
    if (isSending) await tell();
    const told = await message(part, waiting.length - part.length);
    await settle(part, told);
    failures = 0;
    if (part.length < MOST) return;
    last = part.at(-1).seq;
  }
}

async function message(part, outbox) {
  const { code } = await device();
  const sentAt = new Date().toISOString();
  const words = ["flowrack-message-1", code, sentAt, outbox, APP, part.at(-1)?.hash ?? ""].join("\n");
  const entries = part.map(({ seq, key, person_id, flow, payload, claimed_at, prev_hash, hash }) => (
    { seq, key, person_id, flow, payload, claimed_at, prev_hash, hash }));
  return post("/scan/device/journal", {
    device: code, sent_at: sentAt, outbox, version: APP, entries, signature: await signed(words),
  });
}

async function settle(part, told) {
  const changes = [];
  const open = new Set(told.review);
  for (const answer of told.answers) {
    const entry = part.find((one) => one.seq === answer.seq);
    if (answer.result === "applied" || answer.result === "dropped") changes.push(["journal", undefined, entry.seq]);
    else if (answer.result === "review" || answer.result === "broken") {
      changes.push(["journal", { ...entry, state: answer.result, message: answer.message, fix: answer.fix }]);
      open.add(entry.seq);
    }
  }
  const sent = new Set(part.map((one) => one.seq));
  // Only what the house has of this very device, and told of, can have been decided there.
  const last = told.review.length < MOST_TOLD ? told.last_seq : told.review.at(-1);
  const isDecided = (one) => one.state === "review" && (one.device ?? told.device) === told.device && one.seq <= last && !open.has(one.seq);
  for (const entry of await all("journal")) {
    // Decided in the house meanwhile.
    if (isDecided(entry) && !sent.has(entry.seq)) changes.push(["journal", undefined, entry.seq]);
  }
  if (changes.length) await write(changes);
  await know(told);
}

// The house may be asked who is signed in; without network it is who was, for half a day.
const LONGEST_OFFLINE = 12 * 3600 * 1000;
export async function whoIsHere() {
  const known = await device();
  const before = await person();
  if (!known || known.state !== "enrolled") return before ?? null;
  try {
    const told = await post("/scan/device/person", {}, { "Flowrack-Device": known.code });
    const now = { id: told.person, name: told.name, may: told.may, at: Date.now() };
    await write([["meta", now, "person"]]);
    return now;
  } catch (error) {
    if (error instanceof Refused) return null;
    return before && Date.now() - before.at < LONGEST_OFFLINE ? before : null;
  }
}

export async function signIn(badge, pin) {
  const known = await device();
  const { challenge } = await (await fetch("/scan/device/challenge", { cache: "no-store" })).json();
  const words = ["flowrack-sign-in-1", known.code, challenge, await sha256(badge)].join("\n");
  const told = await post("/scan/device/sign-in", {
    device: known.code, badge, pin, challenge, signature: await signed(words),
  });
  await write([["meta", { id: told.person, name: told.name, at: Date.now() }, "person"]]);
  return told;
}

export function keepInStep() {
  window.addEventListener("online", () => { failures = 0; sync(); });
  window.addEventListener("offline", tell);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) sync(); });
  setInterval(sync, EVERY);
  return sync();
}
