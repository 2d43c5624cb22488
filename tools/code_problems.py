"""Small programming problems with right, wrong, crashing, looping and odd solutions, for make_code_cases.py.

A problem has a generator of cases and an answer of its own, written here and never run as a submission. Its programs are texts
under headings that say what is to become of them:
    ### accepted python
    ### wrong_answer cpp
    ### accepted/wrong_answer python      called with cases / asserted about: a tuple counts as a list in the first only
"""

import copy
import dataclasses
import itertools
import math
import random
import re
import typing

WORDS = ("alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima zażółć naïve Straße 東京 кот 🙂").split()


@dataclasses.dataclass
class Program:
    verdicts: tuple  # what is to become of it with cases, and with assertions
    language: str
    source: str


@dataclasses.dataclass
class Problem:
    name: str
    kind: str  # stdin, call, assert, checker
    programs: list
    cases: list  # stdin, checker: (input, output or None); call: (args, expected)
    entry: str = ""
    checker: str = ""
    statements: list = dataclasses.field(default_factory=list)
    tolerance: typing.Optional[float] = None
    asserted: bool = False  # a call problem whose cases make assertions as well


PROBLEMS = []


def parse_programs(text):
    parts = re.split(r"^### (\S+) (python|cpp)\n", text, flags=re.M)
    programs = []
    for verdicts, language, source in zip(parts[1::3], parts[2::3], parts[3::3]):
        verdicts = verdicts.split("/")
        programs.append(Program((verdicts[0], verdicts[-1]), language, source.strip("\n") + "\n"))
    return programs


def stdin_problem(name, make, answer, programs, count=4, **more):
    """make(random) gives an input, answer(input) its output."""
    source = random.Random(name)
    inputs = [make(source) for _ in range(count)]
    PROBLEMS.append(Problem(name, "stdin", parse_programs(programs), [(text, answer(text)) for text in inputs], **more))


def checker_problem(name, make, checker, programs, count=3, answer=None):
    source = random.Random(name)
    inputs = [make(source) for _ in range(count)]
    cases = [(text, answer(text) if answer else None) for text in inputs]
    PROBLEMS.append(Problem(name, "checker", parse_programs(programs), cases, checker=checker.lstrip("\n")))


def call_problem(name, entry, make, answer, programs, count=4, **more):
    """make(random) gives a list of arguments, answer(*arguments) the expected value."""
    source = random.Random(name)
    arguments = [make(source) for _ in range(count)]
    cases = [(args, answer(*copy.deepcopy(args))) for args in arguments]
    PROBLEMS.append(Problem(name, "call", parse_programs(programs), cases, entry=entry, **more))


def assert_problem(name, statements, programs):
    PROBLEMS.append(Problem(name, "assert", parse_programs(programs), [], statements=statements))


def ints(r, least, most, low, high):
    return [r.randint(low, high) for _ in range(r.randint(least, most))]


def line(values):
    return " ".join(map(str, values)) + "\n"


# ---- standard input and output

stdin_problem("sum_two", lambda r: line([r.randint(-10**9, 10**9), r.randint(0, 10**12)]), lambda text: line([sum(map(int, text.split()))]), r"""
### accepted python
a, b = map(int, input().split())
print(a + b)
### accepted python
import sys
sys.stdout.write("\n\n  " + str(sum(int(word) for word in sys.stdin.buffer.read().split())) + "   \n\n\n")
### accepted python
total = sum(map(int, open(0).read().split()))
print(f"{total}.000")
### accepted python
from decimal import Decimal
total = sum(map(Decimal, input().split()))
print(f"{total:+}")
### accepted python
import sys
print("thinking ...", file=sys.stderr)
print(sum(map(int, sys.stdin.readline().split())))
sys.exit()
### accepted cpp
#include <iostream>
int main() {
  long long a, b;
  std::cin >> a >> b;
  std::cout << a + b << std::endl;
}
### wrong_answer cpp
#include <cstdio>
int main() {
  int a, b;
  if (scanf("%d %d", &a, &b) != 2) return 0;
  printf("%d\n", a - b + 1);
}
### wrong_answer python
a, b = map(int, input().split())
print(a + b)
print(a + b)
### wrong_answer python
a, b = map(int, input().split())
print("The sum is", a + b)
### runtime_error python
a, b = map(int, input().split(","))
print(a + b)
### runtime_error python
import sys
print(sum(map(int, input().split())))
sys.exit(1)
### runtime_error cpp
#include <iostream>
int main() {
  long long a, b;
  std::cin >> a >> b;
  std::cout << a + b << std::endl;
  return 3;
}
### compile_error python
a, b = map(int, input().split()
print(a + b)
### compile_error cpp
#include <iostream>
int main() {
  long long a, b
  std::cin >> a >> b;
  std::cout << a + b << std::endl;
}
### time_limit python
while True:
    pass
""")


def best_run(text):
    values = list(map(int, text.split()))[1:]
    return line([max(sum(values[i:j]) for i in range(len(values)) for j in range(i + 1, len(values) + 1))])


stdin_problem("best_run", lambda r: (lambda v: f"{len(v)}\n{line(v)}")(ints(r, 1, 9, -9, 9) if r.random() < 0.6 else ints(r, 2, 5, -9, -1)), best_run, r"""
### accepted python
n = int(input())
best = current = None
for value in map(int, input().split()):
    current = value if current is None or current < 0 else current + value
    best = current if best is None else max(best, current)
print(best)
### accepted cpp
#include <algorithm>
#include <iostream>
#include <vector>
using namespace std;
int main() {
  int n;
  cin >> n;
  vector<long long> a(n);
  for (auto& x : a) cin >> x;
  long long best = a[0], cur = a[0];
  for (int i = 1; i < n; ++i) {
    cur = max(a[i], cur + a[i]);
    best = max(best, cur);
  }
  cout << best;
}
### wrong_answer python
n = int(input())
best = current = 0
for value in map(int, input().split()):
    current = max(0, current + value)
    best = max(best, current)
print(best)
### wrong_answer cpp
#include <iostream>
int main() {
  int n, x, sum = 0;
  std::cin >> n;
  while (n--) std::cin >> x, sum += x;
  std::cout << sum << "\n";
}
### runtime_error cpp
#include <iostream>
#include <vector>
int main() {
  int n;
  std::cin >> n;
  std::vector<int> a(n);
  std::cout << a.at(n + 5) << "\n";
}
### time_limit cpp
#include <iostream>
int main() {
  volatile int n = 1;
  while (n) n = n + 2;
  std::cout << n << "\n";
}
""", count=5)


def count_words(text):
    counts = {}
    for word in text.split():
        counts[word] = counts.get(word, 0) + 1
    return "".join(f"{word} {counts[word]}\n" for word in sorted(counts))


stdin_problem("count_words", lambda r: "".join(line(r.choices(WORDS[:14], k=r.randint(1, 5))) for _ in range(r.randint(1, 3))), count_words, r"""
### accepted python
import sys
from collections import Counter
for word, count in sorted(Counter(sys.stdin.read().split()).items()):
    print(word, count)
### accepted cpp
#include <iostream>
#include <map>
#include <string>
int main() {
  std::map<std::string, int> counts;
  for (std::string word; std::cin >> word;) ++counts[word];
  for (const auto& [word, count] : counts) std::cout << word << ' ' << count << "\r\n";
}
### accepted python
import sys, collections, atexit
counts = collections.defaultdict(int)
for text in sys.stdin:
    for word in text.split():
        counts[word] += 1
atexit.register(lambda: print("\n".join(f"{w} {c}" for w, c in sorted(counts.items()))))
### wrong_answer python
import sys
from collections import Counter
for word, count in Counter(sys.stdin.read().split()).items():
    print(f"{word}: {count}")
### wrong_answer python
import sys
from collections import Counter
for word, count in sorted(Counter(sys.stdin.read().split()).items()):
    print(f"{word}  {count}")
### wrong_answer python
import sys
from collections import Counter
print(*(f"{word} {count}" for word, count in sorted(Counter(sys.stdin.read().split()).items())))
### runtime_error python
counts = {}
while True:
    for word in input().split():
        counts[word] = counts.get(word, 0) + 1
### compile_error python
import sys
def main():
print(sys.stdin.read())
""", count=3)


def fibonacci(text):
    a, b = 0, 1
    for _ in range(int(text)):
        a, b = b, a + b
    return f"{a}\n"


stdin_problem("fibonacci", lambda r: f"{r.choice([0, 1, 2, 10, 90, 100, 150, 300])}\n", fibonacci, r"""
### accepted python
import functools, sys
sys.setrecursionlimit(10000)
@functools.lru_cache(None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(int(input())))
### accepted python
n = int(input())
matrix, result = ((1, 1), (1, 0)), ((1, 0), (0, 1))
def times(a, b):
    return tuple(tuple(sum(a[i][k] * b[k][j] for k in range(2)) for j in range(2)) for i in range(2))
while n:
    if n & 1:
        result = times(result, matrix)
    matrix = times(matrix, matrix)
    n >>= 1
print(result[0][1])
### accepted cpp
#include <algorithm>
#include <iostream>
#include <string>
using namespace std;
string add(const string& a, const string& b) {
  string out;
  int carry = 0;
  for (size_t i = 0; i < max(a.size(), b.size()) || carry; ++i) {
    const int sum = carry + (i < a.size() ? a[i] - '0' : 0) + (i < b.size() ? b[i] - '0' : 0);
    out += char('0' + sum % 10);
    carry = sum / 10;
  }
  return out;
}
int main() {
  int n;
  cin >> n;
  string a = "0", b = "1";
  while (n--) {
    swap(a, b);
    b = add(a, b);
  }
  reverse(a.begin(), a.end());
  cout << a << '\n';
}
### wrong_answer cpp
#include <cstdint>
#include <iostream>
int main() {
  int n;
  std::cin >> n;
  uint64_t a = 0, b = 1;
  while (n--) {
    const uint64_t c = a + b;
    a = b;
    b = c;
  }
  std::cout << a << '\n';
}
### wrong_answer python
n = int(input())
print(round(((1 + 5**0.5) / 2) ** n / 5**0.5))
### runtime_error python
def fib(n):
    return fib(n - 1) + fib(n - 2)
print(fib(int(input())))
### time_limit python
n = int(input())
a, b = 0, 1
while n >= 0:
    a, b = b, (a + b) % 1000007
print(a)
""", count=5)


def common_divisor(text):
    return f"{math.gcd(*map(int, text.split()[1:]))}\n"


stdin_problem("common_divisor", lambda r: (lambda f, v: f"{len(v)}\n" + "".join(f"{f * x}\n" for x in v))(r.randint(1, 99), ints(r, 1, 5, 1, 500)), common_divisor, r"""
### accepted python
import math
n = int(input())
print(math.gcd(*(int(input()) for _ in range(n))))
### accepted cpp
#include <iostream>
#include <numeric>
int main() {
  int n;
  long long g = 0, x;
  std::cin >> n;
  while (n--) {
    std::cin >> x;
    g = std::gcd(g, x);
  }
  std::cout << "0" << g << '\n';
}
### wrong_answer python
n = int(input())
print(min(int(input()) for _ in range(n)))
### runtime_error cpp
#include <iostream>
int main() {
  int n;
  std::cin >> n;
  volatile int none = 0;
  volatile int seven = 7;
  std::cout << seven % none << '\n';
}
### runtime_error python
import os
os.abort()
### accepted python
import threading
values = list(map(int, open(0).read().split()))[1:]
def work():
    g = 0
    for value in values:
        while value:
            g, value = value, g % value
    print(g)
thread = threading.Thread(target=work)
thread.start()
thread.join()
""")


def transpose(text):
    rows = [row.split() for row in text.splitlines()[1:]]
    return "".join(line(column) for column in zip(*rows))


stdin_problem("transpose", lambda r: (lambda n, m: f"{n} {m}\n" + "".join(line(r.choices(range(-20, 20), k=m)) for _ in range(n)))(r.randint(1, 4), r.randint(1, 4)), transpose, r"""
### accepted python
n, m = map(int, input().split())
rows = [input().split() for _ in range(n)]
for column in zip(*rows):
    print(*column)
### accepted cpp
#include <cstdio>
int a[10][10];
int main() {
  int n, m;
  scanf("%d%d", &n, &m);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < m; ++j) scanf("%d", &a[i][j]);
  for (int j = 0; j < m; ++j) {
    for (int i = 0; i < n; ++i) printf("%d \t", a[i][j]);
    printf("\n");
  }
}
### accepted python
n, m = map(int, input().split())
rows = [[int(word) for word in input().split()] for _ in range(n)]
for j in range(m):
    print(*[f"{rows[i][j]:>6.1f}" for i in range(n)])
### wrong_answer python
n, m = map(int, input().split())
for _ in range(n):
    print(input())
### wrong_answer python
n, m = map(int, input().split())
rows = [input().split() for _ in range(n)]
print(*zip(*rows))
### runtime_error python
n, m = map(int, input().split())
rows = [input().split() for _ in range(n)]
for j in range(m + 1):
    print(*(rows[i][j] for i in range(n)))
""", count=3)


def brackets(text):
    out = []
    for word in text.split()[1:]:
        while any(pair in word for pair in ("()", "[]", "{}")):
            for pair in ("()", "[]", "{}"):
                word = word.replace(pair, "")
        out.append("NO" if word else "YES")
    return "\n".join(out) + "\n"


def bracket_words(r):
    def grow(depth):
        return "".join(a + grow(depth - 1) + b for a, b in r.choices(["()", "[]", "{}"], k=r.randint(1, 2))) if depth else ""
    words = [grow(r.randint(1, 3)) for _ in range(3)]
    words[1] = words[1][:-1] + r.choice("([{)]}")
    words[2] = words[2][1:] if r.random() < 0.5 else words[2]
    return "3\n" + "\n".join(words) + "\n"


stdin_problem("brackets", bracket_words, brackets, r"""
### accepted python
for _ in range(int(input())):
    stack = []
    good = True
    for c in input():
        if c in "([{":
            stack.append(c)
        elif not stack or stack.pop() + c not in ("()", "[]", "{}"):
            good = False
            break
    print("YES" if good and not stack else "NO")
### accepted cpp
#include <iostream>
#include <stack>
#include <string>
int main() {
  int n;
  std::cin >> n;
  for (std::string s; n-- && std::cin >> s;) {
    std::stack<char> open;
    bool good = true;
    for (char c : s) {
      if (c == '(' || c == '[' || c == '{') {
        open.push(c == '(' ? ')' : char(c + 2));
      } else if (open.empty() || open.top() != c) {
        good = false;
        break;
      } else {
        open.pop();
      }
    }
    std::cout << (good && open.empty() ? "YES\n" : "NO\n");
  }
}
### wrong_answer python
for _ in range(int(input())):
    word = input()
    print("YES" if all(word.count(a) == word.count(b) for a, b in ("()", "[]", "{}")) else "MAYBE")
### wrong_answer python
for _ in range(int(input())):
    word = input()
    while "()" in word or "[]" in word or "{}" in word:
        word = word.replace("()", "").replace("[]", "").replace("{}", "")
    print("No" if word else "Yes")
### wrong_answer python
word = (input(), input())[1]
while "()" in word or "[]" in word or "{}" in word:
    word = word.replace("()", "").replace("[]", "").replace("{}", "")
print("NO" if word else "YES")
### runtime_error cpp
#include <iostream>
#include <stdexcept>
int main() {
  std::cout << "YES\n" << std::flush;
  throw std::logic_error("not written yet");
}
""", count=3)


def factors(text):
    n, out, p = int(text), [], 2
    while n > 1:
        while n % p == 0:
            out.append(p)
            n //= p
        p += 1
    return line(out)


stdin_problem("prime_factors", lambda r: f"{math.prod(r.choices([2, 3, 5, 7, 11, 13, 97, 101], k=r.randint(1, 5)))}\n", factors, r"""
### accepted python
n = int(input())
p = 2
while p * p <= n:
    if n % p == 0:
        print(p, end=" ")
        n //= p
    else:
        p += 1
if n > 1:
    print(n, end="")
### accepted cpp
#include <iostream>
int main() {
  long long n;
  std::cin >> n;
  for (long long p = 2; n > 1; ++p)
    for (; n % p == 0; n /= p) std::cout << p << (n == p ? "\n" : " ");
}
### wrong_answer python
n = int(input())
p = 2
found = []
while n > 1:
    if n % p == 0:
        found.append(p)
        while n % p == 0:
            n //= p
    p += 1
print(*found[::-1], 1)
### wrong_answer python
n = int(input())
p = 2
while n > 1:
    while n % p == 0:
        print(p)
        print()
        n //= p
    p += 1
### time_limit python
n = int(input())
p = 2
while n > 0:
    if n % p == 0:
        n //= p
    p = p + 1 if p < 1000 else 2
print(n)
""")

stdin_problem("reverse_line", lambda r: " ".join(r.choices(WORDS, k=r.randint(1, 4))) + "\n", lambda text: text.strip()[::-1] + "\n", r"""
### accepted python
print(input()[::-1])
### accepted python
import sys
text = sys.stdin.buffer.read().decode("utf-8").strip()
sys.stdout.buffer.write(("".join(reversed(text)) + "\n").encode("utf-8"))
### wrong_answer python
import sys
sys.stdout.buffer.write(sys.stdin.buffer.read().strip()[::-1])
### wrong_answer cpp
#include <algorithm>
#include <iostream>
#include <string>
int main() {
  std::string text;
  std::getline(std::cin, text);
  std::reverse(text.begin(), text.end());
  std::cout << text << "?\n";
}
### wrong_answer python
print(input())
### runtime_error python
print(input().encode("ascii", "strict").decode()[::-1])
raise SystemExit("gave up")
### wrong_answer python
print(ascii(input()[::-1]))
""", count=5)


def moments(text):
    values = list(map(float, text.split()))
    mean = sum(values) / len(values)
    return f"mean {mean:.6f}\ndeviation {math.sqrt(sum((v - mean) ** 2 for v in values) / len(values)):.6f}\n"


stdin_problem("moments", lambda r: line([round(r.uniform(-1000, 1000), 2) for _ in range(r.randint(2, 6))]), moments, r"""
### accepted python
import statistics
values = list(map(float, input().split()))
print("mean", statistics.fmean(values))
print("deviation", statistics.pstdev(values))
### accepted cpp
#include <cmath>
#include <iomanip>
#include <iostream>
#include <vector>
int main() {
  std::vector<double> v;
  for (double x; std::cin >> x;) v.push_back(x);
  double mean = 0, square = 0;
  for (double x : v) mean += x / v.size();
  for (double x : v) square += (x - mean) * (x - mean) / v.size();
  std::cout << std::scientific << std::setprecision(9) << "mean  " << mean << "\ndeviation\t" << std::sqrt(square) << '\n';
}
### wrong_answer python
import statistics
values = list(map(float, input().split()))
print("mean", statistics.fmean(values))
print("deviation", statistics.stdev(values))
### wrong_answer python
import statistics
values = list(map(float, input().split()))
print("Mean", statistics.fmean(values))
print("Deviation", statistics.pstdev(values))
### wrong_answer python
print("mean", "nan")
print("deviation", "nan")
### wrong_answer python
import statistics
values = list(map(float, input().split()))
print("mean", statistics.fmean(values), "deviation", statistics.pstdev(values))
### runtime_error python
import statistics
print("mean", statistics.mean([]))
""", tolerance=1e-4)


def shortest_path(text):
    rows = text.split()[2:]
    seen, edge, steps = {(0, 0)}, [(0, 0)], 0
    while edge:
        if (len(rows) - 1, len(rows[0]) - 1) in edge:
            return f"{steps}\n"
        steps += 1
        edge = [(i, j) for a, b in edge for i, j in ((a + 1, b), (a - 1, b), (a, b + 1), (a, b - 1))
                if 0 <= i < len(rows) and 0 <= j < len(rows[0]) and rows[i][j] == "." and (i, j) not in seen and not seen.add((i, j))]
    return "-1\n"


def maze(r):
    n, m = r.randint(2, 5), r.randint(2, 5)
    rows = [[r.choice("...#") for _ in range(m)] for _ in range(n)]
    rows[0][0] = rows[-1][-1] = "."
    return f"{n} {m}\n" + "".join("".join(row) + "\n" for row in rows)


stdin_problem("shortest_path", maze, shortest_path, r"""
### accepted python
from collections import deque
n, m = map(int, input().split())
grid = [input() for _ in range(n)]
distance = {(0, 0): 0}
queue = deque([(0, 0)])
while queue:
    i, j = queue.popleft()
    for a, b in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
        if 0 <= a < n and 0 <= b < m and grid[a][b] == "." and (a, b) not in distance:
            distance[a, b] = distance[i, j] + 1
            queue.append((a, b))
print(distance.get((n - 1, m - 1), -1))
### accepted cpp
#include <bits/stdc++.h>
using namespace std;
int main() {
  int n, m;
  cin >> n >> m;
  vector<string> g(n);
  for (auto& row : g) cin >> row;
  vector<vector<int>> d(n, vector<int>(m, -1));
  queue<pair<int, int>> q;
  d[0][0] = 0;
  q.push({0, 0});
  while (!q.empty()) {
    auto [x, y] = q.front();
    q.pop();
    for (auto [dx, dy] : {pair{0, 1}, {1, 0}, {0, -1}, {-1, 0}}) {
      const int a = x + dx, b = y + dy;
      if (a < 0 || b < 0 || a >= n || b >= m || g[a][b] == '#' || d[a][b] >= 0) continue;
      d[a][b] = d[x][y] + 1;
      q.push({a, b});
    }
  }
  cout << d[n - 1][m - 1] << endl;
}
### wrong_answer python
n, m = map(int, input().split())
print(n + m - 1)
### runtime_error python
n, m = map(int, input().split())
grid = [input() for _ in range(n)]
def walk(i, j):
    return 1 + min(walk(i + 1, j), walk(i - 1, j))
print(walk(0, 0))
### runtime_error cpp
#include <cstdio>
#include <cstdlib>
#include <iostream>
int main() {
  std::cerr << "no way\n";
  std::abort();
}
### time_limit python
import time
n, m = map(int, input().split())
time.sleep(1000)
""")

stdin_problem("factorial", lambda r: f"{r.choice([0, 1, 5, 20, 21, 25, 40])}\n", lambda text: f"{math.factorial(int(text))}\n", r"""
### accepted python
import math
print(math.factorial(int(input())))
### accepted python
from functools import reduce
from operator import mul
print(reduce(mul, range(1, int(input()) + 1), 1), end="")
### wrong_answer cpp
#include <iostream>
int main() {
  int n;
  std::cin >> n;
  unsigned f = 2;
  for (int i = 2; i <= n; ++i) f *= i;
  std::cout << f << '\n';
}
### wrong_answer python
import math
print(math.gamma(int(input()) + 1) + 0.5)
### runtime_error python
def factorial(n):
    return n * factorial(n - 1)
print(factorial(int(input())))
""", count=5)

stdin_problem("paragraphs", lambda r: "\n\n".join(" ".join(r.choices(WORDS[:12], k=r.randint(1, 3))) for _ in range(r.randint(2, 4))) + "\n",
              lambda text: text.upper(), r"""
### accepted python
import sys
for text in sys.stdin:
    print(text.rstrip("\n").upper())
### accepted cpp
#include <cctype>
#include <iostream>
#include <string>
int main() {
  for (std::string text; std::getline(std::cin, text);) {
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    std::cout << "  " << text << " \n";
  }
  std::cout << "\n";
}
### wrong_answer python
import sys
for text in sys.stdin:
    if text.strip():
        print(text.strip().upper())
### wrong_answer python
import sys
print("\n\n\n".join(text.upper() for text in sys.stdin.read().strip().split("\n\n")))
### wrong_answer python
import sys
print(sys.stdin.read().upper().strip().replace(" ", "  ") + " .")
### wrong_answer python
print(input().upper())
""", count=3)


def sort_decimals(text):
    return "".join(f"{float(word):.2f}\n" for word in sorted(text.split(), key=float))


stdin_problem("sort_decimals", lambda r: line([r.choice([f"{r.uniform(-9, 9):.2f}", f"{r.randint(-9, 9)}", f"{r.randint(-90, 90) / 10}"]) for _ in range(5)]), sort_decimals, r"""
### accepted python
for value in sorted(map(float, input().split())):
    print(value)
### accepted python
from decimal import Decimal
for value in sorted(map(Decimal, input().split())):
    print(f"{value:.4e}".replace("e", "E"))
### accepted cpp
#include <algorithm>
#include <cstdio>
#include <vector>
int main() {
  std::vector<double> v;
  for (double x; scanf("%lf", &x) == 1;) v.push_back(x);
  std::sort(v.begin(), v.end());
  for (double x : v) printf("%08.3f\n", x);
}
### wrong_answer python
for value in sorted(input().split()):
    print(value, "x")
### wrong_answer python
for value in sorted(map(float, input().split())):
    print(f"{value + 0.001:.3f}")
### wrong_answer python
for value in sorted(map(float, input().split()), reverse=True):
    print(f"{value:.2f}")
""", count=3)


def to_roman(number):
    digits = [("I", "V", "X"), ("X", "L", "C"), ("C", "D", "M"), ("M", "", "")]
    out = ""
    for place, (one, five, ten) in enumerate(digits):
        digit = number // 10**place % 10
        out = ["", one, one * 2, one * 3, one + five, five, five + one, five + one * 2, five + one * 3, one + ten][digit] + out
    return out


stdin_problem("roman", lambda r: line(ints(r, 2, 4, 1, 3999)), lambda text: "".join(to_roman(int(word)) + "\n" for word in text.split()), r"""
### accepted python
TABLE = [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]
def roman(n):
    for value, letters in TABLE:
        if n >= value:
            return letters + roman(n - value)
    return ""
print("\n".join(map(roman, map(int, input().split()))))
### accepted cpp
#include <iostream>
#include <string>
int main() {
  const std::pair<int, const char*> table[] = {{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"},
                                               {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}};
  for (int n; std::cin >> n; std::cout << '\n')
    for (auto [value, letters] : table)
      for (; n >= value; n -= value) std::cout << letters;
}
### wrong_answer python
TABLE = [(1000, "M"), (500, "D"), (100, "C"), (50, "L"), (10, "X"), (5, "V"), (1, "I")]
for n in map(int, input().split()):
    text = ""
    for value, letter in TABLE:
        text += letter * (n // value)
        n %= value
    print(text + ".")
### wrong_answer python
for n in map(int, input().split()):
    print(n)
### compile_error cpp
#include <iostream>
int main() {
  std::cout << to_roman(4) << '\n';
}
### compile_error cpp
int answer();
int main() { return answer(); }
""", count=3)


def merge_ranges(text):
    ranges = sorted(tuple(map(int, row.split())) for row in text.splitlines()[1:])
    out = []
    for a, b in ranges:
        if out and a <= out[-1][1]:
            out[-1][1] = max(out[-1][1], b)
        else:
            out.append([a, b])
    return "".join(line(pair) for pair in out)


stdin_problem("merge_ranges", lambda r: (lambda v: f"{len(v)}\n" + "".join(line([a, a + r.randint(0, 8)]) for a in v))(ints(r, 1, 6, 0, 30)), merge_ranges, r"""
### accepted python
n = int(input())
ranges = sorted([tuple(map(int, input().split())) for _ in range(n)])
merged = []
for low, high in ranges:
    if merged and low <= merged[-1][1]:
        merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
    else:
        merged.append((low, high))
for pair in merged:
    print(*pair)
### accepted cpp
#include <algorithm>
#include <iostream>
#include <vector>
int main() {
  int n;
  std::cin >> n;
  std::vector<std::pair<int, int>> v(n);
  for (auto& [a, b] : v) std::cin >> a >> b;
  std::sort(v.begin(), v.end());
  for (int i = 0; i < n;) {
    auto [a, b] = v[i];
    while (++i < n && v[i].first <= b) b = std::max(b, v[i].second);
    std::cout << a << " " << b << std::endl;
  }
}
### wrong_answer cpp
#include <algorithm>
#include <iostream>
#include <vector>
int main() {
  int n;
  std::cin >> n;
  std::vector<std::pair<int, int>> v(n);
  for (auto& [a, b] : v) std::cin >> a >> b;
  std::sort(v.begin(), v.end());
  for (int i = 0; i < n;) {
    auto [a, b] = v[i];
    while (++i < n && v[i].first <= b) b = v[i].second;
    std::cout << a << " " << b + 1 << std::endl;
  }
}
### wrong_answer python
n = int(input())
for pair in sorted([tuple(map(int, input().split())) for _ in range(n)]):
    print(*pair)
    break
print(-1)
### runtime_error python
n = int(input())
ranges = [list(map(int, input().split())) for _ in range(n + 1)]
""")


def change(text):
    amount, *coins = map(int, text.split())
    ways = [1] + [0] * amount
    for coin in coins:
        for total in range(coin, amount + 1):
            ways[total] += ways[total - coin]
    return f"{ways[amount]}\n"


stdin_problem("change", lambda r: f"{r.randint(10, 40)}\n{line(r.sample([1, 2, 3, 5, 7, 10, 20], r.randint(2, 4)))}", change, r"""
### accepted python
from functools import cache
amount = int(input())
coins = tuple(map(int, input().split()))
@cache
def ways(rest, i):
    if rest == 0:
        return 1
    if rest < 0 or i == len(coins):
        return 0
    return ways(rest - coins[i], i) + ways(rest, i + 1)
print(ways(amount, 0))
### accepted cpp
#include <iostream>
#include <vector>
int main() {
  int amount, coin;
  std::cin >> amount;
  std::vector<long long> ways(amount + 1);
  ways[0] = 1;
  while (std::cin >> coin)
    for (int i = coin; i <= amount; ++i) ways[i] += ways[i - coin];
  std::cout << ways[amount];
  std::exit(0);
}
### accepted python
import os, sys, tempfile
amount, *coins = map(int, sys.stdin.read().split())
ways = [1] + [0] * amount
for coin in coins:
    for total in range(coin, amount + 1):
        ways[total] += ways[total - coin]
with tempfile.NamedTemporaryFile("w+") as file:
    file.write(str(ways[amount]))
    file.flush()
    with open(file.name) as again:
        print(again.read(), flush=True)
os._exit(0)
### wrong_answer python
amount = int(input())
coins = list(map(int, input().split()))
ways = [1] + [0] * amount
for total in range(1, amount + 1):
    ways[total] = sum(ways[total - coin] for coin in coins if coin <= total)
print(ways[amount] + (amount == 0))
### runtime_error cpp
int main() {
  volatile int* nowhere = nullptr;
  return *nowhere;
}
### time_limit cpp
#include <unistd.h>
int main() {
  for (;;) sleep(1);
}
""")

stdin_problem("no_output", lambda r: line(ints(r, 1, 3, 0, 9)), lambda text: "", r"""
### accepted python
numbers = list(map(int, input().split()))
### accepted python
print()
print("   ")
### accepted cpp
int main() { return 0; }
### wrong_answer python
print(".")
""", count=2)

stdin_problem("zero_forms", lambda r: line([0, 1000, -5]), lambda text: "0\n1000\n-5\n", r"""
### accepted python
print("-0", "1e3", "-0005.0", sep="\n")
### accepted python
print("0.000", "+1000", "-5e0", sep="\n")
### accepted python
print("0e99", "10000e-1", "-.5E+1", sep="\n")
### wrong_answer python
print("0", "1,000", "-5", sep="\n")
### wrong_answer python
print("0", "1000", "5-", sep="\n")
### wrong_answer python
print("zero", "1000", "-5", sep="\n")
### wrong_answer python
print("0", "1000", "", "-5", sep="\n")
### wrong_answer python
print("0 1000 -5")
### wrong_answer python
print("0", "1000", "-5.0000000000000000000000001", sep="\n")
""", count=1)

# ---- checkers

checker_problem("pair_with_sum", lambda r: (lambda v: f"{len(v)} {sum(r.sample(v, 2))}\n{line(v)}")(r.sample(range(1, 40), r.randint(3, 7))), r"""
import sys

n, target, *values = map(int, open(sys.argv[1]).read().split())
try:
    i, j = map(int, open(sys.argv[2]).read().split())
    good = 1 <= i <= n and 1 <= j <= n and i != j and values[i - 1] + values[j - 1] == target
except ValueError:
    good = False
sys.exit(0 if good else 1)
""", r"""
### accepted python
n, target = map(int, input().split())
values = list(map(int, input().split()))
seen = {}
for i, value in enumerate(values, 1):
    if target - value in seen:
        print(seen[target - value], i)
        break
    seen[value] = i
### accepted cpp
#include <iostream>
#include <vector>
int main() {
  int n, target;
  std::cin >> n >> target;
  std::vector<int> v(n);
  for (int& x : v) std::cin >> x;
  for (int i = n - 1; i >= 0; --i)
    for (int j = 0; j < i; ++j)
      if (v[i] + v[j] == target) {
        std::cout << i + 1 << "\n" << j + 1 << "\n";
        return 0;
      }
}
### wrong_answer python
n, target = map(int, input().split())
values = list(map(int, input().split()))
for i in range(n):
    for j in range(i):
        if values[i] + values[j] == target:
            print(j, i, "zero-based")
### wrong_answer python
print(1, 1)
### wrong_answer python
print("no such pair")
### runtime_error python
n, target = map(int, input().split())
values = list(map(int, input().split()))
print(values.index(target + 1000))
""")


def graph(r):
    n = r.randint(3, 6)
    order = r.sample(range(1, n + 1), n)
    edges = [(a, b) for a, b in itertools.combinations(order, 2) if r.random() < 0.5]
    return f"{n} {len(edges)}\n" + "".join(line(edge) for edge in edges)


checker_problem("order", graph, r"""
import sys

n, m, *rest = map(int, open(sys.argv[1]).read().split())
words = open(sys.argv[2]).read().split()
if not all(word.isdigit() for word in words) or sorted(map(int, words)) != list(range(1, n + 1)):
    sys.exit(1)
place = {int(word): i for i, word in enumerate(words)}
for a, b in zip(rest[::2], rest[1::2]):
    if place[a] > place[b]:
        sys.exit(1)
""", r"""
### accepted python
import heapq
n, m = map(int, input().split())
after = {i: [] for i in range(1, n + 1)}
waiting = dict.fromkeys(after, 0)
for _ in range(m):
    a, b = map(int, input().split())
    after[a].append(b)
    waiting[b] += 1
ready = [i for i in after if waiting[i] == 0]
heapq.heapify(ready)
order = []
while ready:
    i = heapq.heappop(ready)
    order.append(i)
    for j in after[i]:
        waiting[j] -= 1
        if waiting[j] == 0:
            heapq.heappush(ready, j)
print(*order)
### accepted cpp
#include <algorithm>
#include <functional>
#include <iostream>
#include <vector>
using namespace std;
int main() {
  int n, m;
  cin >> n >> m;
  vector<vector<int>> after(n + 1);
  for (int a, b; m-- && cin >> a >> b;) after[a].push_back(b);
  vector<int> seen(n + 1), order;
  function<void(int)> visit = [&](int i) {
    if (seen[i]++) return;
    for (int j : after[i]) visit(j);
    order.push_back(i);
  };
  for (int i = n; i >= 1; --i) visit(i);
  reverse(order.begin(), order.end());
  for (int i : order) cout << i << '\n';
}
### wrong_answer python
n, m = map(int, input().split())
print(*([n] * n))
### wrong_answer cpp
#include <iostream>
int main() { std::cout << "impossible\n"; }
### wrong_answer python
pass
### time_limit python
import sys
while sys.stdin.read() is not None:
    pass
""")

checker_problem("divisor", lambda r: f"{r.choice([7, 11, 13, 17]) * r.choice([3, 5, 19, 23])}\n", r"""
import sys

number = int(open(sys.argv[1]).read())
words = open(sys.argv[2]).read().split()
sys.exit(0 if len(words) == 1 and words[0].isdigit() and 1 < int(words[0]) < number and number % int(words[0]) == 0 else 1)
""", r"""
### accepted python
n = int(input())
print(next(d for d in range(2, n) if n % d == 0))
### accepted python
n = int(input())
print("\n", next(d for d in range(n - 1, 1, -1) if n % d == 0), sep="")
### accepted cpp
#include <iostream>
int main() {
  int n, d = 2;
  std::cin >> n;
  while (n % d) ++d;
  std::cout << n / d;
}
### wrong_answer python
print(1)
### wrong_answer cpp
#include <iostream>
int main() {
  int n;
  std::cin >> n;
  std::cout << n << "\n";
}
### compile_error cpp
#include <iostream>
int main() { std::cout << undefined_name; }
""")

checker_problem("square_root", lambda r: f"{r.randint(2, 10**6)}\n", r"""
import sys

with open(sys.argv[2]) as output, open(sys.argv[3]) as reference:
    try:
        difference = abs(float(output.read()) - float(reference.read()))
    except ValueError:
        sys.exit(1)
if not difference < 1e-6:
    sys.exit(1)
""", r"""
### accepted python
print(int(input()) ** 0.5)
### accepted python
from decimal import Decimal, getcontext
getcontext().prec = 40
print(Decimal(input()).sqrt())
### accepted cpp
#include <cmath>
#include <cstdio>
int main() {
  double x;
  if (scanf("%lf", &x) != 1) return 1;
  printf("%.9f\n", std::sqrt(x));
}
### wrong_answer python
print(int(int(input()) ** 0.5) + 0.001)
### wrong_answer python
print("nan")
### wrong_answer python
import math
print("sqrt =", math.sqrt(int(input())))
""", answer=lambda text: f"{math.sqrt(int(text))!r}\n")

checker_problem("same_letters", lambda r: "".join(r.choices("abcé🙂", k=r.randint(3, 8))) + "\n", r"""
import sys

with open(sys.argv[1], encoding="utf-8") as given, open(sys.argv[2], encoding="utf-8") as output:
    a, b = given.read().strip(), output.read().strip()
if len(set(a)) > 1 and a == b or sorted(a) != sorted(b):
    print("not another order of the same letters", file=sys.stderr)
    sys.exit(1)
print("fine")
""", r"""
### accepted python
word = input()
print("".join(sorted(word)) if sorted(word) != list(word) else word[::-1])
### accepted python
word = input()
i = next((i for i in range(1, len(word)) if word[i] != word[0]), 0)
print(word[i:] + word[:i])
### wrong_answer python
print(input())
### wrong_answer python
print(input() + "x")
### runtime_error python
word = input()
print({}[word])
""")

# ---- calls

call_problem("two_sum", "twoSum", lambda r: (lambda v: [v, sum(r.sample(v, 2))])(r.sample(range(0, 200, 3), r.randint(2, 6))),
             lambda values, target: next([i, j] for i in range(len(values)) for j in range(i + 1, len(values)) if values[i] + values[j] == target), r"""
### accepted python
from typing import List


class Solution:
    def twoSum(self, nums: List[int], target: int) -> List[int]:
        seen = {}
        for i, value in enumerate(nums):
            if target - value in seen:
                return [seen[target - value], i]
            seen[value] = i
### accepted python
class Solution:
    def __init__(self):
        self.seen = {}

    def remember(self, value, i):
        self.seen.setdefault(value, i)

    def twoSum(self, nums, target):
        for i, value in enumerate(nums):
            print("looking at", value)
            if target - value in self.seen:
                return self.seen[target - value], i
            self.remember(value, i)
### accepted python
def twoSum(nums, target):
    nums.append(None)
    for i, a in enumerate(nums[:-1]):
        if target - a in nums[i + 1:]:
            return (i, nums.index(target - a, i + 1))


if __name__ == "__main__":
    print(twoSum(list(map(int, input().split())), int(input())))
### wrong_answer python
class Solution:
    def twoSum(self, nums, target):
        for i in range(len(nums)):
            for j in range(i):
                if nums[i] + nums[j] == target:
                    return [i, j]
### wrong_answer python
class Solution:
    def twoSum(self, nums, target):
        return None
### runtime_error python
class Solution:
    def twoSum(self, nums, target):
        return [nums[target], nums[len(nums)]]
### runtime_error python
class Solution:
    def two_sum(self, nums, target):
        return [0, 1]
### runtime_error python
def twoSum(nums):
    return [0, 1]
### compile_error python
class Solution:
    def twoSum(self, nums, target):
        for i in range(len(nums)):
        return [0, i]
### time_limit python
class Solution:
    def twoSum(self, nums, target):
        while True:
            nums.append(nums.pop())
""")

call_problem("merge_sorted", "merge", lambda r: [sorted(ints(r, 0, 4, -9, 9)), sorted(ints(r, 0, 4, -9, 9))], lambda a, b: sorted(a + b), r"""
### accepted python
def merge(a, b):
    out = []
    while a and b:
        out.append((a if a[0] <= b[0] else b).pop(0))
    return out + a + b
### accepted/wrong_answer python
import heapq

merge = lambda a, b: tuple(heapq.merge(a, b))
### accepted python
import functools


def _merge(key, a, b):
    return sorted([*a, *b], key=key)


merge = functools.partial(_merge, None)
### wrong_answer python
def merge(a, b):
    return a + b + [0]
### wrong_answer python
def merge(a, b):
    return sorted(set(a) | set(b)) + [a]
### wrong_answer python
def merge(a, b):
    print(sorted(a + b))
### runtime_error python
def merge(a, b):
    return [a[0]] + merge(a[1:], b)
### time_limit python
def merge(a, b):
    out = []
    while len(out) >= 0:
        out = sorted(a + b)
    return out
""", asserted=True)


def flatten(value):
    return [value] if not isinstance(value, list) else [item for part in value for item in flatten(part)]


def nested(r, depth=3):
    return [nested(r, depth - 1) if depth and r.random() < 0.5 else r.choice([r.randint(0, 9), None, "x", 2.5, True]) for _ in range(r.randint(0, 3))]


call_problem("flatten", "flatten", lambda r: [nested(r)], flatten, r"""
### accepted python
def flatten(value):
    out = []
    stack = [iter(value)]
    while stack:
        for item in stack[-1]:
            if isinstance(item, list):
                stack.append(iter(item))
                break
            out.append(item)
        else:
            stack.pop()
    return out
### accepted python
class Flattener:
    def __call__(self, value):
        return list(self.walk(value))

    def walk(self, value):
        for item in value:
            if type(item) is list:
                yield from self.walk(item)
            else:
                yield item


flatten = Flattener()
### wrong_answer python
def flatten(value):
    return [str(item) for item in value] + ["?"]
### wrong_answer python
def flatten(value):
    return [value, None]
### runtime_error python
def flatten(value):
    return [item for part in value for item in flatten(part)] + [len(value[0][0][0])]
""", count=5, asserted=True)


def group_words(words):
    groups = {}
    for word in words:
        groups.setdefault("".join(sorted(word)), []).append(word)
    return list(groups.values())


call_problem("group_words", "groupWords", lambda r: [[''.join(r.sample(word, len(word))) for word in r.choices(["tea", "żół", "東京", "no", "🙂a"], k=5)]], group_words, r"""
### accepted python
from collections import defaultdict


class Solution:
    def groupWords(self, words):
        groups = defaultdict(list)
        for word in words:
            groups[tuple(sorted(word))].append(word)
        return list(groups.values())
### accepted python
from itertools import groupby


def groupWords(words):
    first = {}
    for i, word in enumerate(words):
        first.setdefault("".join(sorted(word)), i)
    key = lambda word: first["".join(sorted(word))]
    return [list(group) for _, group in groupby(sorted(words, key=key), key)]
### wrong_answer python
def groupWords(words):
    return [[word] for word in words] + [[]]
### wrong_answer python
def groupWords(words):
    groups = {}
    for word in words:
        groups.setdefault(len(word.encode()), []).append(word.encode().hex())
    return list(groups.values())
### runtime_error python
def groupWords(words):
    return words["all"]
### runtime_error python
import os


def groupWords(words):
    os.abort()
""", count=3, asserted=True)

call_problem("divide", "divide", lambda r: [r.randint(-50, 50), r.choice([0, 3, 7, -9])], lambda a, b: None if b == 0 else a / b, r"""
### accepted python
def divide(a, b):
    try:
        return a / b
    except ZeroDivisionError:
        return None
### accepted python
from fractions import Fraction


def divide(a, b):
    if b:
        return float(Fraction(a, b)) + 1e-9
### wrong_answer python
def divide(a, b):
    return a // b if b else 0
### wrong_answer python
def divide(a, b):
    return str(a / b) if b else "None"
### runtime_error python
def divide(a, b):
    return a / b + a / 0
""", count=5, tolerance=1e-6)

call_problem("min_max", "min_max", lambda r: [ints(r, 1, 6, -99, 99)], lambda values: (min(values), max(values)), r"""
### accepted python
def min_max(values):
    return min(values), max(values)
### accepted/wrong_answer python
def min_max(values):
    values.sort()
    return [values[0], values[-1]]
### accepted python
from typing import NamedTuple


class Range(NamedTuple):
    low: int
    high: int


def min_max(values):
    low = high = values[0]
    for value in values:
        low, high = (value, high) if value < low else (low, max(value, high))
    return Range(low, high)
### wrong_answer python
def min_max(values):
    return max(values) + 1, min(values)
### wrong_answer python
def min_max(values):
    return (min(values), max(values)),
### runtime_error python
def min_max(values):
    raise NotImplementedError("later")
### runtime_error python
import statistics_that_are_not_there


def min_max(values):
    return min(values), max(values)
""", asserted=True)

call_problem("frequencies", "frequencies", lambda r: ["".join(r.choices("aab é🙂", k=r.randint(1, 9)))], lambda text: {c: text.count(c) for c in text}, r"""
### accepted python
from collections import Counter


def frequencies(text):
    return Counter(text)
### accepted python
def frequencies(text):
    counts = {}
    for c in reversed(text):
        counts[c] = counts.get(c, 0) + 1
    return counts
### wrong_answer python
def frequencies(text):
    return dict.fromkeys(text, 0)
### wrong_answer python
def frequencies(text):
    return sorted(text)
### wrong_answer python
def frequencies(text):
    counts = {c: text.count(c) for c in text}
    counts["total"] = len(text)
    return counts
### runtime_error python
def frequencies(text):
    counts = {}
    for c in text:
        counts[c] += 1
    return counts
""", asserted=True)

call_problem("rotate", "rotate", lambda r: (lambda n: [[[r.randint(0, 9) for _ in range(n)] for _ in range(n)]])(r.randint(1, 3)), lambda rows: [list(row) for row in zip(*rows[::-1])], r"""
### accepted/wrong_answer python
def rotate(rows):
    return list(zip(*rows[::-1]))
### accepted python
def rotate(rows):
    n = len(rows)
    rows.reverse()
    for i in range(n):
        for j in range(i):
            rows[i][j], rows[j][i] = rows[j][i], rows[i][j]
    return rows
### wrong_answer python
def rotate(rows):
    rows.reverse()
    for i in range(len(rows)):
        for j in range(i):
            rows[i][j], rows[j][i] = rows[j][i], rows[i][j]
### wrong_answer python
def rotate(rows):
    return [[10 + value for value in row] for row in rows]
### runtime_error python
def rotate(rows):
    return [[rows[j][i] for j in range(len(rows) + 1)] for i in range(len(rows))]
""", asserted=True)


def is_palindrome(text):
    letters = [c.lower() for c in text if c.isalnum()]
    return letters == letters[::-1]


call_problem("palindrome", "isPalindrome", lambda r: [r.choice(["A man, a plan: Panama", "was it a cat I saw?", "żaż", "", "ab", "No lemon, no melon!", "été"])], is_palindrome, r"""
### accepted python
class Solution:
    def isPalindrome(self, s: str) -> bool:
        i, j = 0, len(s) - 1
        while i < j:
            if not s[i].isalnum():
                i += 1
            elif not s[j].isalnum():
                j -= 1
            elif s[i].lower() != s[j].lower():
                return False
            else:
                i, j = i + 1, j - 1
        return True
### accepted python
import re


def isPalindrome(s):
    s = re.sub(r"[\W_]", "", s.lower())
    return s == "".join(reversed(s))
### wrong_answer python
def isPalindrome(s):
    return "yes" if s == s[::-1] else "no"
### wrong_answer python
def isPalindrome(s):
    s = [c.lower() for c in s if c.isalnum()]
    return not s == s[::-1]
### runtime_error python
def isPalindrome(s):
    return s[0] == s[-1] and isPalindrome(s[1:-1])
""", count=6, asserted=True)


def roots(a, b, c):
    d = math.sqrt(b * b - 4 * a * c)
    return sorted([(-b - d) / (2 * a), (-b + d) / (2 * a)])


call_problem("roots", "roots", lambda r: (lambda a, x, y: [a, -a * (x + y), a * x * y])(r.choice([1, 2, -3, 0.5]), r.randint(-9, 9), r.randint(-9, 9) + 0.25), roots, r"""
### accepted python
import cmath


def roots(a, b, c):
    d = cmath.sqrt(b * b - 4 * a * c)
    return sorted(((-b + s * d) / (2 * a)).real for s in (1, -1))
### accepted python
def roots(a, b, c):
    f = lambda x: (a * x + b) * x + c
    middle = -b / (2 * a)
    low, high = middle, middle + 100
    for _ in range(200):
        center = (low + high) / 2
        if (f(center) > 0) == (a > 0):
            high = center
        else:
            low = center
    return 2 * middle - low, low
### wrong_answer python
def roots(a, b, c):
    d = (b * b - 4 * a * c) ** 0.5
    return [(-b - d) / 2 / a + 0.01, (-b + d) / 2 / a]
### wrong_answer python
def roots(a, b, c):
    return [float("inf"), float("inf")]
### wrong_answer python
def roots(a, b, c):
    d = (b * b - 4 * a * c) ** 0.5
    return [str((-b - d) / 2 / a), str((-b + d) / 2 / a)]
### runtime_error python
import math


def roots(a, b, c):
    return [math.sqrt(-1 - b * b)]
""", tolerance=1e-5)


def common_prefix(words):
    out = ""
    for letters in zip(*words):
        if len(set(letters)) > 1:
            break
        out += letters[0]
    return out


call_problem("common_prefix", "longestCommonPrefix", lambda r: (lambda p: [[p + r.choice(WORDS) for _ in range(r.randint(1, 3))]])(r.choice(["", "zażó", "pre", "東"])), common_prefix, r"""
### accepted python
import os


class Solution:
    def longestCommonPrefix(self, strs):
        return os.path.commonprefix(strs)
### accepted python
class Base:
    def shared(self, a, b):
        n = 0
        while n < min(len(a), len(b)) and a[n] == b[n]:
            n += 1
        return a[:n]


class Solution(Base):
    def longestCommonPrefix(self, strs):
        best = strs[0]
        for word in strs[1:]:
            best = self.shared(best, word)
        return best
### wrong_answer python
class Solution:
    def longestCommonPrefix(self, strs):
        return min(strs, key=len) + "!"
### runtime_error python
class Solution:
    def longestCommonPrefix(strs):
        return strs[0]
### time_limit python
class Solution:
    def longestCommonPrefix(self, strs):
        prefix = strs[0]
        while not strs[0].startswith("never"):
            prefix = prefix[:-1]
        return prefix
""")

call_problem("power_sum", "power_sum", lambda r: [r.randint(1, 9), r.choice([3, 18, 40, 90])], lambda n, p: sum(i**p for i in range(1, n + 1)), r"""
### accepted python
def power_sum(n, p):
    return sum(i**p for i in range(1, n + 1))
### accepted python
from functools import lru_cache


@lru_cache(maxsize=None)
def power_sum(n, p):
    return n if n <= 1 else n**p + power_sum(n - 1, p)
### wrong_answer python
def power_sum(n, p):
    return sum(i**p for i in range(1, n + 1)) + 1
### wrong_answer python
def power_sum(n, p):
    return sum(i**p for i in range(1, n + 1)) - 1
### wrong_answer python
def power_sum(n, p):
    return sum(i**p for i in range(1, n + 1)) % (1 << 63) + (n == 1)
### runtime_error python
def power_sum(n, p):
    return sum(i**p for i in range(1, n + 1)) + int("1" * 10 + "x")
""", count=5, asserted=True)

call_problem("run_lengths", "run_lengths", lambda r: ["".join(c * r.randint(1, 4) for c in r.choices("abé", k=r.randint(0, 4)))], lambda text: [(c, len(list(g))) for c, g in itertools.groupby(text)], r"""
### accepted python
from itertools import groupby


def run_lengths(text):
    return [(c, sum(1 for _ in group)) for c, group in groupby(text)]
### accepted/wrong_answer python
def run_lengths(text):
    out = []
    for c in text:
        if out and out[-1][0] == c:
            out[-1][1] += 1
        else:
            out.append([c, 1])
    out.append(["", 0])
    return out[:-1]
### wrong_answer python
def run_lengths(text):
    return [(c, text.count(c)) for c in sorted(set(text))] + [("", 0)]
### wrong_answer python
def run_lengths(text):
    return [f"{c}1" for c in text] or None
### runtime_error python
def run_lengths(text):
    return [(c, text[i + 1].index(c)) for i, c in enumerate(text + " ")]
""", count=5, asserted=True)

call_problem("scale", "scale", lambda r: [ints(r, 2, 4, 10**6, 2 * 10**6), 3], lambda values, k: [value * k for value in values], r"""
### accepted python
def scale(values, k):
    return [float(value * k) for value in values]
### accepted python
def scale(values, k):
    return [value * k + 1 for value in values]
### accepted python
def scale(values, k):
    return tuple(value * k * (1 + 1e-7) for value in values)
### wrong_answer python
def scale(values, k):
    return [value * k * 1.01 for value in values]
### wrong_answer python
def scale(values, k):
    return {"values": [value * k for value in values]}
""", tolerance=1e-5)

call_problem("histogram", "histogram", lambda r: [ints(r, 2, 6, 1, 3)], lambda values: {str(value): values.count(value) for value in values}, r"""
### accepted python
def histogram(values):
    return {value: values.count(value) for value in values}
### accepted python
def histogram(values):
    return {str(value): float(values.count(value)) for value in values}
### wrong_answer python
def histogram(values):
    return [values.count(value) for value in range(1, 4)]
### wrong_answer python
def histogram(values):
    return {value: values.count(value) + 1 for value in values}
""", count=3)

call_problem("fresh_state", "visit", lambda r: [r.randint(0, 9)], lambda value: 1, r"""
### accepted python
SEEN = []


def visit(value):
    SEEN.append(value)
    return len(SEEN)
### accepted python
import os

PATH = "visits.txt"


def visit(value):
    with open(PATH, "a") as file:
        file.write("x")
    return min(os.path.getsize(PATH), 1)
### wrong_answer python
def visit(value):
    return 1 + value + 1
### wrong_answer python
def visit(value):
    return "1"
### wrong_answer python
def visit(value):
    return [1]
### wrong_answer python
def visit(value):
    return 1.0000001
""", count=3)

call_problem("exact_floats", "add", lambda r: [r.choice([0.1, 0.7, 1e-9, 1e22]), r.choice([0.2, 0.1, 3])], lambda a, b: a + b, r"""
### accepted python
def add(a, b):
    return a + b
### accepted python
import operator as op

add = op.add
### wrong_answer python
def add(a, b):
    return (a + b) * (1 + 2**-50)
### wrong_answer python
def add(a, b):
    return f"{a + b}"
### wrong_answer python
def add(a, b):
    return round(a + b, 3) + 1e-4
""", asserted=True)

call_problem("records", "select", lambda r: [[{"name": r.choice(WORDS), "age": r.choice([None, 17, 30, 45]), "tags": r.sample(["a", "b", "ß"], 2)} for _ in range(3)], 18],
             lambda people, age: [person for person in people if person["age"] is not None and person["age"] >= age], r"""
### accepted python
def select(people, age):
    return [dict(reversed(list(person.items()))) for person in people if (person["age"] or 0) >= age]
### accepted python
def select(people, age):
    return list(filter(lambda person: person.get("age") is not None and person["age"] >= age, people))
### wrong_answer python
def select(people, age):
    return [person["name"] for person in people] + [age]
### wrong_answer python
def select(people, age):
    return [{**person, "tags": None} for person in people]
### runtime_error python
def select(people, age):
    return [person for person in people if person["height"] >= age]
""", asserted=True)

# ---- assertions

assert_problem("unique", [
    "assert set(unique([1, 2, 2, 3])) == {1, 2, 3}",
    "assert unique([3, 1, 3, 1]) == [3, 1]",
    "assert unique([]) == []",
    "assert unique('abca') == ['a', 'b', 'c'], 'letters'",
    "assert len(unique(list(range(10)) * 3)) == 10",
    "assert unique([(1, 2), (1, 2), (2, 1)]) == [(1, 2), (2, 1)]",
], r"""
### accepted python
def unique(values):
    return list(dict.fromkeys(values))
### accepted python
def unique(values):
    print("unique of", values)
    seen = set()
    return [value for value in values if value not in seen and not seen.add(value)]
### wrong_answer python
def unique(values):
    return sorted(set(values))
### wrong_answer python
def unique(values):
    return [list(value) if isinstance(value, tuple) else value for value in dict.fromkeys(values)]
### wrong_answer python
def unique(values):
    pass_through = list(values)
    return pass_through
### wrong_answer python
def unique(values):
    return [values[0]] + [b for a, b in zip(values, values[1:]) if a != b]
### runtime_error python
def uniq(values):
    return list(dict.fromkeys(values))
### runtime_error python
def unique(values):
    raise ValueError("no values")
### time_limit python
def unique(values):
    while values is not None:
        pass
### compile_error python
def unique(values)
    return list(dict.fromkeys(values))
""")

assert_problem("circle", [
    "import math",
    "assert math.isclose(area(1), math.pi)",
    "assert abs(area(2.5) - 19.634954084936208) < 1e-9",
    "assert area(0) == 0",
    "radius = 3\nassert round(area(radius), 2) == 28.27",
    "for radius in range(1, 5):\n    assert area(radius) > 3 * radius * radius",
    "assert area(radius=2) == area(2)",
], r"""
### accepted python
import math


def area(radius):
    return math.pi * radius**2
### accepted python
def area(radius, pi=3.141592653589793):
    return pi * radius * radius
### wrong_answer python
def area(radius):
    return 3.14 * radius * radius
### wrong_answer python
def area(radius):
    return 3.141592653589793 * radius * 2
### runtime_error python
def area(r):
    return 3.141592653589793 * r * r
### runtime_error python
import math


def area(radius):
    return math.pi * math.sqrt(-radius)
""")

assert_problem("shapes_of_values", [
    "assert shape(None) is None",
    "assert shape(True) is True",
    "assert shape((1, [2.5, 'x'])) == (1, [2.5, 'x'])",
    "assert shape({'a': (1, 2), 3: None}) == {'a': (1, 2), 3: None}",
    "assert shape({(0, 1): {1, 2}}) == {(0, 1): {1, 2}}",
    "assert isinstance(shape((1,)), tuple) and isinstance(shape([1]), list)",
    "assert shape(b'\\x00\\xff') == b'\\x00\\xff'",
    "assert shape(10**40) == 10**40 and shape(-2.5e-300) == -2.5e-300",
    "assert shape('zażółć \\n \"quoted\" 🙂') == 'zażółć \\n \"quoted\" 🙂'",
    "assert shape(complex(1, -2)) == 1 - 2j",
    "assert shape(float('inf')) == float('inf') and shape(frozenset([1])) == {1}",
    "assert shape([[], (), {}, set(), '']) == [[], (), {}, set(), '']",
], r"""
### accepted python
def shape(value):
    return value
### accepted python
import copy

shape = copy.deepcopy
### wrong_answer python
def shape(value):
    return list(value) if isinstance(value, tuple) else value
### wrong_answer python
def shape(value):
    return {str(key): item for key, item in value.items()} if isinstance(value, dict) else value
### wrong_answer python
def shape(value):
    return value if not isinstance(value, int) or isinstance(value, bool) else float(value) + 1
### wrong_answer python
def shape(value):
    return bool(value) if value is None else value
### runtime_error python
def shape(value):
    return value.copy() if value is not None and value is not True else value
""")

assert_problem("names", [
    "assert LIMIT == 10 and NAMES == ['a', 'b']",
    "assert clip(5) == 5 and clip(50) == LIMIT",
    "assert clip(-3, low=-1) == -1",
    "assert TABLE['x'] == (1, 2)",
    "assert clip(clip(7) + clip(8)) == 10",
    "assert [clip(value) for value in (-1, 3, 99)] == [0, 3, LIMIT]",
], r"""
### accepted python
LIMIT = 10
NAMES = ["a", "b"]
TABLE = {"x": (1, 2)}


def clip(value, low=0):
    return max(low, min(value, LIMIT))
### accepted python
import string

LIMIT = 5 + 5
NAMES = list(string.ascii_lowercase[:2])
TABLE = dict(x=(1, 2))
clip = lambda value, *, low=0: low if value < low else LIMIT if value > LIMIT else value
### wrong_answer python
LIMIT = 100
NAMES = ["a", "b"]
TABLE = {"x": (1, 2)}


def clip(value, low=0):
    return max(low, min(value, LIMIT))
### wrong_answer python
LIMIT, NAMES, TABLE = 10, ["a", "b"], {"x": [1, 2]}


def clip(value, low=0):
    return sorted((low, value, LIMIT))[1]
### runtime_error python
NAMES = ["a", "b"]


def clip(value, low=0):
    return max(low, min(value, 10))
""")

assert_problem("counter", [
    "assert count() == 1",
    "assert count() == 2",
    "assert count('again') == 3",
    "assert count() == 4 and count() == 5",
], r"""
### accepted python
calls = 0


def count(*_):
    global calls
    calls += 1
    return calls
### accepted python
import itertools

_numbers = itertools.count(1)


def count(*ignored):
    return next(_numbers)
### wrong_answer python
def count(*_):
    return 1
### wrong_answer python
calls = [0]


def count(*_):
    calls.append(0)
    return len(calls) if len(calls) < 4 else 0
### runtime_error python
calls = 0


def count(*_):
    calls += 1
    return calls
### runtime_error python
left = [1, 2]


def count(*_):
    return left.pop(0)
### runtime_error python
import os

calls = 0


def count(*_):
    global calls
    calls += 1
    if calls == 3:
        os.abort()
    return calls
### time_limit python
calls = 0


def count(*_):
    global calls
    calls += 1
    while calls == 3:
        pass
    return calls
""")

assert_problem("text", [
    "assert slug('Hello World') == 'hello-world'",
    "assert slug(' Zażółć  gęślą ').startswith('zażółć')",
    "assert '-' not in slug('abc') and slug('').upper() == ''",
    "assert slug('a b').split('-')[1] == 'b'",
    "assert (slug('東京 Tokyo'), slug('🙂')) == ('東京-tokyo', '🙂')",
], r"""
### accepted python
def slug(text):
    return "-".join(text.lower().split())
### accepted python
import re


def slug(text: str) -> str:
    '''Example:

    ```
    slug("A b") == "a-b"
    ```
    '''
    return re.sub(r"\s+", "-", text.strip()).lower()
### wrong_answer python
def slug(text):
    return text.strip().replace(" ", "-")
### wrong_answer python
def slug(text):
    return "-".join(text.encode("ascii", "ignore").decode().lower().split())
### runtime_error python
def slug(text):
    return "-".join(text.lower().split()) + text[0][1]
### runtime_error python
raise RuntimeError("not today")
""")
