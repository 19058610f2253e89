// Putting away on the device, by the grammar of the house: the pallet (or the item of loose goods), then the bin; another bin is
// scanned twice and a reason is asked once. The bins and the next best ones went along; whether goods still fit into another
// bin only the house knows. Pure: a state and a scan give a feedback, what to show, and what to write down.
import { parse } from "./gs1.js";
import { Wrong, meant } from "./work.js";

const REASONS = [["full", "Bin full"], ["blocked", "Bin blocked"], ["damaged", "Bin damaged"], ["nearer", "Better place"]];
const words = (one) => one.toLocaleString("en-GB");

// `done` by carry, `at` (what is in hand: other bin, reason, bins that were full), `last` for the undo, `beep` the last bin.
const begun = (part) => ({ id: part.id, kind: "putaway", part, done: {}, at: null, last: null, beep: "" });

const isOpen = (work, carry) => !work.done[carry.key];
const open = (work) => work.part.carries.filter((carry) => isOpen(work, carry));
const inHand = (work) => (work.at ? work.part.carries.find((carry) => carry.key === work.at.key) : null);
const progress = (work) => [work.part.carries.length - open(work).length, work.part.carries.length];
// Where it should go: the bin that the house chose, or the next best after one that was full or blocked.
const told = (work, carry) => [carry.bin, ...carry.others].find((code) => code && !work.at?.passed.includes(code)) ?? "";

// ---------------------------------------------------------------- what the screen shows

function step(work, net) {
  const done = work.part.carries.filter((carry) => work.done[carry.key]).sort((a, b) => work.done[b.key].at - work.done[a.key].at).slice(0, 5)
    .map((carry) => ({ text: carry.text, end: work.done[carry.key].bin ? `to ${work.done[carry.key].bin}` : "taken back", kind: work.done[carry.key].bin ? "ok" : "warn" }));
  const common = { task: "Put away", progress: progress(work), done };
  const carry = inHand(work);
  if (carry) return { ...common, ...stepInHand(work, carry) };
  const left = open(work);
  const undo = work.last?.words ?? "";
  if (!left.length) {
    const back = Object.values(work.done).some((one) => !one.bin);
    return { ...common, undo, prompt: "All put away", sub: back ? "What was taken back comes along again with the network." : "", note: net?.stored ? `${words(net.stored)} scans are stored here and not sent yet.` : "", actions: [{ code: "home", label: "Back to the jobs", primary: true }] };
  }
  return {
    ...common, undo, prompt: "Scan pallet", sub: `${words(left.length)} to put away, the next in ${left[0].from}`, item: left[0].text, itemNote: left[0].about,
    accepts: "Pallet label, or the item for loose goods",
  };
}

function stepInHand(work, carry) {
  const { at } = work;
  const bin = told(work, carry);
  const about = { item: carry.text, itemNote: carry.about, qty: words(carry.units), qtyNote: `from ${carry.from}` };
  if (at.isSure) return { ...about, prompt: `Why not ${bin}?`, sub: "One tap, and it is stored.", fact: at.other, actions: [...REASONS.map(([code, label]) => ({ code, label })), { code: "leave", label: "Not this one", ghost: true }] };
  const actions = [{ code: "leave", label: "Not this one" }];
  if (bin) actions.push({ code: "full", label: "Bin full" }, { code: "blocked", label: "Bin blocked" });
  if (at.other) return { ...about, prompt: `Scan ${at.other} again`, note: `${bin || "No bin"} was suggested. Scan ${at.other} again to use it.${at.isStrange ? " This device does not know it; the house looks whether it is a bin." : ""}`, fact: bin, accepts: "The label of the bin", actions };
  const sub = at.reason ? `${at.passed.at(-1)}: ${at.reason}.${bin ? " This is the next best." : ""}` : carry.why;
  return { ...about, prompt: bin ? "Scan bin" : "Scan another bin", fact: bin, sub, accepts: bin ? "The label of the bin" : "The bin you put it into", actions };
}

// ---------------------------------------------------------------- what scans mean

// Each of these gives {work, feedback, entry: [flow, payload] or null}.
const same = (work, feedback) => ({ work, feedback, entry: null });
const withAt = (work, more) => ({ ...work, at: { ...work.at, ...more } });

function scanned(work, code) {
  const text = code.trim();
  const carry = inHand(work);
  if (!carry) return goodsScanned(work, text);
  const place = placeOf(work, text);
  if (place) return binScanned(work, carry, place, work.part.bins[place]);
  const scan = parse(text);
  const again = carryOf(work, scan, text);
  if (again?.key === carry.key) return same(work, "ok"); // the trigger was pulled twice
  if (again) throw new Wrong(`That is ${again.name}.`, `Scan the bin for ${carry.name}, or tap Not this one.`);
  if (work.part.knows_all_bins || scan.sscc || scan.gtin) throw new Wrong(`“${text.slice(0, 40)}” is no place here.`, `Scan ${told(work, carry) || "the bin you put it into"}.`);
  return binScanned(work, carry, text.toUpperCase(), "");
}

const plateOf = (code) => /^\(?00\)?(\d{18})$/.exec(code)?.[1] ?? "";
const placeOf = (work, text) => [text, text.toUpperCase()].find((code) => code in work.part.bins) ?? Object.keys(work.part.bins).find((code) => code.toUpperCase() === text.toUpperCase());

function carryOf(work, scan, text) {
  const plate = (scan.sscc || text).toUpperCase();
  const found = work.part.carries.find((one) => one.lpn && one.lpn.toUpperCase() === plate);
  if (found) return found;
  const loose = open(work).filter((one) => !one.lpn);
  return meant(loose, scan, text)[0]?.[0] ?? null;
}

function goodsScanned(work, text) {
  const scan = parse(text);
  const carry = carryOf(work, scan, text);
  const go = open(work).length ? `Scan ${open(work)[0].name}, in ${open(work)[0].from}.` : "Go back to the jobs.";
  if (!carry && work.beep === text.toUpperCase()) return same(work, "ok"); // that bin was for the pallet before
  if (!carry && placeOf(work, text)) throw new Wrong(`That is bin ${placeOf(work, text)}.`, go);
  if (!carry) throw new Wrong(`“${text.slice(0, 40)}” is nothing that you have along.`, go);
  if (!isOpen(work, carry)) throw new Wrong(work.done[carry.key].bin ? `${carry.name} is in ${work.done[carry.key].bin}.` : `${carry.name} was taken back.`, go);
  return same({ ...work, at: { key: carry.key, other: "", isSure: false, isStrange: false, reason: "", passed: [] } }, "ok");
}

function binScanned(work, carry, place, role) {
  const { at } = work;
  const bin = told(work, carry);
  if (role === "blocked") throw new Wrong(`${place} is blocked.`, `Scan ${bin || "another bin"}.`);
  if (carry.is_held && work.part.pick_roles.includes(role)) throw new Wrong(`${carry.name} is not free to be picked: it does not go where people pick.`, bin && bin !== place ? `Scan ${bin}.` : "Ask the lead where it goes.");
  if (place === bin) return put(work, carry, place, at.reason);
  if (at.other !== place) return same(withAt(work, { other: place, isSure: false, isStrange: !role }), "more");
  if (!carry.bin) return put(work, carry, place, "no bin was suggested");
  if (at.reason) return put(work, carry, place, at.reason);
  return same(withAt(work, { isSure: true }), "more");
}

function put(work, carry, bin, reason) {
  const then = {
    ...work, at: null, beep: bin.toUpperCase(), done: { ...work.done, [carry.key]: { bin, at: Date.now() } },
    last: { carry, bin, words: `${carry.name} to ${bin}` },
  };
  const said = { key: carry.key, moves: carry.moves, name: carry.name, units: carry.units, bin, reason: bin === carry.bin ? "" : reason };
  return { work: then, feedback: "done", entry: ["putaway.confirm", said] };
}

// ---------------------------------------------------------------- buttons

function acted(work, action) {
  const carry = inHand(work);
  if (action === "undo" && work.last && !carry) return undone(work);
  if (!carry) throw new Wrong("Scan the pallet first.", "Then its bin.");
  if (action === "leave") return same({ ...work, at: null }, "ok");
  const label = REASONS.find(([code]) => code === action)?.[1].toLowerCase();
  if (!label) throw new Wrong("This screen has no such button.", "Look at what it asks.");
  if (work.at.isSure) return put(work, carry, work.at.other, label);
  const bin = told(work, carry);
  if (!bin || !["full", "blocked"].includes(action)) throw new Wrong("No bin is suggested.", "Scan the bin you put it into.");
  return same(withAt(work, { passed: [...work.at.passed, bin], reason: label, other: "", isStrange: false }), "more");
}

// The goods stand where they came from. The house chooses a bin for them anew, so they come along again only from there.
function undone(work) {
  const { carry, bin } = work.last;
  const done = { ...work.done, [carry.key]: { bin: "", at: Date.now() } };
  return { work: { ...work, done, last: null, beep: "" }, feedback: "ok", entry: ["putaway.undo", { key: carry.key, moves: carry.moves, name: carry.name, bin }] };
}

// ---------------------------------------------------------------- what the house says

function merged(work, part, waiting) {
  const unsent = new Set(waiting.filter((one) => one.flow.startsWith("putaway.")).map((one) => JSON.parse(one.payload).key));
  const done = Object.fromEntries(Object.entries(work.done).filter(([key]) => unsent.has(key)));
  const fresh = new Set(part.carries.map((carry) => carry.key));
  // What was done here stays on the list until the house has it; what is in hand stays in the hand: where it is put counts.
  const kept = work.part.carries.filter((carry) => !fresh.has(carry.key) && (unsent.has(carry.key) || carry.key === work.at?.key));
  const gone = open(work).filter((carry) => !fresh.has(carry.key) && carry.key !== work.at?.key).map((carry) => carry.name);
  return { work: { ...work, part: { ...part, carries: [...kept, ...part.carries] }, done }, gone };
}

// What the frame (offline.js) asks of each kind of work.
export const putting = {
  kind: "putaway",
  address: "/scan/putaway/along",
  take: { label: "Take putaways along", note: "pallets at the dock" },
  wants: ({ next }) => ({ next }),
  told: (answer) => answer.works,
  taken: (answer, next) => (next ? answer.works.at(-1) : null),
  idOf: (part) => part.id,
  begun,
  merged,
  isOf: (one, said) => "moves" in said,
  news: (one, gone) => ({ message: `${gone.slice(0, 3).join(", ")} ${gone.length === 1 ? "needs" : "need"} not be put away by you any more.`, fix: "A colleague has it, or it was moved." }),
  opens: (work, code) => open(work).some((carry) => carry.lpn && [code, plateOf(code)].includes(carry.lpn.toUpperCase())),
  takesCode: true,
  tile: (work) => {
    const left = open(work).length;
    return { title: "Put away", text: left ? `${progress(work)[0]} of ${progress(work)[1]} in their bins` : "all put away", end: left ? words(left) : "✓" };
  },
  stored: ([, said]) => `${said.name} to ${said.bin}`,
  scanned,
  acted,
  step,
};
