// The approval inbox: j and k open the next and previous request, o its document; a rejection asks for its note first.
import { bind } from "./keys.js";

const rows = () => [...document.querySelectorAll("[data-inbox] tbody tr")];

function step(by) {
  const all = rows();
  const at = all.findIndex((row) => row.classList.contains("cur"));
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  if (next && all.indexOf(next) !== at) next.querySelector("a.ib").click();
}

bind("j", "next request", () => step(1), { when: () => rows().length > 0 });
bind("k", "previous request", () => step(-1), { when: () => rows().length > 0 });
bind("o", "open the document", () => document.querySelector(".ac .rows a.b").click(), {
  when: () => document.querySelector(".ac .rows li:first-child a.b") !== null,
});

// "r" with an empty note goes to the note: a rejection without a reason would only come back. Captured, so that the
// shell does not take the form for sent.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-verdict]") || event.submitter?.value !== "reject") return;
  const note = event.target.querySelector("[data-note]");
  if (note.value.trim()) return;
  event.preventDefault();
  note.setAttribute("aria-invalid", "true");
  note.placeholder = "Say in a few words what should change";
  note.focus();
}, true);

document.querySelector("[data-inbox] tr.cur")?.scrollIntoView({ block: "nearest" });
