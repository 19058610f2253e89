// The wave board and the page of a plan: a wave is dragged onto a truck, a cut-off or another wave, and leaves when that
// does. One that is on the floor moves at once, and the message that follows offers the way back; of a planned one its
// page shows first what follows. Without a pointer the link "Move" asks the same.
let held = null;

const target = (event) => {
  const card = event.target.closest?.("[data-leaves]");
  return held && card && card !== held && card.dataset.leaves !== held.dataset.leaves ? card : null;
};

function mark(card) {
  for (const one of document.querySelectorAll("[data-leaves].over")) if (one !== card) one.classList.remove("over");
  card?.classList.add("over");
}

document.addEventListener("dragstart", (event) => {
  held = event.target.closest?.("[data-moves], [data-asks]");
  if (!held) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", held.dataset.name);
});

document.addEventListener("dragover", (event) => {
  const card = target(event);
  if (card) event.preventDefault();
  mark(card);
});

document.addEventListener("dragend", () => {
  held = null;
  mark(null);
});

document.addEventListener("drop", (event) => {
  const card = target(event);
  if (!card) return;
  event.preventDefault();
  if (held.dataset.asks) ask(card);
  else send(card);
});

function ask(card) {
  const page = new URL(held.dataset.asks, location.href);
  page.searchParams.set("at", card.dataset.leaves);
  page.searchParams.set("with", card.dataset.name);
  location.assign(page);
}

function send(card) {
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
}

// While somebody holds a wave the lanes are not drawn anew under it.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (held && event.detail.elt.id === "lanes") event.preventDefault();
});
