// Blind counts on the device, by the grammar of the house: the bin, each item and how many, then Done or Empty. A bin is
// one entry of the journal, so that it is counted as a whole or not at all; how far it is lies on the disk after each scan.
// Nothing here says what is expected: the device has the codes of all that lies in the zone, without quantities.
import { parse } from "./gs1.js";
import { Wrong, meant } from "./work.js";

const words = (one) => one.toLocaleString("en-GB");
const MOST = 18000; // characters of one entry
const seconds = (from, to) => Math.max(0, Math.floor((to - from) / 1000));
const key = (one) => `${one.code || one.item}:${one.lot}`;

// `done` by task, `skip`, `at` (the bin that is being counted: opened, seen, item in hand, last for the undo).
const begun = (part) => ({ id: part.id, kind: "count", part, done: {}, skip: [], at: null });

const isOpen = (work, task) => !work.done[task.task_id];
function next(work) {
  const open = work.part.tasks.filter((task) => isOpen(work, task));
  return open.find((task) => !work.skip.includes(task.task_id)) ?? open[0] ?? null;
}
const progress = (work) => [work.part.tasks.filter((task) => !isOpen(work, task)).length, work.part.tasks.length];

// ---------------------------------------------------------------- what the screen shows

function step(work, net) {
  const common = { progress: progress(work) };
  if (work.at) return { ...common, ...stepAtBin(work.at) };
  const task = next(work);
  if (!task) return { ...common, task: "Count", prompt: "All counted", sub: "These bins are done.", note: net?.stored ? `${words(net.stored)} scans are stored here and not sent yet.` : "", actions: [{ code: "home", label: "Back to the jobs", primary: true }] };
  const others = work.part.tasks.filter((one) => isOpen(work, one)).length > 1;
  return {
    ...common, task: task.number, prompt: "Scan bin", fact: task.bin, sub: task.zone, accepts: "Bin label",
    note: task.is_recount ? "Somebody else counted it before you." : "", actions: others ? [{ code: "skip", label: "Another bin first" }] : [],
  };
}

function stepAtBin(at) {
  const done = [...at.seen].reverse().slice(0, 5).map((one) => ({ text: `${one.sku}${one.lot ? `, lot ${one.lot}` : ""} ${one.name.slice(0, 24)}`, end: words(one.n) }));
  if (at.item) return stepOfItem(at, done);
  const primary = at.seen.length ? [{ code: "done", label: "Done", note: "all in the bin is counted", primary: true }] : [{ code: "leave", label: "Not this bin" }];
  return {
    task: at.number, prompt: "Scan item", sub: `Bin ${at.bin}`, done, undo: at.last?.words ?? "", accepts: "Item, case or lot label",
    note: at.asked ? `This device does not know ${at.asked.slice(0, 40)}. Scan it again to count it all the same: the house reads it later.` : "",
    actions: [{ code: "empty", label: at.seen.length ? "Nothing else here" : "Empty", note: "the rest is zero" }, ...primary],
  };
}

function stepOfItem(at, done) {
  const { item } = at;
  const about = { task: at.number, item: `${item.sku} ${item.name}`, actions: [{ code: "drop", label: "Other item" }], done };
  if (item.lot === null) {
    const note = at.asked ? `This device does not know ${item.tracking} ${at.asked.slice(0, 40)}. If it stands so on the goods, scan it again.` : "";
    return { ...about, prompt: `Scan ${item.tracking}`, accepts: "The lot or serial number on the goods", note };
  }
  const lot = item.lot ? `, lot ${item.lot}` : "";
  const before = item.before ? `, ${words(item.before)} of them counted before` : "";
  return {
    ...about, prompt: "How many?", sub: `${item.sku} ${item.name.slice(0, 40)}`,
    keypad: { value: item.units, of: `${item.uom}${lot}${before}`, reasons: [], verb: "Count it" },
  };
}

// ---------------------------------------------------------------- what scans mean

// Each of these gives {work, feedback, entry: [flow, payload] or null}.
const same = (work, feedback) => ({ work, feedback, entry: null });

const withAt = (work, at) => ({ ...work, at });

function scanned(work, code) {
  const text = code.trim();
  if (!work.at) return openBin(work, text);
  const { at } = work;
  if (text.toUpperCase() === at.bin.toUpperCase()) {
    if (!at.item) return same(work, "ok"); // the trigger was pulled twice
    throw new Wrong(`${at.item.sku} is not counted yet.`, "Say how many, then scan the next.");
  }
  const other = work.part.tasks.find((task) => task.bin.toUpperCase() === text.toUpperCase());
  if (other) throw new Wrong(`That is bin ${other.bin}.`, `Say Done at ${at.bin} first.`);
  const scan = parse(text);
  if (at.item?.lot === null) return lotScanned(work, scan.lot || scan.serial || text);
  const hits = hitsOf(work, scan, text);
  if (at.item) return onceMore(work, scan, hits, text);
  if (!hits.length) return unknown(work, scan, text);
  if (hits.length > 1) {
    throw new Wrong(`“${text.slice(0, 40)}” means several items: ${hits.slice(0, 4).map(([item]) => item.sku).join(", ")}.`, "Scan the item first, then the lot.");
  }
  const [[item, units, lot]] = hits;
  return inHand(work, {
    item: item.item_id, code: "", sku: item.sku, name: item.name, uom: item.base_uom, tracking: item.tracking, lots: item.lots,
    units: units * (scan.quantity ?? scan.count ?? 1),
  }, lot || scan.lot || scan.serial || "");
}

// By the codes of items, else (a lot's plain label) by the lot: [[item, units, lot], ...].
function hitsOf(work, scan, text) {
  const found = new Map(meant(work.part.items, scan, text).map(([item, units]) => [item.item_id, [item, units, ""]]));
  if (found.size) return [...found.values()];
  return work.part.items.filter((item) => item.lots.includes(text)).map((item) => [item, 1, text]);
}

function openBin(work, text) {
  const task = work.part.tasks.find((one) => one.bin.toUpperCase() === text.toUpperCase());
  const wanted = next(work);
  const go = wanted ? `Scan ${wanted.bin}.` : "Go back to the jobs.";
  if (!task) throw new Wrong(`“${text.slice(0, 40)}” is no bin that you have along.`, go);
  if (!isOpen(work, task)) throw new Wrong(`${task.bin} is counted.`, go);
  return same(withAt(work, { task: task.task_id, number: task.number, bin: task.bin, opened: Date.now(), seen: [], item: null, last: null, asked: "" }), "ok");
}

function inHand(work, item, lot) {
  const now = withAt(work, { ...work.at, item: { ...item, lot: null, before: 0 }, asked: "" });
  if (item.tracking === "none") return howMany(now, "");
  return lot ? lotScanned(now, lot) : same(now, "more");
}

// A code that nobody here knows: scanned twice it is counted, and the house says what it is.
function unknown(work, scan, text) {
  if (scan.sscc) throw new Wrong("That is a pallet.", "Scan what stands on it, item by item.");
  if (/^\d{1,4}$/.test(text)) throw new Wrong(`${text} is a quantity, no label.`, "Scan the item first, then say how many.");
  if (work.at.asked !== text) return same(withAt(work, { ...work.at, asked: text }), "more");
  return inHand(work, { item: 0, code: text, sku: text.slice(0, 40), name: "", uom: "of what this label stands on", tracking: "none", lots: [], units: 1 }, "");
}

function lotScanned(work, lot) {
  const { at } = work;
  if (at.item.lots.includes(lot) || at.asked === lot) return howMany(work, lot);
  return same(withAt(work, { ...at, asked: lot }), "more");
}

// Ask for the quantity: what was scanned, and what was counted of it in this bin before.
function howMany(work, lot) {
  const item = { ...work.at.item, lot };
  const before = work.at.seen.find((one) => key(one) === key(item))?.n ?? 0;
  const now = withAt(work, { ...work.at, asked: "", item: { ...item, before, units: before + item.units } });
  return item.tracking === "serial" ? counted(now, "1") : same(now, "ok");
}

function onceMore(work, scan, hits, text) {
  const { item } = work.at;
  const lot = scan.lot || scan.serial;
  const hit = item.code ? text === item.code && [null, 1, ""] : hits.find(([one, , of]) => one.item_id === item.item && (!of || of === item.lot));
  if (!hit || (lot && !item.code && lot !== item.lot)) throw new Wrong(`${item.sku} is not counted yet.`, "Say how many, then scan the next.");
  return same(withAt(work, { ...work.at, item: { ...item, units: item.units + hit[1] * (scan.quantity ?? scan.count ?? 1) } }), "ok");
}

function counted(work, units) {
  const item = work.at?.item;
  if (!item || item.lot === null) throw new Wrong("Scan the item first.", "Then say how many.");
  if (!/^\d{1,7}$/.test(units)) throw new Wrong(`${units} is not a quantity.`, "Tap how many are there.");
  const line = { item: item.item, code: item.code, sku: item.sku, name: item.name, lot: item.lot, n: Number(units), at: Date.now() };
  const before = work.at.seen.find((one) => key(one) === key(line)) ?? null;
  const seen = [...work.at.seen.filter((one) => one !== before), line];
  return same(withAt(work, { ...work.at, seen, item: null, last: { key: key(line), before, words: `${words(line.n)} × ${line.sku}` } }), "ok");
}

// ---------------------------------------------------------------- buttons

function acted(work, action) {
  const { at } = work;
  if (!at && action === "skip" && next(work)) {
    const { task_id: id } = next(work);
    return same({ ...work, skip: [...work.skip.filter((one) => one !== id), id] }, "ok");
  }
  if (!at) throw new Wrong("Scan the bin first.", "Then what is in it.");
  if (action === "drop" && at.item) return same(withAt(work, { ...at, item: null, asked: "" }), "ok");
  if (action === "leave" && !at.seen.length) return same(withAt(work, null), "ok");
  if (action === "undo" && at.last) {
    const seen = at.seen.flatMap((one) => (key(one) === at.last.key ? at.last.before ?? [] : one));
    return same(withAt(work, { ...at, seen, last: null }), "ok");
  }
  if (at.item) throw new Wrong(`${at.item.sku} is not counted yet.`, "Say how many, or Other item.");
  if (action === "empty" || (action === "done" && at.seen.length)) return finished(work, action === "empty");
  throw new Wrong("Nothing is counted yet.", "Scan what is in the bin, or tap Empty.");
}

function finished(work, empty) {
  const { at } = work;
  const now = Date.now();
  const ago = seconds(at.opened, now);
  const lines = at.seen.map((one) => ({ item: one.item, sku: one.sku, code: one.code, lot: one.lot, n: one.n, ago: Math.min(ago, seconds(one.at, now)) }));
  const said = { task: at.task, number: at.number, bin: at.bin, ago, empty: empty ? 1 : 0, lines };
  if (JSON.stringify(said).length > MOST) throw new Wrong("There is more in this bin than the device can send at once.", "Have it counted with the network.");
  const then = { ...work, at: null, done: { ...work.done, [at.task]: now } };
  return { work: then, feedback: "done", entry: ["count.bin", said] };
}

// ---------------------------------------------------------------- what the house says

function merged(work, part, waiting) {
  const unsent = new Set(waiting.filter((one) => one.flow === "count.bin").map((one) => JSON.parse(one.payload).task));
  const done = Object.fromEntries(Object.entries(work.done).filter(([id]) => unsent.has(Number(id))));
  const isGone = work.at && !part.tasks.some((task) => task.task_id === work.at.task);
  // What was counted here stays on the list until the house has it, though the house names it no more.
  const kept = work.part.tasks.filter((task) => unsent.has(task.task_id) && !part.tasks.some((one) => one.task_id === task.task_id));
  return { work: { ...work, part: { ...part, tasks: [...kept, ...part.tasks] }, done, at: isGone ? null : work.at }, gone: isGone ? [work.at.bin] : [] };
}

function tile(work) {
  const [done, of] = progress(work);
  return { title: "Count", text: done < of ? `${done} of ${of} bins counted` : "all counted", end: done < of ? words(of - done) : "✓" };
}

// What the frame (offline.js) asks of each kind of work.
export const counting = {
  kind: "count",
  address: "/scan/count/along",
  take: { label: "Take counts along", note: "bins on your way" },
  wants: ({ next }) => ({ next }),
  told: (answer) => answer.works,
  taken: (answer, next) => (next ? answer.works.at(-1) : null),
  idOf: (part) => part.id,
  begun,
  merged,
  isOf: (one, said) => "bin" in said && "task" in said,
  news: (one, gone) => ({ message: `Bin ${gone[0]} need not be counted by you any more.`, fix: "It was called off, or a colleague has it." }),
  opens: (work, code) => work.part.tasks.some((task) => isOpen(work, task) && task.bin.toUpperCase() === code),
  takesCode: true,
  tile,
  stored: ([, said]) => said.bin,
  scanned,
  acted,
  counted,
  step,
};
