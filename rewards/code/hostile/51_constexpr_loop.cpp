// A long loop for the compiler to run.
constexpr int spin(int turns) {
  int sum = 0;
  for (int i = 0; i < turns; ++i)
    for (int j = 0; j < turns; ++j) sum ^= i + j;
  return sum;
}

constexpr int kFirst = spin(10000);

int main() { return kFirst; }
