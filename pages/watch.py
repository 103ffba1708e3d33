"""Watch: where do taught concepts fire, in the library, in folders, in what comes in?"""

from __future__ import annotations

from pages.parts import bench as benches
from pages.parts import frame, jobs, nothing, watch_controls, watch_flags, watch_rules

with frame.page("Watch"):
    bench = benches.workbench()
    frame.heading("Watch", "Where a taught action happens: in hours of film, in whole folders, in whatever comes in.")
    nothing.stop_without_clips(
        bench,
        "There is nothing to watch yet. Add clips, teach an action from some of them, then let it look.",
        icon=":material/flag:",
    )
    known = watch_flags.taught(bench)
    watch_controls.follow()
    fresh = watch_rules.unseen(bench)
    watch_rules.tell(fresh)
    view = watch_controls.view(len(fresh))
    watch_controls.keep(view=view)
    jobs.running(bench)
    if view == "rules":
        watch_rules.show(bench, known)
    else:
        watch_flags.show(bench, known)
