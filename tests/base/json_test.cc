#include "base/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/file.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"

namespace r1 {
namespace {

TEST(ParseJson, NulBytesAreRefused) {
  EXPECT_ERROR(DataError, parse_json(std::string_view("{\"a\":1}\0garbage", 15), "f.json"),
               "f.json:1:8: NUL byte");
}

TEST(ParseJson, KeepsTheOrderOfKeysAndTheTypeOfNumbers) {
  const Json json = parse_json(R"({"b": 1, "a": [true, null, 2.5, -3, "x\u00e9"]})", "f");
  EXPECT_EQ(dump_json(json), "{\"b\":1,\"a\":[true,null,2.5,-3,\"x\xc3\xa9\"]}");
  EXPECT_TRUE(json["b"].is_number_unsigned());
  EXPECT_TRUE(json["a"][2].is_number_float());
}

TEST(ParseJson, ReadsScalarsAndIntegersUpTo64Bits) {
  EXPECT_EQ(parse_json(" 7 ", "f"), Json(7));
  EXPECT_EQ(parse_json("-9223372036854775808", "f").get<int64_t>(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(parse_json("18446744073709551615", "f").get<uint64_t>(), std::numeric_limits<uint64_t>::max());
}

TEST(ParseJson, KeepsTheDigitsOfLongerIntegersWhenAsked) {
  const std::string text = "[18446744073709551616, -9223372036854775809, 18446744073709551615, 1e30]";
  const Json kept = parse_json(text, "f", {.big_integers = true});
  EXPECT_EQ(dump_json(kept), R"([{"int":"18446744073709551616"},{"int":"-9223372036854775809"},18446744073709551615,1e+30])");
  EXPECT_TRUE(parse_json(text, "f")[0].is_number_float());
}

TEST(ParseJson, NamesLineAndColumnOfBadSyntax) {
  EXPECT_ERROR(DataError, parse_json("{\"a\": 1,\n  \"b\": tru }", "recipe.json"), "recipe.json:2:11: ");
  EXPECT_ERROR(DataError, parse_json("[1, 2", "f"), "f:1:6: ");
  EXPECT_ERROR(DataError, parse_json("", "f"), "f:1:1: ");
  EXPECT_ERROR(DataError, parse_json("[1,]", "f"), "f:1:4: ");
  EXPECT_ERROR(DataError, parse_json("{'a': 1}", "f"), "f:1:2: ");
  EXPECT_ERROR(DataError, parse_json("[NaN]", "f"), "f:1:2: ");
  EXPECT_ERROR(DataError, parse_json("[1e999]", "f"), "number overflow");
}

TEST(ParseJson, CountsColumnsInCharacters) {
  EXPECT_ERROR(DataError, parse_json("[\"\xc3\xa9\xe2\x82\xac\", x]", "f"), "f:1:8: ");
}

TEST(ParseJson, RefusesTextBehindTheDocument) {
  EXPECT_ERROR(DataError, parse_json("{} {}", "f"), "f:1:4: ");
  EXPECT_ERROR(DataError, parse_json("1 2", "f"), "f:1:3: ");
}

TEST(ParseJson, RefusesDuplicateKeysAndTellsBothPlaces) {
  EXPECT_ERROR(DataError, parse_json("{\"a\": 1,\n \"b\": 2,\n \"a\": 3}", "f"),
               "f:3:2: key \"a\" was already given on line 1");
  // an escape does not make another key
  EXPECT_ERROR(DataError, parse_json(R"({"a\"b": 1, "\u0061\"b": 3})", "f"), "f:1:13: key");
}

TEST(ParseJson, AllowsOneKeyInDifferentObjects) {
  EXPECT_NO_THROW(parse_json(R"({"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]})", "f"));
}

TEST(ParseJson, FindsADuplicateAmongManyKeys) {
  std::string text = "{";
  for (int i = 0; i < 100000; ++i) text += "\"key" + std::to_string(i) + "\":" + std::to_string(i) + ",";
  const Json json = parse_json(text + "\"last\":0}", "f");
  EXPECT_EQ(json.size(), 100001u);
  EXPECT_EQ(json.front(), Json(0));
  EXPECT_ERROR(DataError, parse_json(text + "\"key77\":0}", "f"), "key \"key77\" was already given");
  EXPECT_ERROR(DataError, parse_json(text + "\"key3\":0}", "f"), "key \"key3\" was already given");
}

TEST(ParseJson, RefusesInvalidUtf8) {
  EXPECT_ERROR(DataError, parse_json("[\"a\xff\"]", "f"), "UTF-8");
  EXPECT_ERROR(DataError, parse_json("[\"\xc3\"]", "f"), "UTF-8");
  EXPECT_ERROR(DataError, parse_json("[\"\xed\xa0\x80\"]", "f"), "UTF-8");  // a surrogate
}

TEST(ParseJson, MessagesAreValidUtf8WhateverTheInput) {
  try {
    parse_json("[\"\xff\xfe\"]", "f");
    FAIL();
  } catch (const DataError& error) {
    EXPECT_NO_THROW(Json(error.what()).dump());  // strict: throws for invalid UTF-8
  }
}

TEST(ParseJson, MessagesStayShortForLongTokens) {
  try {
    parse_json("[\"" + std::string(1 << 20, 'a') + "\n\"]", "f");
    FAIL();
  } catch (const DataError& error) {
    EXPECT_LT(std::string(error.what()).size(), 300u) << error.what();
  }
}

TEST(ParseJson, SkipsAByteOrderMark) {
  EXPECT_EQ(parse_json("\xef\xbb\xbf[1]", "f"), parse_json("[1]", "f"));
  EXPECT_ERROR(DataError, parse_json("\xef\xbb\xbf[x]", "f"), "f:1:2: ");
}

TEST(ParseJson, LimitsDepth) {
  const auto nested = [](int depth) { return std::string(size_t(depth), '[') + std::string(size_t(depth), ']'); };
  EXPECT_NO_THROW(parse_json(nested(64), "f"));
  EXPECT_ERROR(DataError, parse_json(nested(65), "f"), "f:1:65: nested deeper than 64 levels");
  EXPECT_ERROR(DataError, parse_json(std::string(1000000, '['), "f"), "nested deeper");
  EXPECT_ERROR(DataError, parse_json("{\"a\":{\"b\":0}}", "f", {.max_depth = 1}), "f:1:6: ");
}

TEST(ParseJson, LimitsSize) {
  EXPECT_NO_THROW(parse_json("[1]", "f", {.max_bytes = 3}));
  EXPECT_ERROR(DataError, parse_json("[12]", "f", {.max_bytes = 3}), "4 bytes are more than the limit of 3");
}

TEST(ParseJson, TakesCommentsOnlyWhenAsked) {
  const std::string text = "{// one\n\"a\": /* two */ 1}";
  EXPECT_EQ(parse_json(text, "f", {.comments = true})["a"], Json(1));
  EXPECT_ERROR(DataError, parse_json(text, "f"), "f:1:2: ");
  EXPECT_ERROR(DataError, parse_json("{/* no end", "f", {.comments = true}), "comment");
}

TEST(ReadJson, NamesTheFile) {
  TempFolder folder;
  write_file_atomic(folder / "x.json", "{\n1}");
  EXPECT_ERROR(DataError, read_json(folder / "x.json"), "x.json:2:1: ");
  EXPECT_ERROR(DataError, read_json(folder / "x.json", {.max_bytes = 2}), "limit of 2");
  EXPECT_ERROR(Error, read_json(folder / "none.json"), "none.json: No such file");
}

class ReadJsonl : public testing::Test {
 protected:
  // "line:row" of every row, joined by spaces.
  std::string rows(const std::string& content) {
    write_file_atomic(folder_ / "data.jsonl", content);
    std::string out;
    read_jsonl(folder_ / "data.jsonl", [&](const Json& row, int64_t line) {
      out += (out.empty() ? "" : " ") + std::to_string(line) + ":" + dump_json(row);
    });
    return out;
  }
  TempFolder folder_;
};

TEST_F(ReadJsonl, GivesRowsWithTheirLines) {
  EXPECT_EQ(rows("{\"a\":1}\n\n  \t\n{\"a\":2}\n"), "1:{\"a\":1} 4:{\"a\":2}");
  EXPECT_EQ(rows(""), "");
  EXPECT_EQ(rows("\n\n"), "");
}

TEST_F(ReadJsonl, TakesByteOrderMarkCarriageReturnsAndNoLastNewline) {
  EXPECT_EQ(rows("\xef\xbb\xbf{\"a\":1}\r\n\r\n{\"a\":2}"), "1:{\"a\":1} 3:{\"a\":2}");
  EXPECT_EQ(rows("\xef\xbb\xbf\r\n{\"a\":2}"), "2:{\"a\":2}");
}

TEST_F(ReadJsonl, ReadsLinesLongerThanItsBuffer) {
  const std::string text(600000, 'x');
  EXPECT_EQ(rows("{\"a\":\"" + text + "\"}\n{\"b\":1}\n"), "1:{\"a\":\"" + text + "\"} 2:{\"b\":1}");
}

TEST_F(ReadJsonl, NamesFileLineColumnByteAndText) {
  const std::string bad = "{\"a\":1}\r\n{\"b\": \"\xc3\xa9\", oops}\n";
  EXPECT_ERROR(DataError, rows(bad), "data.jsonl:2:12: ");
  EXPECT_ERROR(DataError, rows(bad), "(byte 21 of the file)");
  EXPECT_ERROR(DataError, rows(bad), R"(the line begins "{\"b\": \"\xc3\xa9\", oops}")");
  EXPECT_ERROR(DataError, rows("[" + std::string(100, ' ') + "}\n"), "[" + std::string(79, ' ') + "...\"");
}

TEST_F(ReadJsonl, RefusesATruncatedLastLine) {
  EXPECT_ERROR(DataError, rows("{\"a\":1}\n{\"a\":"), "data.jsonl:2:6: ");
  EXPECT_ERROR(DataError, rows("{\"a\":1}\n{\"a\":"), "was it cut off?");
}

TEST_F(ReadJsonl, RefusesRowsThatAreNoObjects) {
  EXPECT_ERROR(DataError, rows("[1]\n"), "data.jsonl:1:1: expected an object, found array");
  EXPECT_ERROR(DataError, rows("{\"a\":1}{\"a\":2}\n"), "data.jsonl:1:8: ");
  EXPECT_ERROR(DataError, rows("{\"a\":1,\"a\":2}\n"), "data.jsonl:1:8: key \"a\"");
}

TEST_F(ReadJsonl, PassesOnWhatTheCallbackThrows) {
  write_file_atomic(folder_ / "data.jsonl", "{}\n");
  EXPECT_THROW(read_jsonl(folder_ / "data.jsonl", [](const Json&, int64_t) { throw ConfigError("mine"); }), ConfigError);
}

TEST_F(ReadJsonl, NamesAMissingFile) {
  EXPECT_ERROR(DataError, read_jsonl(folder_ / "none", [](const Json&, int64_t) {}), "none: No such file");
}

TEST(RequireField, GivesTheValueOrNamesPlaceFieldAndTypes) {
  const Json row = parse_json(R"({"s": "x", "n": 5, "f": 2.0, "b": true, "big": 18446744073709551615})", "f");
  EXPECT_EQ(require_string(row, "s", "f:1"), "x");
  EXPECT_EQ(require_int(row, "n", "f:1"), 5);
  EXPECT_ERROR(DataError, require_string(row, "t", "f:1"), "f:1: field \"t\" is missing");
  EXPECT_ERROR(DataError, require_string(row, "n", "f:1"), "field \"n\": expected a string, found number 5");
  EXPECT_ERROR(DataError, require_int(row, "f", "f:1"), "expected an integer, found number 2.0");
  EXPECT_ERROR(DataError, require_int(row, "b", "f:1"), "expected an integer, found boolean true");
  EXPECT_ERROR(DataError, require_int(row, "big", "f:1"), "expected an integer");
  EXPECT_ERROR(DataError, require_int(Json::array(), "n", "f:1"), "expected an object, found array");
}

TEST(DumpJson, KeepsUtf8ReplacesInvalidBytesAndWritesNanAsNull) {
  EXPECT_EQ(dump_json(Json("\xc3\xa9")), "\"\xc3\xa9\"");
  EXPECT_EQ(dump_json(Json("a\xff")), "\"a\xef\xbf\xbd\"");
  EXPECT_EQ(dump_json(Json(std::nan(""))), "null");
  EXPECT_EQ(dump_json(Json(INFINITY)), "null");
  EXPECT_EQ(dump_json(parse_json("{\"a\": [1, 2]}", "f")), "{\"a\":[1,2]}");
}

TEST(DumpJson, DoublesReadBackTheSame) {
  for (double x : {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, -0.0, 1e22, 123456789.125}) {
    const double back = parse_json(dump_json(Json(x)), "f").get<double>();
    EXPECT_EQ(std::signbit(back), std::signbit(x));
    EXPECT_EQ(back, x);
  }
  EXPECT_EQ(dump_json(Json(0.1)), "0.1");
}

TEST(DumpJsonPretty, IndentsByTwo) {
  EXPECT_EQ(dump_json_pretty(parse_json("{\"a\":[1]}", "f")), "{\n  \"a\": [\n    1\n  ]\n}");
}

}  // namespace
}  // namespace r1
