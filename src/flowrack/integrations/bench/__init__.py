"""`flowrack bench`: Flowrack measured against hand-written SQL for the same rows, on the same server, in the same run."""
