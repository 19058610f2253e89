// The wave board: a wave that is to pick is dragged onto a truck or another wave, and leaves when that does. Without a
// pointer its link "Move" asks the same; the message that follows offers the way back.
const lanes = document.getElementById("lanes");
let held = null;

const target = (event) => {
  const card = event.target.closest?.("[data-leaves]");
  return held && card && card !== held && card.dataset.leaves !== held.dataset.leaves ? card : null;
};

function mark(card) {
  for (const one of lanes.querySelectorAll(".wavecard.over")) if (one !== card) one.classList.remove("over");
  card?.classList.add("over");
}

lanes.addEventListener("dragstart", (event) => {
  held = event.target.closest?.("[data-moves]");
  if (!held) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", held.dataset.name);
});

lanes.addEventListener("dragover", (event) => {
  const card = target(event);
  if (card) event.preventDefault();
  mark(card);
});

lanes.addEventListener("dragend", () => {
  held = null;
  mark(null);
});

lanes.addEventListener("drop", (event) => {
  const card = target(event);
  if (!card) return;
  event.preventDefault();
  const form = document.createElement("form");
  form.method = "post";
  form.action = held.dataset.moves;
  const said = {
    csrfmiddlewaretoken: JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"],
    idempotency_key: crypto.randomUUID(),
    at: card.dataset.leaves,
    reason: `leaves with ${card.dataset.name}`,
    from: "board",
  };
  for (const [name, value] of Object.entries(said)) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  form.submit();
});

// While somebody holds a wave the lanes are not drawn anew under it.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (held && event.detail.elt.id === "lanes") event.preventDefault();
});
