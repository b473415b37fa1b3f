(() => {
  "use strict";
  const wide = matchMedia("(min-width: 1000px) and (min-aspect-ratio: 5 / 4)");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const turn = document.querySelector(".turn");
  const back = turn.querySelector(".back");
  const on = turn.querySelector(".on");
  const stops = () => [...document.querySelectorAll(wide.matches ? ".spread" : ".sheet")];

  const nearest = (places) => {
    const middle = innerHeight / 2;
    const gap = (place) => {
      const { top, bottom } = place.getBoundingClientRect();
      return Math.abs((top + bottom) / 2 - middle);
    };
    return places.reduce((best, place, at) => (gap(place) < gap(places[best]) ? at : best), 0);
  };

  const show = () => {
    const places = stops();
    const at = nearest(places);
    back.disabled = at === 0;
    on.disabled = at === places.length - 1;
  };

  const go = (where) => {
    const places = stops();
    const at = Math.min(Math.max(where(nearest(places), places.length - 1), 0), places.length - 1);
    const block = wide.matches || places[at].offsetHeight <= innerHeight ? "center" : "start";
    places[at].scrollIntoView({ block, behavior: calm.matches ? "auto" : "smooth" });
  };

  const keys = {
    ArrowRight: (at) => at + 1,
    ArrowLeft: (at) => at - 1,
    PageDown: (at) => at + 1,
    PageUp: (at) => at - 1,
    Home: () => 0,
    End: (_, last) => last,
  };

  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    go(keys[event.key]);
  });
  back.addEventListener("click", () => go((at) => at - 1));
  on.addEventListener("click", () => go((at) => at + 1));
  addEventListener("scroll", show, { passive: true });
  addEventListener("resize", show);
  turn.hidden = false;
  show();
})();
