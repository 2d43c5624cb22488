// Malformed texts of model.safetensors.index.json, made when a test runs.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "tests/model/malformed_safetensors.h"

namespace r1::model {

// File names that would lead out of the model's folder, or to what is no safetensors file.
inline std::vector<std::string> path_attacks() {
  return {"../x.safetensors",
          "..",
          "",
          ".safetensors",
          "...safetensors",
          "/etc/passwd",
          "/tmp/x.safetensors",
          "./model-00001-of-00005.safetensors",
          "sub/x.safetensors",
          "a/../../x.safetensors",
          "..//..//x.safetensors",
          "..\\x.safetensors",
          "C:\\x.safetensors",
          "/dev/stdin.safetensors",
          "/proc/self/fd/0",
          "model.bin",
          "model.safetensors.bak",
          "model.SAFETENSORS",
          "-",
          std::string("x\0.safetensors", 14),
          std::string("x.safetensors\0", 14),
          std::string(300, 'x') + ".safetensors"};
}

inline std::vector<MalformedFile> malformed_indexes() {
  std::vector<MalformedFile> all = {
      {"empty", "bad_json", "", "cannot read the index of the weight files: index:1:1"},
      {"cut", "bad_json", R"({"weight_map": {"a": "x.safe)", "index:1:"},
      {"duplicate tensor", "bad_json",
       R"({"weight_map": {"a": "x.safetensors", "a": "y.safetensors"}})",
       "\"a\" was already given"},
      {"deep", "bad_json", std::string(100, '['), "index:1:"},
      {"a list", "bad_index", "[]", "expected an object \"weight_map\""},
      {"no map", "bad_index", "{}", "expected an object \"weight_map\""},
      {"empty map", "bad_index", R"({"weight_map": {}})", "expected an object \"weight_map\""},
      {"a map that is a list", "bad_index", R"({"weight_map": []})", "expected an object"},
      {"a number", "bad_index", R"({"weight_map": {"a": 5}})",
       "weight_map: \"a\": expected a file name, found number"},
      {"null", "bad_index", R"({"weight_map": {"a": null}})", "expected a file name, found null"},
      {"a list of names", "bad_index", R"({"weight_map": {"a": ["x.safetensors"]}})",
       "expected a file name, found array"},
  };
  for (const std::string& name : path_attacks()) {
    all.push_back({"path", "bad_path", dump_json(Json{{"weight_map", {{"a", name}}}}),
                   "a plain file name ending in .safetensors is needed"});
  }
  return all;
}

}  // namespace r1::model
