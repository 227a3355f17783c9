#include "wasi_part.h"
#include <numeric>
namespace {
struct Derived : Base {
  std::string describe(int x) const override {
    return "derived " + Base::describe(x * count_calls());
  }
};
Registration one("one", 1), two("two", count_calls() * 2);
}  // namespace
std::unique_ptr<Base> make_derived() { return std::make_unique<Derived>(); }
std::map<std::string, int>& registry() {
  static std::map<std::string, int> rows;
  return rows;
}
double average(const std::vector<std::string>& words) {
  return std::accumulate(words.begin(), words.end(), 0.0,
                         [](double sum, const std::string& s) { return sum + double(s.size()); }) /
         double(words.size());
}
