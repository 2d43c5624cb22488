#include "base/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/expect_error.h"

namespace r1 {
namespace {

struct Inner {
  double epsilon = 0.2;
  std::string kind = "k3";
  template <class V>
  void visit(V& v) {
    v.field("epsilon", epsilon, "clip range", Range{0.0, 1.0});
    v.field("kind", kind, "estimator", OneOf{"k1", "k2", "k3"});
  }
};

struct Outer {
  int group_size = 8;
  int64_t big = -1;
  uint64_t seed = 42;
  bool shuffle = true;
  std::string name = "x";
  std::filesystem::path folder = "out";
  std::optional<int> limit;
  std::optional<Inner> maybe;
  std::vector<double> weights = {1.0, 0.5};
  std::vector<Inner> list;
  std::map<std::string, double> mix;
  Json extra;
  Inner inner;
  template <class V>
  void visit(V& v) {
    v.field("group_size", group_size, "completions per prompt", Range{1, 64});
    v.field("big", big, "a big number");
    v.field("seed", seed, "random seed");
    v.field("shuffle", shuffle, "whether rows are shuffled");
    v.field("name", name, "name of it", Required{});
    v.field("folder", folder, "where");
    v.field("limit", limit, "none: no limit", Range{0.0});
    v.field("maybe", maybe, "none: off");
    v.field("weights", weights, "of rewards", Range{0, 10});
    v.field("list", list, "many");
    v.field("mix", mix, "shares", Range{0, 1});
    v.field("extra", extra, "anything");
    v.field("inner", inner, "one");
  }
};

Outer read(const std::string& text, const std::string& path = "r.json: stages[2]") {
  Outer config;
  read_config(parse_json(text, "r.json"), path, config);
  return config;
}

TEST(ReadConfig, ReadsEveryTypeOfField) {
  const Outer c = read(R"({"group_size": 4, "big": -5000000000, "seed": 18446744073709551615,
      "shuffle": false, "name": "n", "folder": "a/b", "limit": 3, "maybe": {"epsilon": 1},
      "weights": [2, 0.25], "list": [{"kind": "k1"}, {}], "mix": {"a": 0.5, "b": 0},
      "extra": {"x": [1]}, "inner": {"epsilon": 0.5}})");
  EXPECT_EQ(c.group_size, 4);
  EXPECT_EQ(c.big, -5000000000);
  EXPECT_EQ(c.seed, 18446744073709551615u);
  EXPECT_FALSE(c.shuffle);
  EXPECT_EQ(c.name, "n");
  EXPECT_EQ(c.folder, "a/b");
  EXPECT_EQ(c.limit, 3);
  ASSERT_TRUE(c.maybe);
  EXPECT_EQ(c.maybe->epsilon, 1.0);
  EXPECT_EQ(c.maybe->kind, "k3");
  EXPECT_EQ(c.weights, (std::vector<double>{2, 0.25}));
  ASSERT_EQ(c.list.size(), 2u);
  EXPECT_EQ(c.list[0].kind, "k1");
  EXPECT_EQ(c.list[1].kind, "k3");
  EXPECT_EQ(c.mix, (std::map<std::string, double>{{"a", 0.5}, {"b", 0.0}}));
  EXPECT_EQ(dump_json(c.extra), R"({"x":[1]})");
  EXPECT_EQ(c.inner.epsilon, 0.5);
}

TEST(ReadConfig, KeepsDefaultsOfAbsentFields) {
  const Outer c = read(R"({"name": "n"})");
  EXPECT_EQ(c.group_size, 8);
  EXPECT_EQ(c.weights, (std::vector<double>{1.0, 0.5}));
  EXPECT_FALSE(c.limit);
}

TEST(ReadConfig, ReadsNullOfAnOptionalAsNone) {
  Outer c;
  c.limit = 5;
  read_config(parse_json(R"({"name": "n", "limit": null})", "f"), "f", c);
  EXPECT_FALSE(c.limit);
}

TEST(ReadConfig, NamesTheNearestKeyForAnUnknownOne) {
  EXPECT_ERROR(ConfigError, read(R"({"name": "n", "gruop_size": 4})"),
               "r.json: stages[2].gruop_size: unknown key; did you mean \"group_size\"?");
  EXPECT_ERROR(ConfigError, read(R"({"name": "n", "inner": {"epsilom": 4}})"),
               "r.json: stages[2].inner.epsilom: unknown key; did you mean \"epsilon\"?");
  EXPECT_ERROR(ConfigError, read(R"({"name": "n", "list": [{}, {"quite_other": 4}]})"),
               "r.json: stages[2].list[1].quite_other: unknown key; known keys: epsilon, kind");
}

TEST(ReadConfig, ReportsATypoBeforeTheRequiredKeyThatItHides) {
  EXPECT_ERROR(ConfigError, read(R"({"nmae": "n"})"), "nmae: unknown key; did you mean \"name\"?");
}

TEST(ReadConfig, NamesAMissingRequiredKey) {
  EXPECT_ERROR(ConfigError, read("{}"), "r.json: stages[2].name: required, but missing (name of it)");
}

TEST(ReadConfig, JoinsPaths) {
  EXPECT_ERROR(ConfigError, read(R"({"name": 1})", ""), "name: expected string");
  EXPECT_ERROR(ConfigError, read(R"({"name": 1})", "r.json: "), "r.json: name: expected string");
  EXPECT_ERROR(ConfigError, read("[]", "r.json: "), "r.json: expected an object, found a list of 0");
}

TEST(ReadConfig, NamesValueAndRange) {
  const auto one = [](const std::string& field) { return read("{\"name\": \"n\", " + field + "}"); };
  EXPECT_ERROR(ConfigError, one(R"("inner": {"epsilon": 1.7})"), "stages[2].inner.epsilon: 1.7 is outside [0, 1]");
  EXPECT_ERROR(ConfigError, one(R"("group_size": 0)"), "group_size: 0 is outside [1, 64]");
  EXPECT_ERROR(ConfigError, one(R"("group_size": 65)"), "group_size: 65 is outside [1, 64]");
  EXPECT_ERROR(ConfigError, one(R"("limit": -1)"), "limit: -1 is outside [0, inf)");
  EXPECT_ERROR(ConfigError, one(R"("weights": [1, 11])"), "weights[1]: 11 is outside [0, 10]");
  EXPECT_ERROR(ConfigError, one(R"("mix": {"a": 2})"), "mix.a: 2 is outside [0, 1]");
  EXPECT_NO_THROW(one(R"("group_size": 1)"));
  EXPECT_NO_THROW(one(R"("group_size": 64)"));
}

TEST(ReadConfig, NamesTheAllowedStrings) {
  EXPECT_ERROR(ConfigError, read(R"({"name": "n", "inner": {"kind": "k4"}})"),
               "inner.kind: \"k4\" is not one of: k1, k2, k3; did you mean \"k1\"?");
  EXPECT_ERROR(ConfigError, read(R"({"name": "n", "inner": {"kind": "mean"}})"),
               "inner.kind: \"mean\" is not one of: k1, k2, k3");
}

struct WrongType {
  const char* field;
  const char* message;
};

class ReadConfigType : public testing::TestWithParam<WrongType> {};

TEST_P(ReadConfigType, IsChecked) {
  EXPECT_ERROR(ConfigError, read(std::string("{\"name\": \"n\", ") + GetParam().field + "}"), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(Wrong, ReadConfigType,
                         testing::Values(WrongType{R"("group_size": "8")", "group_size: expected int, found string \"8\""},
                                         WrongType{R"("group_size": 2.0)", "group_size: expected int, found number 2.0"},
                                         WrongType{R"("group_size": true)", "group_size: expected int, found bool true"},
                                         WrongType{R"("group_size": null)", "group_size: expected int, found null"},
                                         WrongType{
                                             R"("big": 9223372036854775808)",
                                             "big: 9223372036854775808 is outside [-9223372036854775808, 9223372036854775807]"},
                                         WrongType{R"("seed": -1)", "seed: -1 is outside [0, 18446744073709551615]"},
                                         WrongType{R"("seed": 18446744073709551616)", "seed: expected int, found number"},
                                         WrongType{R"("shuffle": 1)", "shuffle: expected bool, found int 1"},
                                         WrongType{R"("shuffle": "true")", "shuffle: expected bool, found string"},
                                         WrongType{R"("folder": 3)", "folder: expected string, found int 3"},
                                         WrongType{R"("limit": "x")", "limit: expected int, found string \"x\""},
                                         WrongType{R"("weights": 1)", "weights: expected a list, found int 1"},
                                         WrongType{R"("weights": [true])", "weights[0]: expected number, found bool true"},
                                         WrongType{R"("mix": [1])", "mix: expected an object, found a list of 1"},
                                         WrongType{R"("inner": null)", "inner: expected an object, found null"},
                                         WrongType{R"("inner": 3)", "inner: expected an object, found int 3"},
                                         WrongType{R"("list": [3])", "list[0]: expected an object, found int 3"}));

struct Small {
  int narrow = 0;
  uint32_t word = 0;
  float ratio = 0;
  template <class V>
  void visit(V& v) {
    v.field("narrow", narrow, "");
    v.field("word", word, "");
    v.field("ratio", ratio, "");
  }
};

TEST(ReadConfig, ChecksTheRangeOfTheIntegerType) {
  Small c;
  read_config(parse_json(R"({"narrow": -2147483648, "word": 4294967295})", "f"), "f", c);
  EXPECT_EQ(c.narrow, -2147483648LL);
  EXPECT_EQ(c.word, 4294967295u);
  EXPECT_ERROR(ConfigError, read_config(parse_json(R"({"narrow": 2147483648})", "f"), "f", c),
               "f.narrow: 2147483648 is outside [-2147483648, 2147483647]");
  EXPECT_ERROR(ConfigError, read_config(parse_json(R"({"word": 4294967296})", "f"), "f", c),
               "f.word: 4294967296 is outside [0, 4294967295]");
}

TEST(ReadConfig, RefusesNumbersThatAreNotFinite) {
  Small c;
  Json json;
  json["ratio"] = std::numeric_limits<double>::infinity();  // cannot be written in a file, but in code
  EXPECT_ERROR(ConfigError, read_config(json, "f", c), "f.ratio: inf is not a finite number");
}

struct Twice {
  int a = 0;
  template <class V>
  void visit(V& v) {
    v.field("a", a, "");
    v.field("a", a, "");
  }
};

TEST(ReadConfig, FindsAFieldListedTwice) {
  Twice c;
  EXPECT_ERROR(InternalError, read_config(Json::object(), "f", c), "lists \"a\" twice");
}

TEST(WriteConfig, ListsEveryFieldInOrderAndReadsBack) {
  Outer c;
  c.maybe = Inner{0.75, "k2"};
  c.list = {Inner{}};
  c.mix = {{"a", 0.5}};
  c.extra = parse_json("[1]", "f");
  const Json json = write_config(c);
  EXPECT_EQ(dump_json(json), R"({"group_size":8,"big":-1,"seed":42,"shuffle":true,"name":"x","folder":"out","limit":null,)"
                             R"("maybe":{"epsilon":0.75,"kind":"k2"},"weights":[1.0,0.5],"list":[{"epsilon":0.2,"kind":"k3"}],)"
                             R"("mix":{"a":0.5},"extra":[1],"inner":{"epsilon":0.2,"kind":"k3"}})");
  Outer back;
  read_config(json, "f", back);
  EXPECT_EQ(write_config(back), json);
}

TEST(DescribeConfig, ListsTypeDefaultHelpAndLimits) {
  std::vector<std::string> rows;
  for (const FieldHelp& row : describe_config<Outer>())
    rows.push_back(row.name + "|" + row.type + "|" + row.fallback + "|" + row.help + "|" + row.limits);
  EXPECT_THAT(rows,
              testing::ElementsAre(
                  "group_size|int|8|completions per prompt|[1, 64]", "big|int|-1|a big number|", "seed|int|42|random seed|",
                  "shuffle|bool|true|whether rows are shuffled|", "name|string||name of it|", "folder|path|\"out\"|where|",
                  "limit|int or null|null|none: no limit|[0, inf)", "maybe|object or null|null|none: off|",
                  "maybe.epsilon|number|0.2|clip range|[0, 1]", "maybe.kind|string|\"k3\"|estimator|one of: k1, k2, k3",
                  "weights|list of number|[1.0,0.5]|of rewards|[0, 10]", "list|list of object|[]|many|",
                  "list[].epsilon|number|0.2|clip range|[0, 1]", "list[].kind|string|\"k3\"|estimator|one of: k1, k2, k3",
                  "mix|map of number|{}|shares|[0, 1]", "extra|any|null|anything|", "inner|object||one|",
                  "inner.epsilon|number|0.2|clip range|[0, 1]", "inner.kind|string|\"k3\"|estimator|one of: k1, k2, k3"));
}

TEST(Nearest, CountsASwapAsOneEditAndIgnoresCase) {
  EXPECT_EQ(nearest("gruop_szie", {"group_size", "other"}), "group_size");
  EXPECT_EQ(nearest("BETA", {"alpha", "beta"}), "beta");
  EXPECT_EQ(nearest("ab", {"xba", "ba"}), "ba");
}

TEST(Nearest, IsEmptyWhenNothingIsNear) {
  EXPECT_EQ(nearest("learning_rate", {"beta", "epsilon"}), "");
  EXPECT_EQ(nearest("x", {"lr", "y"}), "");  // no letter in common
  EXPECT_EQ(nearest("beta", {}), "");
  EXPECT_EQ(nearest("abcd", {"abxyz"}), "");     // 3 edits
  EXPECT_EQ(nearest("abcd", {"abxy"}), "abxy");  // 2 edits
}

TEST(Nearest, LetsLongWordsDifferMore) {
  EXPECT_EQ(nearest("max_completion_len", {"max_completion_length"}), "max_completion_length");
}

}  // namespace
}  // namespace r1
