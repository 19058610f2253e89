// A truck on the device, by the same grammar as in the house: what each scan and each button means, and what the screen asks.
// Pure: a state and a scan give a feedback, what to show, and what to write down. Nothing here knows the network or the disk.
import { parse } from "./gs1.js";
import { Wrong } from "./work.js";

const APART = [["barrier", "Barrier between them"], ["ends", "At opposite ends"], ["boxes", "In closed boxes"]];
const TURN = [["side", "Side doors"], ["weight", "Weight on the axles"], ["lead", "The lead says so"]];
const NAMED = 3;
const BOUNCE = 1500; // ms in which the same label again is the trigger, pulled twice
const words = (one) => one.toLocaleString("en-GB");
const units = (one) => `${words(one)} unit${one === 1 ? "" : "s"}`;
const listed = (names) => names.slice(0, NAMED).join(", ") + (names.length > NAMED ? ` and ${words(names.length - NAMED)} more` : "");

// What was taken along, and what was done to it since: `on` by plate, `door` where it was scanned here, `asks` a question.
const begun = (truck) => ({ id: idOf(truck), kind: "load", truck, since: Date.now(), on: {}, door: "", asks: null, said: null, beep: {} });
const idOf = (truck) => `load-${truck.head.id}`;

const isOn = (work, plate) => work.on[plate.key] ?? work.truck.on.includes(plate.key);
const aboard = (work) => work.truck.plates.filter((plate) => isOn(work, plate));
const missing = (work) => work.truck.plates.filter((plate) => !isOn(work, plate));
const toCome = (work) => work.truck.stops.reduce((sum, stop) => sum + stop.to_come, 0);
const needsDoor = (work) => work.truck.head.state === "open" && !work.door;
export const progress = (work) => [aboard(work).length, work.truck.plates.length];
export const isDone = (work) => !needsDoor(work) && !missing(work).length && !toCome(work);

const textOf = (code) => (parse(code).sscc || code.trim()).toUpperCase();
const clock = (at) => new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

// Each of these gives {work, feedback, entry: [flow, payload] or null}.
const same = (work, feedback) => ({ work, feedback, entry: null });
const entryOf = (work, flow, more) => [flow, { load: work.truck.head.id, number: work.truck.head.number, ...more }];

export function scanned(work, code) {
  const text = textOf(code);
  if (needsDoor(work)) return atDoor(work, text);
  if (text === work.beep.text && Date.now() - work.beep.at < BOUNCE) return same(work, "ok");
  const plate = work.truck.plates.find((one) => one.codes.includes(text));
  if (!plate) refuseStranger(work, code, text);
  if (plate.foreign) throw new Wrong(`${text} also holds other goods.`, plate.foreign);
  if (isOn(work, plate)) return same({ ...work, said: null, asks: { kind: "off", key: plate.key, text } }, "more");
  return put({ ...work, said: null, asks: null }, plate, text, {});
}

function atDoor(work, text) {
  const { head, doors } = work.truck;
  const known = head.door ? [head.door] : doors;
  if (!known.includes(text)) {
    throw new Wrong(`${text.slice(0, 40)} is not the door of ${head.number}.`, head.door ? `It is planned for door ${head.door}.` : "Scan the door at which the truck stands.");
  }
  return { work: { ...work, door: text }, feedback: "ok", entry: entryOf(work, "load.start", { door: text }) };
}

// Whatever is not known to go on this truck does not go on it: a pallet on the wrong truck is what costs most.
function refuseStranger(work, code, text) {
  const { head, elsewhere, orders, knows_all: knowsAll } = work.truck;
  const shown = text.slice(0, 40);
  if (elsewhere[text]) throw new Wrong(`${shown} does not go on ${head.number}.`, elsewhere[text]);
  if (orders.includes(text)) throw new Wrong(`Nothing of ${shown} stands loose for this truck.`, "Scan the label of its pallet or carton.");
  if ([head.door, work.door].includes(text)) throw new Wrong(`That is door ${text}.`, "Scan the label of a pallet or carton.");
  if (parse(code).sscc || /^\d{18,20}$/.test(text) || !knowsAll) {
    throw new Wrong(`${shown} is not known here.`, `It was not staged when this truck was taken along at ${clock(work.since)}. Leave it at the door until there is network.`);
  }
  throw new Wrong(`${shown} is no plate and no order.`, "Scan the label of a pallet or carton.");
}

function put(work, plate, text, answers) {
  const { stop_order: rule } = work.truck;
  const later = missing(work).filter((one) => one.stop_no > plate.stop_no).sort((a, b) => b.stop_no - a.stop_no || (a.name < b.name ? -1 : 1));
  const isTurn = later.length > 0 && rule !== "free";
  const turn = isTurn ? `Stop ${later[0].stop_no} goes on before stop ${plate.stop_no}: ${words(later.length)} still to load, ${listed(later.map((one) => one.name))}.` : "";
  if (isTurn && rule === "refuse") throw new Wrong(turn, `Load stop ${later[0].stop_no} first; or let the planner change the stops.`);
  if (isTurn && rule === "reason" && !answers.reason) return same({ ...work, asks: { kind: "turn", key: plate.key, text, words: turn } }, "more");
  const pair = together(work, plate);
  if (pair && pair.cell !== "O") throw new Wrong(pair.words, "Put it on another truck.");
  if (pair && !answers.separation) return same({ ...work, asks: { kind: "apart", key: plate.key, text, words: pair.words, ...answers } }, "more");
  const warned = [turn, pair && `${pair.words} Kept apart: ${answers.separation}.`, tooHeavy(work, plate)].filter(Boolean);
  const then = {
    ...work, on: { ...work.on, [plate.key]: true }, asks: null, beep: { text, at: Date.now() },
    said: { stop: plate.stop_no, customer: plate.customer, head: isTurn ? `Wrong order: stop ${later[0].stop_no} goes on first` : "On the truck, but look", warned: warned.join(" ") },
  };
  const feedback = isTurn && !answers.reason ? "held" : isDone(then) ? "done" : warned.length ? "more" : "ok";
  return { work: then, feedback, entry: entryOf(work, "load.plate", { plate: text, stop: plate.stop_no, reason: answers.reason ?? "", separation: answers.separation ?? "" }) };
}

// The strictest pair of hazard classes that these goods make with each other or with what is on the truck.
function together(work, plate) {
  const on = Object.assign({}, ...aboard(work).reverse().map((one) => one.hazards));
  const all = { ...on, ...plate.hazards };
  const rule = work.truck.apart.find(({ one, other }) => (one in plate.hazards && other in all) || (other in plate.hazards && one in all));
  if (!rule) return null;
  return { cell: rule.cell, words: `Class ${rule.one} (${all[rule.one]}) and class ${rule.other} (${all[rule.other]}) ${rule.words} ${rule.rule}` };
}

function tooHeavy(work, plate) {
  const most = work.truck.head.max_weight_g;
  const now = aboard(work).reduce((sum, one) => sum + one.weight_g, plate.weight_g);
  return most && now > most ? `Too much for the truck: ${words(Math.round(now / 1000))} kg of ${words(Math.round(most / 1000))} kg.` : "";
}

export function acted(work, action) {
  const { asks } = work;
  if (action === "keep") return same({ ...work, asks: null, said: null }, "ok");
  const plate = asks && work.truck.plates.find((one) => one.key === asks.key);
  if (!plate) throw new Wrong("There is nothing to answer.", "Scan a pallet.");
  if (asks.kind === "off" && action === "off") {
    const then = { ...work, on: { ...work.on, [plate.key]: false }, asks: null, said: null, beep: {} };
    return { work: then, feedback: "ok", entry: entryOf(work, "load.off", { plate: asks.text }) };
  }
  const label = (asks.kind === "turn" ? TURN : APART).find(([code]) => code === action)?.[1];
  if (!label || asks.kind === "off") throw new Wrong("This screen has no such button.", "Look at what it asks.");
  return put({ ...work, asks: null }, plate, asks.text, asks.kind === "turn" ? { reason: label } : { reason: asks.reason, separation: label });
}

// ---------------------------------------------------------------- what the screen asks

function step(work, net) {
  const { head } = work.truck;
  const task = head.number;
  if (needsDoor(work)) {
    return { task, prompt: "Scan door", sub: head.door ? `It is planned for door ${head.door}.` : "It was planned without a door.", accepts: "The door at which the truck stands", done: ticks(work), wraps: true };
  }
  if (work.asks) return { task, ...question(work.asks) };
  return { task, ...plates(work, net) };
}

function question(asks) {
  if (asks.kind === "off") {
    return { prompt: "Take it off?", item: asks.text, itemNote: "It is on the truck.", accepts: "Or scan the next plate", actions: [{ code: "keep", label: "Leave it on", wide: true }, { code: "off", label: "Take off", primary: true }] };
  }
  return {
    prompt: asks.kind === "turn" ? "Why out of turn?" : "Kept apart how?", item: asks.text, itemNote: asks.words, accepts: "Tap one, or scan another plate",
    actions: [...(asks.kind === "turn" ? TURN : APART).map(([code, label]) => ({ code, label })), { code: "keep", label: "Do not load it", ghost: true }],
  };
}

const ticks = (work) => [...work.truck.stops].sort((a, b) => b.stop_no - a.stop_no).map((stop) => {
  const of = work.truck.plates.filter((plate) => plate.stop_no === stop.stop_no);
  const on = of.filter((plate) => isOn(work, plate)).length;
  return {
    text: `Stop ${stop.stop_no} ${stop.customer}`, end: `${words(on)} of ${words(of.length)}${stop.to_come ? `, ${units(stop.to_come)} not staged` : ""}`,
    kind: stop.to_come ? "warn" : on === of.length ? "ok" : "wait",
  };
});

function plates(work, net) {
  const { head } = work.truck;
  const open = missing(work);
  const first = open.reduce((most, plate) => (!most || plate.stop_no > most.stop_no ? plate : most), null);
  const left = open.filter((plate) => plate.stop_no === first.stop_no);
  const whole = !open.length && !toCome(work);
  const cannot = net?.isOffline || net?.stored > 0;
  const note = cannot ? (net.isOffline ? "needs the network" : "when all is sent") : open.length ? `${words(open.length)} not on the truck` : `${words(aboard(work).length)} on the truck`;
  return {
    prompt: open.length ? "Scan pallet" : toCome(work) ? "More is to come" : "All is on",
    sub: work.said ? `Stop ${work.said.stop}, ${work.said.customer}: on.` : first ? `Door ${work.door || head.door}, next: stop ${first.stop_no}` : `Door ${work.door || head.door}`,
    held: work.said?.warned ? [work.said.head, work.said.warned] : null,
    qty: left.length ? words(left.length) : "", qtyNote: first ? `left for stop ${first.stop_no}` : "",
    item: left[0]?.name ?? "", itemNote: left.length ? `in ${left[0].location}, ${units(left[0].units)}` : "",
    progress: progress(work), done: ticks(work), wraps: true,
    accepts: "Pallet, carton or tote; one that is on the truck comes off",
    note: !head.may_close ? "Your lead closes the truck and seals it." : open.length || !cannot ? "" : "Closing, sealing and the driver's signature need the network.",
    actions: [{ code: "home", label: "Another job", note: "this one waits", wide: true }, head.may_close && { code: "close", label: "Close truck", note, primary: whole && !cannot, ghost: !whole || cannot, off: cannot }].filter(Boolean),
  };
}

// ---------------------------------------------------------------- what the house says now

// Under what was done here and is not answered yet. `gone` are plates that were to go on and do not any more.
export function merged(work, truck, waiting) {
  const on = {};
  let door = "";
  for (const { flow, payload } of [...waiting].sort((a, b) => a.seq - b.seq)) {
    const said = JSON.parse(payload);
    if (said.load !== truck.head.id) continue;
    const plate = truck.plates.find((one) => one.codes.includes(said.plate));
    if (flow === "load.start") door = said.door;
    else if (plate) on[plate.key] = flow === "load.plate";
  }
  const known = new Set(truck.plates.map((plate) => plate.key));
  const gone = missing(work).filter((plate) => !known.has(plate.key)).map((plate) => plate.name);
  const asks = work.asks && known.has(work.asks.key) ? work.asks : null;
  return { work: { ...work, truck, since: Date.now(), on, door, asks }, gone };
}

// What the frame (offline.js) asks of each kind of work.
export const loading = {
  kind: "load",
  address: "/scan/load/along",
  take: { label: "Take a truck along", note: "the one at the door, or the first to leave" },
  wants: ({ next, code, mine }) => ({ next, code, have: mine.map((one) => one.truck.head.id) }),
  told: (answer) => answer.trucks,
  taken: (answer) => answer.trucks.find((one) => one.head.id === answer.new),
  idOf,
  begun,
  merged,
  isOf: (one, said) => said.load === one.truck.head.id,
  news: (one, gone) => ({
    message: `${listed(gone)} ${gone.length === 1 ? "does" : "do"} not go on ${one.truck.head.number} any more. Leave ${gone.length === 1 ? "it" : "them"}.`,
    fix: "What is on the truck stays on it until the house says otherwise.",
  }),
  ended: (one) => ({ message: `${one.truck.head.number} is closed, gone or called off.`, fix: "Load nothing more onto it." }),
  named: () => true,
  opens: (one, code) => [one.truck.head.number, one.door, one.truck.head.door].includes(code),
  tile: (one) => ({
    title: one.truck.head.number, text: [one.door || one.truck.head.door || "no door yet", one.truck.head.carrier].filter(Boolean).join(", "),
    end: isDone(one) ? "✓" : progress(one).map(words).join(" of "),
  }),
  stored: ([, said]) => said.plate ?? "",
  scanned,
  acted,
  step,
  goes: (one, action) => (action === "close" ? `/scan/load?load=${one.truck.head.number}&closing=seal` : ""),
};
