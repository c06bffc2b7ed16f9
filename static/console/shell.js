// What Unfold's templates keep in inline expressions, as named Alpine components: the CSP build of
// Alpine evaluates no code. Loaded after Unfold's app.js and before Alpine starts.
document.addEventListener("alpine:init", () => {
  for (const name of ["theme", "searchForm", "searchDropdown"]) {
    if (window[name]) Alpine.data(name, (...values) => window[name](...values));
  }
  Alpine.data("shell", () => ({
    activeTab: "",
    sidebarDesktopOpen: true,
    init() {
      const first = this.$el.dataset.activeTab;
      this.activeTab = first ? getCurrentTab() || first : "";
    },
    get tabAction() {
      const tab = this.activeTab && this.activeTab !== "general" ? `#${this.activeTab}` : "";
      return location.pathname + location.search + tab;
    },
  }));
});
