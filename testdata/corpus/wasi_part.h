#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>
struct Base {
  virtual ~Base() = default;
  virtual std::string describe(int x) const { return "base " + std::to_string(x); }
};
std::unique_ptr<Base> make_derived();
std::map<std::string, int>& registry();
double average(const std::vector<std::string>& words);
inline int count_calls() {
  static int calls;
  return ++calls;
}
struct Registration {
  Registration(const char* name, int value) { registry()[name] = value; }
};
