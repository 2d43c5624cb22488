// Control: an honest program with every header, a thread and a regular expression.
#include <bits/stdc++.h>
#pragma GCC optimize("O3,unroll-loops")
using namespace std;

int main() {
  ios::sync_with_stdio(false);
  cin.tie(nullptr);
  vector<long long> values;
  for (long long value; cin >> value;) values.push_back(value);
  map<long long, int> counts;
  thread counter([&] {
    for (const long long value : values) ++counts[value];
  });
  counter.join();
  regex word("[a-z]+");
  sort(values.begin(), values.end());
  cout << values.back() << ' ' << counts.size() << ' ' << regex_match("abc", word) << '\n';
}
