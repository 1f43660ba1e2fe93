// Keeps what is marked data-live fresh, every five seconds while the page is looked at. Without it, reload.
"use strict";
(function () {
  const parts = document.querySelectorAll("[data-live][id]");
  if (parts.length === 0 || location.search.includes("before=")) return;
  async function refresh() {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of parts) {
        const fresh = page.getElementById(part.id);
        const busy = part.contains(document.activeElement) && document.activeElement !== document.body;
        if (fresh && !busy && fresh.innerHTML !== part.innerHTML) part.innerHTML = fresh.innerHTML;
      }
      const footer = page.querySelector("footer"), own = document.querySelector("footer");
      if (footer && own) own.innerHTML = footer.innerHTML;
    } catch { /* The office is stopping or busy: the page stays as it is, with its hour on it. */ }
  }
  setInterval(refresh, 5000);
})();
