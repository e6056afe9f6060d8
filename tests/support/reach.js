// What a page is like in this window, told by the browser itself; tests/support/reach.py asks.
window.reach = (() => {
  const TARGETS = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const APART = ".hidden-text, .camera-strip, svg";
  const shown = (one) => one.checkVisibility({ visibilityProperty: true });
  const called = (one) => {
    const words = (one.innerText || one.name || "").trim().slice(0, 30);
    return `${one.tagName.toLowerCase()}#${one.id}.${one.className} ${words}`;
  };
  const labels = (one) => [...(one.labels || [])];

  function sideways() {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const out = [...document.querySelectorAll("body *")].filter(
      (one) => shown(one) && !one.children.length && one.getBoundingClientRect().right > root.clientWidth + 1);
    return [`sideways by ${root.scrollWidth - root.clientWidth}`, ...out.map((one) => `  out: ${called(one)}`)];
  }

  function small(finger) {
    const found = [];
    for (const one of document.querySelectorAll(TARGETS)) {
      if (!shown(one) || one.closest(".skip, [aria-hidden=true]")) continue;
      const choice = one.matches("[type=checkbox], [type=radio]") && one.labels.length;
      const box = (choice ? one.labels[0] : one).getBoundingClientRect();
      if (box.width < finger - 0.5 || box.height < finger - 0.5)
        found.push(`small ${Math.round(box.width)}x${Math.round(box.height)}: ${called(one)}`);
    }
    return found;
  }

  function cut() {
    const found = [];
    for (const one of document.querySelectorAll("main *, header *, .state *")) {
      if (!shown(one) || one.closest(APART) || one.matches("input, select, textarea, img")) continue;
      const held = getComputedStyle(one).overflowX !== "visible" && !one.closest("[tabindex='0']");
      if (held && one.scrollWidth > one.clientWidth + 1) found.push(`cut: ${called(one)}`);
    }
    return found;
  }

  // How often Tab stops on this page: a group of radio buttons is one stop.
  function stops() {
    window.met = new Set();
    const groups = new Set();
    return [...document.querySelectorAll(`${TARGETS}, [tabindex='0']`)].filter((one) => {
      if (!shown(one) || one.disabled || one.tabIndex < 0) return false;
      if (one.type !== "radio") return true;
      const group = `${one.form ? one.form.action : ""} ${one.name}`;
      return groups.has(group) ? false : groups.add(group);
    }).length;
  }

  function focus() {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const again = window.met.has(one);
    window.met.add(one);
    const style = getComputedStyle(one);
    const box = one.getBoundingClientRect();
    const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
    const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
    const top = document.elementFromPoint(x, y);
    const own = [one, ...labels(one)];
    return {
      again,
      seen: !!top && (top.contains(one) || own.some((part) => part.contains(top))),
      marked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
      name: called(one),
    };
  }

  return { measure: (finger) => [...sideways(), ...small(finger), ...cut()], stops, focus };
})();
