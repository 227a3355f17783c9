#include "support/cargo_package.h"

#include <string>

#include <gtest/gtest.h>

namespace wasmpack {
namespace {

Result<CargoPackage> parse(std::string_view text) {
  return parse_cargo_package(as_bytes(text), "Cargo.toml");
}

TEST(CargoPackage, ReadsWhatIsLinked) {
  const Result<CargoPackage> package = parse(
      "[package]\nname = 'x'\nlinks = 'k'\n[lib]\ncrate-type = ['rlib',\n 'cdylib']\n[[bin]]\nname "
      "= "
      "'b'\n");
  ASSERT_TRUE(package);
  EXPECT_TRUE(package->has_cdylib);
  EXPECT_TRUE(package->has_bin_table);
  EXPECT_TRUE(package->has_links);
}

TEST(CargoPackage, NothingIsThereByDefault) {
  for (const std::string_view text :
       {"", "[lib]\ncrate-type = ['rlib']\n", "[lib]\ncrate-type = 'cdylib'\n",
        "lib = 3\nbin = []\n", "[package]\nlinks = 3\n", "# crate-type = ['cdylib']\n"}) {
    const Result<CargoPackage> package = parse(text);
    ASSERT_TRUE(package) << text;
    EXPECT_FALSE(package->has_cdylib || package->has_bin_table || package->has_links) << text;
  }
}

TEST(CargoPackage, TextThatIsNotTomlHasAPlace) {
  const Result<CargoPackage> package = parse("[package]\nname = \n");
  ASSERT_FALSE(package);
  EXPECT_EQ(package.error().id, "bad-cargo-manifest");
  EXPECT_NE(describe(package.error().where).find("Cargo.toml:2"), std::string::npos);
  EXPECT_FALSE(parse(std::string(100000, '[')));
}

}  // namespace
}  // namespace wasmpack
