// --depfile: what a build tool must know to run the command again only when it has to.
#pragma once

#include <string>
#include <vector>

namespace wasmpack {

// A make rule "output: files", with each file also as a target of its own, so that a removed one
// does not stop the build.
std::string make_rule(const std::string& output, const std::vector<std::string>& files);

}  // namespace wasmpack
