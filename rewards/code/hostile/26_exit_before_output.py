# Ends well without output.

import sys

sys.exit(0)
