"""The style of an exported notebook, on a screen and on paper, and the script that draws its figures."""

STYLE = """
:root {color-scheme: light; --ink: #1F2933; --quiet: #5D6B78; --line: #D8DFE3; --accent: #0F766E;}
* {box-sizing: border-box;}
body {margin: 0; background: #F3F6F6; color: var(--ink); line-height: 1.5;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;}
main {max-width: 1120px; margin: 0 auto; padding: 2.2rem 1.2rem 3rem;}
.top {margin-bottom: 1.6rem;} .brand {font-weight: 700; margin: 0; font-size: .95rem;} .brand span {color: #0D9488;}
h1 {font-size: clamp(1.7rem, 4vw, 2.6rem); line-height: 1.15; letter-spacing: -.02em; margin: .2rem 0;
  overflow-wrap: anywhere;}
h2 {font-size: 1.3rem; margin: 0 0 .6rem; letter-spacing: -.01em; overflow-wrap: anywhere;}
section {background: #fff; border: 1px solid var(--line); border-radius: .75rem; padding: 1.4rem 1.5rem; margin: 0 0 1.1rem;}
section.text {background: none; border: 0; padding: .6rem 0 .4rem;}
.quiet, .stamp {color: var(--quiet); margin: 0;} .stamp {font-size: .82rem; margin-top: .9rem; overflow-wrap: anywhere;}
.headline {font-size: 3.6rem; font-weight: 700; line-height: 1; letter-spacing: -.03em; margin: .2rem 0 .3rem;}
.sentence {margin: .7rem 0 .9rem; font-size: 1.04rem; overflow-wrap: anywhere;}
.problem {background: #FEF3E2; border: 1px solid #E8C48A; border-radius: .5rem; padding: .5rem .8rem;}
.marks {display: flex; flex-wrap: wrap; gap: .35rem; margin: 0 0 .7rem;}
.marks span {background: #FDF0DC; border: 1px solid #E0AE63; border-radius: 1rem; padding: .08rem .6rem; font-size: .85rem;}
.two {display: grid; grid-template-columns: 5fr 6fr; gap: 1.6rem; align-items: start;} .two > div {min-width: 0;}
.films {display: grid; grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: .8rem; margin-top: .4rem;}
figure {margin: 0;} figcaption {font-size: .82rem; color: var(--quiet); margin-top: .25rem; overflow-wrap: anywhere;}
video, .poster {width: 100%; aspect-ratio: 4 / 3; object-fit: contain; background: #000; border-radius: .5rem; display: block;}
figure:not(.picture) .poster, .still {display: none;}
.plot:empty + script + .still {display: block;}
.still {max-width: 100%; height: auto; margin: 0 auto;}
.plot:empty {height: 0 !important;}
.prose {max-width: 46rem; overflow-wrap: anywhere;} .prose > :last-child {margin-bottom: 0;}
.prose h1, .prose h2, .prose h3 {line-height: 1.2;} .prose table {border-collapse: collapse;}
.prose td, .prose th {border: 1px solid var(--line); padding: .25rem .6rem;} .prose a {color: var(--accent);}
.prose code {background: #E8EDEE; padding: .05rem .3rem; border-radius: .25rem;}
.note {border-left: 3px solid #0D9488; padding-left: .9rem; margin-top: 1rem;}
footer {font-size: .85rem; padding-top: .6rem;}
@media screen and (max-width: 760px) {
  .two {grid-template-columns: 1fr;} section {padding: 1.1rem 1rem;} .headline {font-size: 3rem;}
  .films {grid-template-columns: repeat(2, 1fr);} .wide .textpoint {display: none;}
}
@media print {
  @page {size: A4 landscape; margin: 13mm;}
  body {background: #fff; font-size: 10.5pt; -webkit-print-color-adjust: exact; print-color-adjust: exact;}
  main {max-width: none; padding: 0;}
  section {border: 0; border-radius: 0; padding: 0; margin: 0; break-after: page; break-inside: avoid;}
  section:last-of-type {break-after: auto;}
  section.text {break-after: auto; padding: 0 0 8mm;}
  .two {grid-template-columns: 5fr 6fr !important; gap: 8mm;}
  .films {grid-template-columns: repeat(4, 1fr);} .two .films {grid-template-columns: repeat(2, 1fr);}
  video, .plot {display: none !important;}
  figure:not(.picture) .poster, .still, .plot:empty + script + .still {display: block;}
  .still {max-height: 118mm; margin: 0;} .two .still {max-height: 105mm;}
  .top {margin-bottom: 8mm;}
  a {color: inherit; text-decoration: none;}
}
"""

DRAW = """
for (const found of document.querySelectorAll('script[data-plot]')) {
  const plot = document.getElementById(found.dataset.plot), figure = JSON.parse(found.textContent);
  Plotly.newPlot(plot, figure.data, figure.layout, {displaylogo: false, displayModeBar: false, responsive: true});
}
for (const film of document.querySelectorAll('video')) { film.muted = true; film.play().catch(() => {}); }
"""
