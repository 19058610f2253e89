// Time series: <figure data-series> with a <script type="application/json"> of {x, lines: [{label, values}], unit};
// the table twin stays in the page for readers and for printing.
function colour(name) {
  const probe = document.createElement("i");
  probe.className = `c-${name}`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function draw(figure) {
  const data = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
  const strokes = ["ink", "c2", "acc", "c3"].map(colour);
  const axis = { stroke: colour("ink3"), grid: { stroke: colour("hair"), width: 1 }, ticks: { show: false } };
  const target = figure.querySelector("[data-plot]");
  const options = {
    width: target.clientWidth,
    height: 240,
    cursor: { drag: { x: false, y: false } },
    axes: [axis, { ...axis, label: data.unit }],
    series: [{}, ...data.lines.map((line, at) => ({ label: line.label, stroke: strokes[at % 4], width: 1.5, points: { show: false } }))],
  };
  target.replaceChildren();
  const plot = new window.uPlot(options, [data.x, ...data.lines.map((line) => line.values)], target);
  return () => plot.setSize({ width: target.clientWidth, height: 240 });
}

for (const figure of document.querySelectorAll("[data-series]")) {
  let resize = draw(figure);
  new ResizeObserver(() => resize()).observe(figure);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { resize = draw(figure); });
}
