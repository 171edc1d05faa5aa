"""The long memory of the history.

Where does the journal go when it grows old? Receives stretches of entries. Gives Parquet by day and type, and answers
in SQL over all of it. Never acknowledges anything: that is the journal's.
"""
