#include "wire/request.hpp"

#include <string>

namespace juju::wire {

WipingString Request::encode(std::uint64_t id) const
{
    return encode(id, TraceContext());
}

WipingString Request::encode(std::uint64_t id, const TraceContext& trace) const
{
    // Facade and method names are plain letters and digits; params are JSON already.
    WipingString text;
    text.reserve(params_.size() + envelope_size + (trace.empty() ? 0 : trace_size));
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
    if (!trace.empty()) {
        text += R"(,"trace-id":")";
        text += trace.trace_id();
        text += R"(","span-id":")";
        text += trace.span_id();
        text += '"';
        if (trace.trace_flags() != 0) {
            text += R"(,"trace-flags":)";
            text += std::to_string(trace.trace_flags());
        }
    }
    text += '}';
    return text;
}

} // namespace juju::wire
