// GS1 codes on the device, as src/flowrack/shared/gs1.py reads them on the server: what a label says shows at once, and a
// label that cannot be right is refused before anything is sent. A browser test runs GS1's vectors through both.
import { checkDigit, faults, fixed, keys, parts } from "./gs1-checks.js";

const FNC1 = "\u001d";
const STAND_INS = ["{GS}", "<GS>", "~", "|", "\u241d"];
const SYMBOLOGIES = ["]C1", "]d2", "]Q3", "]e0", "]J1"];
const PLAIN_PREFIXES = ["]E0", "]E4", "]C0", "]A0", "]I1", "]I0", "]Q1", "]d1", "]Q0", "]d0", "]Q4"];
const GTIN_LENGTHS = [8, 12, 13, 14];
const SHORT_NAMES = {
  gtin: "01", sscc: "00", gln: "414", itip: "8006", cpv: "22", lot: "10", ser: "21", gdti: "253", grai: "8003",
  giai: "8004", ginc: "401", gsin: "402", gcn: "255", exp: "17",
};
const LINK_KEYS = ["01", "00", "414", "8004", "8006", "253", "8003", "8018", "402", "401"];
const GTIN_QUALIFIERS = ["22", "10", "21", "235"];

// A GS1 code that cannot be right; `fix` says what to do.
export class BadCode extends Error {
  constructor(message, fix) {
    super(message);
    this.fix = fix;
  }
}

// One scan: { kind: gtin | sscc | elements | link | other, elements: [[ai, value], ...], and what they say }.
export function parse(code) {
  let text = code.replace(/^[ \r\n]+|[ \r\n]+$/g, "");
  if (PLAIN_PREFIXES.includes(text.slice(0, 3))) text = text.slice(3);
  if (SYMBOLOGIES.includes(text.slice(0, 3))) return said("elements", elementString(trimmed(separated(text.slice(3)))));
  if (/^https?:\/\//i.test(text)) return link(text);
  if (text.startsWith("(")) return said("elements", bracketed(text));
  if (/^[0-9]+$/.test(text)) return digits(text);
  const plain = trimmed(separated(text));
  const isSeparated = separated(text).includes(FNC1) && /^[0-9]{2}/.test(plain);
  if (isSeparated || text.startsWith(FNC1) || /^((01|02)[0-9]{14}\S|00[0-9]{18}[0-9])/.test(text)) {
    return said("elements", elementString(plain));
  }
  return said("other", []);
}

const trimmed = (text) => text.replace(/^\u001d+/, "");

function separated(text) {
  if (text.includes(FNC1)) return text;
  return STAND_INS.reduce((done, standIn) => done.replaceAll(standIn, FNC1), text);
}

function digits(text) {
  if (GTIN_LENGTHS.includes(text.length)) {
    checked(text, "barcode");
    return said("gtin", [["01", text.padStart(14, "0")]]);
  }
  if (text.length === 18) {
    checked(text, "SSCC");
    return said("sscc", [["00", text]]);
  }
  const isWhole = (text.length === 20 && text.startsWith("00")) || (text.length >= 16 && /^0[12]/.test(text));
  return isWhole ? said("elements", elementString(text)) : said("other", []);
}

function checked(number, what) {
  const expected = checkDigit(number.slice(0, -1));
  if (number.at(-1) === expected) return;
  throw new BadCode(
    `This is no correct ${what}: the last digit is ${number.at(-1)} but must be ${expected}.`,
    `Scan it again. If you typed it, compare ${number} with the label digit by digit.`,
  );
}

const NAMES = { "00": "SSCC", "01": "GTIN", "02": "GTIN", "03": "GTIN" };
function judged(ai, value) {
  const length = parts.get(ai)?.[0].most;
  if (NAMES[ai] && value.length === length && /^[0-9]+$/.test(value)) checked(value, NAMES[ai]);
  const fault = faults(ai, value);
  if (fault) throw unreadable(fault);
  return [ai, value];
}

const unreadable = (reason) => new BadCode(
  `This GS1 label cannot be right: ${reason}`, "Scan it again, or another label of the same thing; else set it aside.",
);

function elementString(text) {
  let rest = trimmed(text).replace(/\u001d+$/, "");
  if (!rest) throw new BadCode("This label holds no data.", "Scan another label of the same thing.");
  const found = [];
  while (rest) {
    const ai = [2, 3, 4].map((many) => rest.slice(0, many)).find((one) => parts.has(one));
    if (!ai) throw unreadable(`“${rest.slice(0, 4)}” is no application identifier.`);
    const most = parts.get(ai).reduce((total, one) => total + one.most, 0);
    const end = rest.indexOf(FNC1);
    const data = rest.slice(ai.length, fixed.has(ai) ? ai.length + most : end < 0 ? undefined : end);
    found.push(judged(ai, data));
    rest = trimmed(rest.slice(ai.length + data.length));
  }
  return found;
}

function bracketed(text) {
  const found = [...text.matchAll(/\(([0-9]{2,4})\)((?:\\\(|[^(])*)/g)].map(([, ai, data]) => [ai, data]);
  const rebuilt = found.map(([ai, data]) => `(${ai})${data}`).join("");
  if (!found.length || rebuilt !== text || found.some(([, data]) => !data)) {
    throw unreadable(`“${text}” is not of the form (01)…(10)…`);
  }
  return found.map(([ai, data]) => judged(ai, data.replaceAll("\\(", "(")));
}

function unquoted(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function link(address) {
  const [, path, query] = /^https?:\/\/[^/?#]*([^?#]*)(?:\?([^#]*))?/i.exec(address);
  const segments = path.split("/").map((segment) => SHORT_NAMES[segment] ?? segment);
  const at = segments.findIndex((segment) => keys.has(segment));
  if (at < 0 || !segments.some((segment) => LINK_KEYS.includes(segment))) return said("other", []);
  const steps = segments.slice(at);
  if (steps.length % 2) throw unreadable("The address has a name without its value.");
  const found = [];
  for (let n = 0; n < steps.length; n += 2) {
    const value = unquoted(steps[n + 1]);
    found.push(judged(steps[n], steps[n] === "01" ? value.padStart(14, "0") : value));
  }
  const qualifiers = found.slice(1).map(([ai]) => ai);
  if (!keys.get(steps[0]).some((way) => isInOrder(qualifiers, way))) {
    throw unreadable("The address has something that does not belong to its key, or not there.");
  }
  const asked = (query ?? "").split("&").map((pair) => pair.split(/=(.*)/s))
    .map(([name, value = ""]) => [SHORT_NAMES[name] ?? name, unquoted(value.replaceAll("+", " "))])
    .filter(([name]) => /^[0-9]+$/.test(name));
  if (steps[0] === "01" && !qualifiers.includes("235") && asked.some(([ai]) => GTIN_QUALIFIERS.includes(ai))) {
    throw unreadable("Lot, serial and variant belong into the path of the address.");
  }
  for (const [ai, value] of asked) found.push(judged(ai, value));
  if (new Set(found.map(([ai]) => ai)).size < found.length) throw unreadable("The address says something twice.");
  return said("link", found);
}

function isInOrder(names, way) {
  let from = 0;
  return names.every((name) => (from = way.indexOf(name, from) + 1) > 0);
}

// Years of two digits lie from 49 years back to 50 ahead; day 00 is the last day of the month.
function day(text) {
  if (!text) return "";
  const now = new Date().getUTCFullYear();
  const apart = Number(text.slice(0, 2)) - (now % 100);
  const century = Math.floor(now / 100) + (apart >= 51 ? -1 : apart <= -50 ? 1 : 0);
  const year = century * 100 + Number(text.slice(0, 2));
  const month = Number(text.slice(2, 4));
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const date = text.endsWith("00") ? last : Number(text.slice(4, 6));
  return `${year}-${String(month).padStart(2, "0")}-${String(date).padStart(2, "0")}`;
}

function said(kind, elements) {
  const of = (ai) => elements.find(([known]) => known === ai)?.[1] ?? "";
  const number = (ai) => (/^[0-9]+$/.test(of(ai)) ? Number(of(ai)) : null);
  return {
    kind, elements, gtin: of("01"), contentGtin: of("02"), sscc: of("00"), lot: of("10"), serial: of("21"),
    expiresOn: day(of("17")), bestBefore: day(of("15")), madeOn: day(of("11")), quantity: number("30"), count: number("37"),
  };
}

// What a label says, in words for the screen; "" for a code that says nothing by itself.
export function words(scan) {
  const told = [
    scan.sscc && `pallet …${scan.sscc.slice(-6)}`,
    (scan.gtin || scan.contentGtin) && `GTIN ${(scan.gtin || scan.contentGtin).replace(/^0+/, "")}`,
    scan.lot && `lot ${scan.lot}`, scan.serial && `serial ${scan.serial}`,
    scan.expiresOn && `until ${scan.expiresOn}`, (scan.quantity ?? scan.count) && `quantity ${scan.quantity ?? scan.count}`,
  ];
  return scan.kind === "other" ? "" : told.filter(Boolean).join(", ");
}
