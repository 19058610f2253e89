// A pad on which people sign with a finger, pen or mouse. The drawing goes along with the form as a PNG.
for (const pad of document.querySelectorAll("[data-sign]")) {
  const canvas = pad.querySelector("canvas");
  const field = pad.querySelector("input[type=hidden]");
  const says = pad.querySelector("[role=status]");
  const pen = canvas.getContext("2d");
  let last = null;
  let length = 0;

  const size = () => {
    const scale = Math.min(window.devicePixelRatio || 1, 2);
    canvas.width = Math.round(canvas.clientWidth * scale);
    canvas.height = Math.round(canvas.clientHeight * scale);
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.fillStyle = "#ffffff"; // a signature is read on white, whatever the theme
    pen.fillRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    pen.strokeStyle = "#10161a";
    pen.lineWidth = 2.5;
    pen.lineCap = pen.lineJoin = "round";
    length = 0;
    field.value = "";
    says.textContent = "Sign in the box.";
  };
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    last = at(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    const next = at(event);
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(...next);
    pen.stroke();
    length += Math.hypot(next[0] - last[0], next[1] - last[1]);
    last = next;
  });
  const lift = () => {
    if (!last) return;
    last = null;
    if (length < 20) return; // a touch is no signature
    field.value = canvas.toDataURL("image/png");
    says.textContent = "Signed.";
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  pad.querySelector("[data-clear]").addEventListener("click", size);
  window.addEventListener("resize", () => { if (canvas.clientWidth && !field.value) size(); });
  // What was signed before the form was refused is there again: nobody has to sign twice for a slip of the pen.
  const signed = field.value;
  size();
  if (signed.startsWith("data:image/png;base64,")) {
    const before = new Image();
    before.addEventListener("load", () => {
      pen.drawImage(before, 0, 0, canvas.clientWidth, canvas.clientHeight);
      field.value = signed;
      says.textContent = "Signed.";
    });
    before.src = signed;
  }
}

// Where the phone is: asked for only after a tap, written into the fields that the form has for it.
for (const button of document.querySelectorAll("[data-place]")) {
  const says = document.getElementById(button.dataset.place);
  button.addEventListener("click", () => {
    if (!navigator.geolocation) { says.textContent = "This device does not tell where it is. Write the place."; return; }
    says.textContent = "Looking...";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        document.querySelector("[name=latitude]").value = coords.latitude.toFixed(7);
        document.querySelector("[name=longitude]").value = coords.longitude.toFixed(7);
        says.textContent = `${coords.latitude.toFixed(5)}, ${coords.longitude.toFixed(5)}`;
      },
      () => { says.textContent = "The place was not told. Write it."; },
      { enableHighAccuracy: true, timeout: 15000 },
    );
  });
}
