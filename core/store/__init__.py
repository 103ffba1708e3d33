"""The store: one library on disk. ``core.store.library.Library`` is its face; nothing else here is for other rooms.

library/
├── lock             held by the one process that has the library open; its content is that process's id
├── ledger.sqlite    the truth: clips, embeddings, encoders, jobs, comparisons (with -wal and -shm while open)
├── media/ab/ab...   each file once, under its sha256
├── derived/         <clip id>.jpg and .mp4: thumbnails and browser copies, each can be made again
├── incoming/        uploads that a job has not taken in yet
├── temp/            files being written; emptied whenever the library opens
└── index/           generations of the nearest-neighbour cache; CURRENT names the one in use
"""
