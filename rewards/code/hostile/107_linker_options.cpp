// Asks for another C library and a stack of code.
#include <cstdio>

__asm__(".section .note.GNU-stack,\"x\",@progbits\n.text\n");
__asm__(".symver puts,puts@GLIBC_9.99\n");

int main() { puts("ok"); }
