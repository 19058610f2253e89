// A pick list on the device, by the same grammar as in the house: what each scan and each button means. Pure: a state and a
// scan give a feedback, what to show, and what to write down. Nothing here knows the network or the disk.
import { parse } from "./gs1.js";

export class Wrong extends Error {
  constructor(was, wanted = "") {
    super(was);
    this.fix = wanted;
  }
}

export const REASONS = [
  ["none_there", "No more there"], ["damaged", "Damaged"], ["wrong_item", "Wrong item"], ["cannot_reach", "Cannot reach"],
];

// What was taken along, and how far it is: `done` by pick, `skip`, `at` (what was scanned of the pick), `totes` by letter.
export function begun(list) {
  return { id: list.head.id, list, done: {}, skip: [], at: {}, totes: {}, last: null, beep: "", cart: "", short: 0 };
}

const stateOf = (work, line) => work.done[line.pick_id]?.state ?? line.state;

// What a short pick did not find and is there after all is asked as a pick of its own: `rest`, which only the house numbers.
const asked = (work, line) => (work.done[line.pick_id]?.rest ? { ...line, units: work.done[line.pick_id].rest, rest: 1 } : line);

export function current(work) {
  const open = work.list.lines.filter((line) => stateOf(work, line) === "open").map((line) => asked(work, line));
  const held = open.find((line) => line.pick_id === (work.short || work.at.pick));
  return held ?? open.find((line) => !work.skip.includes(line.pick_id)) ?? bySkip(work, open)[0] ?? null;
}

const bySkip = (work, open) => [...open].sort((a, b) => work.skip.indexOf(a.pick_id) - work.skip.indexOf(b.pick_id));
export const itemOf = (work, line) => work.list.items.find((item) => item.item_id === line.item_id);
export const progress = (work) => [
  work.list.lines.filter((line) => stateOf(work, line) !== "open").length, work.list.lines.length,
];
const isPallet = (work) => work.list.head.unit_kind === "pallet";
const inTotes = (work) => ["cluster", "zone", "batch"].includes(work.list.head.method) && work.list.head.unit_kind === "each";
export const needsCart = (work) => inTotes(work) && !work.list.head.cart && !work.cart && work.list.has_carts;
const counts = (work) => work.list.scan.qty && !isPallet(work);

// The place of the pick's order on the cart, with the tote that stands there by now.
export function placeOf(work, line) {
  const at = work.list.totes.find((one) => one.order_id === line.order_id || one.order_id === 0);
  return at ? { ...at, tote: work.totes[at.letter] ?? at.tote } : null;
}

export function stage(work, line) {
  const seen = work.at.pick === line.pick_id ? work.at : {};
  if (work.list.scan.bin && !seen.bin) return "bin";
  if (!seen.item) return "item";
  if ((work.list.scan.lot || line.is_mixed) && line.lot && !seen.lot) return "lot";
  if (counts(work) && (seen.n ?? 0) < line.units) return "units";
  return "tote";
}

// Each of these gives {work, feedback, entry: [flow, payload] or null}.
const same = (work, feedback) => ({ work, feedback, entry: null });

// `lists` are all that lie on this device: what one of them uses is not taken for another.
export function scanned(work, code, lists = []) {
  const text = code.trim();
  const others = lists.filter((one) => one.id !== work.id);
  if (needsCart(work)) return useCart(work, text, others);
  const line = current(work);
  if (!line) throw new Wrong("This list is done.", "Go back and take the next one.");
  if (work.found) return shortBooked(work, line, toteFor(work, line, text, others));
  if (work.short) throw new Wrong("A quantity is asked.", "Tap how many are there, or Back.");
  let seen = work.at;
  if (seen.pick !== line.pick_id) {
    if (text === work.beep) return same(work, "ok"); // the trigger was pulled twice: that tote was for the pick before
    seen = { pick: line.pick_id };
  }
  const wanted = stage(work, line);
  if (wanted === "tote") {
    if (text === seen.code) return same(work, "more"); // the trigger was pulled twice
    return confirmed(work, line, toteFor(work, line, text, others));
  }
  if (text.toUpperCase() === line.location.toUpperCase()) {
    return same({ ...work, at: { ...seen, bin: true } }, "more");
  }
  refusePlace(work, line, text);
  if (wanted === "bin") throw new Wrong("The bin comes first here.", `Scan the label of ${line.location}.`);
  return itemScanned(work, line, text, { ...seen, code: text });
}

function refusePlace(work, line, text) {
  const other = work.list.lines.find((one) => one.location.toUpperCase() === text.toUpperCase());
  if (other) throw new Wrong(`That is bin ${other.location}.`, `Go to ${line.location} and scan ${itemOf(work, line).sku}.`);
}

function itemScanned(work, line, text, seen) {
  const scan = parse(text);
  const lot = scan.lot || scan.serial;
  if (stage(work, line) === "lot" && !lot && text === line.lot) return next(work, line, { ...seen, lot: true });
  const units = unitsOf(work, line, scan, text);
  const byPlate = line.is_mixed && line.plate_tells_lot && line.lpn && [text, scan.sscc].includes(line.lpn);
  const now = { ...seen, item: true, lot: Boolean(lot) || Boolean(byPlate) || Boolean(seen.lot) };
  if (counts(work)) {
    const soFar = (seen.n ?? 0) + units;
    if (soFar > line.units) throw new Wrong(`That is ${soFar}, ${line.units} are asked.`, "Put back what is too much.");
    now.n = soFar;
  }
  return next(work, line, now);
}

// A whole pallet needs no tote: it is picked as it stands.
function next(work, line, at) {
  const then = { ...work, at };
  return isPallet(work) && stage(then, line) === "tote" ? confirmed(then, line, "") : same(then, "more");
}

// The items that a label may stand for, each with the units of one scan: [[item, units], ...].
export function meant(items, scan, text) {
  const code = scan.gtin || scan.contentGtin || text;
  const upper = text.toUpperCase();
  return items.flatMap((item) => item.codes.filter((one) => one.code === code || one.code.toUpperCase() === upper).map((one) => [item, one.units]));
}

function unitsOf(work, line, scan, text) {
  const wanted = itemOf(work, line);
  if (line.lpn && [text, scan.sscc].includes(line.lpn)) return line.units;
  const hits = meant(work.list.items, scan, text);
  const hit = hits.find(([item]) => item.item_id === wanted.item_id) ?? hits[0];
  const go = `Scan ${wanted.sku} in ${line.location}.`;
  if (!hit && /^\d{1,5}$/.test(text) && !isShapedAsCode(work, text)) throw new Wrong(`${text} is a quantity, no label.`, go);
  if (!hit) throw new Wrong(`Nothing on this list has the code ${text.slice(0, 40)}.`, go);
  if (hit[0].item_id !== wanted.item_id) throw new Wrong(`That is ${hit[0].sku}.`, go);
  const lot = scan.lot || scan.serial;
  if (lot && line.lot && lot !== line.lot) {
    throw new Wrong(`That is lot ${lot}.`, `This order gets lot ${line.lot} of ${wanted.sku}.`);
  }
  return hit[1] * (scan.quantity ?? scan.count ?? 1);
}

// Five digits may be an item of the house that this list does not know.
const isShapedAsCode = (work, text) => work.list.items.some((item) => [item.sku, ...item.codes.map((one) => one.code)]
  .some((code) => /^\d+$/.test(code) && code.length === text.length));

const toteAt = (work, at) => work.totes[at.letter] ?? at.tote;

function refuseOthersTote(line, code, others) {
  for (const other of others) {
    const at = other.list.totes.find((one) => toteAt(other, one) === code && one.order_id !== line.order_id);
    if (at) throw new Wrong(`${code} stands at ${at.letter} on ${other.list.head.number}.`, "Scan a tote of your own cart.");
    const holds = other.list.lines.some((one) => one.order_id !== line.order_id && other.done[one.pick_id]?.tote === code);
    if (holds) throw new Wrong(`${code} holds goods of ${other.list.head.number}.`, "Scan another tote.");
  }
}

// The tote that was scanned for the goods of a line; refuses one that is another order's, or none.
function toteFor(work, line, text, others) {
  const code = parse(text).sscc || text.toUpperCase();
  const at = placeOf(work, line);
  if (at?.tote && code !== at.tote) {
    const other = work.list.totes.find((one) => (work.totes[one.letter] ?? one.tote) === code);
    const where = other ? `${code} is at ${other.letter}. ` : "";
    throw new Wrong(`${at.tote}, not ${code.slice(0, 40)}.`, `${where}This order goes into ${at.tote} at ${at.letter}.`);
  }
  const taken = work.list.totes.find((one) => one.letter !== at?.letter && (work.totes[one.letter] ?? one.tote) === code);
  if (taken) throw new Wrong(`${code} holds goods for ${taken.letter}.`, "Scan another tote.");
  refuseOthersTote(line, code, others);
  const isKnown = work.list.tote_codes.includes(code);
  if (!isKnown && work.list.knows_all_totes) {
    throw new Wrong(`${code.slice(0, 40)} is no tote.`, "Scan a tote, or tap Confirm without a tote.");
  }
  return code;
}

function payloadOf(work, line, tote) {
  const item = itemOf(work, line);
  return {
    list: work.id, number: work.list.head.number, pick: line.pick_id, units: line.units, sku: item.sku, bin: line.location,
    tote, ...(line.rest ? { rest: 1 } : {}),
  };
}

function confirmed(work, line, tote) {
  const at = placeOf(work, line);
  const done = { ...work.done, [line.pick_id]: { state: "picked", units: line.units, tote, at: Date.now(), ...restOf(line) } };
  const totes = tote && at ? { ...work.totes, [at.letter]: tote } : work.totes;
  const last = { pick: line.pick_id, words: `${line.units.toLocaleString("en-GB")} × ${itemOf(work, line).sku}` };
  const then = { ...work, done, totes, last, beep: tote, at: {}, skip: work.skip.filter((one) => one !== line.pick_id) };
  return {
    work: then, feedback: current(then) ? "ok" : "done", entry: ["pick.confirm", payloadOf(work, line, tote)],
  };
}

const restOf = (line) => (line.rest ? { rest: line.units } : {});

function useCart(work, code, others) {
  const cart = code.toUpperCase();
  if (!work.list.carts.includes(cart)) throw new Wrong(`This site has no cart ${code.slice(0, 20)}.`, "Scan the code on the cart.");
  const other = others.find((one) => (one.list.head.cart || one.cart) === cart && current(one));
  if (other) throw new Wrong(`${cart} is at work with ${other.list.head.number}.`, "Take another cart.");
  return { work: { ...work, cart }, feedback: "ok", entry: ["list.cart", { list: work.id, number: work.list.head.number, cart }] };
}

export function acted(work, action) {
  const line = current(work);
  if (action === "undo" && work.last) return undone(work);
  if (action === "back") return same({ ...work, short: 0, found: null }, "ok");
  if (action === "no_cart") return same({ ...work, cart: "none" }, "ok");
  if (!line) throw new Wrong("This list is done.", "Go back and take the next one.");
  if (work.found && action === "loose") return shortBooked(work, line, "");
  if (action === "short") return same({ ...work, short: line.pick_id }, "more");
  if (action === "skip") {
    return same({ ...work, skip: [...work.skip.filter((one) => one !== line.pick_id), line.pick_id], at: {} }, "ok");
  }
  const at = placeOf(work, line);
  if (action === "full" && at?.tote) {
    return {
      work: { ...work, totes: { ...work.totes, [at.letter]: "" } }, feedback: "ok",
      entry: ["list.full", { list: work.id, number: work.list.head.number, tote: at.tote }],
    };
  }
  if (action === "loose" && stage(work, line) === "tote") return confirmed(work, line, "");
  throw new Wrong("Scan the item first.", `Scan ${itemOf(work, line).sku} in ${line.location}.`);
}

function undone(work) {
  const { pick, isShort, rest } = work.last;
  const line = asked(work, work.list.lines.find((one) => one.pick_id === pick));
  // Of a short pick that found some, these stay picked, and what was missing is asked again.
  const open = rest ? { ...work.done[pick], state: "open", rest } : { state: "open", ...restOf(line) };
  const said = payloadOf(work, rest ? { ...line, units: rest } : line, "");
  return { work: { ...work, done: { ...work.done, [pick]: open }, last: null, at: {}, beep: "" }, feedback: "ok", entry: [isShort ? "pick.found" : "pick.undo", said] };
}

export function counted(work, units, reason) {
  const line = work.short && current(work);
  if (line?.pick_id !== work.short) throw new Wrong("There is nothing to book.", "Go on with the list.");
  if (!/^\d{1,5}$/.test(units)) throw new Wrong(`${units} is not a quantity.`, "Tap how many are there.");
  if (Number(units) >= line.units) throw new Wrong(`${line.units} are asked.`, "If all are there, go Back and scan them.");
  const at = placeOf(work, line);
  const then = { ...work, found: { units: Number(units), reason } };
  // What was found of the first pick of an order goes into a tote as a pick does.
  if (Number(units) && at && !at.tote) return same(then, "more");
  return shortBooked(then, line, Number(units) ? at?.tote ?? "" : "");
}

function shortBooked(work, line, tote) {
  const { units, reason } = work.found;
  const at = placeOf(work, line);
  const totes = tote && at ? { ...work.totes, [at.letter]: tote } : work.totes;
  const done = { ...work.done, [line.pick_id]: { state: "short", units, tote, at: Date.now(), ...restOf(line) } };
  const missing = line.units - units;
  // Short once more of what was found after all: which of the two would be taken back is for the house to say.
  const last = line.rest ? null : { pick: line.pick_id, words: `short, I found the ${missing.toLocaleString("en-GB")}`, isShort: true, rest: units ? missing : 0 };
  const then = { ...work, done, totes, short: 0, found: null, at: {}, last, beep: tote };
  const entry = ["pick.short", { ...payloadOf(work, line, tote), found: units, reason }];
  return { work: then, feedback: current(then) ? "ok" : "done", entry };
}

// The totes at the places and the cart as the house has them, and what was done here since: what it refused stands nowhere.
function placed(work, list, waiting) {
  const totes = {};
  let cart = work.cart === "none" ? "none" : "";
  const lines = [...list.lines, ...work.list.lines];
  for (const { flow, payload } of [...waiting].sort((a, b) => a.seq - b.seq)) {
    const said = JSON.parse(payload);
    if (said.list !== list.head.id) continue;
    const line = lines.find((one) => one.pick_id === said.pick);
    const at = line && list.totes.find((one) => one.order_id === line.order_id || one.order_id === 0);
    if (flow === "list.cart") cart = said.cart;
    else if (flow === "list.full") {
      const full = list.totes.find((one) => (totes[one.letter] ?? one.tote) === said.tote);
      if (full) totes[full.letter] = "";
    } else if (at && said.tote) totes[at.letter] = said.tote;
  }
  return { totes, cart };
}

// What the house says now, under what was done here and is not answered yet. `gone` were open and are called back, `added` are
// new: from another bin, after a short pick.
export function merged(work, list, waiting) {
  const unsent = new Set(waiting.filter((one) => one.flow.startsWith("pick.")).map((one) => JSON.parse(one.payload).pick));
  const done = Object.fromEntries(Object.entries(work.done).filter(([pick]) => unsent.has(Number(pick))));
  const before = new Set(work.list.lines.map((line) => line.pick_id));
  const rests = work.list.lines.filter((line) => work.done[line.pick_id]?.rest);
  const isRest = (line) => rests.find((one) => one.order_id === line.order_id && one.item_id === line.item_id && one.location === line.location && work.done[one.pick_id].rest === line.units);
  // What was found after all bears a number by now; while it is picked here and not sent, it is not asked twice.
  const lines = list.lines.filter((line) => before.has(line.pick_id) || !unsent.has(isRest(line)?.pick_id));
  const added = lines.filter((line) => line.state === "open" && !before.has(line.pick_id) && !isRest(line));
  const known = new Map(lines.map((line) => [line.pick_id, line]));
  const gone = work.list.lines.filter((line) => stateOf(work, line) === "open" && !known.has(line.pick_id));
  // What the house did not book is nothing to take back.
  const isHeld = work.last && (unsent.has(work.last.pick) || (known.get(work.last.pick)?.state ?? "open") !== "open");
  return { work: { ...work, ...placed(work, list, waiting), list: { ...list, lines }, done, last: isHeld ? work.last : null }, gone, added };
}
