// Films that play together. One film leads and is the clock; the others follow it: in step, shifted, or along a path
// of matched moments. heat.js and heatmap.js stand in front of this file; pieces put it in front of their own script, so
// nothing here is exported.

const PLAY = "M8 5v14l11-7z";
const PAUSE = "M6 5h4v14H6zm8 0h4v14h-4z";
const BACK = "M6 6h2v12H6zm12 0v12l-9-6z";
const FORTH = "M16 6h2v12h-2zM6 6l9 6-9 6z";
const SLOWEST = 0.0625; // what browsers allow; below it a film stands
const FASTEST = 16;
const RATES = [0.25, 0.5, 1, 1.5, 2];
const SETTLE_SECONDS = 0.3; // in which a small drift is driven out by a slightly other rate
const NAME_LETTERS = 26;
const SEEK_MS = 2500; // a film that needs longer to seek is not waited for

const kept = new Map(); // what a player that was taken off the page goes on with when it comes back

/** A player for one mount; `update` takes the data of each run of the page and keeps the films that stay the same. */
class Players {
  constructor(root, send) {
    this.root = root;
    this.send = send;
    this.films = [];
    this.loop = { on: false, start: null, end: null };
    this.rate = 1;
    this.aligned = false;
    this.shift = 0;
    this.running = false;
    this.jumps = 0;
    this.box = el("div", { className: "sync", tabindex: "0", role: "group", onkeydown: (event) => this.key(event) });
    this.row = el("div", { className: "films" });
    this.help = el("p", { className: "help" });
    this.live = el("p", { className: "unseen", "aria-live": "polite" });
    const films = el("div", { className: "side" }, this.row, this.transport(), this.help);
    this.box.append(this.heatPlace(), films, this.live);
    root.append(this.box);
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(this.box);
  }

  // -- what the page says ------------------------------------------------------------------------------------------

  update(data) {
    const before = this.data;
    this.data = data;
    const same = before && JSON.stringify(before.films) === JSON.stringify(data.films);
    const titles = (one) => JSON.stringify(one.films.map((film) => film.id ?? film.title));
    const redrawn = before && !same && titles(before) === titles(data) ? { time: this.time(), running: this.running } : null;
    if (!same) this.build(before, data);
    const changed = (name) => !before || JSON.stringify(before[name]) !== JSON.stringify(data[name]);
    if (changed("path") || !same) {
      this.path = knots(data.path);
      this.aligned = this.path.length > 1 && (same && before.path.length > 1 ? this.aligned : data.aligned);
    }
    if ((changed("loop") || !same) && data.loop) this.loop = { on: true, start: data.loop[0], end: data.loop[1] };
    if (changed("strip") || !same) this.buildStrip();
    if (changed("marks") || !same) this.films.forEach((film, place) => film.mark(data.marks.filter((one) => one.film === place)));
    if (changed("overlays") || !same) this.buildOverlays();
    const picked = same && data.heat?.chosen && changed("heat") && String(this.heatmap.chosen) !== String(data.heat.chosen);
    this.showHeat();
    if (picked) this.meet(data.heat.rowSeconds[data.heat.chosen[0]], data.heat.columnSeconds[data.heat.chosen[1]]);
    this.box.setAttribute("aria-label", `Films that play together: ${data.films.map((film) => film.title).join(", ")}`);
    this.box.dataset.layout = data.beside ? "beside" : "below";
    this.offered();
    this.draw();
    if (redrawn) this.jump(redrawn.time, redrawn.running); // the same clips with something drawn over them
    else if (!same) this.begin(before);
  }

  build(before, data) {
    this.pause(true);
    const old = new Map(this.films.map((film) => [film.told.url, film]));
    this.films = data.films.map((told) => {
      const film = told.url ? old.get(told.url) : null;
      if (film) old.delete(told.url);
      return film ? Object.assign(film, { told }) : new Film(told, this);
    });
    old.forEach((film) => film.close());
    this.row.replaceChildren(...this.films.map((film) => film.figure));
    this.row.style.setProperty("--films", String(Math.max(this.films.length, 1)));
    this.films.forEach((film, place) => film.tell(place, this));
    if (before) {
      this.shift = 0;
      this.loop = { on: data.play, start: null, end: null };
    }
  }

  /** Where a fresh set of films starts: where it was left when it comes back, at the beginning otherwise. */
  begin(before) {
    const left = before ? null : kept.get(this.data.key);
    const names = JSON.stringify(this.data.films.map((film) => film.url));
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (left && left.names === names) {
      ({ rate: this.rate, shift: this.shift, loop: this.loop } = left);
      this.aligned = left.aligned && this.path.length > 1;
      this.jump(left.time, left.running);
    } else {
      if (this.data.play && !this.loop.on) this.loop = { on: true, start: null, end: null };
      this.jump(this.data.start ?? (this.loop.on ? this.loopStart() : 0), this.data.play && !still);
    }
    this.offered();
  }

  close() {
    const names = JSON.stringify(this.data.films.map((film) => film.url));
    kept.set(this.data.key, {
      names, time: this.time(), running: this.running, rate: this.rate, aligned: this.aligned, shift: this.shift, loop: this.loop,
    });
    this.closed = true;
    this.resized.disconnect();
    this.films.forEach((film) => film.close());
    this.heatmap.close();
    this.box.remove();
  }

  // -- time --------------------------------------------------------------------------------------------------------

  get fit() {
    return this.films.filter((film) => film.video && !film.broken);
  }

  /** The first film leads along a path; in step the longest does, so that no film is cut off. */
  get leader() {
    const [first] = this.films;
    if (first?.video && !first.broken && (this.aligned || this.shift)) return first;
    return this.fit.reduce((longest, film) => (longest && longest.length >= film.length ? longest : film), null);
  }

  get length() {
    return this.leader?.length ?? 0;
  }

  time() {
    return this.leader?.video.currentTime ?? 0;
  }

  /** Where `film` should be while the leader is at `seconds`; unclamped. */
  wanted(film, seconds) {
    if (film === this.leader || film !== this.films[1]) return seconds;
    if (this.aligned) return along(this.path, seconds);
    return seconds + this.shift;
  }

  /** Seconds of `film` for each second of the leader. */
  slope(film, seconds) {
    if (!this.aligned || film !== this.films[1]) return 1;
    const step = 0.5 / this.leader.fps;
    return (along(this.path, seconds + step) - along(this.path, seconds - step)) / (2 * step);
  }

  loopStart() {
    return between(this.loop.start ?? 0, 0, this.length);
  }

  loopEnd() {
    return between(this.loop.end ?? this.length, 0, this.length);
  }

  /** Both films to one moment of the leader, exactly; then on, if `on`. A later jump overtakes an earlier one. */
  async jump(seconds, on = this.running) {
    const turn = (this.jumps += 1);
    this.jumping = true;
    this.fit.forEach((film) => film.video.pause());
    this.running = on;
    this.offered();
    if (!this.leader) {
      this.jumping = false;
      return;
    }
    await Promise.all(this.fit.map((film) => film.ready()));
    const leader = this.leader; // a film may have turned out to be none
    if (turn !== this.jumps || this.closed || !leader) return;
    const to = between(seconds, 0, leader.last);
    await Promise.all(this.fit.map((film) => film.seek(film === leader ? to : this.wanted(film, to))));
    if (turn !== this.jumps || this.closed) return;
    this.jumping = false;
    this.draw();
    if (this.running) this.go();
    else this.speak();
  }

  go() {
    const leader = this.leader;
    if (!leader) return;
    leader.setRate(this.rate);
    const started = leader.video.play();
    if (started) {
      started.catch((error) => {
        if (error.name === "NotAllowedError") this.pause();
      });
    }
    this.keepUp();
    this.watch();
  }

  play() {
    const start = this.loop.on ? this.loopStart() : 0;
    const end = this.loop.on ? this.loopEnd() : this.leader?.last;
    const now = this.time();
    const outside = now >= end - 0.01 || (this.loop.on && now < start - 0.01);
    this.jump(outside ? start : now, true);
  }

  pause(quiet = false) {
    this.jumps += 1; // a jump that is under way must not start the films again
    this.jumping = false;
    this.running = false;
    this.fit.forEach((film) => film.video.pause());
    this.offered();
    if (this.aligned || this.shift) this.jump(this.time(), false);
    else if (!quiet) this.speak();
  }

  toggle() {
    if (this.running) this.pause();
    else this.play();
  }

  /** One frame of the leader; the quarter of a frame keeps rounding from showing its neighbour. */
  step(frames) {
    const leader = this.leader;
    if (!leader) return;
    const frame = Math.floor(leader.video.currentTime * leader.fps + 0.01) + frames;
    this.jump((Math.max(frame, 0) + 0.25) / leader.fps, false);
  }

  /** Called at every picture of the leader. */
  tick() {
    if (!this.running || this.jumping || this.closed) return;
    const now = this.time();
    const frame = this.rate / this.leader.fps;
    if (this.loop.on && now + 0.75 * frame >= this.loopEnd()) {
      this.jump(this.loopStart(), true);
      return;
    }
    if (this.leader.video.ended || (!this.loop.on && now >= this.leader.length)) {
      this.pause();
      return;
    }
    this.keepUp();
    this.guard(now);
    this.draw();
  }

  /** Pictures may come late on a busy machine; the end of a loop does not wait for one. */
  guard(now) {
    clearTimeout(this.guarding);
    const left = (this.loopEnd() - now) / this.rate - 0.5 / this.leader.fps;
    if (this.loop.on && left < 1) this.guarding = setTimeout(() => this.tick(), Math.max(1000 * left, 4));
  }

  keepUp() {
    const now = this.time();
    this.fit.forEach((film) => {
      if (film !== this.leader) film.follow(this.wanted(film, now), this.slope(film, now) * this.rate);
    });
  }

  watch() {
    const turn = (this.watched = (this.watched ?? 0) + 1);
    const leader = this.leader;
    const next = () => {
      if (turn !== this.watched || !this.running || this.closed) return;
      this.tick();
      ask();
    };
    const ask = () => {
      if (leader.video.requestVideoFrameCallback) leader.video.requestVideoFrameCallback(next);
      else requestAnimationFrame(next);
    };
    ask();
  }

  // -- controls ----------------------------------------------------------------------------------------------------

  transport() {
    const button = (label, path, act) => el("button", { type: "button", "aria-label": label, title: label, onclick: act }, icon(path));
    this.playButton = button("Play", PLAY, () => this.toggle());
    this.playButton.classList.add("main");
    this.scrub = el("input", {
      type: "range", min: "0", max: "1", step: "any", value: "0", "aria-label": "Time of the first film", className: "scrub",
      oninput: () => this.jump(Number(this.scrub.value) * this.length, this.running),
    });
    this.span = el("div", { className: "span", hidden: true });
    this.rates = el(
      "select",
      { "aria-label": "Speed", title: "Speed", onchange: () => this.setRate(Number(this.rates.value)) },
      ...RATES.map((rate) => el("option", { value: String(rate) }, `${rate}×`)),
    );
    const chip = (text, title, act) => el("button", { type: "button", className: "chip", title, onclick: act }, text);
    this.loopIn = chip("[", "The loop starts here ([)", () => this.setLoop("start"));
    this.loopOn = chip("Loop", "Loop on or off (l)", () => this.toggleLoop());
    this.loopOut = chip("]", "The loop ends here (])", () => this.setLoop("end"));
    this.alignedOn = chip("Aligned", "Matched moments meet (a)", () => this.toggleAligned());
    this.shifted = chip("", "Both films in step again", () => this.setShift(0));
    this.loopIn.setAttribute("aria-label", "Start the loop here");
    this.loopOut.setAttribute("aria-label", "End the loop here");
    return el(
      "div",
      { className: "transport" },
      el("div", { className: "track" }, this.span, this.scrub),
      el(
        "div",
        { className: "buttons" },
        button("One frame back", BACK, () => this.step(-1)), this.playButton, button("One frame on", FORTH, () => this.step(1)),
        this.rates, el("span", { className: "loop" }, this.loopIn, this.loopOn, this.loopOut), this.alignedOn, this.shifted,
      ),
    );
  }

  /** Buttons as things stand. */
  offered() {
    const label = this.running ? "Pause" : "Play";
    if (this.playButton.title !== label) {
      this.playButton.replaceChildren(icon(this.running ? PAUSE : PLAY));
      this.playButton.setAttribute("aria-label", label);
      this.playButton.title = label;
    }
    this.rates.value = String(this.rate);
    this.loopOn.setAttribute("aria-pressed", String(this.loop.on));
    this.alignedOn.setAttribute("aria-pressed", String(this.aligned));
    this.alignedOn.hidden = !(this.path?.length > 1 && this.fit.length > 1);
    this.shifted.hidden = !this.shift || this.aligned;
    this.shifted.textContent = `Second ${number(Math.abs(this.shift))} s ${this.shift > 0 ? "ahead" : "behind"} ×`;
    const nothing = this.fit.length === 0;
    this.box.querySelectorAll(".transport button, .transport input, .transport select").forEach((one) => {
      one.disabled = nothing;
    });
    this.box.dataset.state = this.running ? "playing" : "paused";
    const more = this.alignedOn.hidden ? "" : ", a aligned";
    this.help.textContent = `Space plays, arrows step a frame, with shift a second, [ ] set the loop, l loops${more}.`;
  }

  setRate(rate) {
    this.rate = rate;
    if (this.running) {
      this.leader.setRate(rate);
      this.keepUp();
    }
    this.offered();
  }

  setLoop(end) {
    const now = this.time();
    this.loop[end] = now;
    if (this.loopEnd() - this.loopStart() < 1 / (this.leader?.fps ?? 25)) this.loop[end === "start" ? "end" : "start"] = null;
    this.loop.on = true;
    this.offered();
    this.draw();
    this.say(`The loop ${end === "start" ? "starts" : "ends"} at ${clock(now)}`);
  }

  toggleLoop() {
    this.loop.on = !this.loop.on;
    this.offered();
    this.draw();
    this.say(this.loop.on ? "Loop on" : "Loop off");
  }

  toggleAligned() {
    if (this.alignedOn.hidden) return;
    const first = this.films[0].video.currentTime;
    this.aligned = !this.aligned;
    this.shift = 0;
    this.offered();
    this.jump(first);
    this.say(this.aligned ? "Aligned: matched moments meet" : "In step");
  }

  setShift(seconds) {
    const first = this.films[0].video?.currentTime ?? 0;
    this.aligned = false;
    this.shift = Math.abs(seconds) < 0.5 / (this.films[0].fps || 25) ? 0 : seconds;
    this.offered();
    this.jump(first);
  }

  /** `film` to one of its own moments; the others as they belong to it. */
  moveTo(film, seconds) {
    if (film !== this.films[1] || film === this.leader) this.jump(seconds);
    else if (this.aligned) this.jump(along(this.path.map(([a, b]) => [b, a]), seconds));
    else this.jump(seconds - this.shift);
  }

  /** One moment of each film: on the path where there is one, else both stay that far apart. */
  meet(first, second) {
    if (this.films.length < 2 || !this.films[1].video) {
      this.jump(first);
    } else if (this.aligned) {
      this.jump(nearest(this.path, first, second)[0]);
    } else {
      this.shift = second - first;
      this.offered();
      this.jump(first);
    }
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.composedPath()[0];
    const native = target.tagName === "SELECT" || (target.tagName === "BUTTON" && [" ", "Enter"].includes(event.key));
    if (native) return;
    const second = this.films[1]?.video && !this.films[1].broken;
    const acts = {
      " ": () => this.toggle(),
      ArrowLeft: () => (event.shiftKey ? this.jump(this.time() - 1) : this.step(-1)),
      ArrowRight: () => (event.shiftKey ? this.jump(this.time() + 1) : this.step(1)),
      Home: () => this.jump(this.loop.on ? this.loopStart() : 0),
      End: () => this.jump(this.loop.on ? this.loopEnd() : this.length, false),
      "[": () => this.setLoop("start"),
      "]": () => this.setLoop("end"),
      l: () => this.toggleLoop(),
      a: () => this.toggleAligned(),
      ",": () => second && this.setShift(this.shift - 1 / this.films[1].fps),
      ".": () => second && this.setShift(this.shift + 1 / this.films[1].fps),
    };
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation(); // Streamlit has keys of its own
    act();
  }

  speak() {
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => {
      this.say(this.fit.map((film) => `${film.told.title} at ${clock(film.video.currentTime)}`).join(", "));
    }, 400);
  }

  say(text) {
    this.live.textContent = text;
  }

  // -- pictures ----------------------------------------------------------------------------------------------------

  draw() {
    if (!this.data) return;
    const leader = this.leader;
    const now = this.time();
    if (leader && !this.scrub.matches(":active")) this.scrub.value = String(now / (this.length || 1));
    this.scrub.setAttribute("aria-valuetext", clock(now));
    this.span.hidden = !this.loop.on || (this.loop.start === null && this.loop.end === null);
    this.span.style.left = `${(100 * this.loopStart()) / (this.length || 1)}%`;
    this.span.style.width = `${(100 * (this.loopEnd() - this.loopStart())) / (this.length || 1)}%`;
    this.films.forEach((film) => film.draw());
    this.drawStrip();
    this.drawHeat();
  }

  buildOverlays() {
    this.films.forEach((film, place) => film.lay(this.data.overlays.filter((one) => one.film === place)));
  }

  buildStrip() {
    const told = this.data.strip;
    this.strip?.remove();
    this.strip = null;
    if (!told || !this.films[0]) return;
    this.stripSheet = el("canvas", { role: "img", "aria-label": told.alt });
    this.strip = el("div", { className: "strip", onclick: (event) => this.stripClick(event) }, this.stripSheet);
    this.peaks = told.peaks.map((peak, place) => {
      const words = `Peak ${place + 1}: ${clock(peak.at)}, similarity ${number(peak.similarity)}`;
      const mark = el("button", {
        type: "button", className: "peak", title: words, "aria-label": words,
        onclick: (event) => {
          event.stopPropagation();
          this.jump(peak.at);
          this.send({ kind: "peak", peak: place, first: peak.at });
        },
      }, String(place + 1));
      this.strip.append(mark);
      return mark;
    });
    this.films[0].figure.append(this.strip);
  }

  stripClick(event) {
    const box = this.stripSheet.getBoundingClientRect();
    this.jump(((event.clientX - box.left) / box.width) * this.films[0].length);
  }

  drawStrip() {
    const told = this.data.strip;
    if (!this.strip || !told) return;
    const { clientWidth: wide, clientHeight: tall } = this.stripSheet;
    const pen = fitted(this.stripSheet, wide, tall);
    if (!pen) return;
    const length = this.films[0].length || 1;
    this.peaks.forEach((mark, place) => (mark.style.left = `${(100 * told.peaks[place].at) / length}%`));
    const across = (seconds) => (seconds / length) * wide;
    const down = (value) => tall - 3 - ((value - told.low) / (told.high - told.low || 1)) * (tall - 20);
    pen.fillStyle = this.data.colours.accent;
    pen.globalAlpha = 0.16;
    told.peaks.forEach((peak) => pen.fillRect(across(peak.start), 0, Math.max(across(peak.end) - across(peak.start), 2), tall));
    pen.globalAlpha = 1;
    pen.strokeStyle = this.data.colours.accent;
    pen.lineWidth = 1.5;
    pen.beginPath();
    told.seconds.forEach((seconds, at) => {
      if (told.values[at] !== null) pen.lineTo(across(seconds), down(told.values[at]));
    });
    pen.stroke();
    cursor(pen, this.data.colours.other, across(this.films[0].time), 0, across(this.films[0].time), tall);
  }

  heatPlace() {
    this.heatBox = el("div", { className: "heat", hidden: true });
    this.heatmap = new Heatmap(this.heatBox, (kind, cell) => this.heatActed(kind, cell));
    return this.heatBox;
  }

  showHeat() {
    const { heat } = this.data;
    this.heatBox.hidden = !heat;
    if (heat) this.heatmap.update({ ...heat, path: this.path, rowTitle: this.data.films[0].title, columnTitle: (this.data.films[1] ?? this.data.films[0]).title });
  }

  /** Choosing a cell moves the films, here and now; the page is told as well. */
  heatActed(kind, [row, column]) {
    const { rowSeconds, columnSeconds } = this.data.heat;
    const [first, second] = [rowSeconds[row], columnSeconds[column]];
    if (kind === "cell") this.meet(first, second);
    if (this.data.heat.tells || kind !== "cell") this.send({ kind, row, column, first, second });
  }

  drawHeat() {
    if (this.data.heat) this.heatmap.moment(this.films[0]?.time ?? 0, (this.films[1] ?? this.films[0])?.time ?? 0);
  }
}

/** One film: its figure, and a video that can be sent to a moment and made to keep up. */
class Film {
  constructor(told, players) {
    this.told = told;
    this.players = players;
    this.clock = el("span", { className: "clock" });
    this.name = el("span", { className: "name" });
    this.frame = el("div", { className: "frame" });
    this.figure = el("figure", { className: "film" }, this.frame, el("figcaption", {}, this.name, this.clock));
    if (told.url) this.load();
    else this.sorry(told.sorry || "This film is not here.");
  }

  load() {
    this.video = el("video", { muted: true, playsinline: "", preload: "auto", disablepictureinpicture: "", tabindex: "-1" });
    this.video.muted = true;
    this.video.addEventListener("error", () => this.again());
    this.video.addEventListener("click", () => this.players.toggle());
    for (const event of ["timeupdate", "ended"]) {
      this.video.addEventListener(event, () => this === this.players.leader && this.players.tick());
    }
    for (const event of ["loadedmetadata", "seeked"]) this.video.addEventListener(event, () => this.players.draw());
    this.video.src = this.told.url;
    this.frame.replaceChildren(this.video);
  }

  /** Between two runs of a page its files may be gone for a moment; a film that does not come after that is none. */
  again() {
    this.trials = (this.trials ?? 0) + 1;
    if (this.closed) return;
    if (this.trials >= TRIALS) {
      this.sorry("This browser cannot play this film.");
      return;
    }
    const { players } = this;
    const [time, on] = [this === players.leader ? this.time : players.time(), players.running];
    setTimeout(() => {
      if (this.closed) return;
      this.video.load();
      if (time > 0 || on) players.jump(time, on);
    }, AGAIN_MS * this.trials);
  }

  tell(place, players) {
    const { title } = this.told;
    this.name.textContent = title.length > NAME_LETTERS ? `${title.slice(0, 12)}…${title.slice(13 - NAME_LETTERS)}` : title; // both ends tell something
    this.name.title = this.told.title;
    this.video?.setAttribute("aria-label", `${this.told.title}, film ${place + 1} of ${players.films.length}`);
  }

  sorry(text) {
    this.broken = true;
    this.frame.replaceChildren(el("p", { className: "sorry" }, text));
    this.clock.textContent = "";
    this.players.offered?.();
  }

  close() {
    this.closed = true;
    if (!this.video) return;
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load(); // lets the connection go
  }

  get fps() {
    return this.told.fps > 0 ? this.told.fps : 25;
  }

  get length() {
    const known = this.video?.duration;
    return Number.isFinite(known) && known > 0 ? known : this.told.length;
  }

  /** The beginning of the last picture, or nearly: at the very end there is none to show. */
  get last() {
    return Math.max(0, this.length - 0.5 / this.fps);
  }

  get time() {
    return this.video && !this.broken ? this.video.currentTime : 0;
  }

  async ready() {
    if (this.video.readyState >= 1) return;
    await first(this.video, ["loadedmetadata", "error"], 20000);
  }

  async seek(seconds) {
    if (this.broken) return;
    const to = between(seconds, 0, this.last);
    if (Math.abs(this.video.currentTime - to) < 1e-4 && !this.video.seeking) return;
    this.video.currentTime = to;
    await first(this.video, ["seeked", "error"], SEEK_MS);
  }

  setRate(rate) {
    const to = between(rate, SLOWEST, FASTEST);
    if (Math.abs(this.video.playbackRate - to) > 0.004 * to) this.video.playbackRate = to;
  }

  /** Be at `seconds` and go on at `rate` seconds a second. */
  follow(seconds, rate) {
    const video = this.video;
    if (video.seeking) return;
    const drift = video.currentTime - seconds;
    const held = seconds <= 0 || seconds >= this.last;
    if (held || rate < SLOWEST) {
      if (!video.paused) video.pause();
      if (Math.abs(drift) > 0.5 / this.fps) video.currentTime = between(seconds, 0, this.last);
      return;
    }
    if (Math.abs(drift) > Math.max(1.5 / this.fps, 0.06) + 0.02 * rate) {
      video.currentTime = between(seconds + 0.04 * rate, 0, this.last); // a seek takes a moment, in which the leader goes on
    }
    this.setRate(Math.max(rate - drift / SETTLE_SECONDS, 0.5 * rate));
    if (video.paused) video.play().catch(() => {}); // overtaken by a pause; the next picture asks again
  }

  mark(marks) {
    this.bars?.remove();
    this.bars = null;
    if (!marks.length) return;
    this.bars = el("div", { className: "bars" }, ...marks.map((one) => {
      const words = `${one.text}: ${clock(one.start)} to ${clock(one.end)}`;
      const bar = el("button", { type: "button", className: "bar", title: words, "aria-label": words, onclick: () => this.players.moveTo(this, one.start) });
      return bar;
    }));
    this.marks = marks;
    this.figure.append(this.bars);
  }

  lay(overlays) {
    this.overlays = overlays;
    this.over?.remove();
    this.over = null;
    if (!overlays.length || !this.video) return;
    this.over = el("img", { className: "over", alt: overlays[0].alt || "What counts most, laid over the film" });
    this.frame.append(this.over);
  }

  draw() {
    if (!this.video || this.broken) return;
    this.clock.textContent = `${clock(this.time)} of ${clock(this.length)}`;
    [...(this.bars?.children ?? [])].forEach((bar, at) => {
      bar.style.left = `${(100 * this.marks[at].start) / this.length}%`;
      bar.style.width = `${(100 * (this.marks[at].end - this.marks[at].start)) / this.length}%`;
    });
    if (!this.over) return;
    const now = this.overlays.find((one) => one.start <= this.time && this.time < one.end);
    this.over.hidden = !now;
    if (now && this.over.getAttribute("src") !== now.url) this.over.src = now.url;
  }
}

// -- paths and small drawings ----------------------------------------------------------------------------------------

/** Resolves at the first of `names`, or after `most` milliseconds. */
function first(target, names, most) {
  return new Promise((done) => {
    const end = () => {
      clearTimeout(late);
      names.forEach((name) => target.removeEventListener(name, end));
      done();
    };
    const late = setTimeout(end, most);
    names.forEach((name) => target.addEventListener(name, end));
  });
}

/** The path with its ends in order; of knots at one moment of the first film the last counts for what follows. */
function knots(path) {
  return (path ?? []).map(([a, b]) => [a, b]);
}

/** The moment of the second film that belongs to `seconds` of the first; outside the path both go on at one pace. */
function along(path, seconds) {
  if (seconds <= path[0][0]) return path[0][1] + (seconds - path[0][0]);
  const [endA, endB] = path[path.length - 1];
  if (seconds >= endA) return endB + (seconds - endA);
  let [low, high] = [0, path.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (path[middle][0] <= seconds) low = middle;
    else high = middle;
  }
  const [[a, b], [nextA, nextB]] = [path[low], path[high]];
  return nextA > a ? b + ((seconds - a) / (nextA - a)) * (nextB - b) : nextB;
}

/** The point of the path that lies nearest to a pair of moments. */
function nearest(path, a, b) {
  let [best, found] = [Infinity, path[0]];
  for (let at = 1; at < path.length; at += 1) {
    const [[x, y], [nextX, nextY]] = [path[at - 1], path[at]];
    const [dx, dy] = [nextX - x, nextY - y];
    const share = between(((a - x) * dx + (b - y) * dy) / (dx * dx + dy * dy || 1), 0, 1);
    const point = [x + share * dx, y + share * dy];
    const away = (point[0] - a) ** 2 + (point[1] - b) ** 2;
    if (away < best) [best, found] = [away, point];
  }
  return found;
}
