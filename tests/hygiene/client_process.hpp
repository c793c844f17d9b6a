#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hygiene {

/// What a client is told: facts, and secrets whose copies it is to count.
class Facts {
public:
    Facts& fact(const std::string& name, const std::string& value);
    Facts& secret(const std::string& name, std::string_view value);

    /// As the client reads them.
    const std::string& text() const noexcept { return text_; }

private:
    std::string text_;
};

/// What a client has reported.
struct Report {
    std::map<std::string, int> counts; ///< by "POINT SECRET"
    std::vector<std::string> told;
    std::string output; ///< all of it, stderr included
    int status = -1;    ///< of its exit
};

/// Runs `program CASE` to its end, which has 60 s.
/// @param answer does what the client asks for, and tells it more.
Report run_client(const std::string& program, const std::string& name, const Facts& facts,
                  const std::function<Facts(const std::string&)>& answer);

} // namespace hygiene
