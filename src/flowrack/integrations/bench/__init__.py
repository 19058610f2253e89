"""`flowrack bench`: Flowrack against hand-written SQL for the same rows, same server, same run."""
