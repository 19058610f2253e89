// What is pasted into a grid, read as rows and columns: from a spreadsheet, or lines such as "4711 12" and "4711;12".
const NUMBER = /^[+-]?[\d.,'’\u00a0\u202f ]*\d[\d.,'’\u00a0\u202f ]*$/;
const TWO_WAYS = /^[+-]?[1-9]\d{0,2}\.\d{3}$/;

export const isNumber = (text) => NUMBER.test(text.trim());
export const isInDoubt = (text) => TWO_WAYS.test(text.trim());

// Cells between tabs; a cell in quotes may hold tabs and line breaks, as spreadsheets write them.
function tabbed(text) {
  const found = [[""]];
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const row = found.at(-1);
    const letter = text[at];
    if (quoted) {
      if (letter !== '"') row[row.length - 1] += letter;
      else if (text[at + 1] === '"') row[row.length - 1] += text[(at += 1)];
      else quoted = false;
    } else if (letter === '"' && row.at(-1) === "" && text.indexOf('"', at + 1) > 0) quoted = true;
    else if (letter === "\t") row.push("");
    else if (letter === "\n") found.push([""]);
    else row[row.length - 1] += letter;
  }
  return found;
}

// The rows of a text, without blank ones, and how many of those there were between others.
export function read(text) {
  const plain = text.replace(/\r\n?/g, "\n");
  const lines = plain.split("\n").filter((line) => line.trim());
  let found;
  if (plain.includes("\t")) found = tabbed(plain);
  else if (lines.length && lines.every((line) => line.includes(";"))) found = plain.split("\n").map((line) => line.split(";"));
  else if (lines.length > 1 && lines.every((line) => /^\s*\S+\s+\d[\d.,]*\s*$/.test(line))) {
    found = plain.split("\n").map((line) => line.trim().split(/\s+/));
  } else found = plain.split("\n").map((line) => [line]);
  const rows = found.map((row) => row.map((cell) => cell.trim().replace(/\s+/g, " ")));
  while (rows.length && !rows.at(-1).some(Boolean)) rows.pop();
  const filled = rows.filter((row) => row.some(Boolean));
  return { rows: filled, blank: rows.length - filled.length };
}

const bare = (text) => text.toLowerCase().replace(/[_.:#*-]+/g, " ").replace(/\s+/g, " ").trim();

// Where the columns of a paste go: by the names in its first row where it is a heading, else side by side from `start`.
// `columns` are {names, isNumber}. Gives the place of each column (-1 = nowhere), and the heading where there is one.
// `isGuess`: its words name neither what the first column holds nor any number, so a person says what is what.
export function place(rows, columns, start) {
  const width = Math.max(...rows.map((row) => row.length));
  const aside = Array.from({ length: width }, (_, at) => (start + at < columns.length ? start + at : -1));
  const [first, ...rest] = rows;
  const named = first.map((cell) => (bare(cell) ? columns.findIndex((column) => column.names.includes(bare(cell))) : -1));
  const once = named.map((to, at) => (named.indexOf(to) === at ? to : -1));
  if (once.some((to) => to >= 0) && !first.some(isNumber)) {
    const to = aside.map((_, at) => once[at] ?? -1);
    const number = columns.findIndex((column) => column.isNumber);
    const unread = first.some((cell, at) => cell && to[at] < 0);
    return { to, heading: first, isGuess: unread && (!to.includes(0) || (number >= 0 && !to.includes(number))) };
  }
  const words = first.some((cell, at) => columns[aside[at]]?.isNumber && cell && !isNumber(cell)
    && rest.some((row) => isNumber(row[at] ?? "")) && rest.every((row) => !(row[at] ?? "") || isNumber(row[at])));
  const filled = (at) => rest.map((row) => row[at] ?? "").filter(Boolean);
  const aboveNumbers = first.filter(Boolean).length > 1 && !first.some(isNumber)
    && first.some((cell, at) => cell && filled(at).length > 0 && filled(at).every(isNumber));
  const isHeading = rest.length > 0 && (words || aboveNumbers);
  return { to: aside, heading: isHeading ? first : null, isGuess: isHeading };
}

// A number that may be read in two ways, written so that it is read in one.
export const asThousands = (text) => text.replace(".", "");
export const shortest = (text) => text.replace(/0+$/, "").replace(/\.$/, "");
export const asDecimals = (text) => (isInDoubt(shortest(text)) ? `${shortest(text)}0` : shortest(text));
