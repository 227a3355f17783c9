// A shared module is itself something that only dlopen can use.
// compile: -fPIC -fvisibility=default
// link: -shared --experimental-pic --no-entry
// inspect: --expect-kind module
int add(int a, int b) { return a + b; }
