// The end of the conversation stays in sight while an answer grows, unless the reader has scrolled up.
const thread = document.querySelector("#thread");
let last = "";
watch("value", () => {
  const isNew = !last && props.value;
  const near = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 160;
  last = props.value;
  if (isNew || near) thread.scrollTop = thread.scrollHeight;
});
