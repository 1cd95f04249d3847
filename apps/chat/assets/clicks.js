// What is pressed inside becomes an event with the data of the pressed element: 'retry' where it asks, else 'open'.
element.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-open]");
  if (!pressed) return;
  const data = { ...pressed.dataset };
  if (octavoLocal[data.open]) { octavoLocal[data.open](pressed); return; }
  if (data.ask && !window.confirm(data.ask)) return;
  if (data.prompt) {
    data.text = window.prompt(data.prompt, data.text);
    if (!data.text) return;
  }
  if (data.reads) data[data.reads] = pressed.parentElement.querySelector("input").value;
  if (["cite", "page", "used", "looked", "evidence"].includes(data.open)) octavoPanel("evidence");
  if (["talk", "suggested"].includes(data.open)) octavoPanel("chat");
  if (data.open === "suggested") data.conversation = document.querySelector("#past .shown").dataset.conversation;
  trigger(["anyway", "retry", "suggested"].includes(data.open) ? "retry" : "open", data);
});
element.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input")) event.target.parentElement.querySelector("[data-open]").click();
});
