// The palette: arrows choose, Enter opens; Enter before the results are there (a scanner) asks the server for the thing.
export function startPalette(box) {
  if (!box) return;
  const input = box.querySelector("input");
  const list = box.querySelector("ul");
  let answeredFor = null;

  const rows = () => [...list.querySelectorAll("li[data-url]")];
  const choose = (row) => {
    for (const other of rows()) {
      other.classList.toggle("on", other === row);
      other.classList.toggle("edge", other === row);
      other.setAttribute("aria-selected", other === row);
    }
    if (row) {
      input.setAttribute("aria-activedescendant", row.id);
      row.scrollIntoView({ block: "nearest" });
    }
  };

  list.addEventListener("htmx:afterSwap", () => choose(rows()[0]));
  box.addEventListener("htmx:beforeRequest", () => { answeredFor = null; });
  box.addEventListener("htmx:afterRequest", (event) => {
    answeredFor = event.detail.requestConfig.parameters.q ?? "";
  });

  async function openExact() {
    const text = input.value.trim();
    const answer = await fetch(`/palette?go=1&q=${encodeURIComponent(text)}`, {
      headers: { "HX-Request": "true", "HX-Current-URL": window.location.href },
    });
    const target = answer.headers.get("HX-Redirect");
    if (target) {
      window.location.assign(target);
      return;
    }
    if (input.value.trim() !== text || !answer.ok) return;
    list.innerHTML = await answer.text();
    answeredFor = text;
    choose(rows()[0]);
    if (rows().length === 1) window.location.assign(rows()[0].dataset.url);
  }

  input.addEventListener("keydown", (event) => {
    const all = rows();
    const at = all.findIndex((row) => row.classList.contains("on"));
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(all[(at + step + all.length) % all.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const settled = answeredFor !== null && answeredFor.trim() === input.value.trim();
      if (settled && at >= 0) window.location.assign(all[at].dataset.url);
      else openExact();
    }
  });
  list.addEventListener("click", (event) => {
    const row = event.target.closest("li[data-url]");
    if (!row) return;
    if (event.ctrlKey || event.metaKey) window.open(row.dataset.url, "_blank");
    else window.location.assign(row.dataset.url);
  });
}
