// What stood in the box is taken out once it has been asked; what was typed since stays.
(box) => {
  const asked = document.querySelector("#live .asked > .words")?.innerText ?? "";
  const same = (box?.text ?? "").trim().replace(/\s+/g, " ") === asked.trim().replace(/\s+/g, " ");
  return same ? { text: "", files: [] } : box;
}
