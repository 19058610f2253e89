// Scans that wait on this device, each person's apart: what one scanned is never sent for another.
const PREFIX = "scan-queue:";

export const shelfOf = (person, path) => `${PREFIX}${person}:${path}`;

export function keep(shelf, kept) {
  try {
    if (kept.queue.length) sessionStorage.setItem(shelf, JSON.stringify(kept));
    else sessionStorage.removeItem(shelf);
  } catch { /* private mode: the queue lives in memory only */ }
}

export function take(shelf) {
  try {
    return JSON.parse(sessionStorage.getItem(shelf) ?? "null");
  } catch {
    return null;
  }
}

function ofOthers(person) {
  const found = [];
  try {
    for (let at = 0; at < sessionStorage.length; at += 1) {
      const shelf = sessionStorage.key(at);
      if (!shelf.startsWith(PREFIX) || shelf.startsWith(`${PREFIX}${person}:`)) continue;
      const kept = take(shelf);
      if (kept?.queue?.length) found.push({ shelf, ...kept });
    }
  } catch { /* nothing kept */ }
  return found;
}

function line(tag, words, className = "") {
  const made = document.createElement(tag);
  made.textContent = words;
  made.className = className;
  return made;
}

// Above the page: what waits for whom, to leave until they sign in again, or after a second tap to discard.
export function tellOthers(screen) {
  for (const kept of ofOthers(screen.dataset.person)) {
    const many = kept.queue.length;
    const panel = document.createElement("section");
    panel.className = "panel p-off waits";
    panel.setAttribute("role", "status");
    const codes = kept.queue.map((entry) => entry.value).slice(0, 3).join(", ");
    const buttons = document.createElement("div");
    buttons.className = "ph-act";
    const leave = line("button", "Leave", "fb");
    const discard = line("button", "Discard", "fb");
    leave.addEventListener("click", () => panel.remove());
    discard.addEventListener("click", () => {
      if (!discard.dataset.sure) {
        discard.dataset.sure = "yes";
        discard.textContent = `Discard ${many}: sure?`;
        return;
      }
      sessionStorage.removeItem(kept.shelf);
      panel.remove();
    });
    buttons.append(leave, discard);
    panel.append(
      line("b", `${many} of ${kept.name} ${many > 1 ? "wait" : "waits"} here, not sent`),
      line("p", `${kept.job}: ${codes}. Only ${kept.name} can send ${many > 1 ? "them" : "it"}, by signing in again.`),
      buttons,
    );
    screen.before(panel);
  }
}
