// Panels on a narrow screen, and keys that work wherever the reader is.
window.octavoPanel = (name) => {
  document.body.dataset.panel = name;
  document.querySelectorAll("#tabs [data-panel]").forEach((tab) => {
    tab.setAttribute("aria-selected", String(tab.dataset.panel === name));
  });
};
document.addEventListener("click", (event) => {
  const tab = event.target.closest("#tabs [data-panel]");
  if (tab) octavoPanel(tab.dataset.panel);
});
document.addEventListener("keydown", (event) => {
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
octavoPanel("chat");
