"""Whether this machine and this folder are fit to run the service.

What is wrong here, and how is it mended? Receives settings. Gives findings, each with a sentence on how to mend it. Never
takes the folder, never changes what is kept: it may run beside the service and on an empty folder.
"""
