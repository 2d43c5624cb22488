// A gigabyte of data in the program file.
#include <cstdio>

char block[1 << 30] = {1};

int main() { printf("%d\n", block[12345]); }
