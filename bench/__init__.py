"""`make bench`: every target of the design, measured here and now.

Each module in `rows/` measures one thing and yields `Result`s; `__main__` runs them in order and prints
the table. Shapes and statistics are in `measure`, the running system in `scene`, and what reports from
inside a worker in `probe`.
"""
