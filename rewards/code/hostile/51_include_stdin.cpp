// Includes the compiler's own input.
#include "/dev/stdin"

int main() {}
