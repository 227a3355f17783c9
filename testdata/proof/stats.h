// What the two objects of the C++ library share: templates and inline functions, which each of them
// has as comdats.
#define KERNEL extern "C" __attribute__((visibility("default")))

template <class T>
class Running {
 public:
  __attribute__((noinline)) void add(T value) {
    ++count_;
    const T from_mean = value - mean_;
    mean_ += from_mean / static_cast<T>(count_);
    squares_ += from_mean * (value - mean_);
  }
  T mean() const { return mean_; }
  __attribute__((noinline)) T variance() const {
    return count_ > 1 ? squares_ / static_cast<T>(count_ - 1) : 0;
  }

 private:
  unsigned count_ = 0;
  T mean_ = 0;
  T squares_ = 0;
};

template <class T>
__attribute__((noinline)) Running<T> collect(const float* values, int n) {
  Running<T> running;
  for (int i = 0; i < n; ++i) running.add(values[i]);
  return running;
}

// One variable in both objects, changed by a constructor of each.
inline int objects_seen = 0;
struct Seen {
  Seen() { ++objects_seen; }
};
