// C++: what several objects share, and therefore what comdats are for.
#pragma once
#include "host.h"
inline int next_id() {
  static int counter = 100;
  return counter++;
}
template <class T>
struct Cell {
  static T value;
  static int uses;
  __attribute__((noinline)) static T& get() {
    ++uses;
    return value;
  }
};
template <class T>
T Cell<T>::value = T(5);
template <class T>
int Cell<T>::uses = 0;
struct Shape {
  int id = next_id();
  virtual int area(int x) { return x * id; }
  virtual const char* name() const { return "shape"; }
};
struct Square : Shape {
  int area(int x) override { return Shape::area(x) + x * x; }
  const char* name() const override { return "square"; }
};
template <class T>
__attribute__((noinline)) T largest(T a, T b) {
  return a > b ? a : b;
}
inline const char* greeting() { return "hello from an inline function"; }
struct Noisy {
  const char* name;
  explicit Noisy(const char* n) : name(n) { host_log(n, next_id()); }
};
inline Noisy inline_variable("inline variable");
// Each object has a step of its own, and all but one table of them go.
static int local_step(int x) { return x + 1; }
inline int (*volatile steps[])(int) = {local_step};
enum class Color { red, green = 7 };
