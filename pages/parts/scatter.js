// The map of a library: dots that are pointed at, chosen one by one, by a lasso or a box, moved and zoomed. heat.js, looping.js
// and dots.js stand in front of this file.

const ZOOM_IN = "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z";
const ZOOM_OUT = "M5 11h14v2H5z";
const WHOLE = "M4 4h6v2H6v4H4zm10 0h6v6h-2V6h-4zM4 14h2v4h4v2H4zm14 0h2v6h-6v-2h4z";
const MODES = {
  lasso: { text: "Lasso: draw around dots", path: "M12 4c5 0 9 2.7 9 6s-4 6-9 6c-.7 0-1.400-.05-2-.15-.3 1.900-1.500 3.150-3.500 3.150v-2c.9 0 1.300-.4 1.500-1.500C5.100 14.500 3 12.400 3 10c0-3.300 4-6 9-6zm0 2c-4 0-7 2-7 4s3 4 7 4 7-2 7-4-3-4-7-4z" },
  box: { text: "Box: draw a rectangle", path: "M4 5h3v2H6v1H4zm5 0h6v2H9zm8 0h3v3h-2V7h-1zM4 10h2v4H4zm14 0h2v4h-2zM4 16h2v1h1v2H4zm14 0h2v3h-3v-2h1zM9 17h6v2H9z" },
  move: { text: "Move: drag the map", path: "M12 3l3 3h-2v5h5V9l3 3-3 3v-2h-5v5h2l-3 3-3-3h2v-5H6v2l-3-3 3-3v2h5V6H9z" },
};
const NEAR_PX = 12;
const CLICK_PX = 4;
const REST_MS = 140; // a pointer that passes by asks for no film
const CLOSEST = 400; // as near as zooming goes, in times the whole
const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** Bytes of an address (or of one that holds them), asked for again where they did not come. */
async function bytesOf(url) {
  for (let trial = 1; ; trial += 1) {
    try {
      const answer = await fetch(url);
      if (answer.ok) return await answer.arrayBuffer();
      throw new Error(`${answer.status}`);
    } catch (error) {
      if (trial === TRIALS) throw error;
      await new Promise((done) => setTimeout(done, AGAIN_MS * trial));
    }
  }
}

const bytes64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** N marks as bits, eight to a byte, the first one lowest; and back. */
function bits(marks) {
  const packed = new Uint8Array((marks.length + 7) >> 3);
  for (let at = 0; at < marks.length; at += 1) if (marks[at]) packed[at >> 3] |= 1 << (at & 7);
  let text = "";
  for (let at = 0; at < packed.length; at += 4096) text += String.fromCharCode(...packed.subarray(at, at + 4096));
  return btoa(text);
}

function marksOf(text, count) {
  const packed = bytes64(text);
  const marks = new Uint8Array(count);
  for (let at = 0; at < count; at += 1) marks[at] = (packed[at >> 3] >> (at & 7)) & 1;
  return marks;
}

/** How the map was left, for the next one that draws the same places: somebody who comes back to the page, or a page that Streamlit
    took down and built anew, finds it as it was. */
const left = { places: "", view: null, mode: "lasso", told: "" };

const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.substr(at, 2), 16));

class Scatter {
  constructor(root) {
    this.mode = left.mode;
    this.sent = 0;
    this.point = -1; // the dot that is pointed at or stood on
    this.pointers = new Map();
    this.canvas = el("canvas", { className: "dots", "aria-hidden": "true" });
    this.over = el("canvas", { className: "over", "aria-hidden": "true" });
    this.sheet = el("div", {
      className: "sheet", tabindex: "0", role: "application", "aria-roledescription": "map", onkeydown: (event) => this.key(event),
      onfocus: () => this.drawOver(), onblur: () => { this.stood = false; this.leave(); },
    }, this.canvas, this.over);
    this.loop = new Loop({ url: "", poster: "", start: 0, end: 0, sorry: "" });
    this.title = el("strong");
    this.lines = el("div", { className: "lines" });
    this.card = el("div", { className: "card", hidden: true, role: "presentation" }, el("div", { className: "frame" }, this.loop.box), this.title, this.lines);
    this.live = el("p", { className: "unseen", "aria-live": "polite" });
    const button = (text, path, act) => el("button", { type: "button", "aria-label": text, title: text, onclick: act }, icon(path));
    this.modes = Object.fromEntries(Object.entries(MODES).map(([name, { text, path }]) => [name, button(text, path, () => this.use(name))]));
    this.told = el("span", { className: "told" });
    this.clear = el("button", { type: "button", className: "clear", title: "Key: Escape", onclick: () => this.choose(new Uint8Array(this.count)) }, "Clear");
    this.legend = el("div", { className: "legend" });
    this.box = el("div", { className: "scatter" },
      el("div", { className: "head" },
        el("div", { className: "tools", role: "group", "aria-label": "What dragging does" }, ...Object.values(this.modes)),
        el("div", { className: "tools" }, button("Zoom in", ZOOM_IN, () => this.zoom(1.6)), button("Zoom out", ZOOM_OUT, () => this.zoom(1 / 1.6)), button("Show all", WHOLE, () => this.whole())),
        this.told, this.clear),
      el("div", { className: "place" }, this.sheet, this.card), this.legend, this.live);
    this.dots = new Dots(this.canvas);
    this.dots.restored = () => this.draw();
    this.listen();
    root.append(this.box);
    this.use(this.mode);
    this.resized = new ResizeObserver(() => this.lay());
    this.resized.observe(this.sheet);
  }

  get count() {
    return this.data?.count ?? 0;
  }

  // -- what the page says ------------------------------------------------------------------------------------------

  async update(data) {
    this.next = data;
    const before = this.data;
    this.sheet.style.setProperty("--tall", `${data.height}px`);
    this.sheet.setAttribute("aria-label", `${data.alt} Arrows go from dot to dot, space chooses, Enter opens, Escape chooses none, plus and minus zoom.`);
    const changed = (...names) => !before || names.some((name) => JSON.stringify(before[name]) !== JSON.stringify(data[name]));
    const moved = changed("places", "count");
    const painted = moved || changed("levels", "palette", "names", "ramp");
    if (painted) {
      if (moved) this.box.dataset.ready = "no";
      let loaded;
      try {
        loaded = await Promise.all([moved ? bytesOf(data.places) : null, bytesOf(data.levels)]);
      } catch (error) {
        if (this.next === data) this.live.textContent = this.told.textContent = "The map did not come; reload the page.";
        return;
      }
      if (this.next !== data) return; // a later run of the page goes on with this
      this.data = data;
      this.take(data, ...loaded);
    }
    this.data = data;
    const own = this.marks && !moved && data.seen < this.sent; // something was chosen here that this run does not know yet
    const chosen = !own && (moved || bits(this.marks) !== data.chosen);
    if (chosen) this.marks = marksOf(data.chosen, data.count);
    this.sent = Math.max(this.sent, data.seen);
    if (painted) this.dots.set(this.places, this.colours, this.marks);
    else if (chosen) this.dots.mark(this.marks);
    if (painted || changed("colours")) this.drawLegend();
    if (moved) {
      const again = left.places === data.places && !before;
      this.lay(true, again ? left.view : null);
      if (again) this.live.textContent = left.told;
    }
    else if (painted || chosen || changed("colours")) this.draw();
    this.tellCount();
    this.fill(data.card);
    this.box.dataset.ready = "yes";
  }

  /** What came as bytes: 2 N float32 places (null for the ones that are here) and N numbers of colours. */
  take(data, places, levels) {
    this.levels = data.wide ? new Uint16Array(levels) : new Uint8Array(levels);
    if (places) {
      this.places = new Float32Array(places);
      this.point = -1;
      this.hide();
      this.bound();
    }
    this.colour();
  }

  colour() {
    const palette = this.data.palette.map(rgb);
    this.colours = new Uint8Array(4 * this.count);
    for (let at = 0; at < this.count; at += 1) this.colours.set(palette[this.levels[at]] ?? [128, 128, 128], 4 * at);
  }

  close() {
    if (this.data) Object.assign(left, { places: this.data.places, view: this.near ? this.view : null, mode: this.mode, told: this.live.textContent });
    this.resized.disconnect();
    clearTimeout(this.rest);
    this.loop.close();
    this.dots.close();
    this.box.remove();
  }

  // -- geometry ----------------------------------------------------------------------------------------------------

  bound() {
    const ends = [Infinity, -Infinity, Infinity, -Infinity];
    for (let at = 0; at < this.count; at += 1) {
      const [x, y] = [this.places[2 * at], this.places[2 * at + 1]];
      ends[0] = Math.min(ends[0], x);
      ends[1] = Math.max(ends[1], x);
      ends[2] = Math.min(ends[2], y);
      ends[3] = Math.max(ends[3], y);
    }
    this.ends = ends;
  }

  all() {
    const [left, right, low, high] = this.ends;
    const room = 28;
    const scale = Math.min((this.wide - 2 * room) / (right - left || 1), (this.tall - 2 * room) / (high - low || 1));
    return { x: (left + right) / 2, y: (low + high) / 2, scale: Math.max(scale, 1e-9) };
  }

  /** Fit the drawing to its room; `fresh` shows all, or what `again` says. */
  lay(fresh = false, again = null) {
    [this.wide, this.tall] = [this.sheet.clientWidth, this.sheet.clientHeight];
    if (!this.places || !this.wide || !this.tall) return;
    const whole = this.all();
    this.view = again ?? (fresh || !this.view || !this.near ? whole : this.view);
    this.least = whole.scale;
    this.draw();
  }

  /** Whether something else than all is seen. */
  get near() {
    return this.view && this.least && Math.abs(this.view.scale / this.least - 1) > 1e-6;
  }

  x(at) {
    return this.wide / 2 + (this.places[2 * at] - this.view.x) * this.view.scale;
  }

  y(at) {
    return this.tall / 2 - (this.places[2 * at + 1] - this.view.y) * this.view.scale;
  }

  size() {
    const usual = this.count <= 600 ? 11 : this.count <= 4000 ? 7 : this.count <= 20000 ? 4.5 : 3;
    return Math.min(usual * Math.sqrt(Math.max(this.view.scale / this.least, 1)) ** 0.7, Math.max(usual, 13));
  }

  nearest(x, y, most = NEAR_PX) {
    let [best, found] = [most * most, -1];
    for (let at = 0; at < this.count; at += 1) {
      const [a, b] = [this.x(at) - x, this.y(at) - y];
      const away = a * a + b * b - (this.dots.any && this.marks[at] ? 4 : 0); // what lies on top is meant
      if (away <= best) [best, found] = [away, at];
    }
    return found;
  }

  /** The dot that an arrow leads to: the one with the least way, ways aside counted double. */
  towards([right, up]) {
    if (this.point < 0) return this.nearest(this.wide / 2, this.tall / 2, Infinity);
    let [best, found] = [Infinity, this.point];
    const [fromX, fromY] = [this.x(this.point), this.y(this.point)];
    for (let at = 0; at < this.count; at += 1) {
      const [a, b] = [this.x(at) - fromX, fromY - this.y(at)];
      const [along, aside] = [a * right + b * up, Math.abs(a * up) + Math.abs(b * right)];
      if (at === this.point || along <= 1e-6 || aside > 2 * along) continue;
      const way = along + 2 * aside;
      if (way < best) [best, found] = [way, at];
    }
    return found;
  }

  zoom(times, x = this.wide / 2, y = this.tall / 2) {
    if (!this.view) return;
    const scale = between(this.view.scale * times, this.least, this.least * CLOSEST);
    const [atX, atY] = [this.view.x + (x - this.wide / 2) / this.view.scale, this.view.y - (y - this.tall / 2) / this.view.scale];
    this.view = { x: atX - (x - this.wide / 2) / scale, y: atY + (y - this.tall / 2) / scale, scale };
    if (!this.near) this.view = this.all();
    this.soon();
  }

  whole() {
    if (!this.places) return;
    this.view = this.all();
    this.soon();
  }

  pan(right, down) {
    const [left, most, low, high] = this.ends;
    const view = this.view;
    this.view = { scale: view.scale, x: between(view.x - right / view.scale, left, most), y: between(view.y + down / view.scale, low, high) };
    this.soon();
  }

  // -- drawing -----------------------------------------------------------------------------------------------------

  /** At the next picture of the screen, once, however often it is asked for. */
  soon() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  draw() {
    if (!this.view || !this.places) return;
    this.dots.draw(this.view, this.wide, this.tall, this.size(), rgb(this.data.colours.paper).map((one) => one / 255));
    this.sheet.dataset.zoomed = this.near ? "yes" : "no";
    this.sheet.dataset.view = JSON.stringify(this.view);
    this.drawOver();
  }

  drawOver() {
    const pen = this.wide ? fitted(this.over, this.wide, this.tall) : null;
    if (!pen || !this.places) return;
    if (this.point >= 0) {
      const radius = this.size() / 2 + 3;
      for (const [colour, width] of [[this.data.colours.paper, 4.5], [this.data.colours.text, 2]]) {
        pen.beginPath();
        pen.arc(this.x(this.point), this.y(this.point), radius, 0, 7);
        pen.strokeStyle = colour;
        pen.lineWidth = width;
        pen.stroke();
      }
    }
    if (this.drawn?.length > 1) {
      pen.beginPath();
      this.drawn.forEach(([x, y]) => pen.lineTo(x, y));
      pen.closePath();
      pen.fillStyle = `${this.data.colours.accent}22`;
      pen.fill();
      pen.strokeStyle = this.data.colours.accent;
      pen.lineWidth = 1.5;
      pen.stroke();
    }
    if (!this.card.hidden) this.placeCard();
  }

  tellCount() {
    const chosen = this.marks.reduce((sum, one) => sum + one, 0);
    this.told.textContent = chosen ? `${chosen.toLocaleString("en")} of ${this.count.toLocaleString("en")} chosen` : `${this.count.toLocaleString("en")} dots`;
    this.clear.hidden = !chosen;
    for (const one of this.groups ?? []) one.button.setAttribute("aria-pressed", String(chosen > 0 && this.covers(one.number, chosen)));
  }

  /** Whether what is chosen is exactly this group. */
  covers(group, chosen) {
    if (this.sizes[group] !== chosen) return false;
    for (let at = 0; at < this.count; at += 1) if (this.marks[at] && this.levels[at] !== group) return false;
    return true;
  }

  drawLegend() {
    const { data } = this;
    this.groups = [];
    if (data.ramp) {
      const steps = data.palette.filter((_, at) => at > 0 && at % 16 === 1).join(", ");
      this.legend.replaceChildren(
        el("span", {}, data.ramp.low), el("span", { className: "ramp", style: `background: linear-gradient(to right, ${steps})` }),
        el("span", {}, data.ramp.high), el("span", { className: "what" }, data.ramp.title));
      return;
    }
    this.sizes = new Array(data.names.length).fill(0);
    for (let at = 0; at < this.count; at += 1) this.sizes[this.levels[at]] += 1;
    data.names.forEach((name, number) => {
      if (!this.sizes[number]) return;
      const button = el("button", {
        type: "button", title: `Choose ${name}; with shift, add it`, "aria-pressed": "false", onclick: (event) => this.chooseGroup(number, event.shiftKey),
        onpointerenter: () => this.light(number), onpointerleave: () => this.light(-1),
      }, el("i", { style: `background: ${data.palette[number]}` }), el("span", {}, name), el("small", {}, this.sizes[number].toLocaleString("en")));
      this.groups.push({ number, button });
    });
    this.legend.replaceChildren(...this.groups.map((one) => one.button));
  }

  /** Show one group alone while its name is pointed at. */
  light(group) {
    if (!this.marks || !this.levels) return;
    if (group < 0) this.dots.mark(this.marks);
    else this.dots.mark(Uint8Array.from(this.levels, (level) => Number(level === group)));
    this.soon();
  }

  // -- choosing ----------------------------------------------------------------------------------------------------

  use(mode) {
    this.mode = mode;
    this.sheet.dataset.mode = mode;
    for (const [name, one] of Object.entries(this.modes)) one.setAttribute("aria-pressed", String(name === mode));
  }

  /** `how`: "set", "add" or "take" these away. */
  choose(marks, how = "set") {
    const next = Uint8Array.from(marks, (one, at) => (how === "add" ? one | this.marks[at] : how === "take" ? this.marks[at] & (1 - one) : one));
    if (next.every((one, at) => one === this.marks[at])) return;
    this.marks = next;
    this.dots.mark(next);
    this.draw();
    this.tellCount();
    this.live.textContent = this.told.textContent;
    this.sent += 1;
    this.trigger("event", { kind: "choose", bits: bits(next), count: this.sent });
  }

  chooseOne(at, toggle) {
    const marks = new Uint8Array(this.count);
    marks[at] = 1;
    this.choose(marks, toggle ? (this.marks[at] ? "take" : "add") : "set");
  }

  chooseGroup(group, add) {
    this.choose(Uint8Array.from(this.levels, (level) => Number(level === group)), add ? "add" : "set");
  }

  /** The dots inside what was drawn (even-odd rule). */
  inside(line) {
    const marks = new Uint8Array(this.count);
    const [across, down] = [line.map((one) => one[0]), line.map((one) => one[1])];
    const [left, right, top, low] = [Math.min(...across), Math.max(...across), Math.min(...down), Math.max(...down)];
    for (let at = 0; at < this.count; at += 1) {
      const [x, y] = [this.x(at), this.y(at)];
      if (x < left || x > right || y < top || y > low) continue;
      let odd = false;
      for (let one = 0, last = line.length - 1; one < line.length; last = one, one += 1) {
        const [[ax, ay], [bx, by]] = [line[one], line[last]];
        if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
      }
      if (odd) marks[at] = 1;
    }
    return marks;
  }

  // -- pointing ----------------------------------------------------------------------------------------------------

  listen() {
    const { sheet } = this;
    sheet.addEventListener("pointerdown", (event) => this.down(event));
    sheet.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) sheet.addEventListener(name, (event) => this.up(event));
    sheet.addEventListener("pointerleave", () => this.leave());
    sheet.addEventListener("dblclick", (event) => {
      const at = this.places ? this.nearest(...this.at(event)) : -1;
      if (at >= 0) this.open(at);
    });
    sheet.addEventListener("wheel", (event) => {
      if (!this.view) return;
      event.preventDefault();
      this.zoom(1.0018 ** -event.deltaY, ...this.at(event));
    }, { passive: false });
  }

  at(event) {
    const box = this.sheet.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  down(event) {
    if (event.button || !this.places) return;
    this.sheet.focus({ preventScroll: true });
    this.sheet.setPointerCapture(event.pointerId);
    const at = this.at(event);
    this.pointers.set(event.pointerId, at);
    if (this.pointers.size > 1) {
      this.drawn = null;
      this.drag = null;
      return;
    }
    this.drag = { from: at, last: at, far: false };
    if (this.mode !== "move") this.drawn = [at];
  }

  move(event) {
    if (!this.places) return;
    const at = this.at(event);
    if (this.pointers.size > 1 && this.pointers.has(event.pointerId)) return this.pinch(event.pointerId, at);
    if (!this.drag) return event.pointerType === "touch" ? undefined : this.hover(this.nearest(...at));
    const { drag } = this;
    drag.far ||= Math.hypot(at[0] - drag.from[0], at[1] - drag.from[1]) > CLICK_PX;
    if (!drag.far) return;
    this.hide();
    if (this.mode === "move") this.pan(at[0] - drag.last[0], at[1] - drag.last[1]);
    else if (this.mode === "box") this.drawn = [drag.from, [at[0], drag.from[1]], at, [drag.from[0], at[1]]];
    else if (Math.hypot(at[0] - drag.last[0], at[1] - drag.last[1]) > 2) this.drawn.push(at);
    else return;
    drag.last = at;
    if (this.mode !== "move") this.drawOver();
  }

  pinch(id, at) {
    const spread = () => { const [[a, b], [c, d]] = [...this.pointers.values()]; return [Math.hypot(a - c, b - d), (a + c) / 2, (b + d) / 2]; };
    const [before, beforeX, beforeY] = spread();
    this.pointers.set(id, at);
    const [now, x, y] = spread();
    this.zoom(now / (before || 1), x, y);
    if (this.near) this.pan(x - beforeX, y - beforeY);
  }

  up(event) {
    this.pointers.delete(event.pointerId);
    const { drag, drawn } = this;
    this.drag = null;
    this.drawn = null;
    if (!drag || event.type === "pointercancel") return this.drawOver();
    if (!drag.far) {
      const at = this.nearest(...drag.from);
      if (at >= 0) {
        this.chooseOne(at, event.shiftKey || event.ctrlKey || event.metaKey);
        this.hover(at);
      }
    } else if (drawn?.length > 2) this.choose(this.inside(drawn), event.shiftKey ? "add" : event.altKey ? "take" : "set");
    this.drawOver();
  }

  leave() {
    if (!this.stood) this.hover(-1);
  }

  /** Point at a dot; its card comes at once, its film when the page has told where it is. */
  hover(at, keyed = false) {
    if (at === this.point) return;
    this.point = at;
    this.stood = keyed;
    clearTimeout(this.rest);
    if (at < 0) this.hide();
    else {
      this.show();
      this.rest = setTimeout(() => this.ask(), REST_MS);
    }
    this.drawOver();
  }

  ask() {
    this.hovers = (this.hovers ?? 0) + 1; // the same dot twice is two questions
    this.trigger("hover", { point: this.point, count: this.hovers });
  }

  show() {
    this.loop.sleep(true);
    this.loop.tell({ url: "", poster: "", start: 0, end: 0, sorry: "" });
    this.title.textContent = "…";
    this.lines.replaceChildren(el("div", {}, this.data.ramp ? "" : this.data.names[this.levels[this.point]] ?? ""));
    this.card.dataset.point = "";
    this.card.hidden = false;
    if (this.data.card?.point === this.point) this.fill(this.data.card);
  }

  /** What the page told of a dot. */
  fill(card) {
    if (!card || card.point !== this.point || this.card.hidden) return;
    const fresh = this.card.dataset.point !== String(card.point);
    this.card.dataset.point = String(card.point);
    this.title.textContent = card.title;
    this.lines.replaceChildren(...card.lines.map((line) => el("div", {}, line)));
    this.loop.tell(card);
    if (!window.matchMedia("(prefers-reduced-motion: reduce)").matches) this.loop.wake();
    if (fresh && this.stood) this.live.textContent = [card.title, ...card.lines, this.marks[card.point] ? "chosen" : ""].filter(Boolean).join(", ");
    this.placeCard();
    clearTimeout(this.rest);
    if (card.waiting) this.rest = setTimeout(() => this.ask(), AGAIN_MS);
  }

  hide() {
    if (this.card.hidden) return;
    this.card.hidden = true;
    this.loop.sleep(true);
  }

  placeCard() {
    if (this.point < 0) return;
    const [x, y, wide, tall] = [this.x(this.point), this.y(this.point), this.card.offsetWidth, this.card.offsetHeight];
    const left = x + 18 + wide < this.wide ? x + 18 : x - 18 - wide;
    this.card.style.left = `${between(left, 4, Math.max(this.wide - wide - 4, 4))}px`;
    this.card.style.top = `${between(y - tall / 2, 4, Math.max(this.tall - tall - 4, 4))}px`;
  }

  // -- keys --------------------------------------------------------------------------------------------------------

  key(event) {
    if (!this.places || !this.count || event.altKey || event.ctrlKey || event.metaKey) return;
    const { key } = event;
    if (ARROWS[key]) {
      this.hover(this.towards(ARROWS[key]), true);
      this.reveal();
    } else if (key === " " && this.point >= 0) this.chooseOne(this.point, true);
    else if (key === "Enter" && this.point >= 0) this.open(this.point);
    else if (key === "Escape" && this.drawn) this.drawn = this.drag = null;
    else if (key === "Escape") this.choose(new Uint8Array(this.count));
    else if (key === "+" || key === "=") this.zoom(1.4, ...this.here());
    else if (key === "-") this.zoom(1 / 1.4, ...this.here());
    else if (key === "0") this.whole();
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.drawOver();
  }

  here() {
    return this.point >= 0 ? [this.x(this.point), this.y(this.point)] : [this.wide / 2, this.tall / 2];
  }

  /** Move the map so that the dot stood on is seen. */
  reveal() {
    const [x, y] = this.here();
    const [right, down] = [x < 20 ? 20 - x + this.wide / 4 : x > this.wide - 20 ? this.wide * 0.75 - x : 0, y < 20 ? 20 - y + this.tall / 4 : y > this.tall - 20 ? this.tall * 0.75 - y : 0];
    if (right || down) this.pan(right, down);
  }

  open(at) {
    this.trigger("event", { kind: "open", point: at, count: this.sent });
  }
}

const mounted = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  let scatter = mounted.get(parentElement);
  if (!scatter) {
    scatter = new Scatter(parentElement);
    mounted.set(parentElement, scatter);
  }
  scatter.trigger = setTriggerValue;
  scatter.update(data);
  return () => {
    scatter.close();
    mounted.delete(parentElement);
  };
}
