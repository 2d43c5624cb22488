// Does not link.
#include <cstdio>

void solve() { puts("ok"); }
