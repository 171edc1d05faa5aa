"""Everything that is kept, somewhere else, and back.

How does a platform survive the loss of its disk? Receives a data folder, also one in use. Gives a folder of plain files
with the digest of each, and from it a data folder that goes on from the same place. Never stops the service and never
restores over anything.
"""
