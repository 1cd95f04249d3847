// The end of the conversation stays in sight while it grows, until the reader scrolls up.
const thread = document.querySelector("#thread"), past = document.querySelector("#past");
let stays = true, last = 0, shown = null, wasGoing = false;
thread.addEventListener("scroll", () => {
  const atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 40;
  if (atEnd) stays = true;
  else if (thread.scrollTop < last) stays = false;
  last = thread.scrollTop;
});
const follow = () => { if (stays) thread.scrollTop = thread.scrollHeight; };
new ResizeObserver(follow).observe(element);
new ResizeObserver(follow).observe(past);
const asked = (event) => { if (event.target.closest("#question")) stays = true; };
document.addEventListener("keydown", asked);
document.addEventListener("click", asked);
// What is written for a conversation that is not on the screen any more is not shown.
const look = () => {
  const turn = element.querySelector(".turn")?.dataset ?? null;
  const stale = !!turn && turn.conversation !== past.querySelector(".shown")?.dataset.conversation;
  document.querySelector("#live").toggleAttribute("data-stale", stale);
  const now = turn && !stale ? `${turn.conversation} ${turn.turn}` : null;
  if (now !== null && now !== shown) trigger("asked");
  shown = now;
  const going = !!element.querySelector(".turn.going");
  if (going && !wasGoing) octavoSay("Looking for an answer.");
  if (!going && wasGoing && !stale) octavoSay(element.querySelector(".answer, .error")?.innerText ?? "");
  wasGoing = going;
};
for (const one of [element, past]) new MutationObserver(look).observe(one, { subtree: true, childList: true });
