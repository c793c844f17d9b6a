#pragma once

#include "hygiene/memory_scan.hpp"

#include <map>
#include <string>

namespace hygiene {

/// What a client is told by the test that started it, and how it reports. Talks by lines on stdin and stdout.
///
/// The test sends facts, `NAME VALUE`, and secrets, `!NAME HEX`, up to a line `.`; the client answers with `? WHAT` where it wants the test
/// to do something, which again is answered with facts, and `count POINT SECRET N` for each scan.
class Job {
public:
    /// Reads the first facts.
    Job() { read_facts(); }

    /// Has the test do something.
    void ask(const std::string& what);

    const std::string& fact(const std::string& name) const { return facts_.at(name); }
    const Hidden& secret(const std::string& name) const { return secrets_.at(name); }

    /// Scans for every secret that is known, and reports how many copies there are.
    void scan(const char* point) const;

    /// Reports something else that the test compares.
    void tell(const std::string& text) const;

private:
    void read_facts();

    std::map<std::string, std::string> facts_;
    std::map<std::string, Hidden> secrets_;
};

} // namespace hygiene
