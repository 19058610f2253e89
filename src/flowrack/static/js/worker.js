// Keeps the shell of the scan app on the device, so that it starts without the house. It keeps no data: that is in IndexedDB.
// APP stands above, put there by the house: version, shell, files.
const CACHE = `flowrack-scan-${APP.version}`;
const PATIENCE = 900; // ms that the start page may take before the app starts without the house

self.addEventListener("install", (event) => {
  const fresh = [APP.shell, ...APP.files].map((url) => new Request(url, { cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fresh)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("flowrack-scan-") && name !== CACHE;
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

const kept = async (url) => (await caches.open(CACHE)).match(url);

// The house's own page, or the app without it when the house does not answer.
async function page(request, patience) {
  const house = fetch(request);
  const late = new Promise((done) => { if (patience) setTimeout(done, patience); });
  try {
    const first = await Promise.race([house, late]);
    if (first) return first;
  } catch { /* no network */ }
  house.catch(() => {});
  return (await kept(APP.shell)) ?? house;
}

// The camera's reader is fetched when somebody first uses it, and is there without network from then on.
async function keep(request) {
  const answer = await fetch(request);
  if (answer.ok) await (await caches.open(CACHE)).put(request, answer.clone());
  return answer;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (url.pathname === APP.shell) event.respondWith(kept(APP.shell).then((found) => found ?? fetch(request)));
    else if (url.pathname === "/scan" || url.pathname === "/scan/") event.respondWith(page(request, PATIENCE));
    else if (url.pathname.startsWith("/scan/")) event.respondWith(page(request, 0));
    return;
  }
  if (url.pathname.startsWith("/static/vendor/zxing-")) {
    event.respondWith(kept(url.pathname).then((found) => found ?? keep(request)));
    return;
  }
  if (APP.files.includes(url.pathname)) {
    event.respondWith(kept(url.pathname).then((found) => found ?? fetch(request)));
  }
});
