"""How conditions are written.

What may an author say, and what does it mean exactly? Receives texts in a subset of SQL and the names in scope. Gives
typed trees, and from them Python source and SQL text with one meaning; or every problem of the text with its place.
Never evaluates anything, and never lets through what could fail, run long or reach outside.
"""
