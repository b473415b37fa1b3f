"""The durable journal: one SQLite file, one thread that writes it.

schema   the tables, and how the file is opened
damage   what is wrong with a file, and what can be saved of it
writer   the thread that owns the file and commits what waits as one group
journal  the journal port over it: steps by their keys, results, starts, setbacks
runs     the runs, their leases and their history
lease    who holds a run, and whether it is gone
undo     what a run has put into the world, to be taken back if it comes to nothing
prune    what no run needs any more
"""
