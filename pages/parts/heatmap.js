// The heatmap: a picture of one pixel a cell under axes of names or of seconds, with zoom, a cell cursor and a hover that
// looks names up. heat.js stands in front of this file, canvas.js or players.js behind it.

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
const STRIP_PX = 8;
const TREE_PX = 54;
const LINE_PX = 14; // between two names
const SLANT = (40 * Math.PI) / 180;
const CLOSEST_CELLS = 4; // as near as zooming goes
const ZOOM_IN = "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z";
const ZOOM_OUT = "M5 11h14v2H5z";
const WHOLE = "M4 4h6v2H6v4H4zm10 0h6v6h-2V6h-4zM4 14h2v4h4v2H4zm14 0h2v6h-6v-2h4z";

class Heatmap {
  /** `act` is told what was done: "cell" (chosen), "inside" (look into it), "out" (back up), and the cell. */
  constructor(root, act) {
    this.act = act;
    this.pointers = new Map();
    this.base = el("canvas", { className: "base", "aria-hidden": "true" });
    this.top = el("canvas", { className: "over", "aria-hidden": "true" });
    this.tip = el("div", { className: "tip", hidden: true, role: "presentation" });
    this.live = el("p", { className: "unseen", "aria-live": "polite" });
    this.sheet = el("div", {
      className: "sheet", tabindex: "0", role: "application", "aria-roledescription": "heatmap", onkeydown: (event) => this.key(event),
      onfocus: () => this.drawTop(), onblur: () => this.drawTop(),
    }, this.base, this.top);
    this.scale = el("div", { className: "ramp" });
    this.ends = el("div", { className: "ends" });
    const button = (label, path, act) => el("button", { type: "button", "aria-label": label, title: label, onclick: act }, icon(path));
    this.whole = button("Show all", WHOLE, () => this.reset());
    this.zoomIn = button("Zoom in", ZOOM_IN, () => this.zoom(1.6));
    this.zoomOut = button("Zoom out", ZOOM_OUT, () => this.zoom(1 / 1.6));
    this.box = el("div", { className: "heatmap" },
      el("div", { className: "head" },
        el("div", { className: "zooms" }, this.zoomIn, this.zoomOut, this.whole),
        el("div", { className: "legend" }, this.scale, this.ends)),
      el("div", { className: "place" }, this.sheet, this.tip), this.live);
    this.listen();
    root.append(this.box);
    this.resized = new ResizeObserver(() => this.lay());
    this.resized.observe(this.box);
  }

  async update(data) {
    const before = this.data;
    if (before && JSON.stringify(before) === JSON.stringify(data)) return;
    this.data = data;
    this.rows = data.rowNames;
    this.columns = data.columnNames ?? data.rowNames;
    const same = before && before.png === data.png && before.key === data.key && before.rowNames.length === data.rowNames.length;
    this.chosen = data.chosen;
    if (!same) {
      this.cell = data.chosen ?? [0, 0];
      this.view = this.all();
      this.levels = null;
    }
    this.sheet.setAttribute("aria-label", `${data.alt} Arrows move from cell to cell, Enter chooses, plus and minus zoom.`);
    this.legend();
    this.lay();
    if (!same || before.table !== data.table) {
      let levels = same ? this.levels : null;
      try {
        levels ??= await levelsOf(data.png, this.rows.length, this.columns.length);
      } catch (error) {
        if (this.data === data) this.live.textContent = "The picture did not come; reload the page.";
        return;
      }
      if (this.data !== data) return;
      this.levels = levels;
      this.table = tableOf(data.table);
      this.picture = coloured(levels, this.rows.length, this.columns.length, this.table);
      this.box.dataset.ready = "yes";
      this.draw();
    }
  }

  close() {
    this.resized.disconnect();
    this.box.remove();
  }

  // -- numbers -----------------------------------------------------------------------------------------------------

  value(row, column) {
    const at = row * this.columns.length + column;
    if (this.data.exact) return this.data.exact[at] ?? NaN;
    return valueOf(this.levels[at], this.data.low, this.data.high);
  }

  /** As text; a value beyond the ends of the scale is only known to be there. */
  told(row, column) {
    const value = this.value(row, column);
    if (!Number.isFinite(value)) return this.data.nothing;
    const level = this.levels[row * this.columns.length + column];
    const sign = this.data.exact ? "" : level === 255 && this.data.beyond ? "≥ " : level === 1 && this.data.beyond ? "≤ " : "";
    return `${sign}${number(value, this.data.digits)}${this.data.unit}`;
  }

  // -- geometry ----------------------------------------------------------------------------------------------------

  all() {
    return { x: 0, y: 0, wide: this.columns.length, tall: this.rows.length };
  }

  get zoomed() {
    return this.view.wide < this.columns.length - 1e-6 || this.view.tall < this.rows.length - 1e-6;
  }

  /** The room for names is the same at every zoom, so that nothing jumps. */
  lay() {
    if (!this.data) return;
    const width = this.sheet.clientWidth;
    if (width < 40) return;
    const height = Math.round(Math.min(this.data.height, Math.max(300, width * 1.05)));
    this.sheet.style.height = `${height}px`;
    const pen = this.base.getContext("2d");
    pen.font = `12px ${FONT}`;
    this.times = Boolean(this.data.rowSeconds);
    const widest = (names) => names.reduce((most, name) => Math.max(most, pen.measureText(name).width), 0);
    const strip = this.data.rowGroups ? STRIP_PX + 4 : 0;
    const left = this.times ? 50 : Math.min(widest(this.rows), width * 0.27) + 10 + strip;
    const across = (width - left - 6) / this.columns.length;
    this.slanted = !this.times && widest(this.columns) > across - 8;
    const below = this.times ? 42 : this.slanted ? Math.min(widest(this.columns), 130) * Math.sin(SLANT) + 16 : 24;
    const above = this.data.tree ? TREE_PX : 8;
    this.plot = { left, top: above, wide: width - left - 6, tall: height - above - below - strip };
    this.size = { width, height };
    this.draw();
  }

  across(x) {
    return this.plot.left + ((x - this.view.x) / this.view.wide) * this.plot.wide;
  }

  down(y) {
    return this.plot.top + ((y - this.view.y) / this.view.tall) * this.plot.tall;
  }

  /** Cell coordinates below a pointer, not rounded. */
  place(event) {
    const box = this.sheet.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left - this.plot.left, event.clientY - box.top - this.plot.top];
    return [this.view.x + (x / this.plot.wide) * this.view.wide, this.view.y + (y / this.plot.tall) * this.view.tall, x, y];
  }

  /** (row, column) below a pointer, or null outside the cells. */
  under(event) {
    const [x, y, px, py] = this.place(event);
    if (px < 0 || py < 0 || px >= this.plot.wide || py >= this.plot.tall) return null;
    const [row, column] = [Math.floor(y), Math.floor(x)];
    return row >= 0 && column >= 0 && row < this.rows.length && column < this.columns.length ? [row, column] : null;
  }

  look(view) {
    const wide = between(view.wide, Math.min(CLOSEST_CELLS, this.columns.length), this.columns.length);
    const tall = between(view.tall, Math.min(CLOSEST_CELLS, this.rows.length), this.rows.length);
    this.view = { wide, tall, x: between(view.x, 0, this.columns.length - wide), y: between(view.y, 0, this.rows.length - tall) };
    this.sheet.dataset.zoomed = this.zoomed ? "yes" : "no";
    this.hover = null;
    this.tip.hidden = true;
    this.soon();
  }

  zoom(factor, centre = null) {
    const [x, y] = centre ?? (this.zoomed || this.sheet.matches(":focus") ? [this.cell[1] + 0.5, this.cell[0] + 0.5] : this.middle());
    const { wide, tall } = this.view;
    const [nextWide, nextTall] = [
      between(wide / factor, Math.min(CLOSEST_CELLS, this.columns.length), this.columns.length),
      between(tall / factor, Math.min(CLOSEST_CELLS, this.rows.length), this.rows.length),
    ];
    this.look({
      wide: nextWide, tall: nextTall,
      x: x - ((x - this.view.x) / wide) * nextWide, y: y - ((y - this.view.y) / tall) * nextTall,
    });
  }

  middle() {
    return [this.view.x + this.view.wide / 2, this.view.y + this.view.tall / 2];
  }

  reset() {
    this.look(this.all());
  }

  /** Move the view so that the cell cursor is inside it. */
  reveal() {
    const [row, column] = this.cell;
    const { x, y, wide, tall } = this.view;
    this.look({
      wide, tall,
      x: column < x ? column : column + 1 > x + wide ? column + 1 - wide : x,
      y: row < y ? row : row + 1 > y + tall ? row + 1 - tall : y,
    });
  }

  // -- hands and keys ----------------------------------------------------------------------------------------------

  listen() {
    const on = (name, act, options) => this.sheet.addEventListener(name, act, options);
    on("pointerdown", (event) => this.press(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.release(event));
    on("pointercancel", (event) => this.pointers.delete(event.pointerId));
    on("pointerleave", () => this.leave());
    on("dblclick", (event) => this.twice(event));
    on("wheel", (event) => this.wheel(event), { passive: false });
  }

  press(event) {
    if (event.button !== 0 || !this.plot) return;
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.sheet.setPointerCapture(event.pointerId);
    this.start = { x: event.clientX, y: event.clientY, view: this.view, moved: this.pointers.size > 1 };
    if (this.pointers.size === 2) this.pinched = { away: this.apart(), view: this.view, centre: this.pinchCentre() };
  }

  apart() {
    const [a, b] = [...this.pointers.values()];
    return Math.max(Math.hypot(a.x - b.x, a.y - b.y), 1);
  }

  pinchCentre() {
    const [a, b] = [...this.pointers.values()];
    return this.place({ clientX: (a.x + b.x) / 2, clientY: (a.y + b.y) / 2 });
  }

  move(event) {
    if (!this.plot) return;
    const held = this.pointers.get(event.pointerId);
    if (!held) {
      this.hovering(event);
      return;
    }
    Object.assign(held, { x: event.clientX, y: event.clientY });
    if (this.pointers.size === 2 && this.pinched) {
      this.view = this.pinched.view;
      this.zoom(this.apart() / this.pinched.away, this.pinched.centre);
      return;
    }
    const [dx, dy] = [event.clientX - this.start.x, event.clientY - this.start.y];
    if (Math.hypot(dx, dy) > 5) this.start.moved = true;
    if (this.start.moved && this.zoomed) {
      const { view } = this.start;
      this.look({ ...view, x: view.x - (dx / this.plot.wide) * view.wide, y: view.y - (dy / this.plot.tall) * view.tall });
    }
  }

  release(event) {
    const held = this.pointers.delete(event.pointerId);
    if (!held || this.pointers.size) return;
    this.pinched = null;
    const cell = this.start.moved ? null : this.under(event);
    if (cell) this.choose(cell);
  }

  leave() {
    this.hover = null;
    this.tip.hidden = true;
    this.drawTop();
  }

  twice(event) {
    const cell = this.under(event);
    if (!cell) return;
    event.preventDefault();
    if (this.data.inside) this.tell(cell, "inside");
    else this.zoom(2, this.place(event));
  }

  /** The wheel zooms once the heatmap was clicked into (or with Ctrl); else it scrolls the page, as everywhere. */
  wheel(event) {
    if (!this.plot || !(event.ctrlKey || event.metaKey || this.sheet.matches(":focus") || this.zoomed)) return;
    const inward = event.deltaY < 0;
    if (!inward && !this.zoomed) return;
    event.preventDefault();
    this.zoom(Math.exp(-between(event.deltaY, -120, 120) / 300), this.place(event));
  }

  key(event) {
    if (!this.plot || event.altKey || event.metaKey || event.ctrlKey) return;
    const far = event.shiftKey ? 10 : 1;
    const [row, column] = this.cell;
    const acts = {
      ArrowUp: () => this.go(row - far, column),
      ArrowDown: () => this.go(row + far, column),
      ArrowLeft: () => this.go(row, column - far),
      ArrowRight: () => this.go(row, column + far),
      Home: () => this.go(row, 0),
      End: () => this.go(row, this.columns.length - 1),
      Enter: () => (this.data.inside && this.isChosen(row, column) ? this.tell([row, column], "inside") : this.choose([row, column])),
      "+": () => this.zoom(1.6, [column + 0.5, row + 0.5]),
      "=": () => this.zoom(1.6, [column + 0.5, row + 0.5]),
      "-": () => this.zoom(1 / 1.6, [column + 0.5, row + 0.5]),
      0: () => this.reset(),
      Escape: () => (this.zoomed ? this.reset() : this.data.outside && this.tell([row, column], "out")),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  isChosen(row, column) {
    return this.chosen && this.chosen[0] === row && this.chosen[1] === column;
  }

  go(row, column) {
    this.cell = [between(row, 0, this.rows.length - 1), between(column, 0, this.columns.length - 1)];
    this.reveal();
    this.hover = null;
    this.speak();
  }

  choose(cell) {
    this.cell = cell;
    if (!this.data.fixed) this.chosen = cell;
    this.drawTop();
    this.tell(cell, "cell");
  }

  tell(cell, kind) {
    this.act(kind, cell);
  }

  speak() {
    if (!this.levels) return;
    const [row, column] = this.cell;
    this.live.textContent = `${this.rows[row]}, ${this.columns[column]}: ${this.told(row, column)}`;
  }

  hovering(event) {
    const cell = event.pointerType === "touch" ? null : this.under(event);
    this.sheet.style.cursor = cell ? "pointer" : "default";
    this.hover = cell;
    this.tip.hidden = !cell || !this.levels;
    if (cell && this.levels) {
      const [row, column] = cell;
      this.tip.replaceChildren(el("strong", {}, this.told(row, column)), el("span", {}, this.rows[row]), el("span", {}, this.columns[column]));
      const box = this.sheet.getBoundingClientRect();
      const [x, y] = [event.clientX - box.left, event.clientY - box.top];
      this.tip.style.left = `${between(x + 14, 0, Math.max(box.width - this.tip.offsetWidth, 0))}px`;
      this.tip.style.top = `${y + 18 + this.tip.offsetHeight > box.height ? y - this.tip.offsetHeight - 10 : y + 18}px`;
    }
    this.drawTop();
  }

  // -- pictures ----------------------------------------------------------------------------------------------------

  legend() {
    const { low, high, table, digits, unit } = this.data;
    const colours = Array.from({ length: 17 }, (_, at) => `#${table.substr(6 * (1 + Math.round((at * 254) / 16)), 6)}`);
    this.scale.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
    const ends = low < 0 && high > 0 ? [low, 0, high] : [low, high];
    this.ends.replaceChildren(...ends.map((end) => el("span", {}, `${number(end, end ? digits : 0)}${unit}`)));
  }

  soon() {
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = null;
      this.draw();
    });
  }

  draw() {
    if (!this.plot || !this.size) return;
    const { width, height } = this.size;
    const pen = fitted(this.base, width, height);
    if (!pen) return;
    this.sheet.dataset.plot = JSON.stringify({ ...this.plot, view: this.view });
    this.whole.disabled = this.zoomOut.disabled = !this.zoomed;
    if (this.picture && this.levels) {
      const { left, top, wide, tall } = this.plot;
      const { x, y } = this.view;
      const small = wide / this.view.wide < 1 || tall / this.view.tall < 1;
      pen.imageSmoothingEnabled = small;
      pen.imageSmoothingQuality = "high";
      pen.drawImage(this.picture, x, y, this.view.wide, this.view.tall, left, top, wide, tall);
      this.grid(pen);
      this.numbers(pen);
    }
    this.strips(pen);
    this.tree(pen);
    if (this.times) {
      this.secondsAxes(pen);
      this.path(pen);
    } else {
      this.rowNames(pen);
      this.columnNames(pen);
    }
    this.drawTop();
  }

  shown() {
    return {
      fromRow: Math.max(Math.floor(this.view.y), 0), toRow: Math.min(Math.ceil(this.view.y + this.view.tall), this.rows.length),
      fromColumn: Math.max(Math.floor(this.view.x), 0), toColumn: Math.min(Math.ceil(this.view.x + this.view.wide), this.columns.length),
    };
  }

  grid(pen) {
    const { left, top, wide, tall } = this.plot;
    const { fromRow, toRow, fromColumn, toColumn } = this.shown();
    const roomy = Math.min(wide / this.view.wide, tall / this.view.tall) >= 14;
    pen.fillStyle = this.data.colours.paper;
    const fewer = this.data.groupNames.length * 8 < Math.min(wide, tall) * (this.columns.length / this.view.wide);
    const borders = (groups, at) => fewer && at > 0 && groups && groups[at] !== groups[at - 1];
    for (let row = fromRow; row < toRow; row += 1) {
      if (row > this.view.y && (roomy || borders(this.data.sorted && this.data.rowGroups, row))) pen.fillRect(left, this.down(row) - 0.5, wide, roomy ? 1.5 : 1);
    }
    for (let column = fromColumn; column < toColumn; column += 1) {
      const groups = this.data.sorted && (this.data.columnGroups ?? this.data.rowGroups);
      if (column > this.view.x && (roomy || borders(groups, column))) pen.fillRect(this.across(column) - 0.5, top, roomy ? 1.5 : 1, tall);
    }
  }

  numbers(pen) {
    const [wide, tall] = [this.plot.wide / this.view.wide, this.plot.tall / this.view.tall];
    if (wide < (this.times ? 58 : 42) || tall < 18) return; // a path is drawn over times: only where both can be read
    const { fromRow, toRow, fromColumn, toColumn } = this.shown();
    pen.save();
    pen.beginPath();
    pen.rect(this.plot.left, this.plot.top, this.plot.wide, this.plot.tall);
    pen.clip();
    pen.font = `${wide > 60 && tall > 30 ? 14 : 12}px ${FONT}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (let row = fromRow; row < toRow; row += 1) {
      for (let column = fromColumn; column < toColumn; column += 1) {
        const value = this.value(row, column);
        const level = this.levels[row * this.columns.length + column];
        pen.fillStyle = level ? inkOn(this.table, level) : this.data.colours.muted;
        pen.fillText(Number.isFinite(value) ? number(value, this.data.digits) : "–", this.across(column + 0.5), this.down(row + 0.5));
      }
    }
    pen.restore();
  }

  /** The labels' colours along both axes. */
  strips(pen) {
    const { rowGroups, palette } = this.data;
    if (!rowGroups) return;
    const columnGroups = this.data.columnGroups ?? rowGroups;
    const { left, top, wide, tall } = this.plot;
    const { fromRow, toRow, fromColumn, toColumn } = this.shown();
    for (let row = fromRow; row < toRow; row += 1) {
      pen.fillStyle = palette[rowGroups[row]];
      const [from, to] = [Math.max(this.down(row), top), Math.min(this.down(row + 1), top + tall)];
      pen.fillRect(left - STRIP_PX - 3, from, STRIP_PX, to - from + 0.3);
    }
    for (let column = fromColumn; column < toColumn; column += 1) {
      pen.fillStyle = palette[columnGroups[column]];
      const [from, to] = [Math.max(this.across(column), left), Math.min(this.across(column + 1), left + wide)];
      pen.fillRect(from, top + tall + 3, to - from + 0.3, STRIP_PX);
    }
  }

  tree(pen) {
    if (!this.data.tree) return;
    const highest = this.data.tree.reduce((most, bracket) => Math.max(most, bracket[1][1]), 0) || 1;
    const { left, top, wide } = this.plot;
    pen.save();
    pen.beginPath();
    pen.rect(left, 0, wide, top - 3);
    pen.clip();
    pen.beginPath();
    for (const bracket of this.data.tree) {
      bracket.forEach(([place, distance], at) => {
        const [x, y] = [this.across(place + 0.5), top - 4 - (distance / highest) * (top - 10)];
        if (at) pen.lineTo(x, y);
        else pen.moveTo(x, y);
      });
    }
    pen.strokeStyle = this.data.colours.muted;
    pen.lineWidth = 1;
    pen.stroke();
    pen.restore();
  }

  /** What to write along an axis: names where there is room, else the names of groups that stand together, thinned. */
  written(names, groups, from, to, at, gap) {
    const step = (at(to) - at(from)) / Math.max(to - from, 1);
    const found = [];
    const runs = this.data.sorted && groups;
    if (step >= gap || !runs) {
      const each = Math.max(1, Math.ceil(gap / step));
      for (let one = from; one < to; one += 1) if (one % each === 0) found.push([at(one + 0.5), names[one]]);
      return found;
    }
    for (let start = from; start < to; ) {
      let end = start + 1;
      while (end < to && groups[end] === groups[start]) end += 1;
      found.push([at((start + end) / 2), this.data.groupNames[groups[start]]]);
      start = end;
    }
    let last = -Infinity;
    return found.filter(([place]) => place - last >= gap && (last = place) === place);
  }

  rowNames(pen) {
    const { fromRow, toRow } = this.shown();
    const { left, top, tall } = this.plot;
    const strip = this.data.rowGroups ? STRIP_PX + 4 : 0;
    pen.font = `12px ${FONT}`;
    pen.fillStyle = this.data.colours.text;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    for (const [y, name] of this.written(this.rows, this.data.rowGroups, fromRow, toRow, (row) => this.down(row), LINE_PX)) {
      if (y >= top && y <= top + tall) pen.fillText(brief(pen, name, left - strip - 8), left - strip - 6, y);
    }
  }

  columnNames(pen) {
    const { fromColumn, toColumn } = this.shown();
    const { left, top, wide, tall } = this.plot;
    const groups = this.data.columnGroups ?? this.data.rowGroups;
    const y = top + tall + 8 + (groups ? STRIP_PX + 4 : 0);
    const cell = wide / this.view.wide;
    const names = this.written(this.columns, groups, fromColumn, toColumn, (column) => this.across(column), LINE_PX + 3);
    pen.font = `12px ${FONT}`;
    pen.fillStyle = this.data.colours.text;
    const widest = names.reduce((most, [, name]) => Math.max(most, pen.measureText(name).width), 0);
    const apart = names.length > 1 ? names[1][0] - names[0][0] : cell;
    const flat = widest <= Math.max(apart, names.length > 1 ? 0 : wide) - 6;
    for (const [x, name] of names) {
      if (x < left || x > left + wide) continue;
      pen.save();
      pen.translate(x, y);
      pen.textBaseline = "top";
      pen.textAlign = "center";
      if (!flat) {
        pen.rotate(-SLANT);
        pen.textAlign = "right";
        pen.textBaseline = "middle";
      }
      pen.fillText(brief(pen, name, flat ? widest : Math.min(130, (x - 2) / Math.cos(SLANT))), 0, 0);
      pen.restore();
    }
  }

  /** Round seconds along both axes, and what they are the seconds of. */
  secondsAxes(pen) {
    const { left, top, wide, tall } = this.plot;
    const { x, y } = this.view;
    const { rowSeconds, columnSeconds, rowTitle, columnTitle } = this.data;
    pen.font = `12px ${FONT}`;
    pen.fillStyle = this.data.colours.text;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    const [fromRow, toRow] = [secondsAt(y, rowSeconds), secondsAt(y + this.view.tall, rowSeconds)];
    for (const seconds of round(fromRow, toRow, tall / 36)) pen.fillText(String(seconds), left - 6, this.down(cellAt(seconds, rowSeconds)));
    pen.textAlign = "center";
    pen.textBaseline = "top";
    const [from, to] = [secondsAt(x, columnSeconds), secondsAt(x + this.view.wide, columnSeconds)];
    for (const seconds of round(from, to, wide / 60)) pen.fillText(String(seconds), this.across(cellAt(seconds, columnSeconds)), top + tall + 6);
    pen.fillStyle = this.data.colours.muted;
    pen.fillText(brief(pen, `${columnTitle}, seconds`, wide), left + wide / 2, top + tall + 24);
    pen.save();
    pen.translate(9, top + tall / 2);
    pen.rotate(-Math.PI / 2);
    pen.textBaseline = "middle";
    pen.fillText(brief(pen, `${rowTitle}, seconds`, tall), 0, 0);
    pen.restore();
  }

  inPlot(pen) {
    pen.beginPath();
    pen.rect(this.plot.left, this.plot.top, this.plot.wide, this.plot.tall);
    pen.clip();
  }

  /** The matched moments. */
  path(pen) {
    const { path, rowSeconds, columnSeconds, colours } = this.data;
    if (!path || path.length < 2) return;
    const points = path.map(([a, b]) => [this.across(cellAt(b, columnSeconds)), this.down(cellAt(a, rowSeconds))]);
    pen.save();
    this.inPlot(pen);
    line(pen, points, colours.paper, 4);
    line(pen, points, colours.text, 1.5);
    pen.restore();
  }

  /** Where the films stand: seconds of the rows and of the columns. */
  moment(a, b) {
    this.now = [a, b];
    this.drawTop();
  }

  drawMoment(pen) {
    const { left, top, wide, tall } = this.plot;
    const { colours, rowSeconds, columnSeconds } = this.data;
    const [x, y] = [this.across(cellAt(this.now[1], columnSeconds)), this.down(cellAt(this.now[0], rowSeconds))];
    pen.save();
    this.inPlot(pen);
    line(pen, [[left, y], [left + wide, y]], colours.other, 1.5);
    line(pen, [[x, top], [x, top + tall]], colours.other, 1.5);
    pen.beginPath();
    pen.arc(x, y, 5, 0, 2 * Math.PI);
    pen.fillStyle = colours.other;
    pen.fill();
    pen.lineWidth = 2;
    pen.strokeStyle = colours.paper;
    pen.stroke();
    pen.restore();
  }

  /** Frames around cells, on a sheet of their own: the pointer moves often, the cells do not. */
  drawTop() {
    if (!this.plot || !this.size) return;
    const pen = fitted(this.top, this.size.width, this.size.height);
    if (!pen) return;
    const { left, top, wide, tall } = this.plot;
    pen.beginPath();
    pen.rect(left - 3, top - 3, wide + 6, tall + 6);
    pen.clip();
    if (this.times && this.now) this.drawMoment(pen);
    if (this.hover) this.frame(pen, this.hover, this.data.colours.text, 1.5);
    if (this.chosen) this.frame(pen, this.chosen, this.data.colours.other, 3);
    if (this.sheet.matches(":focus-visible")) this.frame(pen, this.cell, this.data.colours.text, 2, [4, 3]);
  }

  frame(pen, [row, column], colour, width, dashes = []) {
    const [x, y] = [this.across(column), this.down(row)];
    const [wide, tall] = [Math.max(this.across(column + 1) - x, 5), Math.max(this.down(row + 1) - y, 5)];
    pen.setLineDash([]);
    pen.strokeStyle = this.data.colours.paper;
    pen.lineWidth = width + 2;
    pen.strokeRect(x, y, wide, tall);
    pen.setLineDash(dashes);
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.strokeRect(x, y, wide, tall);
    pen.setLineDash([]);
  }
}
