// Abort().
#include <cstdlib>

int main() { abort(); }
