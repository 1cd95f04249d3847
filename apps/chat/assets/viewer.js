// The page viewer: boxes over the page's picture, zoom, and a box drawn by the reader.
// Boxes are in PDF points; the overlay has the page's size as its viewBox, so it fits the picture at any zoom.
const viewer = element.querySelector(".viewer");
const find = (selector) => viewer.querySelector(selector);
const image = find("img"), overlay = find("svg"), sheet = find(".sheet"), stage = find(".stage"), quote = find(".quote");
const drawButton = find(".draw");
const SVG = "http://www.w3.org/2000/svg";
let view = null, zoom = 1, drawing = false, from = null, drawn = null;

function shape(name, attributes, parent) {
  const made = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  return parent.appendChild(made);
}

function mark(marked) {
  const group = shape("g", { class: "mark " + marked.kind + (marked.meant ? " meant" : ""), "data-label": marked.label }, overlay);
  marked.boxes.forEach(([x0, y0, x1, y1]) => {
    const box = shape("rect", { x: x0 - 1.5, y: y0 - 1.5, width: x1 - x0 + 3, height: y1 - y0 + 3, rx: 1.5 }, group);
    if (marked.kind === "cited") { box.style.fill = marked.colour; box.style.stroke = marked.colour; }
  });
  if (marked.label && marked.boxes.length) {
    const [x0, y0] = marked.boxes[0], size = view.width / 42;
    const text = shape("text", { x: Math.max(size * 0.3, x0 - size * 0.9), y: y0 + size * 0.9, "font-size": size }, group);
    text.textContent = marked.label;
  }
  return group;
}

function setZoom(value) {
  const middle = (stage.scrollTop + stage.clientHeight / 2) / Math.max(1, stage.scrollHeight);
  zoom = Math.min(5, Math.max(0.4, value));
  sheet.style.width = 100 * zoom + "%";
  find(".zoom").textContent = Math.round(100 * zoom) + "%";
  stage.scrollTop = middle * stage.scrollHeight - stage.clientHeight / 2;
}

function setDrawing(on) {
  drawing = on && !!view && view.drawable;
  drawButton.setAttribute("aria-pressed", String(drawing));
  viewer.classList.toggle("drawing", drawing);
}

function show() {
  const before = view;
  view = props.value;
  viewer.classList.toggle("shown", !!view);
  document.body.classList.toggle("page-shown", !!view);
  if (!view) return;
  setDrawing(false);
  if (!before || before.document !== view.document) setZoom(1);
  find(".title").textContent = find(".title").title = view.name;
  find(".where").textContent = "page " + (view.page + 1) + " of " + view.pages;
  find('[data-do="back"]').disabled = view.page === 0;
  find('[data-do="forth"]').disabled = view.page + 1 >= view.pages;
  drawButton.hidden = !view.drawable;
  sheet.style.aspectRatio = view.width + " / " + view.height;
  overlay.setAttribute("viewBox", "0 0 " + view.width + " " + view.height);
  overlay.replaceChildren();
  if (view.picture) image.src = view.picture; else image.removeAttribute("src");
  image.alt = view.name + ", page " + (view.page + 1);
  const groups = view.marks.map(mark);
  const meant = view.marks.find((one) => one.meant);
  quote.textContent = view.note || (meant && meant.quote) || "";
  quote.hidden = !quote.textContent;
  const target = groups[view.marks.indexOf(meant)];
  const top = target ? (meant.boxes[0][1] / view.height) * sheet.clientHeight : 0;
  stage.scrollTop = Math.max(0, top - stage.clientHeight / 3);
  drawn = null;
}

function at(event) {
  const frame = overlay.getBoundingClientRect();
  const clip = (value) => Math.min(1, Math.max(0, value));
  return [clip((event.clientX - frame.left) / frame.width) * view.width, clip((event.clientY - frame.top) / frame.height) * view.height];
}

function span(a, b) {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1])];
}

overlay.addEventListener("pointerdown", (event) => {
  if (!drawing) return;
  event.preventDefault();
  overlay.setPointerCapture(event.pointerId);
  from = at(event);
  if (drawn) drawn.remove();
  drawn = shape("rect", { class: "drawn" }, overlay);
});
overlay.addEventListener("pointermove", (event) => {
  if (!from) return;
  const [x0, y0, x1, y1] = span(from, at(event));
  Object.entries({ x: x0, y: y0, width: x1 - x0, height: y1 - y0 }).forEach(([key, value]) => drawn.setAttribute(key, value));
});
overlay.addEventListener("pointerup", (event) => {
  if (!from) return;
  const box = span(from, at(event));
  from = null;
  setDrawing(false);
  if (box[2] - box[0] < 3 || box[3] - box[1] < 3) { drawn.remove(); return; }
  trigger("drawn", { document: view.document, page: view.page, box });
  octavoPanel("chat");
});
stage.addEventListener("wheel", (event) => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  setZoom(zoom * (event.deltaY < 0 ? 1.15 : 1 / 1.15));
}, { passive: false });

const leaf = (step) => {
  if (view && view.page + step >= 0 && view.page + step < view.pages) trigger("leaf", { document: view.document, page: view.page, step });
};
const close = () => { if (drawing) setDrawing(false); else trigger("closed"); };
const actions = {
  back: () => leaf(-1), forth: () => leaf(1), smaller: () => setZoom(zoom / 1.25), larger: () => setZoom(zoom * 1.25),
  fit: () => setZoom(1), draw: () => setDrawing(!drawing), close,
};
viewer.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-do]");
  if (pressed) actions[pressed.dataset.do]();
});
viewer.addEventListener("escape", close);
viewer.addEventListener("leaf", (event) => leaf(event.detail));
watch("value", show);
show();
