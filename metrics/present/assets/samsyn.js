// Makes the framework speak Swedish, keeps links inside the running session, and copies links.
(() => {
  if (window.samsyn) return;
  window.samsyn = true;
  const words = __WORDS__;
  const patterns = __PATTERNS__.map(([pattern, text]) => [new RegExp(pattern), text]);
  const attributes = ["aria-label", "title", "placeholder", "alt", "aria-roledescription", "aria-description"];
  const swedish = (text) => {
    const bare = text.trim();
    if (!bare) return text;
    if (Object.hasOwn(words, bare)) return text.replace(bare, words[bare]);
    for (const [pattern, said] of patterns) if (pattern.test(bare)) return text.replace(bare, bare.replace(pattern, said));
    return text;
  };
  const translateText = (node) => {
    const said = swedish(node.data);
    if (said !== node.data) node.data = said;
  };
  const translateElement = (element) => {
    for (const name of attributes) {
      const text = element.getAttribute(name);
      if (text === null) continue;
      const said = swedish(text);
      if (said !== text) element.setAttribute(name, said);
    }
  };
  const translate = (root) => {
    if (root.nodeType === Node.TEXT_NODE) return translateText(root);
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    translateElement(root);
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      node.nodeType === Node.TEXT_NODE ? translateText(node) : translateElement(node);
    }
  };
  const known = __PATHS__;
  const dismiss = (root) => {
    // Nobody is told that a registered address does not exist, whatever the framework believes while a server starts.
    const dialog = root.closest?.("[role='dialog']") || root.querySelector?.("[role='dialog']");
    if (!dialog || !/Page not found|Sidan finns inte/.test(dialog.textContent)) return;
    const asked = location.pathname.split("/").pop();
    if (asked && known.includes(asked)) dialog.querySelector("button")?.click();
  };
  // A choice draws the page anew, its own box with it: the reader keeps her place.
  let chosen = "";
  const keepFocus = () => {
    if (!chosen || document.activeElement !== document.body) return;
    document.querySelector(`[data-part="${chosen}"]`)?.focus({ preventScroll: true });
  };
  document.documentElement.lang = "sv";
  translate(document.body);
  [0, 300, 1000, 3000].forEach((wait) => setTimeout(() => dismiss(document.body), wait));
  new MutationObserver((changes) => {
    keepFocus();
    for (const change of changes) {
      if (change.type === "characterData") translateText(change.target);
      else if (change.type === "attributes") translateElement(change.target);
      else change.addedNodes.forEach((node) => { translate(node); if (node.nodeType === 1) dismiss(node); });
    }
    if (document.documentElement.lang !== "sv") document.documentElement.lang = "sv";
  }).observe(document.documentElement, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: [...attributes, "lang"],
  });
  const go = (address, stay = false) => {
    history.pushState({}, "", address);
    window.dispatchEvent(new PopStateEvent("popstate"));
    if (stay) return;
    chosen = "";
    document.querySelector("[data-testid='stMain']")?.scrollTo(0, 0);
  };
  let waiting = 0;
  document.addEventListener("change", (event) => {
    const box = event.target.closest?.("[data-part]");
    if (!box) return;
    const parts = new URLSearchParams(location.search);
    const value = box.type === "checkbox" ? (box.checked ? "ja" : "") : box.value;
    value ? parts.set(box.dataset.part, value) : parts.delete(box.dataset.part);
    chosen = box.dataset.part;
    clearTimeout(waiting);
    // Arrow keys pass every option on the way: wait until the reader has stopped at one.
    waiting = setTimeout(() => go(`${location.pathname}?${parts}`, true), box.type === "checkbox" ? 0 : 250);
  });
  const fetchFile = async (anchor) => {
    if (anchor.getAttribute("aria-busy")) return;
    const label = anchor.textContent;
    const say = (text) => { anchor.textContent = text; };
    anchor.setAttribute("aria-busy", "true");
    anchor.setAttribute("aria-live", "polite");
    const making = "Filen görs i ordning …";
    const far = anchor.href.slice(0, anchor.href.lastIndexOf("/"));
    const ask = async () => {
      const done = await fetch(far).then((answer) => (answer.ok ? answer.text() : ""), () => "");
      if (!anchor.getAttribute("aria-busy")) return;
      if (done) say(`${making} ${10 * Math.floor(done / 10)}\u00a0%`);
      slow = setTimeout(ask, 700);
    };
    let slow = setTimeout(() => { say(making); slow = setTimeout(ask, 600); }, 400);
    try {
      const answer = await fetch(anchor.href);
      if (!answer.ok) throw new Error(await answer.text());
      const file = Object.assign(document.createElement("a"), {
        href: URL.createObjectURL(await answer.blob()), download: decodeURIComponent(anchor.pathname.split("/").pop()),
      });
      file.click();
      setTimeout(() => URL.revokeObjectURL(file.href), 60000);
      clearTimeout(slow);
      say(label);
    } catch (problem) {
      clearTimeout(slow);
      say(problem.message || "Filen gick inte att hämta.");
    }
    anchor.removeAttribute("aria-busy");
  };
  document.addEventListener("click", (event) => {
    const anchor = event.target.closest?.("a[href]");
    if (!anchor || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    if (anchor.classList.contains("sy-skip")) {
      event.preventDefault();
      document.getElementById(anchor.hash.slice(1))?.focus();
      return;
    }
    const inside = anchor.closest("[data-testid='stHtml'], .stHtml");
    if (!inside || anchor.target === "_blank" || anchor.origin !== location.origin || anchor.hash) return;
    event.preventDefault();
    if (anchor.classList.contains("sy-file")) { fetchFile(anchor); return; }
    if (anchor.classList.contains("sy-copy")) {
      navigator.clipboard?.writeText(location.href);
      anchor.textContent = "Länken är kopierad";
      return;
    }
    go(anchor.href);
  });
  document.addEventListener("submit", (event) => {
    const box = event.target.closest?.(".sy-find")?.querySelector("input");
    if (!box) return;
    event.preventDefault();
    const asked = box.value.trim();
    if (!asked) return;
    const release = new URLSearchParams(location.search).get("utgava");
    box.value = "";
    go(`./?${new URLSearchParams(release ? { sok: asked, utgava: release } : { sok: asked })}`);
  });
})();
