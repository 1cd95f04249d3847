// The end of the conversation stays in sight while it grows, until the reader scrolls up.
const thread = document.querySelector("#thread");
let stays = true, last = 0, shown = null;
thread.addEventListener("scroll", () => {
  const atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 40;
  if (atEnd) stays = true;
  else if (thread.scrollTop < last) stays = false;
  last = thread.scrollTop;
});
const follow = () => { if (stays) thread.scrollTop = thread.scrollHeight; };
new ResizeObserver(follow).observe(element);
new ResizeObserver(follow).observe(document.querySelector("#past"));
const asked = (event) => { if (event.target.closest("#question")) stays = true; };
document.addEventListener("keydown", asked);
document.addEventListener("click", asked);
new MutationObserver(() => {
  const turn = element.querySelector(".turn")?.dataset.turn ?? null;
  if (turn !== null && turn !== shown) trigger("asked");
  shown = turn;
}).observe(element, { subtree: true, childList: true });
