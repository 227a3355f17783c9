// A WASI program over libc++: streams, containers, strings, constructors of globals.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>
#include "wasi_part.h"
static std::map<std::string, int> registry_of_main{{"main", 1}};
int main(int argc, char** argv) {
  std::vector<std::string> words{"gamma", "alpha", "beta"};
  std::sort(words.begin(), words.end());
  for (const auto& word : words) std::cout << word << ' ' << word.size() << '\n';
  for (const auto& [key, value] : registry()) std::printf("%s=%d\n", key.c_str(), value);
  std::unique_ptr<Base> object = make_derived();
  std::cout << object->describe(7) << ' ' << count_calls() << ' ' << registry_of_main.size()
            << std::endl;
  std::printf("%.3f %s\n", average(words), argc > 0 ? "done" : "no arguments");
  return count_calls() == 4 ? 0 : 1;
}
