// Picking on the device: what the screen asks for, and what goes along. The grammar itself is in work.js.
import * as work from "./work.js";

const words = (one) => one.toLocaleString("en-GB");
const day = (iso) => (iso ? new Date(`${iso}T12:00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }) : "");

function step(one, net) {
  const { head } = one.list;
  const line = work.current(one);
  const progress = work.progress(one);
  const done = one.list.lines.filter((each) => one.done[each.pick_id]?.at).sort((a, b) => one.done[b.pick_id].at - one.done[a.pick_id].at).slice(0, 3)
    .map((each) => ({ text: `${words(one.done[each.pick_id].units)} × ${work.itemOf(one, each).sku} ${work.itemOf(one, each).name.slice(0, 24)}`, end: one.done[each.pick_id].tote ? `in ${one.done[each.pick_id].tote}` : "", kind: one.done[each.pick_id].state === "short" ? "warn" : "ok" }));
  const common = { task: head.number, progress, done, undo: one.last?.words ?? "" };
  if (work.needsCart(one)) return { ...common, prompt: "Scan cart", sub: `It needs ${one.list.totes.length} place${one.list.totes.length === 1 ? "" : "s"} for totes.`, accepts: "The code on the cart", actions: [{ code: "no_cart", label: "Without a cart" }] };
  if (!line) {
    const totes = one.list.totes.map((at) => [at.letter, one.totes[at.letter] ?? at.tote]).filter(([, tote]) => tote).map(([letter, tote]) => `${tote} (${letter})`).join(", ");
    return { ...common, prompt: "List done", sub: totes ? `Bring ${totes} to ${head.place}.` : `Bring it to ${head.place}.`, note: net?.stored ? `${net.stored} scans are stored here and not sent yet.` : "", actions: [{ code: "home", label: "Back to the lists", primary: true }] };
  }
  const item = work.itemOf(one, line);
  if (one.found) {
    const at = work.placeOf(one, line);
    return { ...common, done: [], undo: "", task: "Short pick", prompt: "Scan tote", fact: one.list.totes.length > 1 ? at.letter : "", sub: `${item.sku} ${item.name.slice(0, 40)}`, qty: words(one.found.units), qtyNote: "that you found",
      accepts: "A tote for what you found", actions: [{ code: "loose", label: "Without a tote", ghost: true }, { code: "back", label: "Back", ghost: true }] };
  }
  if (one.short) {
    return { ...common, done: [], undo: "", task: "Short pick", prompt: "How many are there?", sub: `${item.sku} ${item.name.slice(0, 40)}`, actions: [{ code: "back", label: "Back", wide: true }],
      keypad: { value: 0, of: `of ${words(line.units)} ${item.base_uom}, ${line.location}`, reasons: work.REASONS, verb: "Book it", note: elsewhere(line) } };
  }
  return { ...common, ...pickStep(one, line, item) };
}

// Where the house knew of more when the list was taken along; which bin gives the rest, it says when this is sent.
const elsewhere = (line) => `${line.others?.length ? line.others.join(", ") : "No other bin had any"} when you took the list.`;

function pickStep(one, line, item) {
  const { head, scan } = one.list;
  const stage = work.stage(one, line);
  const seen = one.at.pick === line.pick_id ? one.at : {};
  const at = work.placeOf(one, line);
  const isPallet = head.unit_kind === "pallet";
  const lot = line.lot ? `Lot ${line.lot}${line.expires_on ? `, exp ${day(line.expires_on)}` : ""}` : "";
  const into = isPallet ? `the whole pallet, to ${head.place}` : at?.tote ? `into ${one.list.totes.length > 1 ? `${at.letter} · ` : ""}${at.tote}` : at && head.unit_kind === "case" ? (one.list.totes.length > 1 ? `for ${at.letter}` : `to ${head.place}`) : at && one.list.totes.length > 1 ? `into a new tote at ${at.letter}` : at ? "into a tote" : `to ${head.place}`;
  const tote = at?.tote ? `Scan ${at.tote}` : "Scan a tote, or confirm without";
  const asks = { bin: `Scan the bin ${line.location}`, lot: `Scan the lot ${line.lot}${line.is_mixed ? ": other lots lie in this bin, too" : ""}`, units: "Scan each unit or pack", tote, item: seen.bin ? "The bin is right: scan the item" : `Scan the ${isPallet ? `pallet ${line.lpn}` : "item"}, or the bin first` };
  const prompts = { bin: "Go to", item: seen.bin ? "Scan item" : "Go to", lot: "Scan lot", units: "Scan each one", tote: at?.tote ? `Scan ${at.tote}` : scan.tote ? "Scan tote" : "Confirm" };
  const actions = [{ code: "short", label: "Short" }, { code: "skip", label: "Skip" }];
  if (at?.tote) actions.push({ code: "full", label: "Tote full", note: at.tote });
  if (stage === "tote") actions.push({ code: "loose", label: `Confirm ${words(line.units)}`, note: "without a tote", primary: !(at?.tote || scan.tote), ghost: Boolean(at?.tote || scan.tote) });
  const n = stage === "units" ? seen.n ?? 0 : 0;
  const many = line.units / item.case_units;
  const cases = head.unit_kind === "case" && item.case_units > 1 && Number.isInteger(many) ? ` (${words(many)} case${many === 1 ? "" : "s"} of ${words(item.case_units)})` : "";
  return {
    prompt: prompts[stage], fact: line.location, qty: words(line.units - n), qtyNote: `${item.base_uom}${cases} ${into}${n ? `, ${words(n)} counted` : ""}`,
    item: `${item.sku} ${item.name}`, itemNote: [lot, line.lpn && `on ${line.lpn}`, `for ${line.customer}`].filter(Boolean).join(", "), accepts: asks[stage], actions,
  };
}

// What the frame (offline.js) asks of each kind of work.
export const picking = {
  kind: "pick",
  address: "/scan/pick/along",
  take: { label: "Take a list along", note: "first to leave, nearest to you" },
  named: (code) => /^PL-\d+$/.test(code),
  wants: ({ next, code }) => ({ next, code }),
  told: (answer) => answer.lists,
  taken: (answer, next, code) => (next ? answer.lists.at(-1) : answer.lists.find((one) => one.head.number === code)),
  idOf: (list) => list.head.id,
  begun: work.begun,
  merged: work.merged,
  isOf: (one, said) => said.list === one.id,
  news: (one, gone) => ({
    message: `${gone.length} line${gone.length === 1 ? " was" : "s were"} called back from ${one.list.head.number}. Leave ${gone.length === 1 ? "it" : "them"}.`,
    fix: "What you picked of it before is kept; the house says where it goes.",
  }),
  added: (one, more) => [
    `${more.length} new pick${more.length === 1 ? " was" : "s were"} added to ${one.list.head.number}`,
    `${more.slice(0, 2).map((line) => `${words(line.units)} × ${work.itemOf(one, line).sku} in ${line.location}`).join(", ")}${more.length > 2 ? " and more" : ""}.`,
  ],
  opens: (one, code) => one.list.head.number === code,
  tile: (one) => {
    const [done, of] = work.progress(one);
    return { title: one.list.head.number, text: work.current(one) ? `${done} of ${of} picked` : "all picked", end: work.current(one) ? words(of - done) : "✓" };
  },
  stored: ([flow, said]) => (!said.sku ? "" : flow === "pick.short" ? `Short: ${words(said.units - said.found)} × ${said.sku} not found` : `${words(said.units)} × ${said.sku}`),
  scanned: work.scanned,
  acted: work.acted,
  counted: work.counted,
  step,
};
