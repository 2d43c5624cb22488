// 10,000 threads; the failure is an exception that nobody catches.
#include <unistd.h>

#include <cstdio>
#include <thread>

int main() {
  for (int i = 0; i < 10000; ++i) std::thread([] { sleep(1000); }).detach();
  puts("ok");
}
