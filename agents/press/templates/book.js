(() => {
  "use strict";
  const wide = matchMedia("(min-width: 1000px) and (min-aspect-ratio: 5 / 4)");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const root = document.documentElement;
  const book = document.querySelector(".book");
  const turn = document.querySelector(".turn");
  const where = turn.querySelector(".where");
  const back = turn.querySelector(".back");
  const on = turn.querySelector(".on");
  const spreads = [...document.querySelectorAll(".spread")];
  const sheets = [...document.querySelectorAll(".sheet")];
  const moving = ["leaving", "backwards", "turn-away", "turn-here", "on-top", "between", "below"];
  let sheet = 0; // the sheet that is read, also when the window changes its shape
  let settle = null;

  const spreadOf = (at) => sheets[at].closest(".spread");
  const numbers = (list) => list.map((one) => one.id.replace("sheet-", "")).filter((name) => name !== "cover");

  const stops = () => (wide.matches ? spreads.map((spread) => sheets.indexOf(spread.querySelector(".sheet"))) : sheets.map((_, at) => at));
  const place = () => {
    const places = stops();
    return places.findLastIndex((at) => at <= sheet);
  };

  const said = () => {
    const shown = wide.matches ? [...spreadOf(sheet).querySelectorAll(".sheet")] : [sheets[sheet]];
    const names = numbers(shown);
    if (!names.length) return "Cover";
    return `${names.length > 1 ? "Pages" : "Page"} ${names.join(" and ")} of ${turn.dataset.sheets}`;
  };

  const wake = (spread) => spread?.querySelectorAll("img[loading]").forEach((image) => image.removeAttribute("loading"));

  const show = () => {
    root.classList.add("turning");
    root.classList.toggle("turning-wide", wide.matches);
    root.classList.toggle("turning-narrow", !wide.matches);
    const now = spreadOf(sheet);
    spreads.forEach((spread) => spread.classList.toggle("now", spread === now));
    sheets.forEach((one, at) => one.classList.toggle("now", at === sheet));
    book.classList.toggle("closed", now.classList.contains("front"));
    const at = spreads.indexOf(now);
    [now, spreads[at + 1], spreads[at - 1]].forEach(wake);
    const last = stops().length - 1;
    back.disabled = place() === 0;
    on.disabled = place() === last;
    where.textContent = said();
  };

  const still = () => {
    clearTimeout(settle);
    document.querySelectorAll(moving.map((name) => `.${name}`).join()).forEach((one) => one.classList.remove(...moving));
  };

  // The leaf between two openings: its front turns away while its back turns here.
  const animate = (from, to, forward) => {
    from.classList.add("leaving");
    const side = (spread, name) => spread.querySelector(name);
    const away = side(from, forward ? ".recto, .cover" : ".verso");
    const here = side(to, forward ? ".verso" : ".recto, .cover");
    const stays = side(from, forward ? ".verso" : ".recto");
    const under = side(to, forward ? ".recto" : ".verso");
    away?.classList.add("turn-away", "on-top");
    here?.classList.add("turn-here", "on-top");
    stays?.classList.add("between");
    under?.classList.add("below");
    if (!forward) [away, here].forEach((one) => one?.classList.add("backwards"));
    settle = setTimeout(still, 920);
  };

  const go = (choose) => {
    const places = stops();
    const before = place();
    const at = Math.min(Math.max(choose(before, places.length - 1), 0), places.length - 1);
    if (at === before) return;
    still();
    const from = spreadOf(sheet);
    sheet = places[at];
    show();
    if (!wide.matches) scrollTo(0, 0);
    else if (!calm.matches) animate(from, spreadOf(sheet), at > before);
  };
  const next = () => go((at) => at + 1);
  const previous = () => go((at) => at - 1);

  const keys = {
    ArrowRight: next,
    ArrowLeft: previous,
    PageDown: next,
    PageUp: previous,
    Home: () => go(() => 0),
    End: () => go((_, last) => last),
  };
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });
  back.addEventListener("click", previous);
  on.addEventListener("click", next);
  book.addEventListener("click", (event) => {
    if (!wide.matches || String(getSelection())) return;
    (event.clientX > innerWidth / 2 ? next : previous)();
  });

  let touch = null;
  addEventListener("touchstart", (event) => {
    touch = event.touches.length === 1 ? event.touches[0] : null;
  }, { passive: true });
  addEventListener("touchend", (event) => {
    if (!touch) return;
    const { clientX, clientY } = event.changedTouches[0];
    const [across, down] = [clientX - touch.clientX, clientY - touch.clientY];
    touch = null;
    if (Math.abs(across) > 48 && Math.abs(across) > 1.5 * Math.abs(down)) (across < 0 ? next : previous)();
  }, { passive: true });

  wide.addEventListener("change", () => { still(); show(); });
  turn.hidden = false;
  show();
})();
