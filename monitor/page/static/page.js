// Keeps the page as the server has it: parts are exchanged where they changed, new marks are put on top.
(() => {
  "use strict";
  const live = document.getElementById("live");
  const line = document.getElementById("line");
  const marks = document.getElementById("marks");
  const most = 300;

  // Only what differs is touched, so that focus, scroll and pictures stay.
  const settle = (old, fresh) => {
    if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || old.id !== fresh.id) {
      old.replaceWith(fresh);
      return;
    }
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
      return;
    }
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    children(old, fresh);
  };

  const children = (old, fresh) => {
    const wanted = new Set([...fresh.children].map((child) => child.id).filter(Boolean));
    for (const child of [...old.children]) if (child.id && !wanted.has(child.id)) child.remove();
    let at = old.firstChild;
    for (const child of [...fresh.childNodes]) {
      const known = child.id ? [...old.children].find((one) => one.id === child.id) : at;
      if (!known || (at && at.id && !child.id)) {
        old.insertBefore(child, at);
      } else {
        const next = known === at ? at.nextSibling : at;
        if (known !== at) old.insertBefore(known, at);
        settle(known, child);
        at = next;
      }
    }
    while (at) {
      const next = at.nextSibling;
      at.remove();
      at = next;
    }
  };

  const parsed = (html) => {
    const holder = document.createElement("div");
    holder.innerHTML = html;
    return holder;
  };

  const fits = (mark) =>
    (!marks.dataset.role || mark.dataset.role === marks.dataset.role) &&
    (!marks.dataset.outcome || mark.dataset.outcome === marks.dataset.outcome);

  const sift = () => { for (const mark of marks.children) mark.hidden = !fits(mark); };

  const put = (html) => {
    const mark = parsed(html).firstElementChild;
    if (Number(mark.dataset.id) <= Number(live.dataset.place)) return;
    live.dataset.place = mark.dataset.id;
    mark.hidden = !fits(mark);
    marks.prepend(mark);
    if (marks.children.length > most) marks.lastElementChild.remove();
  };

  if (marks) {
    for (const name of ["role", "outcome"]) {
      document.getElementById(`f-${name}`).addEventListener("change", (event) => {
        marks.dataset[name] = event.target.value;
        sift();
      });
    }
    sift();
  }

  if (!live || !window.EventSource || "over" in live.dataset) return;
  const place = live.dataset.place;
  const address = place === undefined ? live.dataset.stream : `${live.dataset.stream}?after=${place}&seen=${live.dataset.digest}`;
  const source = new EventSource(address);
  source.onopen = () => { line.textContent = ""; };
  source.onerror = () => { line.textContent = "The server does not answer just now; this page goes on by itself when it does."; };
  source.onmessage = ({ data }) => {
    const told = JSON.parse(data);
    for (const [name, html] of Object.entries(told.parts)) {
      const part = document.getElementById(`part-${name}`);
      if (part) children(part, parsed(html));
    }
    for (const html of told.marks) put(html);
    live.dataset.turns = Number(live.dataset.turns || 0) + 1;
    if (told.over) {
      source.close();
      line.textContent = "This run is over.";
    }
  };
})();
