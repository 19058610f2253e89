// The entry grid: paste from a spreadsheet, arrows and Enter move, rows grow as they are needed.
const MOST = 500;

for (const table of document.querySelectorAll("[data-grid]")) start(table);

function start(table) {
  const body = table.tBodies[0];
  const rows = () => [...body.rows].filter((row) => !("fault" in row.dataset));
  const note = table.parentElement.parentElement.querySelector("[data-grid-cut]");
  const cells = (row) => [...row.querySelectorAll("input")];

  function grow(count) {
    const all = rows();
    for (let number = all.length + 1; number <= Math.min(count, MOST); number += 1) {
      const copy = all.at(-1).cloneNode(true);
      copy.classList.remove("bad-row");
      copy.querySelector("th").textContent = number;
      for (const box of cells(copy)) {
        box.value = "";
        box.removeAttribute("aria-invalid");
        box.removeAttribute("aria-describedby");
        box.setAttribute("aria-label", box.getAttribute("aria-label").replace(/\d+$/, number));
      }
      body.append(copy);
    }
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
  const twice = table.parentElement.parentElement.querySelector("[data-grid-twice]");
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

  table.addEventListener("paste", (event) => {
    const box = event.target.closest("input");
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!box || !/[\t\r\n]/.test(text.trimEnd())) return;
    event.preventDefault();
    const { line, column } = place(box);
    const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n");
    grow(line + lines.length);
    const all = rows();
    const lost = line + lines.length - all.length;
    if (note) {
      note.hidden = lost <= 0;
      note.textContent = lost > 0 ? `${lost} rows did not fit: ${MOST} lines are the most here. Import the file instead.` : "";
    }
    lines.forEach((one, down) => {
      const row = all[line + down];
      if (!row) return;
      const boxes = cells(row);
      one.split("\t").forEach((value, across) => {
        if (boxes[column + across]) boxes[column + across].value = value.trim();
      });
    });
    visit(Math.min(line + lines.length, MOST) - 1, column);
    tellTwice();
  });

  table.parentElement.parentElement.querySelector("[data-grid-more]")?.addEventListener("click", () => {
    const count = rows().length;
    grow(count + 10);
    visit(count, 0);
  });
}
