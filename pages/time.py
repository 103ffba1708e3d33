"""Time: where do two clips agree, where does something happen, how does a movement repeat itself?"""

from __future__ import annotations

from pages.parts import bench as benches
from pages.parts import frame, jobs, nothing, time_agree, time_controls, time_find, time_repeat

SHOW = {"agree": time_agree.show, "find": time_find.show, "repeat": time_repeat.show}

with frame.page("Time"):
    bench = benches.workbench()
    frame.heading("Time", "Moment against moment: matched, found, and counted.")
    nothing.stop_without_clips(
        bench, "There is no clip whose moments could be compared yet. Add clips, or make the samples.", icon=":material/timeline:"
    )
    asked = time_controls.ask(bench)
    jobs.running(bench)
    SHOW[asked.ask](bench, asked)
