"""What people are told, and by when, over HTTP.

Which deadlines run, who was told what, what was published? Receives requests of the platform and of its people. Gives
clocks, notices, statements of reasons and warnings as they stand. Never counts as delivered what nobody has acknowledged.
"""
