// Includes noise without end: the compiler's messages are bounded.
#include "/dev/urandom"

int main() {}
