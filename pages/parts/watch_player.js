// Flags and the film they are in, as one thing: the player, its timeline (scores, threshold, a bar for each flag) and the list
// of all flags. heat.js, heatmap.js, looping.js and players.js stand in front of this file.

const VERDICTS = { accepted: "accepted", rejected: "false alarm", "": "not looked at" };
const ACCEPT = "M9 16.2 4.8 12l-1.4 1.4L9 19 21 7l-1.4-1.4z";
const REJECT = "M18.3 5.7 12 12l6.3 6.3-1.4 1.4L10.6 13.4 4.3 19.7 2.9 18.3 9.2 12 2.9 5.7 4.3 4.3l6.3 6.3 6.3-6.3z";
const ZOOM = 2;
const CLOSEST_SECONDS = 4; // a timeline never shows less than this
const TELL_MS = 400; // so long somebody stands on a flag before the address says so
const LEAD_SECONDS = 0.5; // what is seen before a flag begins
const LANE_PX = 18; // flags
const AXIS_PX = 16; // clock times

class Watching extends Players {
  constructor(root, send) {
    super(root, send);
    this.decided = new Map(); // what was decided here and the page has not confirmed: flag -> verdict
    this.steps = []; // the same in order, with what each took back
    this.rows = new Map();
    this.turns = new Turns(6);
    this.span_ = null;
    this.list = el("div", { className: "w-list", role: "group", onkeydown: (event) => this.key(event) });
    this.hint = el("p", { className: "w-help" }, "Space plays, ← → a second, J K to the next flag, A accepts, R rejects, U takes back, + − 0 zoom.");
    const side = el("div", { className: "w-side" }, this.list);
    this.shell = el("div", { className: "watching" }, this.box, side, this.hint);
    this.box.querySelector(".transport").before(this.timePlace());
    root.append(this.shell);
    this.onPage = (event) => this.pageKey(event);
    window.addEventListener("keydown", this.onPage, true);
  }

  // -- what the page says ------------------------------------------------------------------------------------------

  update(data) {
    const before = this.data;
    const handled = data.handled ?? 0;
    this.steps = this.steps.filter((step) => step.serial > handled);
    this.decided = new Map(this.steps.map((step) => [step.flag, step.verdict]));
    const settled = !this.serial || handled >= this.serial;
    const had = this.active;
    if (settled || !data.rows.some((row) => row.id === this.active)) this.active = data.chosen;
    const clip = data.films[0]?.id;
    if (before && before.films[0]?.id !== clip) this.view = null;
    super.update({ path: [], heat: null, loop: null, marks: [], strip: null, overlays: [], play: false, aligned: false, beside: false, ...data });
    this.buildList(data);
    this.buildBars();
    this.stand(this.active, { look: false });
    const row = this.rowOf(this.active);
    if (before && row && had !== this.active && row.clip === clip && before.films[0]?.id === clip) this.see(row);
    this.offered();
    this.draw();
    this.shell.dataset.ready = "yes";
  }

  close() {
    window.removeEventListener("keydown", this.onPage, true);
    this.turns.close();
    super.close();
    this.shell.remove();
  }

  rowOf(id) {
    return this.data?.rows.find((row) => row.id === id);
  }

  verdict(row) {
    return this.decided.get(row.id) ?? row.verdict;
  }

  // -- the timeline ------------------------------------------------------------------------------------------------

  timePlace() {
    this.sheet = el("canvas", { role: "img" });
    this.lane = el("div", { className: "w-lane" });
    this.tip = el("div", { className: "w-tip", hidden: true });
    this.time_ = el(
      "div",
      { className: "w-time", onclick: (event) => this.timeClick(event), onpointermove: (event) => this.timePoint(event), onpointerleave: () => (this.tip.hidden = true) },
      this.sheet, this.lane, this.tip,
    );
    this.time_.addEventListener("wheel", (event) => this.timeWheel(event), { passive: false });
    this.zooms = el(
      "span", { className: "w-zooms" },
      ...[["−", "Show more of the clip (−)", () => this.zoom(1 / ZOOM)], ["+", "Show less of the clip (+)", () => this.zoom(ZOOM)], ["all", "Show all of the clip (0)", () => this.zoom(0)]].map(
        ([text, title, act]) => el("button", { type: "button", title, "aria-label": title, onclick: act }, text),
      ),
    );
    this.legend = el("div", { className: "w-legend" });
    return el("div", { className: "w-timeline" }, this.time_, el("div", { className: "w-under" }, this.legend, this.zooms));
  }

  get shown() {
    const length = this.films[0]?.length || 1;
    return this.view ?? [0, length];
  }

  across(seconds, wide) {
    const [from, to] = this.shown;
    return ((seconds - from) / (to - from || 1)) * wide;
  }

  secondsOf(event) {
    const box = this.sheet.getBoundingClientRect();
    const [from, to] = this.shown;
    return from + between((event.clientX - box.left) / (box.width || 1), 0, 1) * (to - from);
  }

  timeClick(event) {
    this.jump(this.secondsOf(event));
  }

  timeWheel(event) {
    if (!event.ctrlKey && !event.shiftKey) return; // the page scrolls as ever
    event.preventDefault();
    this.zoom(event.deltaY + event.deltaX < 0 ? ZOOM : 1 / ZOOM, this.secondsOf(event));
  }

  /** Show `times` less of the clip around a moment; 0 shows all. */
  zoom(times, around = this.time()) {
    const length = this.films[0]?.length || 1;
    const [from, to] = this.shown;
    const wide = times ? Math.max((to - from) / times, Math.min(CLOSEST_SECONDS, length)) : length;
    if (wide >= length) this.view = null;
    else {
      const share = between((around - from) / (to - from || 1), 0, 1);
      const start = between(around - share * wide, 0, length - wide);
      this.view = [start, start + wide];
    }
    this.offered();
    this.draw();
    this.say(this.view ? `From ${clock(this.view[0])} to ${clock(this.view[1])}` : "All of the clip");
  }

  /** What is played stays on the timeline. */
  follow() {
    if (!this.view) return;
    const now = this.time();
    const [from, to] = this.view;
    if (now >= from && now <= to) return;
    const wide = to - from;
    const start = between(now - 0.1 * wide, 0, Math.max((this.films[0]?.length || 1) - wide, 0));
    this.view = [start, start + wide];
  }

  timePoint(event) {
    const seconds = this.secondsOf(event);
    const told = (this.data?.courses ?? []).map((course) => {
      const at = nearestAt(course.seconds, seconds);
      return at < 0 ? "" : `${course.name}: ${course.sure[at] === null ? "–" : `${Math.round(100 * course.sure[at])} %`}, similarity ${course.like[at] === null ? "–" : number(course.like[at])}`;
    });
    this.tip.replaceChildren(el("strong", {}, clock(seconds)), ...told.filter(Boolean).map((text) => el("div", {}, text)));
    this.tip.hidden = false;
    const box = this.time_.getBoundingClientRect();
    const x = event.clientX - box.left;
    this.tip.style.left = `${between(x, 0, box.width - this.tip.offsetWidth)}px`;
  }

  buildBars() {
    const here = this.data.rows.filter((row) => row.clip === this.data.films[0]?.id);
    this.bars = here.map((row) => {
      const bar = el("button", { type: "button", className: "w-bar", tabindex: "-1", onclick: (event) => { event.stopPropagation(); this.choose(row.id); } });
      return { bar, row };
    });
    this.lane.replaceChildren(...this.bars.map((one) => one.bar));
    this.legend.replaceChildren(...this.data.courses.map((course, at) =>
      el("span", { className: "w-key", "data-at": String(at) }, el("i", { style: `--w-line: ${this.colourOf(at)}` }), course.name)));
    if (this.data.courses.length) this.legend.append(el("span", { className: "w-key" }, el("i", { className: "w-dash" }), "threshold"));
    const told = this.data.courses.map((course) => course.name).join(", ");
    this.sheet.setAttribute("aria-label", `${told ? `Score of ${told} over the time of the clip` : "The time of the clip"}, with ${here.length} flags; a click goes to that moment.`);
  }

  colourOf(at) {
    return [this.data.colours.accent, this.data.colours.other, this.data.colours.muted][Math.min(at, 2)];
  }

  drawTimeline() {
    if (!this.data || !this.bars || !this.films[0]) return;
    if (this.running) this.follow();
    const { clientWidth: wide, clientHeight: tall } = this.sheet;
    const pen = fitted(this.sheet, wide, tall);
    if (!pen) return;
    const floor = tall - AXIS_PX - LANE_PX - 2;
    const { accent, other, muted } = this.data.colours;
    this.drawClock(pen, wide, tall, muted);
    this.bars.forEach(({ row }) => this.drawShade(pen, row, wide, floor));
    this.data.courses.forEach((course, at) => this.drawCourse(pen, course, wide, floor, this.colourOf(at), at === 0));
    this.data.courses.forEach((course, at) => this.drawThreshold(pen, course, wide, floor, this.colourOf(at)));
    const now = this.across(this.films[0].time, wide);
    cursor(pen, other === accent ? muted : other, now, 0, now, tall - AXIS_PX);
    this.bars.forEach(({ bar, row }) => this.placeBar(bar, row, wide));
    this.sheet.dataset.at = this.films[0].time.toFixed(2);
    this.time_.dataset.at = this.films[0].time.toFixed(2);
  }

  drawClock(pen, wide, tall, colour) {
    const [from, to] = this.shown;
    pen.font = "11px system-ui, sans-serif";
    pen.fillStyle = colour;
    pen.textBaseline = "bottom";
    for (const at of round(from, to, wide / 74)) {
      const x = this.across(at, wide);
      pen.globalAlpha = 0.35;
      pen.fillRect(x, tall - AXIS_PX, 1, 3);
      pen.globalAlpha = 1;
      const text = time(at, to - from);
      const half = pen.measureText(text).width / 2;
      pen.fillText(text, between(x - half, 0, wide - 2 * half), tall);
    }
  }

  drawShade(pen, row, wide, floor) {
    const verdict = this.verdict(row);
    const x = this.across(row.start, wide);
    pen.fillStyle = verdict === "rejected" ? this.data.colours.muted : this.data.colours.accent;
    pen.globalAlpha = row.id === this.active ? 0.22 : 0.1;
    pen.fillRect(x, 0, Math.max(this.across(row.end, wide) - x, 2), floor);
    pen.globalAlpha = 1;
  }

  down(value, course, floor) {
    return floor - 2 - between((value - course.low) / (course.high - course.low || 1), 0, 1) * (floor - 6);
  }

  drawCourse(pen, course, wide, floor, colour, filled) {
    const points = course.seconds.map((seconds, at) => (course.values[at] === null ? null : [this.across(seconds, wide), this.down(course.values[at], course, floor)]));
    const known = points.filter(Boolean);
    if (!known.length) return;
    const [[, first], [, last]] = [known[0], known[known.length - 1]]; // the outer windows speak for the ends too
    const ends = [[this.across(0, wide), first], ...known, [this.across(this.films[0].length, wide), last]];
    const seen = ends.filter(([x], at) => (ends[at + 1]?.[0] ?? x) >= 0 && (ends[at - 1]?.[0] ?? x) <= wide);
    if (filled && seen.length > 1) {
      pen.beginPath();
      pen.moveTo(seen[0][0], floor);
      seen.forEach(([x, y]) => pen.lineTo(x, y));
      pen.lineTo(seen[seen.length - 1][0], floor);
      pen.fillStyle = colour;
      pen.globalAlpha = 0.1;
      pen.fill();
      pen.globalAlpha = 1;
    }
    line(pen, seen, colour, 1.5);
  }

  drawThreshold(pen, course, wide, floor, colour) {
    if (course.threshold === null) return;
    const y = this.down(course.threshold, course, floor);
    pen.setLineDash([5, 4]);
    line(pen, [[0, y], [wide, y]], colour, 1);
    pen.setLineDash([]);
  }

  placeBar(bar, row, wide) {
    const x = this.across(row.start, wide);
    bar.hidden = this.across(row.end, wide) < 0 || x > wide;
    bar.style.left = `${between(x, 0, wide)}px`;
    bar.style.width = `${Math.max(between(this.across(row.end, wide), 0, wide) - between(x, 0, wide), 6)}px`;
    const verdict = this.verdict(row);
    bar.dataset.verdict = verdict;
    bar.dataset.flag = String(row.id);
    bar.setAttribute("aria-pressed", String(row.id === this.active));
    const words = `${row.concept}, ${clock(row.start)} to ${clock(row.end)}, ${VERDICTS[verdict]}`;
    if (bar.title !== words) {
      bar.title = words;
      bar.setAttribute("aria-label", words);
    }
  }

  // -- the list ----------------------------------------------------------------------------------------------------

  buildList(data) {
    const kept = new Set(data.rows.map((row) => row.id));
    for (const [id, one] of this.rows) {
      if (kept.has(id)) continue;
      this.turns.remove(one.loop);
      this.rows.delete(id);
    }
    const old = this.rows;
    const children = [];
    this.rows = new Map();
    let clip = null;
    for (const told of data.rows) {
      if (told.clip !== clip) {
        clip = told.clip;
        children.push(el("div", { className: "w-group", title: told.title }, el("span", { className: "w-title" }, told.title), el("span", { className: "w-about" }, told.about)));
      }
      const row = old.get(told.id) ?? new FlagRow(told, this);
      row.tell(told);
      this.rows.set(told.id, row);
      children.push(row.box);
    }
    const top = this.list.scrollTop;
    if (children.length !== this.list.children.length || children.some((one, at) => this.list.children[at] !== one)) {
      const focused = [...this.rows.values()].find((one) => one.box.matches(":focus-within"));
      this.list.replaceChildren(...children);
      this.list.scrollTop = top;
      focused?.box.focus({ preventScroll: true });
    }
    this.turns.loops = new Map([...this.rows.values()].map((row) => [row.loop.box, row.loop]));
    this.turns.arrange();
    this.list.setAttribute("aria-label", data.alt);
  }

  /** The flag that is looked at, in the list and on the timeline. */
  stand(id, { look = true, focus = false } = {}) {
    this.active = id;
    for (const [one, row] of this.rows) row.reach(one === id);
    const row = this.rows.get(id);
    if (!row) return;
    if (look) this.turns.prefer(row.loop);
    const { offsetTop: top, offsetHeight: tall } = row.box;
    const { scrollTop, clientHeight } = this.list;
    if (top < scrollTop + 32) this.list.scrollTop = Math.max(top - 32, 0);
    else if (top + tall > scrollTop + clientHeight) this.list.scrollTop = top + tall - clientHeight;
    if (focus) row.box.focus({ preventScroll: true });
  }

  choose(id, focus = false) {
    const row = this.rowOf(id);
    if (!row) return;
    this.stand(id, { focus: focus || this.list.matches(":focus-within") });
    if (row.clip === this.data.films[0]?.id) this.see(row);
    this.draw();
    this.say(`${row.concept}, ${clock(row.start)} to ${clock(row.end)}, ${VERDICTS[this.verdict(row)]}`);
    this.count(); // what the page says of before that is out of date
    clearTimeout(this.telling);
    if (row.clip === this.data.films[0]?.id) this.telling = setTimeout(() => this.tell("choose"), TELL_MS);
    else this.tell("choose");
  }

  see(row) {
    const seconds = Math.max(row.start - LEAD_SECONDS, 0);
    if (this.view && (row.start < this.view[0] || row.end > this.view[1])) {
      const wide = this.view[1] - this.view[0];
      const start = between((row.start + row.end - wide) / 2, 0, Math.max((this.films[0]?.length || 1) - wide, 0));
      this.view = [start, start + wide];
    }
    this.loop = { on: this.loop.on, start: seconds, end: Math.min(row.end + LEAD_SECONDS, this.films[0]?.length ?? row.end) };
    this.jump(seconds);
  }

  next(step) {
    const ids = this.data.rows.map((row) => row.id);
    const at = ids.indexOf(this.active);
    const to = at < 0 ? 0 : between(at + step, 0, ids.length - 1);
    if (ids.length) this.choose(ids[to]);
  }

  decide(verdict, id = this.active) {
    const row = this.rowOf(id);
    if (!row) return;
    const before = this.verdict(row);
    const to = before === verdict ? "" : verdict; // the same again takes it back
    this.mark(id, to, before);
    const ids = this.data.rows;
    const at = ids.indexOf(row);
    const open = [...ids.slice(at + 1), ...ids.slice(0, at)].find((one) => !this.verdict(one));
    if (id === this.active && to && open) this.choose(open.id);
    this.tell("decide");
    this.say(`${row.concept} at ${clock(row.start)}: ${VERDICTS[to]}`);
  }

  mark(id, verdict, before, undo = false) {
    this.steps.push({ serial: this.count(), flag: id, verdict, before, undo });
    this.decided.set(id, verdict);
    this.rows.get(id)?.judge(verdict);
    this.draw();
  }

  undo() {
    const taken = this.steps.filter((step) => step.undo).length;
    const done = [...this.data.done, ...this.steps.filter((step) => !step.undo)];
    const last = done[done.length - 1 - taken];
    if (!last) {
      this.say("Nothing to take back");
      return;
    }
    this.mark(last.flag, last.before, last.verdict, true);
    if (this.rowOf(last.flag)) this.choose(last.flag);
    this.tell("undo");
    this.say("Taken back");
  }

  /** A number above all before it, those of an earlier look at the page among them. */
  count() {
    this.serial = Math.max(Date.now(), (this.serial ?? 0) + 1);
    return this.serial;
  }

  /** Two quick events may reach the server as one: each says all that is not confirmed. */
  tell(kind) {
    clearTimeout(this.telling);
    this.count();
    this.send({ kind, flag: this.active ?? 0, steps: this.steps.map(({ serial, flag, verdict, undo }) => ({ serial, flag, verdict, undo })), serial: this.serial });
  }

  // -- keys --------------------------------------------------------------------------------------------------------

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.composedPath()[0];
    if (target.tagName === "SELECT" || (target.tagName === "BUTTON" && [" ", "Enter"].includes(event.key))) return;
    const scrub = target === this.scrub;
    const big = event.shiftKey ? 10 : 1;
    const acts = {
      " ": () => this.toggle(),
      ArrowLeft: () => this.jump(this.time() - big),
      ArrowRight: () => this.jump(this.time() + big),
      ArrowUp: () => this.next(-1),
      ArrowDown: () => this.next(1),
      Home: () => this.jump(0),
      End: () => this.jump(this.length, false),
      Enter: () => this.active && this.choose(this.active),
      k: () => this.next(-1),
      j: () => this.next(1),
      a: () => this.decide("accepted"),
      r: () => this.decide("rejected"),
      u: () => this.undo(),
      l: () => this.toggleLoop(),
      "[": () => this.setLoop("start"),
      "]": () => this.setLoop("end"),
      ",": () => this.step(-1),
      ".": () => this.step(1),
      "+": () => this.zoom(ZOOM),
      "=": () => this.zoom(ZOOM),
      "-": () => this.zoom(1 / ZOOM),
      0: () => this.zoom(0),
    };
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (!acts[name] || (scrub && name.startsWith("Arrow") && !event.shiftKey && ["ArrowUp", "ArrowDown"].includes(name))) return;
    event.preventDefault();
    event.stopPropagation(); // Streamlit has keys of its own
    acts[name]();
  }

  /** Where nothing of the page has focus the keys are meant for the flags that are on the screen. */
  pageKey(event) {
    const focused = document.activeElement ?? document.body;
    const pressed = focused.tagName === "BUTTON"; // the one that brought the flags, say: only letters are free then
    if (focused !== document.body && !(pressed && /^[a-z]$/i.test(event.key))) return;
    const { top, bottom } = this.shell.getBoundingClientRect();
    if (bottom < 80 || top > window.innerHeight - 80) return;
    if ([" ", "ArrowLeft", "ArrowRight"].includes(event.key) || (event.key.length === 1 && !event.shiftKey)) this.key(event);
  }

  // -- what the players draw ---------------------------------------------------------------------------------------

  offered() {
    super.offered();
    if (!this.shell) return;
    this.help.hidden = true;
    this.zooms.children[2].disabled = !this.view;
    this.zooms.children[0].disabled = !this.view;
  }

  drawStrip() {
    this.drawTimeline();
  }

  buildStrip() {}
}

/** One flag in the list: a small film that goes round, what it is, and the two answers. */
class FlagRow {
  constructor(told, all) {
    this.all = all;
    this.loop = new Loop(small(told));
    this.concept = el("span", { className: "w-concept" });
    this.span = el("span", { className: "w-span" });
    this.sure = el("span", { className: "w-sure" });
    const answer = (name, text, path) => el("button", { type: "button", className: "w-answer", title: text, onclick: (event) => { event.stopPropagation(); all.decide(name, all.active === this.told.id ? undefined : this.told.id); } }, icon(path));
    this.accept = answer("accepted", "Accept (A)", ACCEPT);
    this.reject = answer("rejected", "A false alarm (R)", REJECT);
    this.box = el(
      "div", { className: "w-row", role: "group", onclick: () => all.choose(this.told.id, true) },
      el("div", { className: "w-film" }, this.loop.box), el("div", { className: "w-words" }, this.concept, this.span, this.sure),
      el("div", { className: "w-answers" }, this.accept, this.reject),
    );
    this.box.addEventListener("pointerenter", () => all.turns.prefer(this.loop));
    all.turns.add(this.loop);
  }

  tell(told) {
    this.told = told;
    this.loop.tell(small(told));
    this.concept.textContent = told.concept;
    this.span.textContent = `${clock(told.start)} – ${clock(told.end)}`;
    this.sure.textContent = told.figures;
    this.box.dataset.flag = String(told.id);
    this.judge(this.all.verdict(told));
  }

  judge(verdict) {
    this.box.dataset.verdict = verdict;
    this.accept.setAttribute("aria-pressed", String(verdict === "accepted"));
    this.reject.setAttribute("aria-pressed", String(verdict === "rejected"));
    const what = `${this.told.concept}, ${this.span.textContent}`;
    this.accept.setAttribute("aria-label", `Accept ${what}`);
    this.reject.setAttribute("aria-label", `Reject ${what}`);
    this.box.setAttribute("aria-label", `${what}, ${this.told.figures}, ${VERDICTS[verdict]}`);
  }

  reach(on) {
    this.box.dataset.active = on ? "yes" : "no";
    this.box.setAttribute("aria-current", String(on));
    for (const one of [this.box, this.accept, this.reject]) one.tabIndex = on ? 0 : -1;
  }
}

/** What its small film is told: that has times of its own. */
const small = (told) => ({ ...told, start: told.from, end: told.to });

/** The number of the moment nearest to `seconds`; moments rise. -1 for none. */
function nearestAt(moments, seconds) {
  let [low, high] = [0, moments.length - 1];
  if (high < 0) return -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (moments[middle] <= seconds) low = middle;
    else high = middle;
  }
  return Math.abs(moments[high] - seconds) < Math.abs(moments[low] - seconds) ? high : low;
}

/** "0:07", "1:02:03"; below ten seconds across with a tenth. */
function time(seconds, across) {
  const whole = Math.floor(seconds + 1e-6);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  const rest = across < 10 ? (seconds % 60).toFixed(1).padStart(4, "0") : String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

const mounted = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  let watching = mounted.get(parentElement);
  if (!watching) {
    watching = new Watching(parentElement, (event) => watching.trigger("event", event));
    mounted.set(parentElement, watching);
  }
  watching.trigger = setTriggerValue;
  watching.update(data);
  return () => {
    watching.close();
    mounted.delete(parentElement);
  };
}
