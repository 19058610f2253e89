// The promise page: Escape asks anew, and a quote counts down by the seconds the server gave.
const line = document.getElementById("ask");
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !line || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  line.focus();
  line.select();
});

const clock = document.querySelector("[data-countdown]");
if (clock) {
  const end = Date.now() + Number(clock.dataset.countdown) * 1000;
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    clock.textContent = left >= 60 ? `${Math.floor(left / 60)} min ${String(left % 60).padStart(2, "0")} s` : `${left} s`;
    if (left) window.setTimeout(tick, 1000);
    else window.location.reload();
  };
  tick();
}
