// Many dots, drawn by the graphics card: WebGL where the browser has it, a plain canvas where not. Put in front of scatter.js.
//
// Why not a charting library: of 50,000 dots, one that was tried draws a few pictures a second while somebody drags, and is some
// megabytes to fetch and to read before the first (docs/map.md has the numbers). What a map needs of it is two small programs.

const VERTEX = `
attribute vec2 place;
attribute vec4 colour;
attribute float mark;
uniform vec2 middle, zoom;
uniform float size, dim, wanted;
varying vec4 ink;
varying float wide; // a uniform of both programs would need one precision in both
void main() {
  wide = size;
  bool shown = dim < 0.5 || (mark > 0.5) == (wanted > 0.5);
  gl_Position = shown ? vec4((place - middle) * zoom, 0.0, 1.0) : vec4(2.0, 2.0, 0.0, 1.0);
  gl_PointSize = size;
  ink = vec4(colour.rgb, dim > 0.5 && wanted < 0.5 ? 0.16 : 0.92);
}`;
const FRAGMENT = `
precision mediump float;
varying vec4 ink;
varying float wide;
uniform vec3 paper;
void main() {
  float away = length(gl_PointCoord - 0.5) * wide;
  float edge = wide * 0.5;
  float inside = 1.0 - smoothstep(edge - 1.4, edge - 0.2, away);
  float rim = wide > 9.0 ? smoothstep(edge - 2.6, edge - 1.6, away) : 0.0;
  float alpha = ink.a * inside;
  gl_FragColor = vec4(mix(ink.rgb, paper, rim * 0.85) * alpha, alpha);
}`;

/** Draws N dots onto a canvas. `places` (2 N) are map units; a view is a middle and the pixels of one unit. */
class Dots {
  constructor(canvas) {
    this.canvas = canvas;
    this.count = 0;
    this.gl = canvas.getContext("webgl", { antialias: false, alpha: true, premultipliedAlpha: true });
    if (this.gl) this.prepare();
    else this.pen = canvas.getContext("2d");
    canvas.dataset.drawnBy = this.gl ? "webgl" : "canvas";
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => {
      this.prepare();
      if (this.places) this.set(this.places, this.colours, this.marks);
      this.restored?.();
    });
  }

  prepare() {
    const { gl } = this;
    const program = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (gl.isContextLost()) return;
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
    gl.useProgram(program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.where = Object.fromEntries(["middle", "zoom", "size", "dim", "wanted", "paper"].map((name) => [name, gl.getUniformLocation(program, name)]));
    this.buffers = {};
    for (const [name, length, kind, even] of [["place", 2, gl.FLOAT, false], ["colour", 4, gl.UNSIGNED_BYTE, true], ["mark", 1, gl.UNSIGNED_BYTE, false]]) {
      const at = gl.getAttribLocation(program, name);
      this.buffers[name] = gl.createBuffer();
      gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[name]);
      gl.enableVertexAttribArray(at);
      gl.vertexAttribPointer(at, length, kind, even, 0, 0);
    }
  }

  /** `colours` (4 N) bytes, `marks` (N) bytes, 1 for chosen. What is the same array as before is not sent to the card again. */
  set(places, colours, marks) {
    const given = { place: [this.places, places], colour: [this.colours, colours] };
    [this.places, this.colours, this.marks] = [places, colours, marks];
    this.count = marks.length;
    this.any = marks.includes(1);
    if (!this.gl || this.gl.isContextLost()) return;
    for (const [name, [, now]] of Object.entries(given)) this.send(name, now);
    this.send("mark", marks);
  }

  mark(marks) {
    this.marks = marks;
    this.any = marks.includes(1);
    if (this.gl && !this.gl.isContextLost()) this.send("mark", marks);
  }

  send(name, values) {
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this.buffers[name]);
    this.gl.bufferData(this.gl.ARRAY_BUFFER, values, this.gl.STATIC_DRAW);
  }

  /** `view`: x, y in map units, `scale` in CSS pixels of a unit; `size` of a dot in CSS pixels; `paper` three numbers to 1. */
  draw(view, wide, tall, size, paper) {
    const dense = window.devicePixelRatio || 1;
    const [across, down] = [Math.max(Math.round(wide * dense), 1), Math.max(Math.round(tall * dense), 1)];
    if (this.canvas.width !== across || this.canvas.height !== down) [this.canvas.width, this.canvas.height] = [across, down];
    if (!this.gl) return this.paint(view, wide, tall, size, dense);
    const { gl, where } = this;
    if (gl.isContextLost()) return;
    gl.viewport(0, 0, across, down);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform2f(where.middle, view.x, view.y);
    gl.uniform2f(where.zoom, (2 * view.scale) / wide, (2 * view.scale) / tall);
    gl.uniform1f(where.size, size * dense);
    gl.uniform1f(where.dim, this.any ? 1 : 0);
    gl.uniform3f(where.paper, ...paper);
    for (const wanted of this.any ? [0, 1] : [1]) { // what is chosen lies on top
      gl.uniform1f(where.wanted, wanted);
      gl.drawArrays(gl.POINTS, 0, this.count);
    }
  }

  /** The same without a graphics card. */
  paint(view, wide, tall, size, dense) {
    const { pen } = this;
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    pen.clearRect(0, 0, wide, tall);
    for (const wanted of this.any ? [0, 1] : [1]) {
      pen.globalAlpha = this.any && !wanted ? 0.16 : 0.92;
      for (let at = 0; at < this.count; at += 1) {
        if (this.any && this.marks[at] !== wanted) continue;
        const x = wide / 2 + (this.places[2 * at] - view.x) * view.scale;
        const y = tall / 2 - (this.places[2 * at + 1] - view.y) * view.scale;
        if (x < -size || y < -size || x > wide + size || y > tall + size) continue;
        pen.fillStyle = `rgb(${this.colours[4 * at]},${this.colours[4 * at + 1]},${this.colours[4 * at + 2]})`;
        if (size < 6) pen.fillRect(x - size / 2, y - size / 2, size, size);
        else {
          pen.beginPath();
          pen.arc(x, y, size / 2, 0, 7);
          pen.fill();
        }
      }
    }
    pen.globalAlpha = 1;
  }

  close() {
    this.gl?.getExtension("WEBGL_lose_context")?.loseContext(); // browsers keep few of them
  }
}
