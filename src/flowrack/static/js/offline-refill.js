// Refills on the device, by the grammar of the house: the pallet or bin (where other items lie in it, the item too), then the
// face; or back where they came from. One is carried at a time. Pure: a state and a scan give a feedback, what to show, and
// what to write down. Nothing here knows the network or the disk.
import { parse } from "./gs1.js";
import { Wrong, meant } from "./work.js";

const words = (one) => one.toLocaleString("en-GB");

// `done` by refill (landed or put back), `lifted` here and not told yet, `skip`, `bin` (of which the item is still to be
// scanned), `units` when not all of it is carried, `asks` for them.
const begun = (part) => ({ id: part.id, kind: "refill", part, done: {}, lifted: {}, skip: [], bin: 0, units: {}, asks: false });

const stateOf = (work, one) => (one.state === "planned" && work.lifted[one.id] ? "lifted" : one.state);
const open = (work) => work.part.refills.filter((one) => !work.done[one.id]);
function current(work) {
  const left = open(work);
  return left.find((one) => stateOf(work, one) !== "planned") ?? left.find((one) => !work.skip.includes(one.id)) ?? left[0] ?? null;
}
const progress = (work) => [work.part.refills.length - open(work).length, work.part.refills.length];
const unitsOf = (work, one) => Math.min(work.units[one.id] ?? one.units, one.units);
const nameOf = (one) => one.lpn || one.sku;
function cases(one, units) {
  const many = units / one.case_units;
  return one.case_units > 1 && Number.isInteger(many) ? `${one.base_uom ?? ""}, ${words(many)} case${many === 1 ? "" : "s"} of ${words(one.case_units)}` : one.base_uom ?? "";
}

// ---------------------------------------------------------------- what the screen shows

function urgency(one) {
  if (one.waiting_lines) return one.waiting_lines === 1 ? "1 line waits for it" : `${words(one.waiting_lines)} lines wait for it`;
  if (!one.land_by) return `${one.face} runs low`;
  const at = new Date(one.land_by);
  return at < Date.now() ? `${one.face} is empty by now` : `${one.face} is empty at ${at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}`;
}

function step(work, net) {
  const done = work.part.refills.filter((one) => work.done[one.id]).sort((a, b) => work.done[b.id].at - work.done[a.id].at).slice(0, 5)
    .map((one) => ({ text: `${words(work.done[one.id].units)} × ${one.sku} ${one.name.slice(0, 24)}`, end: `${work.done[one.id].back ? "back to" : "to"} ${work.done[one.id].to}`, kind: work.done[one.id].back ? "warn" : "ok" }));
  const common = { task: "Refill", progress: progress(work), done };
  const one = current(work);
  if (!one) return { ...common, prompt: "All refilled", sub: "Take more along where there is network.", note: net?.stored ? `${words(net.stored)} scans are stored here and not sent yet.` : "", actions: [{ code: "home", label: "Back to the jobs", primary: true }] };
  if (work.asks) return { ...common, prompt: "How many?", item: `${one.sku} ${one.name.slice(0, 60)}`, actions: [{ code: "all", label: "All of it" }], keypad: { value: unitsOf(work, one), of: `of ${words(one.units)}`, reasons: [], verb: "Take" } };
  const about = { ...common, item: `${one.sku} ${one.name.slice(0, 60)}`, itemNote: [one.lpn, one.lot && `lot ${one.lot}`].filter(Boolean).join(" · ") };
  const state = stateOf(work, one);
  if (state === "going_back") return { ...about, prompt: "Bring it back", fact: one.from, sub: "Nobody needs it any more", qty: words(one.units), accepts: "The label of the place" };
  if (state === "lifted") {
    const units = unitsOf(work, one);
    return {
      ...about, prompt: one.to === one.face ? "Scan face" : "Scan hand-over", fact: one.to, sub: urgency(one), qty: words(units), qtyNote: cases(one, units), accepts: "The label of the place",
      actions: [{ code: "units", label: "Quantity", note: words(units) }, { code: "put_down", label: "Put back", note: one.from }],
    };
  }
  const prompt = work.bin === one.id ? "Scan item" : `Scan ${one.lpn ? "pallet" : "bin"}`;
  return { ...about, prompt, fact: one.from, sub: urgency(one), qty: words(one.units), qtyNote: cases(one, one.units), accepts: `${work.bin === one.id ? "Item" : one.lpn ? "Pallet or bin" : "Bin"} label`, actions: open(work).length > 1 ? [{ code: "skip", label: "Skip", note: "comes back later" }] : [] };
}

// ---------------------------------------------------------------- what scans mean

// Each of these gives {work, feedback, entry: [flow, payload] or null}.
const same = (work, feedback) => ({ work, feedback, entry: null });
const is = (text, code) => text.toUpperCase() === code.toUpperCase();
const isPlate = (one, text) => Boolean(one.lpn) && is(parse(text).sscc || text, one.lpn);

function scanned(work, code) {
  const text = code.trim();
  const one = current(work);
  if (!one) throw new Wrong("All of it is done.", "Go back to the jobs.");
  if (work.asks) throw new Wrong("A quantity is asked.", "Tap how many, or All of it.");
  const state = stateOf(work, one);
  if (state === "planned") return source(work, one, text);
  if (is(text, one.from)) return state === "going_back" || !work.lifted[one.id]?.just ? down(work, one) : same(settled(work, one), "ok"); // the trigger was pulled twice
  if (isPlate(one, text)) throw new Wrong("You have it already.", `Scan ${state === "lifted" ? one.to : one.from}.`);
  if (state === "going_back") throw new Wrong(`That is ${text.slice(0, 40)}.`, `Bring it back to ${one.from}.`);
  if (!is(text, one.to)) throw new Wrong(`That is ${text.slice(0, 40)}.`, `Scan ${one.to}.`);
  return landed(work, one);
}

const settled = (work, one) => ({ ...work, lifted: { ...work.lifted, [one.id]: { just: false } } });

function source(work, one, text) {
  if (is(text, one.from) && one.is_mixed) return same({ ...work, bin: one.id }, "more");
  if (is(text, one.from) || isPlate(one, text)) return lifted(work, one, is(text, one.from));
  const hit = meant([one], parse(text), text).length > 0;
  if (work.bin === one.id && hit) return lifted(work, one, false);
  const wanted = work.bin === one.id ? `Scan ${one.sku} in ${one.from}.` : `Scan ${one.lpn || one.from}.`;
  throw new Wrong(`That is ${text.slice(0, 40)}.`, wanted);
}

// `just`: the bin was scanned to lift, so that the same bin once more is the trigger pulled twice and no way back.
function lifted(work, one, just) {
  const then = { ...work, bin: 0, lifted: { ...work.lifted, [one.id]: { just } } };
  return { work: then, feedback: "ok", entry: ["refill.lift", { refill: one.id, name: nameOf(one), bin: one.from }] };
}

function over(work, one, to, units, back) {
  const { [one.id]: _, ...others } = work.units;
  return { ...work, bin: 0, units: others, done: { ...work.done, [one.id]: { to, units, back, at: Date.now() } } };
}

function landed(work, one) {
  const units = unitsOf(work, one);
  return { work: over(work, one, one.to, units, false), feedback: "done", entry: ["refill.land", { refill: one.id, units, sku: one.sku, face: one.to }] };
}

function down(work, one) {
  return { work: over(work, one, one.from, one.units, true), feedback: "ok", entry: ["refill.down", { refill: one.id, name: nameOf(one), bin: one.from }] };
}

// ---------------------------------------------------------------- buttons

function acted(work, action) {
  const one = current(work);
  if (!one) throw new Wrong("All of it is done.", "Go back to the jobs.");
  const state = stateOf(work, one);
  if (action === "skip" && state === "planned") return same({ ...work, bin: 0, skip: [...work.skip.filter((id) => id !== one.id), one.id] }, "ok");
  if (action === "units" && state === "lifted") return same({ ...work, asks: true }, "ok");
  if (action === "all" && work.asks) return same({ ...work, asks: false, units: { ...work.units, [one.id]: one.units } }, "ok");
  if (action === "put_down" && state === "lifted") return down(work, one);
  throw new Wrong("That button does nothing here.", "Scan what the screen asks for.");
}

function counted(work, units) {
  const one = current(work);
  const number = Number(units);
  if (!one || !/^\d{1,7}$/.test(units) || number < 1 || number > one.units) throw new Wrong(`${units} are not on it.`, `Type 1 to ${one ? words(one.units) : 0}.`);
  return same({ ...work, asks: false, units: { ...work.units, [one.id]: number } }, "ok");
}

// ---------------------------------------------------------------- what the house says

function merged(work, part, waiting) {
  const said = waiting.filter((one) => one.flow.startsWith("refill.")).map((one) => ({ flow: one.flow, id: JSON.parse(one.payload).refill }));
  const unsent = new Set(said.map((one) => one.id));
  const pick = (found) => Object.fromEntries(Object.entries(found).filter(([id]) => unsent.has(Number(id))));
  const fresh = new Set(part.refills.map((one) => one.id));
  const onFork = (one) => !work.done[one.id] && stateOf(work, one) !== "planned";
  // What was done here stays on the list until the house has it, and so does what is on the fork.
  const kept = work.part.refills.filter((one) => !fresh.has(one.id) && (unsent.has(one.id) || onFork(one)));
  const gone = open(work).filter((one) => !fresh.has(one.id) && !onFork(one)).map((one) => `${one.sku} for ${one.face}`);
  const lifted = { ...pick(work.lifted), ...Object.fromEntries(Object.entries(work.lifted).filter(([id]) => kept.some((one) => one.id === Number(id)))) };
  return { work: { ...work, part: { ...part, refills: [...kept, ...part.refills] }, done: pick(work.done), lifted }, gone };
}

// What the frame (offline.js) asks of each kind of work.
export const refilling = {
  kind: "refill",
  address: "/scan/refill/along",
  take: { label: "Take refills along", note: "the first to run out" },
  wants: ({ next }) => ({ next }),
  told: (answer) => answer.works,
  taken: (answer, next) => (next ? answer.works.at(-1) : null),
  idOf: (part) => part.id,
  begun,
  merged,
  isOf: (one, said) => "refill" in said,
  news: (one, gone) => ({ message: `${gone.slice(0, 3).join(", ")} ${gone.length === 1 ? "needs" : "need"} not be refilled by you any more.`, fix: "It was called off, or a colleague has it." }),
  opens: () => false,
  tile: (work) => {
    const left = open(work).length;
    return { title: "Refill", text: left ? `${progress(work)[0]} of ${progress(work)[1]} carried` : "all carried", end: left ? words(left) : "✓" };
  },
  stored: ([, said]) => (said.face ? `${words(said.units)} × ${said.sku} to ${said.face}` : ""),
  scanned,
  acted,
  counted,
  step,
};
