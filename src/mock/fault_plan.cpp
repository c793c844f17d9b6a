#include "mock/fault_plan.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <string>
#include <utility>

namespace juju::mock {
namespace {

using Kind = MockFaultKind;

constexpr std::array<std::pair<std::string_view, Kind>, 30> kind_names{{{"refuse", Kind::refuse},
                                                                        {"reset", Kind::reset},
                                                                        {"close", Kind::close},
                                                                        {"stall", Kind::stall},
                                                                        {"slow-drip", Kind::slow_drip},
                                                                        {"drop-bytes", Kind::drop_bytes},
                                                                        {"drop-messages", Kind::drop_messages},
                                                                        {"tls-alert", Kind::tls_alert},
                                                                        {"http-error", Kind::http_error},
                                                                        {"half-close", Kind::half_close},
                                                                        {"tls-goodbye", Kind::tls_goodbye},
                                                                        {"websocket-close", Kind::websocket_close},
                                                                        {"close-frame", Kind::close_frame},
                                                                        {"withhold", Kind::withhold},
                                                                        {"delay", Kind::delay},
                                                                        {"hold", Kind::hold},
                                                                        {"duplicate", Kind::duplicate},
                                                                        {"unknown-id", Kind::unknown_id},
                                                                        {"missing-id", Kind::missing_id},
                                                                        {"wrong-type", Kind::wrong_type},
                                                                        {"garbage", Kind::garbage},
                                                                        {"reply", Kind::reply},
                                                                        {"oversize", Kind::oversize},
                                                                        {"nesting", Kind::nesting},
                                                                        {"truncate", Kind::truncate},
                                                                        {"wrong-opcode", Kind::wrong_opcode},
                                                                        {"fragmented", Kind::fragmented},
                                                                        {"masked", Kind::masked},
                                                                        {"error", Kind::error},
                                                                        {"item-error", Kind::item_error}}};

constexpr std::array<std::pair<std::string_view, MockPhase>, 7> phase_names{{{"accept", MockPhase::accept},
                                                                             {"tls", MockPhase::tls},
                                                                             {"upgrade", MockPhase::upgrade},
                                                                             {"login", MockPhase::login},
                                                                             {"request", MockPhase::request},
                                                                             {"reply", MockPhase::reply},
                                                                             {"close", MockPhase::close}}};

bool concerns_reply(MockPhase phase)
{
    return phase == MockPhase::login || phase == MockPhase::request || phase == MockPhase::reply;
}

bool can_strike(Kind kind, MockPhase phase)
{
    switch (kind) {
    case Kind::refuse: return phase == MockPhase::accept;
    case Kind::tls_alert: return phase == MockPhase::tls;
    case Kind::http_error: return phase == MockPhase::upgrade;
    case Kind::reset:
    case Kind::close:
    case Kind::stall:
    case Kind::slow_drip:
    case Kind::drop_bytes:
    case Kind::garbage: return true;
    case Kind::half_close: return phase != MockPhase::close;
    case Kind::tls_goodbye: return concerns_reply(phase) || phase == MockPhase::upgrade || phase == MockPhase::close;
    case Kind::close_frame: return concerns_reply(phase) || phase == MockPhase::close;
    case Kind::error: return phase == MockPhase::login || phase == MockPhase::request;
    case Kind::item_error: return phase == MockPhase::request;
    default: return concerns_reply(phase);
    }
}

/// Why a fault would never strike, or do nothing that makes sense; empty when it is good.
std::string problem_of(const MockFault& fault)
{
    constexpr std::size_t lowest_status = 100;
    constexpr std::size_t highest_status = 599;
    if (!can_strike(fault.kind(), fault.phase())) {
        return "it cannot strike in this phase";
    }
    if (fault.kind() == Kind::http_error && (fault.number() < lowest_status || fault.number() > highest_status)) {
        return "it needs the number of an HTTP status";
    }
    if (!concerns_reply(fault.phase()) && fault.applies_first()) {
        return "nothing is applied in this phase";
    }
    if (!concerns_reply(fault.phase()) && !fault.method().empty()) {
        return "there is no method in this phase";
    }
    return {};
}

bool matches(const MockFault& fault, MockPhase phase, std::string_view facade, std::string_view method)
{
    if (fault.phase() != phase) {
        return false;
    }
    const std::string& wanted = fault.method();
    return wanted.empty() || wanted == method || wanted == std::string(facade) + '.' + std::string(method);
}

[[noreturn]] void bad_spec(std::string_view spec, const std::string& reason)
{
    throw std::invalid_argument("fault \"" + std::string(spec) + "\": " + reason);
}

template <typename Value, std::size_t N>
Value look_up(const std::array<std::pair<std::string_view, Value>, N>& names, std::string_view name, std::string_view spec,
              const char* what)
{
    const auto found = std::find_if(names.begin(), names.end(), [&](const auto& entry) { return entry.first == name; });
    if (found == names.end()) {
        bad_spec(spec, std::string(what) + " \"" + std::string(name) + "\" is not known");
    }
    return found->second;
}

std::size_t number_from(std::string_view text, std::string_view spec)
{
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        bad_spec(spec, "\"" + std::string(text) + "\" is not a number");
    }
    return number;
}

void set_member(MockFault& fault, std::string_view key, std::string_view value, std::string_view spec)
{
    if (key == "at") {
        fault.at(look_up(phase_names, value, spec, "phase"));
    } else if (key == "method") {
        fault.method(std::string(value));
    } else if (key == "when" && value == "after") {
        fault.after_applying();
    } else if (key == "nth") {
        fault.nth(value == "always" ? 0 : number_from(value, spec));
        if (value != "always" && fault.nth() == 0) {
            bad_spec(spec, "matches are counted from 1");
        }
    } else if (key == "number") {
        fault.number(number_from(value, spec));
    } else if (key == "ms") {
        fault.delay(std::chrono::milliseconds(number_from(value, spec)));
    } else if (key == "code") {
        fault.code(std::string(value));
    } else if (key == "text") {
        fault.text(std::string(value));
    } else {
        bad_spec(spec, "\"" + std::string(key) + '=' + std::string(value) + "\" is not known");
    }
}

} // namespace

void FaultPlan::add(MockFault fault)
{
    if (const std::string problem = problem_of(fault); !problem.empty()) {
        throw std::invalid_argument("mock controller: bad fault: " + problem);
    }
    if (fault.phase() == MockPhase::reply) {
        fault.at(MockPhase::request).after_applying();
    }
    entries_.push_back({std::move(fault), 0});
}

std::vector<MockFault> FaultPlan::take(MockPhase phase, std::string_view facade, std::string_view method)
{
    std::vector<MockFault> striking;
    for (Entry& entry : entries_) {
        if (!matches(entry.fault, phase, facade, method)) {
            continue;
        }
        ++entry.seen;
        if (entry.fault.nth() == 0 || entry.fault.nth() == entry.seen) {
            striking.push_back(entry.fault);
        }
    }
    return striking;
}

bool FaultPlan::accepts_next() const
{
    return std::none_of(entries_.begin(), entries_.end(),
                        [](const Entry& entry) { return entry.fault.kind() == Kind::refuse && entry.seen + 1 >= entry.fault.nth(); });
}

} // namespace juju::mock

namespace juju {

MockFault MockFault::parse(std::string_view spec)
{
    std::string_view rest = spec;
    const std::string_view name = rest.substr(0, rest.find(','));
    rest.remove_prefix(name.size());
    MockFault fault(mock::look_up(mock::kind_names, name, spec, "kind"));
    while (!rest.empty()) {
        rest.remove_prefix(1); // the comma
        const bool is_text = rest.starts_with("text=");
        const std::string_view word = is_text ? rest : rest.substr(0, rest.find(','));
        const auto equals = word.find('=');
        if (equals == std::string_view::npos) {
            mock::bad_spec(spec, "\"" + std::string(word) + "\" is not known");
        }
        mock::set_member(fault, word.substr(0, equals), word.substr(equals + 1), spec);
        rest.remove_prefix(word.size());
    }
    if (const std::string problem = mock::problem_of(fault); !problem.empty()) {
        mock::bad_spec(spec, problem);
    }
    return fault;
}

} // namespace juju
