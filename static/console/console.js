// The console's small behaviours. Every page also works without them: times are text, forms post,
// menus are <details>. The rules for words are those of apps/common/templatetags/_times.py.
(() => {
  "use strict";

  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const skew = Date.parse(document.body.dataset.now || "") - Date.now() || 0;
  const now = () => Date.now() + skew;

  // --- folding: on a phone, what is searched for comes before the form that searches -------------
  if (matchMedia("(max-width: 640px)").matches) {
    for (const fold of all("details[data-fold-narrow]")) fold.open = false;
  }

  // --- time ------------------------------------------------------------------------------------
  const spanInWords = (seconds) => {
    if (seconds < 60) return `${seconds} s`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
    if (seconds < 2 * 86400) return `${Math.floor(seconds / 3600)} h`;
    return `${Math.floor(seconds / 86400)} days`;
  };
  const two = (number) => String(number).padStart(2, "0");
  const clock = (left) => {
    const days = Math.floor(left / 86400);
    const hours = Math.floor((left % 86400) / 3600);
    const short = `${two(Math.floor((left % 3600) / 60))}:${two(left % 60)}`;
    const words = days || hours ? `${two(hours)}:${short}` : short;
    return days ? `${days} d ${words}` : words;
  };
  const say = (element, words) => {
    if (element.textContent !== words) element.textContent = words;
  };
  const tickMoment = (element) => {
    const seconds = Math.trunc((now() - Date.parse(element.dateTime)) / 1000);
    const span = spanInWords(Math.abs(seconds));
    say(element, seconds === 0 ? "now" : seconds > 0 ? `${span} ago` : `in ${span}`);
  };
  const tickCountdown = (element) => {
    const left = Math.trunc((Date.parse(element.dateTime) - now()) / 1000);
    if (left > 0) {
      say(element, `${clock(left)} ${element.dataset.suffix}`.trim());
      element.toggleAttribute("data-soon", left < 300);
    } else if (!element.hasAttribute("data-past")) {
      say(element, element.dataset.over);
      element.removeAttribute("data-soon");
      element.setAttribute("data-past", "");
    }
  };
  const tick = () => {
    all("[data-moment]").forEach(tickMoment);
    all("[data-countdown]").forEach(tickCountdown);
  };

  // --- theme -----------------------------------------------------------------------------------
  const storedTheme = () => {
    try {
      return JSON.parse(localStorage.getItem("adminTheme") || '"auto"');
    } catch {
      return "auto";
    }
  };
  const showTheme = () => {
    const theme = storedTheme();
    const dark = theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.classList.toggle("dark", dark);
    all("[data-theme-choice]").forEach((button) =>
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme)));
  };

  // --- the side menu ---------------------------------------------------------------------------
  const root = document.documentElement;
  const wide = matchMedia("(min-width: 1000px)");
  const showMenu = (open) => {
    root.classList.toggle("c-menu-open", open && !wide.matches);
    root.classList.toggle("c-menu-closed", !open && wide.matches);
    all("[data-menu-toggle]").forEach((button) => button.setAttribute("aria-expanded", String(open)));
  };
  const menuIsOpen = () => (wide.matches ? !root.classList.contains("c-menu-closed") : root.classList.contains("c-menu-open"));
  const toggleMenu = () => {
    const open = !menuIsOpen();
    if (wide.matches) localStorage.setItem("consoleMenu", open ? "1" : "0");
    showMenu(open);
    if (open && !wide.matches) document.querySelector(".c-sidebar a, .c-sidebar button")?.focus();
  };
  const closeNarrowMenu = () => {
    if (wide.matches || !menuIsOpen()) return;
    showMenu(false);
    document.querySelector("[data-menu-toggle]")?.focus();
  };
  const restMenu = () => showMenu(wide.matches && localStorage.getItem("consoleMenu") !== "0");

  // --- copying ---------------------------------------------------------------------------------
  const copy = async (button) => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.setAttribute("data-done", "");
    const label = button.getAttribute("aria-label");
    button.setAttribute("aria-label", "Copied");
    setTimeout(() => {
      button.removeAttribute("data-done");
      button.setAttribute("aria-label", label);
    }, 1600);
  };

  // --- asking before something dangerous -------------------------------------------------------
  const ask = (button) => {
    const dialog = document.createElement("dialog");
    dialog.className = "c-ask";
    const words = document.createElement("p");
    words.id = "c-ask-words";
    words.textContent = button.dataset.confirm;
    dialog.setAttribute("aria-labelledby", words.id);
    const row = document.createElement("div");
    row.className = "c-buttons";
    const yes = document.createElement("button");
    yes.className = "c-button c-button-danger";
    yes.textContent = button.textContent.trim() || button.title;
    const no = document.createElement("button");
    no.className = "c-button c-button-quiet";
    no.textContent = "Keep as it is";
    no.autofocus = true;
    row.append(no, yes);
    dialog.append(words, row);
    document.body.append(dialog);
    no.addEventListener("click", () => dialog.close());
    yes.addEventListener("click", () => {
      dialog.close("yes");
    });
    dialog.addEventListener("close", () => {
      const agreed = dialog.returnValue === "yes";
      dialog.remove();
      button.focus();
      if (agreed) button.form.requestSubmit(withoutQuestion(button));
    });
    dialog.showModal();
    no.focus();
  };
  const withoutQuestion = (button) => {
    button.dataset.agreed = "";
    return button;
  };

  // --- lists walked with J and K ---------------------------------------------------------------
  // [data-list] holds [data-item]s. J and K move, Enter follows the item's [data-open] link, and
  // any other key presses the [data-key] control of the item in focus, or of the page.
  const typing = (target) => target.closest("input, textarea, select, [contenteditable], dialog");
  const walk = (step) => {
    const items = all("[data-list] [data-item]");
    if (!items.length) return false;
    const at = items.findIndex((item) => item.contains(document.activeElement));
    const next = items[Math.min(items.length - 1, Math.max(0, at + step))];
    next.tabIndex = -1;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    return true;
  };
  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") {
      if (walk(key === "j" ? 1 : -1)) event.preventDefault();
      return;
    }
    const item = document.activeElement?.closest("[data-item]");
    if (key === "enter") {
      if (item && document.activeElement === item) item.querySelector("[data-open]")?.click();
      return;
    }
    const scope = item || document;
    const control = all("[data-key]", scope).find((one) => one.dataset.key === key);
    if (control) {
      event.preventDefault();
      control.click();
    }
  };

  // --- tables that become cards ----------------------------------------------------------------
  const labelCells = (table) => {
    const heads = all("thead th", table).map((head) => head.textContent.trim());
    all("tbody tr", table).forEach((row) => {
      row.setAttribute("role", "row");
      [...row.cells].forEach((cell, index) => {
        cell.setAttribute("role", cell.tagName === "TH" ? "rowheader" : "cell");
        if (cell.tagName === "TD" && cell.dataset.label === undefined && cell.colSpan === 1) cell.dataset.label = heads[index] || "";
      });
    });
    table.setAttribute("role", "table");
    all("tbody, thead", table).forEach((group) => group.setAttribute("role", "rowgroup"));
    all("thead tr", table).forEach((row) => row.setAttribute("role", "row"));
    all("thead th", table).forEach((head) => head.setAttribute("role", "columnheader"));
  };
  const dress = (part) => {
    all("table.c-table", part).forEach(labelCells);
    tick();
  };

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-copy], [data-theme-choice], [data-menu-toggle], [data-menu-close], [data-confirm], [data-print]");
    all("details[data-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    if (!target) return;
    if (target.dataset.copy !== undefined) copy(target);
    else if (target.dataset.themeChoice) {
      localStorage.setItem("adminTheme", JSON.stringify(target.dataset.themeChoice));
      showTheme();
    } else if (target.hasAttribute("data-menu-toggle")) toggleMenu();
    else if (target.hasAttribute("data-menu-close")) closeNarrowMenu();
    else if (target.hasAttribute("data-print")) window.print();
    else if (target.dataset.agreed === undefined && target.form?.reportValidity()) {
      event.preventDefault();
      ask(target);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = document.activeElement?.closest("details[data-menu][open]");
      if (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
      } else closeNarrowMenu();
    } else press(event);
  });
  document.addEventListener("htmx:afterSettle", (event) => dress(event.target.parentElement || document));
  // Unfold's script copies a chosen file's name into a text field of its own; ours have none.
  document.addEventListener("change", (event) => {
    if (event.target.matches("input[type=file]")) event.stopImmediatePropagation();
  }, true);
  wide.addEventListener("change", restMenu);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showTheme);

  restMenu();
  showTheme();
  dress(document);
  setInterval(tick, 1000);
})();
