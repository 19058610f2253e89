// The checks of the GS1 dictionary, as in src/flowrack/shared/gs1_dictionary.py: a browser test holds the two together.
import source from "./gs1-dictionary.js";

export const parts = new Map();
export const fixed = new Set(); // identifiers after which no separator is needed
export const keys = new Map(); // identifiers that begin a Digital Link, with the qualifiers that may follow, in order
const codes = new Map();
const CSET82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
const CSET32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const KIND = { N: "csetnumeric", X: "cset82", Y: "cset39", Z: "cset64" };

function read() {
  for (const line of source.split("\n")) {
    const [name, ...words] = line.split(" ");
    if (!name || name === "#") continue;
    if (name.startsWith("@")) {
      codes.set(name.slice(1), new Set([...(codes.get(name.slice(1)) ?? []), ...words]));
      continue;
    }
    const [first, last] = name.split("-");
    const key = words.find((word) => word.startsWith("dlpkey"));
    const made = words.slice(1).filter((word) => word !== key).map(part);
    for (let number = Number(first); number <= Number(last ?? first); number += 1) {
      const ai = String(number).padStart(first.length, "0");
      parts.set(ai, made);
      if (words[0].includes("*")) fixed.add(ai);
      if (key) keys.set(ai, key.slice(7).split("|").map((way) => way.split(",").filter(Boolean)));
    }
  }
}

function part(word) {
  const [shape, ...checks] = word.split(",");
  const [, kind, open, length] = /^\[?([NXYZ])(\.\.)?(\d+)\]?$/.exec(shape);
  return { kind, least: open ? 1 : Number(length), most: Number(length), optional: shape.startsWith("["), checks };
}

// What is wrong with the data of an identifier, in a sentence; "" when nothing is.
export function faults(ai, value) {
  if (!parts.has(ai)) return `(${ai}) is no application identifier.`;
  let rest = value;
  for (const one of parts.get(ai)) {
    const piece = rest.slice(0, one.most);
    rest = rest.slice(one.most);
    if (!piece && one.optional) continue;
    if (piece.length < one.least) return `(${ai}) is too short.`;
    const bad = [KIND[one.kind], ...one.checks].find((name) => !check(name, piece));
    if (bad) return `(${ai}) has ${piece}: ${WORDS[bad] ?? "a character that it cannot have"}.`;
  }
  return rest ? `(${ai}) is too long, or the separator after it is missing.` : "";
}

const WORDS = {
  csum: "its last digit does not fit the others", csumalpha: "its check characters do not fit the others",
  yymmd0: "no date", yymmdd: "no date", yyyymmd0: "no date", yyyymmdd: "no date", hh: "no hour", hhmi: "no time",
  mi: "no minute", ss: "no second", iso3166: "no country", iso3166999: "no country", iso3166alpha2: "no country",
  iso4217: "no currency", iban: "no account number", mediatype: "no media type", packagetype: "no package type",
  pieceoftotal: "no piece of a total", posinseqslash: "no place of a sequence", latitude: "no latitude",
  longitude: "no longitude", nonzero: "nothing but zeros", couponcode: "no coupon", couponposoffer: "no coupon",
  pcenc: "a percent sign without its two digits", zero: "something else than zero",
};

export function check(name, value) {
  if (codes.has(name)) return codes.get(name).has(value);
  const pattern = PATTERNS[name];
  if (pattern && !pattern.test(value)) return false;
  return RULES[name] ? RULES[name](value) : Boolean(pattern);
}

// The check digit of digits without it: weights 3 and 1 from the right.
export function checkDigit(digits) {
  let total = 0;
  for (let at = 0; at < digits.length; at += 1) total += Number(digits.at(-1 - at)) * (at % 2 ? 1 : 3);
  return String((10 - (total % 10)) % 10);
}

const PATTERNS = {
  cset39: /^[#\-/0-9A-Z]*$/,
  cset64: /^[A-Za-z0-9_-]*={0,2}$/,
  cset82: /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]*$/,
  csetnumeric: /^[0-9]*$/,
  csum: /^[0-9]{2,}$/,
  couponcode: /^[0-9]+$/,
  couponposoffer: /^[0-9]+$/,
  hasnondigit: /[^0-9]/,
  hh: /^([01][0-9]|2[0-3])$/,
  hhmi: /^([01][0-9]|2[0-3])[0-5][0-9]$/,
  hyphen: /^-+$/,
  iban: /^[A-Z0-9]{5,34}$/,
  importeridx: /^[-0-9A-Z_a-z]$/,
  iso3166999: /^[0-9]{3}$/,
  iso5218: /^[0129]$/,
  latitude: /^[0-9]{10}$/,
  longitude: /^[0-9]{10}$/,
  mi: /^[0-5][0-9]$/,
  nonzero: /^[0-9]*[1-9][0-9]*$/,
  nozeroprefix: /^([1-9][0-9]*)?$/,
  pcenc: /^([^%]|%[0-9A-Fa-f]{2})*$/,
  pieceoftotal: /^([0-9]{2})+$/,
  posinseqslash: /^[1-9][0-9]*\/[1-9][0-9]*$/,
  ss: /^[0-5][0-9]$/,
  winding: /^[019]$/,
  yesno: /^[01]$/,
  yymmd0: /^[0-9]{6}$/,
  yymmdd: /^[0-9]{6}$/,
  yyyymmd0: /^[0-9]{8}$/,
  yyyymmdd: /^[0-9]{8}$/,
  zero: /^0+$/,
};

const RULES = {
  csum: (text) => checkDigit(text.slice(0, -1)) === text.at(-1),
  csumalpha: hasGoodCheckPair,
  couponcode: (text) => withCoupon(text, coupon),
  couponposoffer: (text) => withCoupon(text, offer),
  cset64: (text) => !text.includes("=") || text.length % 3 === 0,
  iban: isIban,
  iso3166999: (text) => text === "999" || codes.get("iso3166").has(text),
  latitude: (text) => Number(text) <= 1800000000,
  longitude: (text) => Number(text) <= 3600000000,
  pieceoftotal: (text) => {
    const [piece, total] = [BigInt(text.slice(0, text.length / 2)), BigInt(text.slice(text.length / 2))];
    return piece > 0n && piece <= total;
  },
  posinseqslash: (text) => BigInt(text.split("/")[0]) <= BigInt(text.split("/")[1]),
  yymmd0: (text) => isDate(text, true),
  yymmdd: (text) => isDate(text),
  yyyymmd0: (text) => isDate(text, true),
  yyyymmdd: (text) => isDate(text),
};

function isDate(text, dayZero = false) {
  const year = text.length === 8 ? Number(text.slice(0, 4)) : 2000 + Number(text.slice(0, 2));
  const month = Number(text.slice(-4, -2));
  const day = dayZero && text.endsWith("00") ? 1 : Number(text.slice(-2));
  const made = new Date(0);
  made.setUTCFullYear(year || 2000, month - 1, day);
  return made.getUTCMonth() === month - 1 && made.getUTCDate() === day;
}

function isIban(text) {
  if (!codes.get("iso3166alpha2").has(text.slice(0, 2))) return false;
  const digits = [...(text.slice(4) + text.slice(0, 4))].map((one) => parseInt(one, 36)).join("");
  return BigInt(digits) % 97n === 1n;
}

function hasGoodCheckPair(text) {
  const body = text.slice(0, -2);
  if (text.length < 2 || text.length > 99 || [...body].some((one) => !CSET82.includes(one))) return false;
  let total = 0;
  let prime = 1;
  for (let at = body.length - 1; at >= 0; at -= 1) {
    do prime += 1; while ([...Array(prime).keys()].some((n) => n > 1 && prime % n === 0));
    total += CSET82.indexOf(body[at]) * prime;
  }
  total %= 1021;
  return text.slice(-2) === CSET32[total >> 5] + CSET32[total & 31];
}

class Coupon {
  constructor(digits) { this.rest = digits; }
  take(many) {
    if (this.rest.length < many) throw new RangeError();
    const piece = this.rest.slice(0, many);
    this.rest = this.rest.slice(many);
    return piece;
  }
  oneOf(allowed) {
    const digit = this.take(1);
    if (!allowed.includes(digit)) throw new RangeError();
    return digit;
  }
  sized(allowed, plus = 0) { this.take(Number(this.oneOf(allowed)) + plus); }
  has(digit) { return this.rest.startsWith(digit) && Boolean(this.take(1)); }
  purchase() {
    this.sized("12345");
    this.oneOf("012349");
    this.take(3);
  }
  prefixOrNone() {
    const size = this.oneOf("01234569");
    this.take(size === "9" ? 0 : Number(size) + 6);
  }
  day() {
    const text = this.take(6);
    if (!isDate(text)) throw new RangeError();
    return text;
  }
}

function withCoupon(text, reader) {
  const digits = new Coupon(text);
  try {
    return reader(digits) && !digits.rest;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

// North American Coupon Application Guideline, AI (8110).
function coupon(digits) {
  digits.sized("0123456", 6);
  digits.take(6);
  digits.sized("12345");
  digits.purchase();
  if (digits.has("1")) {
    digits.oneOf("0123");
    digits.purchase();
    digits.prefixOrNone();
  }
  if (digits.has("2")) {
    digits.purchase();
    digits.prefixOrNone();
  }
  const ends = digits.has("3") ? digits.day() : "";
  const starts = digits.has("4") ? digits.day() : "";
  if (digits.has("5")) digits.sized("0123456789", 6);
  if (digits.has("6")) digits.sized("1234567", 6);
  if (digits.has("9")) {
    digits.oneOf("01256");
    digits.oneOf("012");
    digits.take(1);
    digits.oneOf("01");
  }
  return !(ends && starts && ends < starts);
}

// GS1 AI (8112) Coupon Data Specification.
function offer(digits) {
  digits.oneOf("01");
  digits.sized("0123456", 6);
  digits.take(6);
  digits.sized("0123456789", 6);
  return true;
}

read();
