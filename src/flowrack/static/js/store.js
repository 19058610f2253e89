// What is kept on this device: a small IndexedDB of our own. Nothing counts as stored before its transaction has ended.
const NAME = "flowrack-scan";
const VERSION = 1;
let opened = null;

export function uuid7() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let time = Date.now();
  for (let at = 5; at >= 0; at -= 1) {
    bytes[at] = time % 256;
    time = Math.floor(time / 256);
  }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function database() {
  opened ??= new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, VERSION);
    asked.onupgradeneeded = () => {
      const db = asked.result;
      db.createObjectStore("meta"); // key, head of the journal, device, person
      db.createObjectStore("journal", { keyPath: "seq" });
      db.createObjectStore("lists", { keyPath: "id" }); // work that was taken along, and how far it is
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      done(asked.result);
    };
    asked.onerror = () => failed(asked.error);
  });
  return opened;
}

const answer = (request) => new Promise((done, failed) => {
  request.onsuccess = () => done(request.result);
  request.onerror = () => failed(request.error);
});

export async function get(store, key) {
  return answer((await database()).transaction(store).objectStore(store).get(key));
}

export async function all(store) {
  return answer((await database()).transaction(store).objectStore(store).getAll());
}

// Several writes as one: [store, value] puts, [store, value, key] puts beside, [store, undefined, key] deletes. Resolves when
// all of it is on the disk.
export async function write(changes) {
  const db = await database();
  const stores = [...new Set(changes.map(([store]) => store))];
  return new Promise((done, failed) => {
    const work = db.transaction(stores, "readwrite", { durability: "strict" });
    work.oncomplete = () => done();
    work.onerror = () => failed(work.error);
    work.onabort = () => failed(work.error ?? new Error("not stored"));
    for (const [store, value, key] of changes) {
      const shelf = work.objectStore(store);
      if (value === undefined) shelf.delete(key);
      else if (key === undefined) shelf.put(value);
      else shelf.put(value, key);
    }
  });
}

// One after the other, in all pages of this device.
let before = Promise.resolve();
export function inTurn(name, work) {
  if (navigator.locks) return navigator.locks.request(name, work);
  const mine = before.then(work, work);
  before = mine.catch(() => {});
  return mine;
}

export const cookie = (name) => document.cookie.split("; ").find((one) => one.startsWith(`${name}=`))?.split("=")[1] ?? "";
