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
  text.querySelectorAll(".foot, .problem, .actions").forEach((one) => one.remove());
  text.querySelectorAll(".cite").forEach((one) => one.replaceWith("[" + one.textContent.trim() + "]"));
  text.querySelectorAll("tr, p, li").forEach((one) => one.append("\n"));
  text.querySelectorAll("td, th").forEach((one) => one.append("\t"));
  return text.textContent.replace(/[ \t]+\n/g, "\n").replace(/\n{3,}/g, "\n\n").trim();
};
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
// Menus that are unfolded stay so when their list is made anew.
const unfolded = new Set();
const unfold = () => document.querySelectorAll('[data-open="menu"]').forEach((one) => {
  const isOn = unfolded.has(one.dataset.key);
  if (one.getAttribute("aria-expanded") === String(isOn)) return;
  one.setAttribute("aria-expanded", String(isOn));
  one.nextElementSibling.hidden = !isOn;
});
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
    pressed.textContent = "Copied";
    setTimeout(() => { pressed.textContent = "Copy"; }, 1500);
  },
  copyLink: (pressed) => {
    toClipboard(pressed.parentElement.querySelector("a").href);
    pressed.textContent = "Copied";
    setTimeout(() => { pressed.textContent = "Copy it"; }, 1500);
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
// Landmarks, and times as they are said here.
const dress = () => {
  unfold();
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
const widen = (width) => document.body.style.setProperty("--evidence", Math.min(window.innerWidth - 420, Math.max(340, width)) + "px");
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
