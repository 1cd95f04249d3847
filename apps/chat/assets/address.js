// The page's address names the conversation on the screen, once something was asked in it; back opens the one before.
const inAddress = () => new URLSearchParams(window.location.search).get("conversation") ?? "";
let isFirstAddress = true;
const nameAddress = () => {
  const onScreen = past.querySelector(".shown");
  if (!onScreen) return;
  const isBegun = past.querySelector(".turn") || element.querySelector(".turn");
  const wanted = isBegun ? onScreen.dataset.conversation : "", address = new URL(window.location.href);
  if (wanted !== inAddress()) {
    if (wanted) address.searchParams.set("conversation", wanted); else address.searchParams.delete("conversation");
    window.history[isFirstAddress ? "replaceState" : "pushState"](null, "", address);
  }
  isFirstAddress = false;
};
for (const one of [element, past]) new MutationObserver(nameAddress).observe(one, { subtree: true, childList: true });
window.addEventListener("popstate", () => {
  const listed = [...document.querySelectorAll("#talks .talk")].find((one) => one.dataset.conversation === inAddress());
  if (listed) listed.click(); else window.location.reload();
});
