#include "mock/core.hpp"

#include <algorithm>

namespace juju::mock {
namespace {

using Kind = MockFaultKind;

Ending ending_of(Kind kind)
{
    switch (kind) {
    case Kind::reset: return Ending::reset;
    case Kind::close: return Ending::close;
    case Kind::stall: return Ending::stall;
    case Kind::half_close: return Ending::half_close;
    case Kind::tls_goodbye: return Ending::tls_goodbye;
    case Kind::websocket_close: return Ending::websocket_close;
    case Kind::close_frame: return Ending::close_frame;
    case Kind::tls_alert: return Ending::tls_alert;
    default: return Ending::none;
    }
}

/// Garbage instead of a reply is a reply of another kind; anywhere else it ends the connection.
Ending ending_of(const MockFault& fault)
{
    const bool replies = fault.phase() == MockPhase::login || fault.phase() == MockPhase::request;
    return fault.kind() == Kind::garbage && !replies ? Ending::garbage : ending_of(fault.kind());
}

/// The first ending; no ending when there is none.
Step first_ending(const std::vector<MockFault>& faults, bool after_applying)
{
    Step step;
    for (const MockFault& fault : faults) {
        const Ending ending = ending_of(fault);
        if (ending != Ending::none && fault.applies_first() == after_applying) {
            step.ending = ending;
            step.number = fault.number();
            step.text = fault.text();
            break;
        }
    }
    return step;
}

Step ending_step(Ending ending)
{
    Step step;
    step.ending = ending;
    return step;
}

/// All that slows or cuts the connection; nothing when nothing does.
std::optional<Flow> flow_of(const std::vector<MockFault>& faults)
{
    std::optional<Flow> flow;
    const auto changed = [&flow]() -> Flow& { return flow ? *flow : flow.emplace(); };
    for (const MockFault& fault : faults) {
        if (fault.kind() == Kind::slow_drip) {
            changed().bytes_at_a_time = std::max<std::size_t>(1, fault.number());
            changed().pause = fault.delay();
        } else if (fault.kind() == Kind::drop_bytes) {
            changed().bytes_left = fault.number();
        } else if (fault.kind() == Kind::drop_messages) {
            changed().messages_left = fault.number();
        }
    }
    return flow;
}

std::vector<Step> text_steps(const std::vector<std::string>& texts)
{
    std::vector<Step> steps;
    for (const std::string& text : texts) {
        Step step;
        step.text = text;
        steps.push_back(std::move(step));
    }
    return steps;
}

/// A reply to a request that nobody sent.
std::string with_unknown_id(const std::string& text)
{
    Json reply = parse_first(text).value_or(Json::object());
    reply["request-id"] = std::uint64_t{1'000'000'007};
    return go_json(reply);
}

std::string without_id(const std::string& text)
{
    Json reply = parse_first(text).value_or(Json::object());
    reply.erase("request-id");
    return go_json(reply);
}

/// One member is a text, whatever it was.
std::string with_text_for(const std::string& text, const std::string& member)
{
    Json reply = parse_first(text).value_or(Json::object());
    const bool is_number = reply.contains(member) && reply[member].is_number();
    reply[member] = is_number ? go_json(reply[member]) : std::string("a text");
    return go_json(reply);
}

std::string with_nesting(std::string text, std::size_t depth)
{
    text.insert(text.size() - 1, ",\"nested\":" + std::string(depth, '[') + std::string(depth, ']'));
    return text;
}

std::string with_padding(std::string text, std::size_t bytes)
{
    const std::string head = ",\"padding\":\"";
    const std::size_t length = text.size() + head.size() + 1;
    text.insert(text.size() - 1, head + std::string(bytes > length ? bytes - length : 0, 'x') + '"');
    return text;
}

std::string with_id(std::string text, std::uint64_t id)
{
    for (auto found = text.find("$ID"); found != std::string::npos; found = text.find("$ID", found)) {
        text.replace(found, 3, std::to_string(id));
    }
    return text;
}

/// What a fault does to the replies of a request.
void change_replies(std::vector<Step>& steps, const MockFault& fault, const Request& request)
{
    if (steps.empty()) {
        return;
    }
    Step& reply = steps.front();
    switch (fault.kind()) {
    case Kind::withhold: steps.clear(); return;
    case Kind::delay: reply.delay = fault.delay(); return;
    case Kind::hold: reply.hold = true; return;
    case Kind::duplicate: steps.push_back(Step(reply)); return;
    case Kind::garbage: reply.text = "this is no JSON"; return;
    case Kind::reply: reply.text = with_id(fault.text(), request.id); return;
    case Kind::oversize: reply.text = with_padding(reply.text, fault.number()); return;
    case Kind::nesting: reply.text = with_nesting(reply.text, fault.number()); return;
    case Kind::missing_id: reply.text = without_id(reply.text); return;
    case Kind::wrong_type: reply.text = with_text_for(reply.text, fault.text().empty() ? "request-id" : fault.text()); return;
    case Kind::truncate: reply.cut = fault.number(); return;
    case Kind::wrong_opcode: reply.framing.opcode = fault.number() == 0 ? 2 : static_cast<unsigned>(fault.number()); return;
    case Kind::fragmented: reply.framing.piece = std::max<std::size_t>(1, fault.number()); return;
    case Kind::masked: reply.framing.masked = true; return;
    case Kind::unknown_id: {
        Step stray;
        stray.text = with_unknown_id(reply.text);
        steps.insert(steps.begin(), std::move(stray));
        return;
    }
    default: return;
    }
}

} // namespace

Core::Core(const Settings& settings)
    : world_(settings), transcript_(settings.keep_transcript, settings.transcript_file, settings.redact_transcript_file)
{
    for (const MockFault& fault : settings.faults) {
        faults_.add(fault);
    }
}

void Core::add_fault(MockFault fault)
{
    const std::lock_guard lock(mutex_);
    faults_.add(std::move(fault));
}

void Core::clear_faults()
{
    const std::lock_guard lock(mutex_);
    faults_.clear();
}

bool Core::accepts_next() const
{
    const std::lock_guard lock(mutex_);
    return faults_.accepts_next();
}

std::size_t Core::connection_opened()
{
    const std::lock_guard lock(mutex_);
    ++open_;
    return ++accepted_;
}

void Core::connection_closed()
{
    const std::lock_guard lock(mutex_);
    --open_;
}

std::size_t Core::connections() const
{
    const std::lock_guard lock(mutex_);
    return open_;
}

std::size_t Core::total_connections() const
{
    const std::lock_guard lock(mutex_);
    return accepted_;
}

std::size_t Core::total_requests() const
{
    const std::lock_guard lock(mutex_);
    return requests_;
}

Step Core::strike(MockPhase phase)
{
    const std::lock_guard lock(mutex_);
    const std::vector<MockFault> faults = faults_.take(phase);
    Step step = first_ending(faults, false);
    step.flow = flow_of(faults);
    return step;
}

std::pair<HttpRoute, Step> Core::route_request(const HttpRequest& request, const Wake& wake)
{
    HttpRoute result;
    Step first;
    {
        const std::lock_guard lock(mutex_);
        const std::vector<MockFault> faults = faults_.take(MockPhase::upgrade);
        first = first_ending(faults, false);
        first.flow = flow_of(faults);
        for (const MockFault& fault : faults) {
            if (fault.kind() == Kind::http_error) {
                HttpRoute refusal;
                refusal.status = static_cast<unsigned>(fault.number());
                refusal.body = fault.text() + '\n';
                first.ending = Ending::none;
                return {refusal, first};
            }
        }
        if (first.ending != Ending::none) {
            return {HttpRoute(), first};
        }
        result = finish_route(request, route(world_, request), wake);
    }
    if (result.wakes) {
        wake_waiting();
    }
    return {std::move(result), std::move(first)};
}

HttpRoute Core::continue_request(const HttpRequest& request, const Wake& wake)
{
    const std::lock_guard lock(mutex_);
    return finish_route(request, route(world_, request), wake);
}

/// Remembers who waits, and records what is answered.
HttpRoute Core::finish_route(const HttpRequest& request, HttpRoute route, const Wake& wake)
{
    if (route.waits) {
        waiting_.push_back(wake);
    } else if (route.of_discharger) {
        transcript_.record(request, route);
    }
    return route;
}

void Core::wake_waiting()
{
    std::vector<Wake> waiting;
    {
        const std::lock_guard lock(mutex_);
        waiting.swap(waiting_);
    }
    for (const Wake& wake : waiting) {
        wake();
    }
}

std::vector<Step> Core::handle(Conversation& conversation, std::size_t connection, std::string_view text, const Wake& wake)
{
    const std::lock_guard lock(mutex_);
    transcript_.record(connection, MockDirection::from_client, text);
    const Reading reading = read_message(world_.profile, text);
    if (reading.kind == Reading::Kind::fatal) {
        return {ending_step(Ending::websocket_close)};
    }
    if (reading.kind == Reading::Kind::ignored) {
        return {};
    }
    ++requests_;
    world_.store.settle(SecretStore::Clock::now());
    const Request& request = reading.request;
    const MockPhase phase = request.type == "Admin" ? MockPhase::login : MockPhase::request;
    std::vector<Step> steps = apply(conversation, request, faults_.take(phase, request.type, request.method));
    if (conversation.waits()) {
        waiting_.push_back(wake);
    }
    if (conversation.ended()) {
        steps.push_back(ending_step(Ending::websocket_close));
    }
    return steps;
}

std::vector<Step> Core::continue_conversation(Conversation& conversation, const Wake& wake)
{
    const std::lock_guard lock(mutex_);
    std::vector<Step> steps = text_steps(conversation.continue_waiting());
    if (conversation.waits()) {
        waiting_.push_back(wake);
    }
    return steps;
}

std::vector<Step> Core::apply(Conversation& conversation, const Request& request, const std::vector<MockFault>& faults)
{
    if (Step ending = first_ending(faults, false); ending.ending != Ending::none) {
        return {std::move(ending)};
    }
    ItemFaults item_faults;
    std::optional<Failure> error;
    for (const MockFault& fault : faults) {
        if (fault.kind() == Kind::error) {
            error = Failure(fault.text(), fault.code());
        } else if (fault.kind() == Kind::item_error) {
            item_faults.insert_or_assign(fault.number(), Failure(fault.text(), fault.code()));
        }
    }
    const std::vector<std::string> texts =
        error ? std::vector<std::string>{failure_text(request, *error)} : conversation.handle(request, item_faults);
    world_.store.settle(SecretStore::Clock::now());
    if (Step ending = first_ending(faults, true); ending.ending != Ending::none) {
        return {std::move(ending)};
    }
    std::vector<Step> steps = text_steps(texts);
    for (const MockFault& fault : faults) {
        change_replies(steps, fault, request);
    }
    if (auto flow = flow_of(faults)) {
        Step change;
        change.flow = flow;
        steps.insert(steps.begin(), std::move(change));
    }
    return steps;
}

void Core::sent(std::size_t connection, std::string_view text)
{
    const std::lock_guard lock(mutex_);
    transcript_.record(connection, MockDirection::to_client, text);
}

std::vector<MockMessage> Core::transcript() const
{
    const std::lock_guard lock(mutex_);
    return transcript_.messages();
}

std::vector<MockMessage> Core::redacted_transcript() const
{
    std::vector<MockMessage> messages = transcript();
    for (MockMessage& message : messages) {
        message.text = redacted(message.text);
    }
    return messages;
}

std::vector<MockHttpRequest> Core::http_requests() const
{
    const std::lock_guard lock(mutex_);
    return transcript_.http_requests();
}

void Core::clear_transcript()
{
    const std::lock_guard lock(mutex_);
    transcript_.clear();
}

} // namespace juju::mock
