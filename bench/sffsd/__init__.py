"""The public transfers of S-FFSD: mapping, pack and report. The data itself is not part of the project."""
