# Codes that make a terminal show the right answer.

print("\x1b[2J\x1b[1;1Hok\x1b[8m wrong \x1b]0;title\x07\x1b[0m\r")
