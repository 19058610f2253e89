// The camera as a scanner, where there is none. The reader is loaded when somebody first asks for it; a code is told once
// until it has left the picture.
const READER = "/static/vendor/zxing-wasm-reader-3.1.4.iife.js";
const MODULE = "/static/vendor/zxing-wasm-reader-3.1.4.wasm";
const EVERY = 90; // ms between two looks
const GONE = 1200; // ms after which a code that has left the picture may be told again
const PAUSE = 700; // ms of rest after a hit, so that the next one is meant
const WIDTH = 960;
const OPTIONS = { formats: ["Code128", "EAN13", "EAN8", "UPCA", "UPCE", "ITF", "DataMatrix", "QRCode", "DataBar", "DataBarExp"], tryHarder: true, maxNumberOfSymbols: 1, textMode: "Plain" };
let reader = null;

function load() {
  reader ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = READER;
    script.onload = () => done(window.ZXingWASM);
    script.onerror = () => { reader = null; failed(new Error("The camera's reader could not be loaded.")); };
    document.head.append(script);
  }).then(async (zxing) => {
    await zxing.prepareZXingModule({ overrides: { locateFile: () => MODULE }, fireImmediately: true });
    return zxing;
  });
  return reader;
}

// A device with a camera and a touch screen. One on which a scanner typed keeps the camera beside the field for a code.
export function isWanted() {
  try {
    return Boolean(navigator.mediaDevices?.getUserMedia) && matchMedia("(pointer: coarse)").matches;
  } catch {
    return false;
  }
}

function hasWedge() {
  try {
    return Boolean(localStorage.getItem("wedge"));
  } catch {
    return false;
  }
}

export function wedgeHeard() {
  try {
    if (!localStorage.getItem("wedge")) localStorage.setItem("wedge", "1");
  } catch { /* private mode: the button stays */ }
}

// Put "Use camera" on every step of the screen that a code may answer.
export function offer(screen, onCode) {
  if (!isWanted()) return;
  const put = () => {
    if (screen.querySelector("[data-camera]") || screen.querySelector("[data-pad]")) return;
    const line = screen.querySelector(".scanline");
    if (!line) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "fb cam-b";
    button.dataset.camera = "";
    button.textContent = "Use camera";
    const typer = hasWedge() ? screen.querySelector(".typer") : null;
    if (typer) typer.append(button);
    else line.after(button);
  };
  new MutationObserver(put).observe(screen, { childList: true });
  screen.addEventListener("click", (event) => { if (event.target.closest("[data-camera]")) look(onCode); });
  put();
}

function box() {
  const made = document.createElement("dialog");
  made.className = "cam";
  made.setAttribute("aria-label", "Camera");
  made.innerHTML = '<video playsinline muted></video><i></i><p role="status"></p><button type="button" class="fb main">Close camera</button>';
  document.body.append(made);
  return made;
}

async function look(onCode) {
  const shown = box();
  const [video, words, close] = [shown.querySelector("video"), shown.querySelector("p"), shown.querySelector("button")];
  let stream = null;
  let open = true;
  const end = () => {
    open = false;
    stream?.getTracks().forEach((track) => track.stop());
    shown.remove();
  };
  close.addEventListener("click", end);
  shown.addEventListener("cancel", end);
  shown.showModal();
  words.textContent = "Starting the camera…";
  try {
    const asked = navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false });
    const zxing = await load();
    stream = await asked;
    video.srcObject = stream;
    await video.play();
    words.textContent = "Hold the barcode in the frame";
    await watch(zxing, video, () => open && shown.isConnected, (code) => {
      words.textContent = code.slice(0, 40);
      onCode(code);
    });
  } catch (error) {
    words.textContent = error.name === "NotAllowedError" ? "The browser may not use the camera. Allow it in its settings, or type the code." : `${error.message || "There is no camera."} Type the code instead.`;
  }
  if (!open) stream?.getTracks().forEach((track) => track.stop());
}

async function watch(zxing, video, isOpen, tell) {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const wait = (ms) => new Promise((done) => { setTimeout(done, ms); });
  let last = { code: "", at: 0 };
  let left = true; // a device may be slow to look: however long ago that was, what it still sees has not left
  while (isOpen()) {
    const scale = Math.min(1, WIDTH / (video.videoWidth || WIDTH));
    canvas.width = Math.round(video.videoWidth * scale) || 1;
    canvas.height = Math.round(video.videoHeight * scale) || 1;
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const found = await zxing.readBarcodes(context.getImageData(0, 0, canvas.width, canvas.height), OPTIONS);
    const now = performance.now();
    const hit = found.find((one) => one.isValid && one.text);
    if (hit) {
      const code = `${hit.symbologyIdentifier === "]C1" || hit.symbologyIdentifier === "]d2" ? hit.symbologyIdentifier : ""}${hit.text}`;
      const isNew = code !== last.code || (left && now - last.at > GONE);
      last = { code, at: now };
      left = false;
      if (isNew && isOpen()) {
        tell(code);
        await wait(PAUSE);
      }
    } else left = true;
    await wait(EVERY);
  }
}
