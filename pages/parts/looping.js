// One film that goes round between two moments, without sound, loaded only while it is wanted; and who of many may play.
// heat.js stands in front of this file; pieces put it in front of their own script, so nothing here is exported.

const PLAYING_AT_ONCE = 8; // more cost a laptop its calm, and nobody looks at more

/** A picture that a film covers while it plays. `told`: url, poster, start and end in seconds, alt, and sorry where it has no film. */
class Loop {
  constructor(told) {
    this.box = el("div", { className: "looping" });
    this.tell(told);
  }

  /** The same place with, perhaps, another film: what stays the same goes on undisturbed. */
  tell(told) {
    const before = this.told;
    this.told = told;
    if (before && ["url", "poster", "start", "end", "sorry"].every((name) => before[name] === told[name])) return;
    const wanted = this.wanted;
    this.sleep(true);
    this.broken = false;
    this.trials = 0;
    const poster = told.poster ? el("img", { src: told.poster, alt: told.alt ?? "", draggable: false, decoding: "async" }) : null;
    poster?.addEventListener("error", () => setTimeout(() => { if (this.trials < TRIALS) poster.src = told.poster; }, AGAIN_MS));
    this.box.replaceChildren(...[poster, told.sorry && !poster ? el("p", { className: "sorry" }, told.sorry) : null].filter(Boolean));
    if (wanted) this.wake();
  }

  get canPlay() {
    return Boolean(this.told.url) && !this.broken;
  }

  /** Load the film if it is not there, and go round. */
  wake() {
    this.wanted = true;
    if (!this.canPlay) return;
    if (!this.video) this.load();
    else if (this.video.readyState >= 2) this.go();
  }

  /** Stand still; `whole` lets the film go as well, as when nobody can see it. */
  sleep(whole = false) {
    this.wanted = false;
    if (!this.video) return;
    this.video.pause();
    if (!whole) return;
    this.video.removeAttribute("src");
    this.video.load(); // lets the connection and the decoder go
    this.video.remove();
    this.video = null;
  }

  load() {
    const video = el("video", { playsinline: "", preload: "auto", disablepictureinpicture: "", tabindex: "-1", "aria-hidden": "true" });
    video.muted = true;
    this.video = video;
    const mine = () => this.video === video;
    video.addEventListener("error", () => mine() && this.again());
    video.addEventListener("loadedmetadata", () => mine() && this.told.start > 0 && (video.currentTime = this.told.start));
    video.addEventListener("canplay", () => mine() && this.wanted && this.go());
    video.addEventListener("ended", () => mine() && this.round());
    video.addEventListener("timeupdate", () => mine() && this.look(video.currentTime));
    video.src = this.told.url;
    this.box.append(video);
    this.watch(video);
  }

  /** Every picture is looked at where a browser tells of them: its clock alone would run up to a quarter second too far. */
  watch(video) {
    if (!video.requestVideoFrameCallback) return;
    const each = (_, picture) => {
      if (this.video !== video) return;
      video.dataset.ready = "yes"; // from here on it covers its poster
      this.look(picture.mediaTime);
      video.requestVideoFrameCallback(each);
    };
    video.requestVideoFrameCallback(each);
  }

  look(seconds) {
    if (this.video.readyState >= 2) this.video.dataset.ready = "yes";
    const { start, end } = this.told;
    if (end > start && seconds >= end - 0.02 && !this.video.seeking) this.round();
  }

  round() {
    this.video.currentTime = this.told.start;
    if (this.wanted) this.go();
  }

  go() {
    if (!this.video.paused) return;
    this.video.play()?.catch(() => {}); // it was paused or taken away meanwhile, or may not play: its picture stands there
  }

  /** Between two runs of a page its files may be gone for a moment; a film that does not come after that is none. */
  again() {
    this.trials += 1;
    const { wanted } = this;
    this.sleep(true);
    this.wanted = wanted;
    this.broken = this.trials >= TRIALS;
    if (this.broken) return;
    setTimeout(() => { if (this.wanted && !this.video && !this.closed) this.wake(); }, AGAIN_MS * this.trials);
  }

  close() {
    this.closed = true;
    this.sleep(true);
  }
}

/** Lets some of many loops play: those that are seen, of them first the one that is pointed at, then in the order of the page. */
class Turns {
  constructor(most = PLAYING_AT_ONCE) {
    this.most = most;
    this.seen = new Map(); // element -> loop, of what is on the screen
    this.loops = new Map();
    this.still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.watcher = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const loop = this.loops.get(target);
        if (!loop) continue;
        if (isIntersecting) this.seen.set(target, loop);
        else {
          this.seen.delete(target);
          loop.sleep(true);
        }
      }
      this.arrange();
    }, { threshold: 0.2 });
  }

  add(loop) {
    this.loops.set(loop.box, loop);
    this.watcher.observe(loop.box);
  }

  remove(loop) {
    this.watcher.unobserve(loop.box);
    this.loops.delete(loop.box);
    this.seen.delete(loop.box);
    loop.close();
  }

  /** The one that somebody points at or stands on; null for none. */
  prefer(loop) {
    if (this.favourite === loop) return;
    this.favourite = loop;
    this.arrange();
  }

  /** All films stand, or may play. */
  hold(still) {
    this.still = still;
    this.arrange();
  }

  arrange() {
    const order = [...this.loops.keys()].filter((box) => this.seen.has(box)).map((box) => this.loops.get(box));
    const favourite = order.includes(this.favourite) ? [this.favourite] : [];
    const playing = this.still ? [] : [...new Set([...favourite, ...order])].filter((loop) => loop.canPlay).slice(0, this.most);
    for (const loop of order) {
      if (playing.includes(loop)) loop.wake();
      else loop.sleep();
    }
  }

  close() {
    this.watcher.disconnect();
    this.loops.forEach((loop) => loop.close());
    this.loops.clear();
    this.seen.clear();
  }
}
