// What is pressed inside becomes an event with the data of the pressed element: 'retry' where it asks again, else 'open'.
element.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-open]");
  if (!pressed) return;
  if (pressed.dataset.ask && !window.confirm(pressed.dataset.ask)) return;
  const what = pressed.dataset.open;
  if (["cite", "page", "used", "looked", "evidence"].includes(what)) octavoPanel("evidence");
  if (["anyway", "retry"].includes(what)) trigger("retry", { ...pressed.dataset });
  else trigger("open", { ...pressed.dataset });
});
