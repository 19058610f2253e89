// Feedback by colour, tone and vibration: always at least two, never colour alone.
import { cookie } from "./store.js";

const isLoud = () => cookie("sound") === "loud"; // beside a conveyor: harsher, louder, and the buzz three times as long
const TONES = {
  ok: [[1760, 0, 0.08]],
  more: [[880, 0, 0.09], [1320, 0.11, 0.09]],
  wrong: [[150, 0, 0.4], [150, 0.5, 0.4]],
  done: [[1047, 0, 0.1], [1319, 0.1, 0.1], [1568, 0.2, 0.18]],
  held: [[660, 0, 0.16], [440, 0.2, 0.16], [330, 0.4, 0.3]],
};
const BUZZ = { ok: [40], more: [40, 40, 40], wrong: [200, 100, 200], done: [40, 40, 80], held: [120, 80, 120, 80, 240] };
const WORDS = { ok: "Good scan", more: "More needed", wrong: "Wrong scan", done: "Done", held: "Stored, but look at the screen" };
let audio = null;

function unlock() {
  const Context = window.AudioContext ?? window.webkitAudioContext;
  if (!Context) return;
  audio ??= new Context();
  if (audio.state === "suspended") audio.resume().catch(() => {});
}
for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, unlock, true);

function play(kind) {
  if (!audio) return;
  for (const [pitch, start, length] of TONES[kind]) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const at = audio.currentTime + start;
    tone.type = kind === "wrong" || isLoud() ? "square" : "sine";
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(isLoud() ? 1 : 0.4, at + 0.008);
    volume.gain.setValueAtTime(isLoud() ? 1 : 0.4, at + length - 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + length);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + length);
  }
}

let fading = 0;
export function give(screen, kind) {
  if (!TONES[kind]) return;
  play(kind);
  navigator.vibrate?.(isLoud() ? BUZZ[kind].map((ms, at) => (at % 2 ? ms : 3 * ms)) : BUZZ[kind]);
  delete screen.dataset.flash;
  void screen.offsetWidth;
  screen.dataset.flash = kind;
  clearTimeout(fading);
  fading = setTimeout(() => delete screen.dataset.flash, kind === "wrong" || kind === "held" ? 900 : 350);
  document.getElementById("said").textContent = WORDS[kind];
}
