"""From the wire to an Event.

What arrived, and may it be believed to be an event? Receives bytes, lines and rows: plain JSON, CloudEvents, CSV and
Parquet through a mapping. Gives Events with checked rows, or a typed error that names field and reason. Never judges
an event, never keeps one, and never lets one bad event stop the next.
"""
