// The start page of the scan app without the house: what this device has along, what needs its person, what more can be taken.
import { el, panel } from "./draw.js";
import * as house from "./device.js";

const words = (one) => one.toLocaleString("en-GB");
const link = (href, title, text = "") => el("li", {}, el("a", { class: "fb tile", href }, el("b", {}, title), text && el("span", {}, text)));
const list = (...tiles) => el("ul", { class: "tiles" }, tiles);
const allJobs = () => link("/scan", "All jobs", "with the network");

// Where a person looks at what the house refused, which needs the network.
export const look = (net, count) => (net?.isOffline ? null : el("a", { class: "fb wide", href: "/scan/needs" }, count > 1 ? `Look at all ${words(count)}` : "Look at it"));

// `refused` of the device's journal, `news` of its jobs, `kinds` of work that the person does.
export function page({ net, who, known, along, wiped, refused, news, kindOf, kinds }) {
  if (!house.canKeepKeys()) return notSecure();
  if (!known || ["asked", "refused", "unknown"].includes(known.state)) return notEnrolled(known, wiped);
  if (!who) return nobody(known, net);
  const tiles = along.map((one) => {
    const { title, text, end } = kindOf(one).tile(one);
    return el("li", {}, el("button", { type: "button", class: "fb tile", "data-open": one.id }, el("b", {}, title), el("span", {}, text), el("span", { class: "n" }, end)));
  });
  if (!net?.isOffline) tiles.push(allJobs());
  return {
    task: known.site ? `${who.name}, ${known.site}` : who.name, back: false, prompt: along.length ? "Choose a job" : "Nothing taken along",
    sub: along.length ? "These jobs are on this device and need no network." : "Take work along while there is network.",
    tiles: list(...tiles), panels: [...ofDevice(known), ...news.map((one) => panel("p-held", "warn", ...one)), ...needs(net, who, refused)],
    accepts: net?.isOffline ? "Or scan a bin, or the number of a job" : "Or scan a bin, a door, or the number of a job",
    actions: takeButtons(net, kinds, along.length > 0),
  };
}

function ofDevice(known) {
  const panels = known.lost ? [lossPanel(known.lost)] : [];
  if (known.state !== "enrolled") panels.push(panel("p-bad", "bad", `This device is ${known.state}.`, `${known.reason}. What is stored on it stays, and is sent when the lead has looked.`));
  const wrong = house.clockWords(known);
  return wrong ? [...panels, panel("p-off", "warn", ...wrong)] : panels;
}

// What needs who is here; of what others did here only how much, for it is theirs to say where the goods are.
function needs(net, who, refused) {
  const own = refused.filter((one) => one.person_id === who.id);
  const others = refused.length - own.length;
  const count = Math.max(net?.needs ?? 0, own.length);
  const panels = [];
  if (own.length) panels.push(panel("p-held", "warn", own[0].message, count > 1 ? `${own[0].fix} ${words(count - 1)} more need${count === 2 ? "s" : ""} you.` : own[0].fix, look(net, count)));
  else if (count) panels.push(panel("p-held", "warn", `${words(count)} need${count === 1 ? "s" : ""} you`, "Scanned on another device, or handed to you.", look(net, count)));
  if (others) panels.push(panel("p-off", "warn", `${words(others)} scan${others === 1 ? "" : "s"} of somebody else here need${others === 1 ? "s" : ""} them`, "They see it when they sign in, or the lead decides."));
  return panels;
}

// One below the other for who does one or two kinds of work, else two beside each other, so that what is here stays in sight.
function takeButtons(net, kinds, hasSome) {
  const isFew = kinds.length < 3;
  const note = (kind) => (net?.isOffline ? "needs the network" : isFew ? kind.take.note : "");
  return kinds.map((kind, at) => ({
    code: `take:${kind.kind}`, label: kind.take.label, note: note(kind), off: net?.isOffline,
    primary: isFew && !at && !hasSome, ghost: isFew && !at && hasSome, wide: isFew && at > 0,
  }));
}

function lossPanel(lost) {
  const since = lost.since ? ` Last heard of it ${new Date(lost.since).toLocaleString("en-GB")}.` : "";
  const count = lost.count ? `${words(lost.count)} scans of ${lost.device} were not sent and are lost.` : `What ${lost.device} had stored after scan ${words(lost.last_seq)} is lost.`;
  return panel("p-bad", "bad", "The storage of this device was wiped.", `${count}${since} Check what was picked since then, and tell the lead.`,
    el("button", { type: "button", class: "fb wide", "data-action": "loss" }, "I have told the lead"));
}

const notSecure = () => ({
  task: "Flowrack scan", back: false, prompt: "Not without network here", sub: "This address is not secure (https), so the browser keeps no keys. The jobs work with the network.",
  tiles: list(link("/scan", "All jobs")),
});

const notEnrolled = (known, wiped) => ({
  panels: wiped ? [panel("p-bad", "bad", ...house.wipedWords(wiped))] : [],
  task: "Flowrack scan", back: false, prompt: known?.state === "asked" ? `Waiting: ${known.letters}` : "Set this device up",
  sub: known?.state === "asked" ? "Somebody approves it under Work, Devices, by these letters." : "The house must know it before it can work without network.",
  tiles: list(link("/scan/device", "Set up device"), allJobs()),
});

const nobody = (known, net) => ({
  task: known.name || known.code, back: false, prompt: "Sign in", sub: net?.isOffline ? "After half a day without network somebody must sign in again. What is stored stays." : "Badge and PIN, or your password.",
  tiles: list(link("/scan/sign-in?next=/scan/offline", "Sign in")),
});
