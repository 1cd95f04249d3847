// Panels on a narrow screen, keys that work wherever the reader is, and what needs no server.
window.octavoPanel = (name) => {
  document.body.dataset.panel = name;
  document.querySelectorAll("#tabs [data-panel]").forEach((tab) => {
    tab.setAttribute("aria-selected", String(tab.dataset.panel === name));
  });
};
window.octavoSay = (text) => { document.querySelector("#announcer").textContent = text; };
const box = () => document.querySelector("#question textarea");
const copied = (turn) => {
  const text = turn.querySelector(".answer").cloneNode(true);
  text.querySelectorAll(".foot, .problem, .actions, .tool, .unsupported").forEach((one) => one.remove());
  text.querySelectorAll("table").forEach((one) => one.replaceWith([...one.rows].map((row) => cells(row).join("\t") + "\n").join("")));
  text.querySelectorAll("math").forEach((one) => one.replaceWith("$" + one.querySelector("annotation").textContent + "$"));
  text.querySelectorAll(".cite").forEach((one) => one.replaceWith("[" + one.textContent.trim() + "]"));
  text.querySelectorAll("p, li").forEach((one) => one.append("\n"));
  return text.textContent.replace(/[ \t]+\n/g, "\n").replace(/\n{3,}/g, "\n\n").trim();
};
const cells = (row) => [...row.cells].map((cell) => {
  const text = cell.cloneNode(true);
  text.querySelectorAll(".cite, .unsupported").forEach((one) => one.remove());
  return text.textContent.trim();
});
const asCsv = (table) => [...table.rows].map((row) => cells(row).map((text) => (
  /[",\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text
)).join(",")).join("\r\n");
const tell = (button, done) => {
  const before = button.textContent;
  button.textContent = done;
  setTimeout(() => { button.textContent = before; }, 1500);
};
// Tables and code of answers get a frame of their own width, and a button that copies them.
const frame = () => document.querySelectorAll(".answer table, .answer pre").forEach((one) => {
  if (one.parentElement.classList.contains("frame")) return;
  const around = document.createElement("div"), button = document.createElement("button"), isTable = one.matches("table");
  around.className = "frame";
  Object.assign(button, { type: "button", className: "link tool", textContent: isTable ? "Copy as CSV" : "Copy code" });
  button.dataset.open = isTable ? "csv" : "code";
  one.replaceWith(around);
  around.append(one, button);
});
const toClipboard = async (text) => {
  try { await navigator.clipboard.writeText(text); } catch {  // only a secure address has a clipboard
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
};
const verdict = (turn) => {
  const of = (name) => turn.querySelector(`.remark [name=${name}]`);
  const [document = "", page = "0"] = (of("place")?.value ?? "").split(",");
  const said = { comment: of("comment").value, expected: of("expected").value, wrong_box: of("wrong_box").checked };
  return { ...said, document, page: page || "0", rating: turn.querySelector(".thumbs-of [aria-pressed=true]")?.dataset.rating ?? "" };
};
// Menus, and fields for a name or for tags, that are unfolded stay so when their list is made anew.
const unfolded = new Set();
const unfold = () => document.querySelectorAll('[data-open="menu"]').forEach((one) => {
  const isOn = unfolded.has(one.dataset.key);
  if (one.getAttribute("aria-expanded") === String(isOn)) return;
  one.setAttribute("aria-expanded", String(isOn));
  one.nextElementSibling.hidden = !isOn;
});
window.octavoFold = (field) => {
  if (!field) return;
  const button = field.previousElementSibling;
  unfolded.delete(button.dataset.key);
  unfold();
  button.focus();
};
// What is pressed here is done without the server, unless data for it is returned.
window.octavoLocal = {
  rate: (pressed) => {
    const turn = pressed.closest(".turn"), isOn = pressed.getAttribute("aria-pressed") !== "true";
    turn.querySelectorAll(".thumbs-of button").forEach((one) => one.setAttribute("aria-pressed", String(isOn && one === pressed)));
    turn.querySelector(".remark").hidden = !isOn;
    return verdict(turn);
  },
  remark: (pressed) => {
    pressed.closest(".remark").hidden = true;
    return verdict(pressed.closest(".turn"));
  },
  copy: (pressed) => {
    toClipboard(copied(pressed.closest(".turn")));
    tell(pressed, "Copied");
  },
  csv: (pressed) => {
    toClipboard(asCsv(pressed.parentElement.querySelector("table")));
    tell(pressed, "Copied");
  },
  code: (pressed) => {
    toClipboard(pressed.parentElement.querySelector("pre").textContent);
    tell(pressed, "Copied");
  },
  copyLink: (pressed) => {
    toClipboard(pressed.parentElement.querySelector("a").href);
    tell(pressed, "Copied");
  },
  filter: (pressed) => {
    const search = document.querySelector("#find-documents textarea, #find-documents input"), word = pressed.dataset.text;
    const words = search.value.split(/\s+/).filter(Boolean), isOn = words.some((one) => one.toLowerCase() === word);
    search.value = (isOn ? words.filter((one) => one.toLowerCase() !== word) : [...words, word]).join(" ");
    search.dispatchEvent(new Event("input", { bubbles: true }));
  },
  menu: (pressed) => {
    const key = pressed.dataset.key;
    if (unfolded.has(key)) unfolded.delete(key); else unfolded.add(key);
    unfold();
    pressed.parentElement.querySelector(":scope > .field:not([hidden]) input")?.select();
  },
  edit: (pressed) => {
    octavoPanel("chat");
    box().value = pressed.closest(".turn").querySelector(".words")?.innerText ?? "";
    box().dispatchEvent(new Event("input", { bubbles: true }));
    box().focus();
  },
};
document.addEventListener("click", (event) => {
  const tab = event.target.closest("#tabs [data-panel]");
  if (tab) octavoPanel(tab.dataset.panel);
  if (event.target.closest("#new")) octavoPanel("chat");
  if (event.target.closest("#bar .new")) document.querySelector("#new").click();
  if (event.target.closest(".skip")) { event.preventDefault(); box().focus(); }
});
document.addEventListener("keydown", (event) => {
  const tab = event.target.closest("#tabs [data-panel]");
  const side = { ArrowRight: "nextElementSibling", ArrowLeft: "previousElementSibling" }[event.key];
  if (tab && side && tab[side]) { octavoPanel(tab[side].dataset.panel); tab[side].focus(); return; }
  const typing = event.target.closest("input, textarea, select, [contenteditable=true]");
  const viewer = document.querySelector("#viewer .viewer.shown");
  if (!viewer) return;
  if (event.key === "Escape") {
    viewer.dispatchEvent(new CustomEvent("escape"));
  } else if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const step = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      viewer.dispatchEvent(new CustomEvent("leaf", { detail: step }));
    }
  }
});
// On a narrow screen a finger goes from panel to panel, and on a page from page to page.
const narrow = window.matchMedia("(max-width: 860px)"), order = ["documents", "chat", "evidence"];
const goesSideways = (one) => one !== document.body && one !== null && (one.matches("input, textarea, select, .drawing")
  || (one.scrollWidth > one.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(one).overflowX)) || goesSideways(one.parentElement));
let touched = null;
document.addEventListener("touchstart", (event) => {
  const can = narrow.matches && event.touches.length === 1 && !goesSideways(event.target);
  touched = can ? { x: event.touches[0].clientX, y: event.touches[0].clientY, on: event.target } : null;
}, { passive: true });
document.addEventListener("touchend", (event) => {
  if (!touched) return;
  const x = event.changedTouches[0].clientX - touched.x, y = event.changedTouches[0].clientY - touched.y;
  const step = Math.abs(x) > 60 && Math.abs(x) > 2 * Math.abs(y) ? -Math.sign(x) : 0, viewer = touched.on.closest(".stage")?.closest(".viewer");
  touched = null;
  if (!step) return;
  if (viewer) viewer.dispatchEvent(new CustomEvent("leaf", { detail: step }));
  else octavoPanel(order[Math.min(2, Math.max(0, order.indexOf(document.body.dataset.panel) + step))]);
}, { passive: true });
// Landmarks, and times as they are said here.
const dress = () => {
  unfold();
  frame();
  const names = { "documents-panel": "Documents", "chat-panel": "Conversation", "evidence-panel": "Evidence" };
  Object.entries(names).forEach(([id, name]) => {
    const panel = document.getElementById(id);
    if (panel && !panel.hasAttribute("role")) { panel.setAttribute("role", "region"); panel.setAttribute("aria-label", name); }
  });
  document.querySelectorAll("time:not([title])").forEach((one) => {
    const at = new Date(one.dateTime), sameDay = at.toDateString() === new Date().toDateString();
    one.title = at.toLocaleString();
    one.textContent = sameDay ? at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }) : at.toLocaleDateString();
  });
  document.querySelectorAll("#thread").forEach((thread) => { thread.tabIndex = 0; thread.setAttribute("role", "log"); thread.setAttribute("aria-live", "off"); thread.setAttribute("aria-label", "Questions and answers"); });
  document.querySelectorAll("#upload button").forEach((one) => { if (!one.ariaLabel || !one.ariaLabel.includes("documents")) one.ariaLabel = "Add documents: drop files here, or press to upload"; });
};
new MutationObserver(dress).observe(document.body, { subtree: true, childList: true });
dress();
// The evidence is made wider or narrower at its edge.
const edge = document.querySelector("#edge");
const widen = (width) => {
  const pixels = Math.min(window.innerWidth - 420, Math.max(340, width));
  document.body.style.setProperty("--evidence", pixels + "px");
  edge.setAttribute("aria-valuenow", Math.round(pixels / window.innerWidth * 100));
};
edge?.addEventListener("pointerdown", (event) => {
  edge.setPointerCapture(event.pointerId);
  const move = (moved) => widen(window.innerWidth - moved.clientX);
  edge.addEventListener("pointermove", move);
  edge.addEventListener("pointerup", () => edge.removeEventListener("pointermove", move), { once: true });
});
edge?.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: 40, ArrowRight: -40 }[event.key];
  if (!step) return;
  event.stopPropagation();
  event.preventDefault();
  widen(document.getElementById("evidence-panel").offsetWidth + step);
});
octavoPanel("chat");
