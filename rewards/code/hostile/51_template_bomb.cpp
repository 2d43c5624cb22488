// Two to the fortieth classes.
template <int N, class... T>
struct Bomb {
  Bomb<N - 1, T..., int> left;
  Bomb<N - 1, T..., char> right;
};

template <class... T>
struct Bomb<0, T...> {};

Bomb<40> bomb;

int main() {}
