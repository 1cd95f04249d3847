// The page viewer: boxes over the page's picture, zoom, and a box drawn by the reader.
// Parts that the next question is about are those of the chips under the conversation. Boxes are in PDF points; the overlay has the page's size as its viewBox, so it fits the picture at any zoom.
const viewer = element.querySelector(".viewer");
const find = (selector) => viewer.querySelector(selector);
const image = find("img"), overlay = find("svg"), sheet = find(".sheet"), stage = find(".stage"), quote = find(".quote");
const drawButton = find(".draw"), text = find(".text"), thumbs = find(".thumbs"), goTo = find(".goto"), search = find(".find");
const SVG = "http://www.w3.org/2000/svg";
let view = null, zoom = 1, drawing = false, from = null, drawn = null, opener = null, toMark = false;

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
    const label = shape("text", { x: Math.max(size * 0.3, x0 - size * 0.9), y: y0 + size * 0.9, "font-size": size }, group);
    label.textContent = marked.label;
  }
  return group;
}

function scrollTo(top) {
  stage.scrollTop = Math.max(0, (top / view.height) * sheet.clientHeight - stage.clientHeight / 3);
}

// The parts that the next question is about, on this page.
function markChosen() {
  const parts = [...document.querySelectorAll("#chips [data-region]")];
  drawButton.textContent = parts.length ? "▭ Mark another part" : "▭ Ask about a part";
  overlay.querySelectorAll(".chosen").forEach((one) => one.remove());
  if (!view) return;
  parts.forEach((part, n) => {
    if (part.dataset.document !== view.document || +part.dataset.page !== view.page) return;
    const box = part.dataset.region.split(",").map(Number);
    mark({ kind: "chosen", boxes: [box], label: parts.length > 1 ? String(n + 1) : "" });
  });
  if (drawn && !from && !keyed) { drawn.remove(); drawn = null; }
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
  if (!drawing) keyed = null;
}

// The page's lines over its picture, invisible, so that they can be selected and copied.
function layText() {
  const scale = sheet.clientWidth / view.width;
  text.replaceChildren(...(view.lines ?? []).map(([words, x0, y0, x1, y1]) => {
    const line = document.createElement("span");
    line.textContent = words + " ";
    Object.assign(line.style, { left: 100 * x0 / view.width + "%", top: 100 * y0 / view.height + "%", fontSize: (y1 - y0) * scale * 0.8 + "px" });
    line.dataset.width = (x1 - x0) * scale;
    return line;
  }));
  [...text.children].forEach((line) => {
    line.style.transform = "scaleX(" + line.dataset.width / Math.max(1, line.offsetWidth) + ")";
  });
}

function fillThumbs() {
  if (thumbs.hidden || thumbs.dataset.document !== view.document) {
    thumbs.dataset.document = view.document;
    thumbs.replaceChildren(...(thumbs.hidden || !view.drawable ? [] : Array.from({ length: view.pages }, (_, n) => {
      const button = document.createElement("button"), picture = document.createElement("img"), number = document.createElement("span");
      Object.assign(picture, { loading: "lazy", alt: "", src: "/pictures/pages/" + view.document + "/" + n + ".webp?width=120" });
      number.textContent = n + 1;
      button.type = "button";
      button.ariaLabel = "Page " + (n + 1);
      button.append(picture, number);
      button.addEventListener("click", () => go(n));
      return button;
    })));
  }
  [...thumbs.children].forEach((one, n) => one.toggleAttribute("aria-current", n === view.page));
  thumbs.children[view.page]?.scrollIntoView({ block: "nearest" });
}

function focusOn(index) {
  const groups = [...overlay.querySelectorAll(".mark")];
  groups.forEach((group, n) => group.classList.toggle("meant", n === index));
  const meant = view.marks[index];
  view.meant = index;
  quote.textContent = view.note || (meant && meant.quote) || "";
  quote.hidden = !quote.textContent;
  scrollTo(meant && meant.boxes.length ? meant.boxes[0][1] : 0);
}

// What was pressed last; a narrow screen hides it with its panel, so that it has the focus no more when the page comes.
const OPENERS = "#past [data-open], #live [data-open], #panel [data-open], #shelf [data-open], #queue [data-open], #chips [data-region]";
let last = null;
document.addEventListener("click", (event) => { last = event.target.closest(OPENERS); }, true);

function show() {
  const before = view, focused = document.activeElement;
  const pressed = focused === document.body ? last : focused?.closest(OPENERS);
  last = null;
  view = props.value;
  viewer.classList.toggle("shown", !!view);
  document.body.classList.toggle("page-shown", !!view);
  if (!view) {
    viewer.classList.remove("full");
    if (before && opener?.isConnected) {
      octavoPanel(["documents", "evidence"].find((name) => opener.closest(`#${name}-panel`)) ?? "chat");
      opener.focus();
    }
    return;
  }
  if (pressed) { opener = pressed; stage.focus({ preventScroll: true }); }
  setDrawing(false);
  if (!before || before.document !== view.document) { setZoom(1); search.value = ""; }
  find(".title").textContent = find(".title").title = view.name;
  if (document.activeElement !== goTo) goTo.value = view.page + 1;
  find(".where").textContent = "of " + view.pages;
  find(".found").textContent = view.message ?? "";
  find(".original").hidden = !view.drawable;
  find(".original").href = "/files/" + view.document;
  find('[data-do="next"]').hidden = !(view.marked ?? []).length;
  search.hidden = !view.drawable;
  find('[data-do="back"]').disabled = view.page === 0;
  find('[data-do="forth"]').disabled = view.page + 1 >= view.pages;
  drawButton.hidden = !view.drawable;
  sheet.style.aspectRatio = view.width + " / " + view.height;
  overlay.setAttribute("viewBox", "0 0 " + view.width + " " + view.height);
  overlay.replaceChildren();
  if (view.picture) image.src = view.picture; else image.removeAttribute("src");
  image.alt = view.name + ", page " + (view.page + 1);
  view.marks.forEach(mark);
  const meant = view.marks.findIndex((one) => one.meant);
  focusOn(meant < 0 && toMark ? 0 : meant);
  toMark = false;
  if (pressed?.dataset.region) scrollTo(+pressed.dataset.region.split(",")[1]);
  layText();
  fillThumbs();
  drawn = null;
  markChosen();
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
  if (!event.shiftKey) setDrawing(false);
  const isPoint = box[2] - box[0] < 3 && box[3] - box[1] < 3;  // a press: the element under it
  askAbout(isPoint ? [box[0], box[1], box[0], box[1]] : box, event.shiftKey);
});
function askAbout(box, goesOn) {
  trigger("drawn", { document: view.document, page: view.page, box });
  if (goesOn) return;
  if (viewer.classList.contains("full")) full();
  octavoPanel("chat");
  document.querySelector("#question textarea").focus();
}
// By keys: arrows move a box, with Shift they change its size, and Enter asks about what is in it; with Shift, Enter marks it and goes on.
let keyed = null;
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
function showKeyed() {
  const [x, y, width, height] = keyed;
  if (!drawn) drawn = shape("rect", { class: "drawn" }, overlay);
  Object.entries({ x, y, width, height }).forEach(([key, value]) => drawn.setAttribute(key, value));
  const top = y / view.height * sheet.clientHeight;
  if (top < stage.scrollTop || top > stage.scrollTop + stage.clientHeight * 0.7) stage.scrollTop = top - stage.clientHeight / 3;
}
function drawByKey(event) {
  const step = STEPS[event.key];
  if (!keyed || (!step && event.key !== "Enter")) return;
  event.preventDefault();
  event.stopPropagation();
  if (!step) {
    const [x, y, width, height] = keyed;
    if (!event.shiftKey) setDrawing(false);
    askAbout([x, y, x + width, y + height], event.shiftKey);
    return;
  }
  const within = (value, least, most) => Math.min(most, Math.max(least, value));
  const [x, y, width, height] = keyed, by = view.width / 40;
  keyed = event.shiftKey
    ? [x, y, within(width + by * step[0], by, view.width - x), within(height + by * step[1], by, view.height - y)]
    : [within(x + by * step[0], 0, view.width - width), within(y + by * step[1], 0, view.height - height), width, height];
  showKeyed();
}
stage.addEventListener("wheel", (event) => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  setZoom(zoom * (event.deltaY < 0 ? 1.15 : 1 / 1.15));
}, { passive: false });

const leaf = (step) => {
  if (view && view.page + step >= 0 && view.page + step < view.pages) trigger("leaf", { document: view.document, page: view.page, step });
};
const go = (page) => leaf(page - view.page);
const close = () => {
  if (drawing) { setDrawing(false); drawn?.remove(); drawn = null; }
  else if (viewer.classList.contains("full")) full();
  else trigger("closed");
};
const full = () => {
  const on = viewer.classList.toggle("full");
  find('[data-do="full"]').setAttribute("aria-pressed", String(on));
  layText();
};
const next = () => {
  const marked = view.marked ?? [], here = view.marks.length;
  if (here && (view.meant ?? -1) + 1 < here) { focusOn((view.meant ?? -1) + 1); return; }
  const page = marked.find((one) => one > view.page) ?? marked[0];
  if (page === view.page) focusOn(0); else if (page !== undefined) { toMark = true; go(page); }
};
const look = (step) => trigger("find", { document: view.document, text: search.value, step });
const nextHit = () => {
  const hits = view.marks.map((one, n) => (one.kind === "hit" ? n : -1)).filter((n) => n >= 0);
  const further = hits.find((n) => n > (view.meant ?? -1));
  if (search.value === searched && further !== undefined && hits.length) focusOn(further);
  else { look(search.value === searched ? 1 : 0); searched = search.value; }
};
let searched = "";
search.addEventListener("keydown", (event) => {
  if (event.key === "Enter") { event.preventDefault(); nextHit(); }
});
search.addEventListener("search", () => { if (!search.value && searched) { searched = ""; look(0); } });
goTo.addEventListener("keydown", (event) => {
  const page = parseInt(goTo.value, 10);
  if (event.key !== "Enter" || !(page >= 1)) return;
  event.preventDefault();
  goTo.blur();
  go(Math.min(page, view.pages) - 1);
});
stage.addEventListener("keydown", (event) => {
  if (drawing) drawByKey(event);
});
new ResizeObserver(() => { if (view) layText(); }).observe(sheet);
const actions = {
  full, next,
  thumbs: () => {
    thumbs.hidden = !thumbs.hidden;
    find('[data-do="thumbs"]').setAttribute("aria-pressed", String(!thumbs.hidden));
    delete thumbs.dataset.document;
    fillThumbs();
  },
  back: () => leaf(-1), forth: () => leaf(1), smaller: () => setZoom(zoom / 1.25), larger: () => setZoom(zoom * 1.25),
  fit: () => setZoom(1), draw: (byKey) => {
    setDrawing(!drawing);
    if (!drawing || !byKey) return;
    keyed = [0.1 * view.width, 0.1 * view.height, 0.8 * view.width, 0.2 * view.height];
    showKeyed();
    stage.focus({ preventScroll: true });
    octavoSay("A box is on the page: arrows move it, with Shift they change its size, Enter asks about it, and Shift with Enter marks it and goes on.");
  }, close,
};
viewer.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-do]");
  if (pressed) actions[pressed.dataset.do](event.detail === 0);  // a key has pressed it
});
viewer.addEventListener("escape", close);
viewer.addEventListener("leaf", (event) => leaf(event.detail));
new MutationObserver(markChosen).observe(document.querySelector("#chips"), { childList: true, subtree: true });
watch("value", show);
show();
