# Control: text outside ASCII, in a box without settings of a language.

print("zażółć gęślą jaźń ✓ 日本語 🙂")
