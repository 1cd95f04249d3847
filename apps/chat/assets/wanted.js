// The conversation that the page's address names.
() => new URLSearchParams(window.location.search).get("conversation") ?? ""
