"""From checked expressions to text that runs.

How does one meaning run in three places? Receives typed trees. Gives Python source for the live path, and SQL for
DuckDB and Spark. Never checks: whatever arrives here has passed the checker, and nothing in it can fail.
"""
