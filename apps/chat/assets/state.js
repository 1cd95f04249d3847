// Once a second the chat's state is asked for, a few bytes; when it has changed, the lists are made anew.
let state = null;
const look = async () => {
  if (document.hidden || document.activeElement?.closest("#shelf input")) return;  // a password is being typed
  const answer = await fetch("/state").catch(() => null);
  const now = answer && answer.ok ? await answer.text() : state;
  if (state !== null && now !== state) trigger("changed");
  state = now;
};
setInterval(look, 1000);
