# A regular expression of exponential time, inside which no Python handler runs.

import re

print(re.match(r"(a+)+$", "a" * 60 + "b"))
