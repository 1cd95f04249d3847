// Stops the answer that is seen being written.
element.addEventListener("click", (event) => {
  const seen = document.querySelector("#live .turn.going");
  if (event.target.closest("button") && seen) trigger("stopped", { ...seen.dataset });
});
