// What is pressed inside becomes an event with the data of the pressed element: 'retry' where it asks, 'rated' where it
// judges an answer, 'dropped' where it takes something from the next question, else 'open'.
element.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-open]");
  if (!pressed) return;
  const data = { ...pressed.dataset };
  if (octavoLocal[data.open]) {
    const more = octavoLocal[data.open](pressed);
    if (!more) return;
    Object.assign(data, more);
  }
  if (data.ask && !window.confirm(data.ask)) return;
  if (data.reads) {
    data[data.reads] = pressed.parentElement.querySelector("input").value;
    octavoFold(pressed.closest(".field"));
  }
  if (["cite", "page", "used", "looked", "evidence"].includes(data.open)) octavoPanel("evidence");
  if (["conversation", "suggested"].includes(data.open)) octavoPanel("chat");
  if (data.open === "concept") document.querySelector("#concept-name :is(input, textarea)").focus();
  if (data.open === "suggested") data.conversation = document.querySelector("#past .shown").dataset.conversation;
  const events = { anyway: "retry", retry: "retry", suggested: "retry", rate: "rated", remark: "rated", unmark: "dropped", unscope: "dropped" };
  trigger(events[data.open] ?? "open", data);
});
element.addEventListener("keydown", (event) => {
  if (!event.target.matches("input")) return;
  if (event.key === "Escape") octavoFold(event.target.closest(".field"));
  if (event.key !== "Enter") return;
  event.preventDefault();
  event.target.closest(".remark, .choices").querySelector("[data-open]").click();
});
