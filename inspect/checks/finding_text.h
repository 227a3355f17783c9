// The wording that findings share: names from hostile files cut, lists of names shortened.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wasmpack {

inline constexpr size_t kNamesShown = 8;        // of one list in a message
inline constexpr size_t kNameBytesShown = 120;  // of one name
inline constexpr size_t kFindingsShown = 20;    // of one check and file

// The text, or its beginning and "..."; not cut inside a UTF-8 character.
std::string cut_text(std::string_view text, size_t most = kNameBytesShown);
// "`name`", cut.
std::string cite_name(std::string_view name);
// "1 export", "3 exports".
std::string count_of(size_t count, std::string_view noun);

// Names for one message. Views: what they point into must outlive the list.
class NameList {
 public:
  void add(std::string_view name) {
    if (shown_.size() < kNamesShown) shown_.push_back(name);
    ++count_;
  }
  size_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  // "`a`", "`a` and `b`", "`a`, `b`, ... and 12 more"
  std::string text() const;

 private:
  std::vector<std::string_view> shown_;
  size_t count_ = 0;
};

}  // namespace wasmpack
