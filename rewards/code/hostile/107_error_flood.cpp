// Millions of error messages.
#define A(x) x x x x x x x x x x
#define B(x) A(A(A(x)))
#define C(x) B(x) B(x)

int main() { C(C(nothing = "no such name, said at some length";)) }
