// Command codes: labels on a sheet that press the screen's own buttons, so that gloves need no touch. Every scan screen reads
// them before anything else.
const BUTTONS = { "FR-UNDO": "undo", "FR-SHORT": "short", "FR-SKIP": "skip", "FR-EMPTY": "empty", "FR-BACK": "back", "FR-LEAD": "hand" };

// "pressed", "none" when the screen has no such button, "" when the code is no command.
export function press(screen, code) {
  const text = code.trim().toUpperCase();
  if (!text.startsWith("FR-")) return "";
  const digit = /^FR-(\d)$/.exec(text)?.[1];
  const button = digit
    ? screen.querySelector(`[data-digit="${digit}"]`)
    : text === "FR-OK"
      ? screen.querySelector("[data-pad-ok], .ph-act .fb.main")
      : BUTTONS[text] ? screen.querySelector(`[data-action="${BUTTONS[text]}"]`) : null;
  if (!digit && text !== "FR-OK" && !BUTTONS[text]) return "";
  if (!button) return "none";
  button.click();
  return "pressed";
}
