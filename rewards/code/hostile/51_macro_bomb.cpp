// A macro of some billion terms.
#define A(x) x + x + x + x + x + x + x + x
#define B(x) A(A(x))
#define C(x) B(B(x))
#define D(x) C(C(x))

int main() { return D(D(1)); }
