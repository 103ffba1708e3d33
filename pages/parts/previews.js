// A grid of looping films with what can be done with each. heat.js and looping.js stand in front of this file.

const TOOLS = {
  more: { text: "More like this", path: "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z" },
  less: { text: "Not this", path: "M5 11h14v2H5z" },
  remove: { text: "Take out", path: "M6 7h12l-1 13H7zm3-3h6l1 2h4v1H4V6h4z" },
  move: { text: "Move to the other side", path: "M7 7h9V4l5 4.5-5 4.5v-3H7zm10 10H8v3l-5-4.5L8 11v3h9z" },
  open: { text: "Open", path: "M14 4h6v6h-2V7.4l-8.3 8.3-1.4-1.4L16.6 6H14zM5 6h6v2H7v9h9v-4h2v6H5z" },
};
const KEYS = { Enter: "open", "+": "more", "=": "more", "-": "less", Delete: "remove", Backspace: "remove", m: "move" };
const CALM = { true: "Play the films", false: "Hold the films still" };

class Previews {
  constructor(root) {
    this.cards = new Map();
    this.picks = new Map(); // what was ticked and the page has not confirmed yet
    this.count = 0;
    this.turns = new Turns();
    this.grid = el("div", { className: "grid", role: "list", onkeydown: (event) => this.key(event) });
    this.calm = el("button", { className: "calm", type: "button", onclick: () => this.hold(!this.turns.still) });
    this.box = el("div", { className: "previews" }, this.grid, this.calm);
    root.append(this.box);
    this.hold(this.turns.still);
  }

  update(data) {
    this.data = data;
    for (const told of data.cards) {
      if (this.picks.get(told.key) === told.picked) this.picks.delete(told.key);
    }
    const kept = new Set(data.cards.map((told) => told.key));
    const active = [...this.cards.keys()].indexOf(this.active);
    const focused = this.cards.get(this.active)?.box.matches(":focus-within");
    for (const [key, card] of this.cards) {
      if (kept.has(key)) continue;
      this.turns.remove(card.loop);
      card.box.remove();
      this.cards.delete(key);
    }
    const before = this.cards;
    this.cards = new Map();
    data.cards.forEach((told, place) => {
      const card = before.get(told.key) ?? new Preview(told, this);
      this.cards.set(told.key, card);
      card.tell(told, place, data);
      if (this.grid.children[place] !== card.box) this.grid.insertBefore(card.box, this.grid.children[place] ?? null);
    });
    if (!this.cards.has(this.active)) this.stand([...this.cards.keys()][between(active, 0, Math.max(this.cards.size - 1, 0))], Boolean(focused));
    this.turns.loops = new Map([...this.cards.values()].map((card) => [card.loop.box, card.loop])); // in the order of the page
    this.turns.arrange();
    this.grid.setAttribute("aria-label", data.alt);
    this.calm.hidden = !data.cards.some((told) => told.url);
  }

  /** The one card that the tab key stops at; the arrows move on from it. */
  stand(key, focus = true) {
    this.active = key;
    for (const [name, card] of this.cards) card.reach(name === key);
    const card = this.cards.get(key);
    if (!card) return;
    if (focus) card.box.focus({ preventScroll: false });
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const card = [...this.cards.values()].find((one) => one.box.contains(event.target));
    if (!card) return;
    const onCard = event.target === card.box;
    const to = this.neighbour(card, event.key);
    if (to) this.stand(to.told.key);
    else if (event.key === " " && onCard && this.data.tools.includes("pick")) this.pick(card, !card.tick.checked);
    else if (event.key.toLowerCase() === "p" && onCard) this.hold(!this.turns.still);
    else if (KEYS[event.key] && this.data.tools.includes(KEYS[event.key]) && (onCard || event.key !== "Enter")) this.tell(KEYS[event.key], card);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  neighbour(card, key) {
    const all = [...this.cards.values()];
    const at = all.indexOf(card);
    const across = all.filter((one) => one.box.offsetTop === all[0].box.offsetTop).length || 1;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across }[key];
    if (step) return all[at + step] ?? (key === "ArrowDown" && at < all.length - 1 && Math.floor(at / across) < Math.floor((all.length - 1) / across) ? all[all.length - 1] : card);
    return { Home: all[0], End: all[all.length - 1] }[key];
  }

  hold(still) {
    this.turns.hold(still);
    this.calm.replaceChildren(CALM[still]);
    this.calm.title = "Key: P";
    this.box.dataset.still = still ? "yes" : "no";
  }

  pick(card, on) {
    card.tick.checked = on;
    card.box.dataset.picked = on ? "yes" : "no";
    this.picks.set(card.told.key, on);
    this.tell("pick", card);
  }

  /** Two quick events may reach the server as one: each says of every unconfirmed tick how it stands. */
  tell(kind, card) {
    this.count += 1;
    this.trigger("event", { kind, key: card.told.key, picks: [...this.picks], count: this.count });
  }

  close() {
    this.turns.close();
    this.box.remove();
  }
}

class Preview {
  constructor(told, all) {
    this.all = all;
    this.loop = new Loop(told);
    this.tick = el("input", { type: "checkbox", onchange: () => all.pick(this, this.tick.checked) });
    this.ticked = el("label", { className: "tick", title: "Pick (space)" }, this.tick);
    this.badges = el("div", { className: "badges" });
    this.frame = el("div", { className: "frame", onclick: (event) => this.clicked(event) }, this.loop.box, this.badges, this.ticked);
    this.title = el("span", { className: "title" });
    this.figure = el("span", { className: "figure" });
    this.lines = el("div", { className: "lines" });
    this.tools = el("div", { className: "tools" });
    this.fold = el("button", { className: "fold", type: "button", onclick: () => all.tell("fold", this) });
    this.buttons = new Map();
    this.box = el(
      "article", { className: "card", role: "listitem", onfocusin: () => this.stood() },
      this.frame, el("div", { className: "name" }, this.title, this.figure), this.lines, this.tools, this.fold,
    );
    this.box.addEventListener("pointerenter", () => all.turns.prefer(this.loop));
    all.turns.add(this.loop);
  }

  tell(told, place, data) {
    this.told = told;
    this.loop.tell(told);
    const text = (box, value) => { if (box.textContent !== value) box.textContent = value; };
    text(this.title, told.title);
    this.title.title = told.title;
    text(this.figure, told.figure);
    this.lines.replaceChildren(...told.lines.map((line) => el("div", { className: "line", title: line }, line)));
    this.badges.replaceChildren(...told.badges.map((badge) => el("span", { className: "badge" }, badge)));
    this.fold.hidden = !told.fold;
    text(this.fold, told.fold);
    const picked = this.all.picks.get(told.key) ?? told.picked;
    this.tick.checked = picked;
    this.box.dataset.picked = picked ? "yes" : "no";
    this.box.dataset.key = told.key;
    this.ticked.hidden = !data.tools.includes("pick");
    this.tick.setAttribute("aria-label", `Pick ${told.title}`);
    this.frame.dataset.opens = data.tools.includes("open") ? "yes" : "no";
    this.offer(data.tools);
    this.box.setAttribute("aria-posinset", String(place + 1));
    this.box.setAttribute("aria-setsize", String(data.cards.length));
    this.box.setAttribute("aria-label", [told.title, told.figure, ...told.lines, ...told.badges, told.fold].filter(Boolean).join(", "));
  }

  offer(tools) {
    const wanted = tools.filter((name) => TOOLS[name]);
    if (wanted.join() !== [...this.buttons.keys()].join()) {
      this.buttons = new Map(wanted.map((name) => {
        const { text, path } = TOOLS[name];
        const button = el("button", { type: "button", title: text, "aria-label": text, onclick: () => this.all.tell(name, this) }, icon(path));
        return [name, button];
      }));
      this.tools.replaceChildren(...this.buttons.values());
      this.reach(this.all.active === this.told.key);
    }
    for (const name of ["more", "less"]) this.buttons.get(name)?.setAttribute("aria-pressed", String(this.told.given === name));
  }

  /** Whether the tab key stops here, at the card and then at its buttons. */
  reach(on) {
    for (const one of [this.box, this.tick, this.fold, ...this.buttons.values()]) one.tabIndex = on ? 0 : -1;
  }

  stood() {
    if (this.all.active !== this.told.key) this.all.stand(this.told.key, false);
    this.all.turns.prefer(this.loop);
  }

  clicked(event) {
    if (this.ticked.contains(event.target)) return;
    this.all.stand(this.told.key);
    if (this.all.data.tools.includes("open")) this.all.tell("open", this);
  }
}

const mounted = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  let previews = mounted.get(parentElement);
  if (!previews) {
    previews = new Previews(parentElement);
    mounted.set(parentElement, previews);
  }
  previews.trigger = setTriggerValue;
  previews.update(data);
  return () => {
    previews.close();
    mounted.delete(parentElement);
  };
}
