# Control: lines that end with CR LF.

import sys

sys.stdout.write("1\r\nok\r\n")
