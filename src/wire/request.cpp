#include "wire/request.hpp"

#include <string>

namespace juju::wire {

WipingString Request::encode(std::uint64_t id) const
{
    // Facade and method names are plain letters and digits; params are JSON already.
    WipingString text;
    text.reserve(params_.size() + envelope_size);
    text += R"({"request-id":)";
    text += std::to_string(id);
    text += R"(,"type":")";
    text += facade_;
    text += R"(","version":)";
    text += std::to_string(version_);
    text += R"(,"request":")";
    text += method_;
    text += R"(","params":)";
    text += params_;
    text += '}';
    return text;
}

} // namespace juju::wire
