// The wedge: a scanner types like a keyboard, anywhere on the page. One capture-phase listener on the document hears
// it before any control does, so that focus cannot swallow a scan and Enter cannot press a button.
const GS = "\u001d";
const HUMAN_GAP = 45; // ms between keys; a scanner is faster, a person typing is slower
const SUFFIX_WAIT = 1500; // ms after which a code without Enter or Tab counts as finished

// `onErase` takes a digit off a number on the screen and says what is left of it; null where no number is asked.
export function listen(onCode, onTyping = () => false, onErase = () => null) {
  let buffer = "";
  let first = 0;
  let last = 0;
  let altDigits = "";
  let timer = 0;
  let echo = 0;
  let shown = false; // what was typed so far already stands on the screen
  let swallowUp = new Set();

  const reset = () => {
    buffer = "";
    shown = false;
    clearTimeout(timer);
    clearTimeout(echo);
  };

  // How fast it came, the key that ended it among the rest: a person may roll over two digits, but looks for Enter.
  const finish = (end = 0) => {
    const code = buffer;
    const gaps = code.length - 1 + (end ? 1 : 0);
    const gap = code.length > 1 ? ((end || last) - first) / gaps : HUMAN_GAP + 1;
    reset();
    if (code.trim()) onCode(code, { isFast: gap < HUMAN_GAP });
  };

  const add = (character, event) => {
    const now = event.timeStamp;
    if (!buffer) first = now;
    last = now;
    buffer += character;
    event.preventDefault();
    event.stopImmediatePropagation();
    swallowUp.add(event.code);
    clearTimeout(timer);
    timer = setTimeout(() => { if (buffer.length > 2 && !shown) finish(); else reset(); }, SUFFIX_WAIT);
    clearTimeout(echo);
    echo = setTimeout(() => { shown = onTyping(buffer); }, HUMAN_GAP + 15);
  };

  document.addEventListener("wedge:forget", reset); // a key that did something is no part of a code

  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const own = event.target.closest?.("[data-typed]");
    if (own) return; // somebody types a code by hand; its form sends it
    if (event.altKey && /^Numpad\d$/.test(event.code)) {
      altDigits += event.code.at(-1);
      event.preventDefault();
      return;
    }
    if (event.ctrlKey && (event.key === "]" || event.key === GS)) {
      add(GS, event);
      return;
    }
    if (event.ctrlKey || event.metaKey || (event.altKey && event.key.length === 1)) return;
    if (event.key === "Enter" || event.key === "Tab") {
      if (!buffer) return; // a person's Enter or Tab: leave it to the focused control
      event.preventDefault();
      event.stopImmediatePropagation();
      swallowUp.add(event.code);
      finish(event.timeStamp);
      return;
    }
    if (event.key === "Backspace") {
      if (buffer && !shown) onTyping(buffer);
      const left = onErase();
      if (left === null) return;
      event.preventDefault();
      reset();
      if (!left) return;
      // What is typed next stands behind what is left, and all of it was typed by a person.
      [buffer, shown, last] = [left, true, event.timeStamp];
      first = last - 2 * HUMAN_GAP * left.length;
      timer = setTimeout(reset, SUFFIX_WAIT);
      return;
    }
    if (event.key === " " && !buffer) return; // Space presses the focused button
    if (event.key.length === 1) add(event.key, event);
  }, true);

  document.addEventListener("keyup", (event) => {
    if (event.key === "Alt" && altDigits) {
      const character = String.fromCharCode(Number(altDigits));
      altDigits = "";
      if (!buffer) first = event.timeStamp;
      last = event.timeStamp;
      buffer += character;
    }
    if (swallowUp.delete(event.code)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);

  document.addEventListener("paste", (event) => {
    if (event.target.closest?.("[data-typed]")) return;
    const text = event.clipboardData?.getData("text") ?? "";
    for (const line of text.split(/[\r\n\t]+/)) if (line.trim()) onCode(line, { isFast: true });
    event.preventDefault();
  }, true);
}
