// Once a second the chat's state is asked for, a few bytes: its first word differs when the lists have changed, its
// second when only what is being read has; then the queue alone is made anew.
let state = null;
const look = async () => {
  if (document.hidden || document.activeElement?.closest(".choices input")) return;  // a password or a name is being typed
  const answer = await fetch("/state").catch(() => null);
  const now = answer && answer.ok ? await answer.text() : state;
  if (state !== null && now !== state) trigger(now.split(" ")[0] === state.split(" ")[0] ? "progressed" : "changed");
  state = now;
};
setInterval(look, 1000);
