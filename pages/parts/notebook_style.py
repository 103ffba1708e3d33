"""How a notebook looks on the page, and how it looks when it is presented."""

STYLE = """<style>
  .st-key-motionbook-notebook-title input {font-size: 1.9rem; font-weight: 650; letter-spacing: -.01em; padding: .1rem .35rem;}
  .st-key-motionbook-notebook-title [data-testid="stTextInputRootElement"], .st-key-motionbook-notebook-title input,
  .st-key-motionbook-notebook-title [data-testid="stTextInputRootElement"] > div {background: transparent; height: auto;}
  .st-key-motionbook-notebook-title [data-testid="stTextInputRootElement"] {border-color: transparent; margin-left: -.4rem;}
  .st-key-motionbook-notebook-title [data-testid="stTextInputRootElement"]:hover {border-color: rgba(128,140,150,.4);}
  .st-key-motionbook-notebook-title [data-testid="stTextInputRootElement"]:focus-within {border-color: #0F766E;}
  .st-key-notebook-tools kbd, .st-key-notebook-tools [class*="shortcut" i] {display: none;}
  .st-key-motionbook-notebook-title [data-testid="InputInstructions"] {display: none;}
  /* Buttons that are seen as a picture and read as a word. */
  [class*="st-key-head-"] button p, .st-key-notebook-tools button[kind="tertiary"] p, .st-key-present-controls button p
    {position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;}
  [class*="st-key-cell-"] {scroll-margin-top: 1rem;}
  @media (max-width: 640px) {.st-key-motionbook-notebook-title input {font-size: 1.4rem;}}
  .mb-prose {font-size: 1.02rem; line-height: 1.55; max-width: 46rem; overflow-wrap: anywhere;}
  .mb-prose h1 {font-size: 1.5rem; margin: .2rem 0 .5rem;} .mb-prose h2 {font-size: 1.25rem; margin: .4rem 0 .4rem;}
  .mb-prose h3 {font-size: 1.08rem; margin: .4rem 0 .3rem;} .mb-prose p {margin: 0 0 .6rem;}
  .mb-prose p, .mb-prose li, .mb-prose td, .mb-prose th {font-size: inherit; line-height: inherit;}
  .mb-prose > :last-child {margin-bottom: 0;}
  .mb-prose table {border-collapse: collapse;}
  .mb-prose td, .mb-prose th {border: 1px solid rgba(128,140,150,.35); padding: .25rem .6rem;}
  .mb-prose a {color: #0D9488;}
  .mb-prose code {background: rgba(128,140,150,.16); padding: .05rem .3rem; border-radius: .25rem;}
  .mb-note {border-left: 3px solid #0D9488; padding-left: .8rem; font-size: .98rem;}
  .mb-headline {font-size: 3.2rem; font-weight: 680; line-height: 1.05; letter-spacing: -.02em;}
  .mb-of {opacity: .7; font-size: .95rem;}
  .mb-changed {display: flex; flex-wrap: wrap; gap: .35rem; margin: .15rem 0 .35rem;}
  .mb-changed span {background: rgba(217,119,6,.16); border: 1px solid rgba(217,119,6,.5); border-radius: 1rem;
    padding: .1rem .6rem; font-size: .86rem; overflow-wrap: anywhere;}
</style>"""

PRESENT = """<style>
  .st-key-navigation, header.stAppHeader, [data-testid="stSidebar"] {display: none !important;}
  .stMainBlockContainer {max-width: min(96vw, 2200px); padding: 3.2vh 2vw 4.5rem;}
  .st-key-present-controls {position: fixed; bottom: .5rem; right: 1rem; z-index: 20; opacity: 0; transition: opacity .15s;
    width: auto !important;}
  .st-key-present-controls:hover, .st-key-present-controls:focus-within {opacity: 1;}
  .st-key-present-controls kbd {display: none;}
  .mb-dots {position: fixed; bottom: 1.15rem; left: 0; right: 0; display: flex; justify-content: center; gap: .5rem;
    pointer-events: none; z-index: 10;}
  .mb-dots i {width: .6rem; height: .6rem; border-radius: 50%; background: rgba(128,140,150,.4);}
  .mb-dots i.mb-here {background: #0D9488; width: 1.6rem; border-radius: .3rem;}
  .mb-slide-title {font-size: clamp(1.7rem, 3.4vw, 3.2rem); font-weight: 680; letter-spacing: -.02em; line-height: 1.12;
    margin-bottom: .4rem; overflow-wrap: anywhere;}
  .mb-slide-told {font-size: clamp(1.1rem, 1.55vw, 1.7rem); line-height: 1.45;}
  .mb-headline {font-size: clamp(3.4rem, 7vw, 8rem);}
  .mb-of {font-size: clamp(1rem, 1.3vw, 1.5rem);}
  .mb-prose {font-size: clamp(1.2rem, 1.8vw, 2rem); max-width: 62rem;}
  .mb-prose h1 {font-size: clamp(1.9rem, 4vw, 4rem); line-height: 1.1;} .mb-prose h2 {font-size: clamp(1.5rem, 2.6vw, 2.6rem);}
  .mb-prose h3 {font-size: 1.2em;}
  .mb-text-slide {min-height: 74vh; display: flex; flex-direction: column; justify-content: center;}
  [class*="st-key-player-"] video {max-height: 52vh;}
</style>"""
