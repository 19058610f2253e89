// Scans that wait on this device, each person's apart: what one scanned is never sent for another. They outlive the page,
// the tab and the browser. Every open page has a shelf of its own, so that two pages of one person do not write over each
// other; a page that opens takes over what pages that are gone have left of its job.
const PREFIX = "scan-queue:";
const ALIVE = "scan-alive:";
const BEAT = 5000; // ms between signs of life, where the browser has no locks
const GONE = 90000; // ms without one: hidden pages may be slowed to one sign a minute

const idOf = () => [...crypto.getRandomValues(new Uint8Array(6))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

function all() {
  const found = [];
  try {
    for (let at = 0; at < localStorage.length; at += 1) {
      const shelf = localStorage.key(at);
      if (!shelf.startsWith(PREFIX)) continue;
      const [person, path, page] = shelf.slice(PREFIX.length).split(":");
      const kept = read(shelf);
      if (kept?.queue?.length) found.push({ shelf, person, path, page, ...kept });
    }
  } catch { /* private mode: nothing is kept */ }
  return found.sort((one, other) => (one.queue[0].key < other.queue[0].key ? -1 : 1));
}

function read(shelf) {
  try {
    return JSON.parse(localStorage.getItem(shelf) ?? "null");
  } catch {
    return null;
  }
}

function drop(shelf) {
  try {
    localStorage.removeItem(shelf);
  } catch { /* it was never kept */ }
}

// A lock that lives as long as the page says that it is open; without locks the page writes down that it lives.
function hold(page) {
  if (navigator.locks) {
    return new Promise((told) => {
      navigator.locks
        .request(`${ALIVE}${page}`, { ifAvailable: true }, (lock) => {
          told(Boolean(lock));
          return lock ? new Promise(() => {}) : undefined;
        })
        .catch(() => told(true));
    });
  }
  const beat = () => {
    try {
      localStorage.setItem(`${ALIVE}${page}`, String(Date.now()));
    } catch { /* private mode */ }
  };
  beat();
  setInterval(beat, BEAT);
  window.addEventListener("pagehide", () => drop(`${ALIVE}${page}`));
  return Promise.resolve(true);
}

async function isOpen(page) {
  if (navigator.locks) {
    const { held } = await navigator.locks.query();
    return held.some((lock) => lock.name === `${ALIVE}${page}`);
  }
  try {
    return Date.now() - Number(localStorage.getItem(`${ALIVE}${page}`) ?? 0) < GONE;
  } catch {
    return false;
  }
}

// The shelf of this page, and the scans of its person and job that pages which are gone have left, oldest first.
export async function open(person, path) {
  const page = idOf();
  const shelf = `${PREFIX}${person}:${path}:${page}`;
  await hold(page);
  const taken = [];
  const take = async () => {
    for (const kept of all()) {
      if (kept.person !== person || kept.path !== path || (await isOpen(kept.page))) continue;
      const [first, ...rest] = kept.queue;
      taken.push({ ...first, state: first.state ?? kept.state }, ...rest);
      keep(shelf, { ...kept, queue: taken });
      drop(kept.shelf);
    }
  };
  // Two pages that open at the same moment take one after the other.
  if (navigator.locks) await navigator.locks.request(`${PREFIX}take`, take);
  else await take();
  return { shelf, queue: taken };
}

export function keep(shelf, kept) {
  if (!shelf) return;
  try {
    const { queue, state, name, job } = kept;
    if (queue.length) localStorage.setItem(shelf, JSON.stringify({ queue, state, name, job }));
    else localStorage.removeItem(shelf);
  } catch { /* private mode: the queue lives in memory only */ }
}

// Work that a page has begun, such as a carton that is half checked: the state of the job, until it is done or left.
const BEGUN = "scan-begun:";

export function begin(person, path, state) {
  try {
    if (state) localStorage.setItem(`${BEGUN}${person}:${path}`, state);
    else localStorage.removeItem(`${BEGUN}${person}:${path}`);
  } catch { /* private mode: it lives as long as the page */ }
}

export function begun(person, path) {
  try {
    return localStorage.getItem(`${BEGUN}${person}:${path}`) ?? "";
  } catch {
    return "";
  }
}

function line(tag, words, className = "") {
  const made = document.createElement(tag);
  made.textContent = words;
  made.className = className;
  return made;
}

function panelOf(words, more, buttons) {
  const panel = document.createElement("section");
  panel.className = "panel p-off waits";
  panel.setAttribute("role", "status");
  const acts = document.createElement("div");
  acts.className = "ph-act";
  acts.append(...buttons);
  panel.append(line("b", words), line("p", more), acts);
  return panel;
}

const codesOf = (kept) => kept.queue.map((entry) => entry.value).slice(0, 3).join(", ");

// Above the page: what waits here for whom. One's own of another job is sent on that job's page; that of others is left
// until they sign in again, or discarded after a second tap.
export async function tellWaiting(screen, path) {
  const person = screen.dataset.person;
  for (const kept of all()) {
    if (kept.person === person && (kept.path === path || (await isOpen(kept.page)))) continue;
    screen.before(kept.person === person ? ofOneself(kept) : ofOthers(kept));
  }
}

function ofOneself(kept) {
  const many = kept.queue.length;
  const send = line("a", many > 1 ? `Send ${many}` : "Send it", "fb main");
  send.href = kept.path;
  return panelOf(
    `${many} of your scans ${many > 1 ? "wait" : "waits"} here, not sent`, `${kept.job}: ${codesOf(kept)}.`, [send],
  );
}

function ofOthers(kept) {
  const many = kept.queue.length;
  const leave = line("button", "Leave", "fb");
  const discard = line("button", "Discard", "fb");
  const panel = panelOf(
    `${many} of ${kept.name} ${many > 1 ? "wait" : "waits"} here, not sent`,
    `${kept.job}: ${codesOf(kept)}. Only ${kept.name} can send ${many > 1 ? "them" : "it"}, by signing in again.`,
    [leave, discard],
  );
  leave.addEventListener("click", () => panel.remove());
  discard.addEventListener("click", () => {
    if (!discard.dataset.sure) {
      discard.dataset.sure = "yes";
      discard.textContent = `Discard ${many}: sure?`;
      return;
    }
    drop(kept.shelf);
    panel.remove();
  });
  return panel;
}
