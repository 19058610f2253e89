// The entry grid: paste from a spreadsheet, arrows and Enter move, rows grow as they are needed.
import { asDecimals, asThousands, isInDoubt, place as placed, read, shortest } from "./paste.js";

for (const table of document.querySelectorAll("[data-grid]")) start(table);
document.querySelector('form [aria-invalid="true"]')?.focus();

function start(table) {
  const most = Number(table.dataset.most);
  const body = table.tBodies[0];
  const around = table.parentElement.parentElement;
  const rows = () => [...body.rows].filter((row) => !("fault" in row.dataset));
  const cells = (row) => [...row.querySelectorAll("input")];
  const columns = [...table.querySelectorAll("th[data-column]")].map((head) => ({
    short: head.dataset.short, names: head.dataset.names.split("|"), isNumber: head.classList.contains("n"),
  }));

  function grow(count) {
    const all = rows();
    const more = document.createDocumentFragment();
    for (let number = all.length + 1; number <= Math.min(count, most); number += 1) {
      const copy = all.at(-1).cloneNode(true);
      copy.classList.remove("bad-row");
      copy.querySelector("th").textContent = number;
      for (const said of copy.querySelectorAll("[data-said]")) {
        said.textContent = "";
        delete said.dataset.level;
      }
      for (const box of cells(copy)) {
        box.value = "";
        for (const name of ["id", "aria-invalid", "aria-describedby", "aria-expanded", "aria-activedescendant"]) box.removeAttribute(name);
        box.setAttribute("aria-label", box.getAttribute("aria-label").replace(/\d+$/, number));
      }
      more.append(copy);
    }
    body.append(more);
  }

  function place(box) {
    const row = box.closest("tr");
    return { line: rows().indexOf(row), column: cells(row).indexOf(box) };
  }

  function visit(line, column) {
    if (line < 0) return;
    grow(line + 1);
    const row = rows()[line];
    const box = row && cells(row)[Math.min(Math.max(column, 0), cells(row).length - 1)];
    if (box) {
      box.focus();
      box.select();
    }
  }

  // The same item on several lines may be meant: it is told, not refused.
  const twice = around.querySelector("[data-grid-twice]");
  function tellTwice() {
    if (!twice || !table.querySelector("input[data-look]")) return;
    const of = new Map();
    rows().forEach((row, at) => {
      const code = row.querySelector("input[data-look]").value.trim();
      if (code) of.set(code.toLowerCase(), [...(of.get(code.toLowerCase()) ?? [code]), at + 1]);
    });
    const told = [...of.values()].filter((one) => one.length > 2)
      .map(([code, ...lines]) => `${code} stands on lines ${lines.slice(0, 5).join(", ")}${lines.length > 5 ? " and more" : ""}`);
    twice.hidden = !told.length;
    twice.textContent = told.length ? `${told.slice(0, 3).join("; ")}${told.length > 3 ? ` and ${told.length - 3} more` : ""}. Each line is ordered as it stands.` : "";
  }
  table.addEventListener("change", tellTwice);
  tellTwice();

  table.addEventListener("keydown", (event) => {
    const box = event.target.closest("input");
    if (!box || event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      box.form.requestSubmit();
      return;
    }
    if (event.key === "z" && (event.ctrlKey || event.metaKey) && undo && !isTypedSince) {
      event.preventDefault();
      takeBack();
      return;
    }
    const { line, column } = place(box);
    const atStart = box.selectionStart === 0 && box.selectionEnd === box.value.length;
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], Enter: [1, 0] };
    if (atStart && event.key === "ArrowLeft") moves.ArrowLeft = [0, -1];
    if (atStart && event.key === "ArrowRight") moves.ArrowRight = [0, 1];
    const step = moves[event.key];
    if (!step || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    visit(line + step[0], column + step[1]);
  });

  // A paste says what was understood of it, asks about numbers that may be read in two ways, and can be taken back.
  const note = around.querySelector("[data-grid-pasted]");
  const cut = around.querySelector("[data-grid-cut]");
  let undo = null;
  let isTypedSince = false;
  table.addEventListener("input", () => { isTypedSince = true; });

  function takeBack() {
    const all = rows();
    body.remove();
    all.forEach((row, at) => cells(row).forEach((box, across) => { box.value = undo.values[at]?.[across] ?? ""; }));
    table.append(body);
    const { line, column } = undo;
    undo = null;
    note.hidden = true;
    visit(line, column);
    changed();
  }

  function changed() {
    table.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function button(words, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn sm";
    made.textContent = words;
    made.addEventListener("click", act);
    return made;
  }

  function tell(sentences, doubtful) {
    const said = document.createElement("p");
    said.textContent = sentences.join(" ");
    note.replaceChildren(said);
    if (doubtful.length) {
      const asked = document.createElement("p");
      asked.className = "warn b";
      const [box] = doubtful;
      asked.textContent = `“${box.value}” may be ${Number(asThousands(box.value)).toLocaleString("en")} or ${shortest(box.value)}. How are these numbers written?`;
      const settle = (as) => () => {
        for (const one of doubtful) if (isInDoubt(one.value)) one.value = as(one.value);
        tell(sentences, []);
        changed();
      };
      note.append(asked, button("The point parts thousands", settle(asThousands)), button("The point is a decimal one", settle(asDecimals)));
    }
    note.append(button("Undo the paste", takeBack));
    note.hidden = false;
  }

  // A heading whose words are not known: which column is what is asked before anything is pasted, and not remembered.
  function askColumns(found, to, heading, at) {
    const said = document.createElement("p");
    said.className = "warn b";
    said.textContent = "The heading of this paste is not understood. What is in its columns? Nothing was pasted yet.";
    const list = document.createElement("div");
    list.className = "heads";
    const boxes = heading.map((name, across) => {
      const field = document.createElement("div");
      const label = document.createElement("label");
      label.className = "lab";
      label.htmlFor = `paste-column-${across}`;
      const examples = found.rows.slice(1, 4).map((row) => row[across]).filter(Boolean).join(", ");
      label.textContent = `${name || `column ${across + 1}`}${examples ? `, such as ${examples}` : ""}`;
      const box = document.createElement("select");
      box.className = "inp";
      box.id = label.htmlFor;
      for (const [value, words] of [[-1, "leave it out"], ...columns.map((one, n) => [n, one.short])]) {
        box.append(new Option(words, value, false, value === (to[across] ?? -1)));
      }
      field.append(label, box);
      list.append(field);
      return box;
    });
    const twice = document.createElement("p");
    twice.className = "bad";
    const go = () => {
      const chosen = boxes.map((box) => Number(box.value));
      const used = chosen.filter((one) => one >= 0);
      twice.textContent = used.length ? "Two columns are the same: choose another for one of them." : "Choose what at least one column is.";
      if (used.length && new Set(used).size === used.length) fill(found, chosen, heading, at);
    };
    const leave = () => { note.hidden = true; visit(at.line, at.column); };
    const asLines = () => fill(found, Array.from({ length: Math.max(...found.rows.map((row) => row.length)) }, (_, n) => (at.column + n < columns.length ? at.column + n : -1)), null, at);
    note.replaceChildren(said, list, twice, button("Paste it so", go), button("It is no heading", asLines), button("Do not paste", leave));
    note.hidden = false;
    boxes[0]?.focus();
  }

  table.addEventListener("paste", (event) => {
    const box = event.target.closest("input");
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!box || !/[\t\r\n]/.test(text.trimEnd())) return;
    event.preventDefault();
    const found = read(text);
    if (!found.rows.length) return;
    const at = place(box);
    const { to, heading, isGuess } = placed(found.rows, columns, at.column);
    if (isGuess) askColumns(found, to, heading, at);
    else fill(found, to, heading, at);
  });

  function fill(found, to, heading, { line, column }) {
    const lines = heading ? found.rows.slice(1) : found.rows;
    const over = line + lines.length - most;
    cut.hidden = over <= 0;
    if (over > 0) {
      cut.textContent = `${lines.length.toLocaleString("en")} lines do not fit: ${most.toLocaleString("en")} are the most here. Nothing was pasted. Import the file instead.`;
      return;
    }
    undo = { line, column, values: rows().map((row) => cells(row).map((one) => one.value)) };
    isTypedSince = false;
    body.remove(); // thousands of boxes are filled many times faster where nobody looks at them
    grow(line + lines.length);
    const all = rows();
    const doubtful = [];
    lines.forEach((one, down) => {
      const boxes = cells(all[line + down]);
      one.forEach((value, across) => {
        const into = to[across] >= 0 ? boxes[to[across]] : null;
        if (!into) return;
        into.value = value;
        if (columns[to[across]]?.isNumber && isInDoubt(value)) doubtful.push(into);
      });
    });
    table.append(body);
    const used = to.filter((at) => at >= 0).map((at) => columns[at]?.short);
    const lost = to.flatMap((at, across) => (at < 0 && lines.some((one) => one[across]) ? [heading?.[across] || `column ${across + 1}`] : []));
    const sentences = [`Pasted ${lines.length.toLocaleString("en")} line${lines.length === 1 ? "" : "s"}: ${used.join(", ")}.`];
    if (heading) sentences.push(`The heading was left out (${heading.filter(Boolean).join(", ")}).`);
    if (found.blank) sentences.push(`${found.blank} blank line${found.blank === 1 ? " was" : "s were"} left out.`);
    if (lost.length) sentences.push(`Not read, for the grid has no such column: ${lost.join(", ")}.`);
    visit(line + lines.length - 1, Math.max(to.find((at) => at >= 0) ?? column, 0));
    tell(sentences, doubtful);
    changed();
  }

  around.querySelector("[data-grid-more]")?.addEventListener("click", () => {
    const count = rows().length;
    grow(count + 10);
    visit(count, 0);
  });
}
