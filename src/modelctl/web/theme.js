// @ts-check
// Not a module: it runs before the first paint, so that a dark page never flashes white.
(() => {
  const kept = (() => {
    try {
      return localStorage.getItem("modelctl.theme");
    } catch {
      return null; // storage may be forbidden
    }
  })();
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
})();
