# The digits of a very large number, inside which no Python handler runs.

import sys

sys.set_int_max_str_digits(0)
print(len(str(7**10_000_000)))
