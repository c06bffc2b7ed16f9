// Puts the chosen theme on the page before it is painted. Alpine's persisted value is JSON.
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return JSON.parse(localStorage.getItem("adminTheme") || '"auto"');
    } catch {
      return "auto";
    }
  };
  const paint = () => {
    const theme = chosen();
    root.classList.toggle("dark", theme === "dark" || (theme === "auto" && dark.matches));
  };
  paint();
  dark.addEventListener("change", paint);
})();
