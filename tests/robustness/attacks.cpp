#include "robustness/attacks.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <utility>

namespace juju::test {
namespace {

/// Deeper than a recursion of 16 bytes a level could go in 256 KiB.
constexpr std::size_t depth = 20'000;

const std::string list_reply =
    R"({"request-id":$ID,"response":{"results":[{"uri":"secret:9m4e2mr0ui3e8a215n4g","version":1,"owner-tag":"model-)"
    R"(11111111-2222-4333-8444-555555555555","description":"d","label":"db","latest-revision":1,"latest-revision-checksum":"",)"
    R"("create-time":"2024-01-02T03:04:05Z","update-time":"2024-01-02T03:04:05Z","revisions":[{"revision":1,"backend-name":"internal",)"
    R"("create-time":"2024-01-02T03:04:05Z"}],"value":{"data":{"token":"b25l"},"error":null},"access":[{"target-tag":)"
    R"("application-ubuntu","scope-tag":"model-11111111-2222-4333-8444-555555555555","role":"view"}]}]}})";
const std::string create_reply = R"({"request-id":$ID,"response":{"results":[{"result":"secret:9m4e2mr0ui3e8a215n4g"}]}})";
const std::string item_error_reply =
    R"({"request-id":$ID,"response":{"results":[{"error":{"message":"no","code":"not found","info":{"a":1}}}]}})";
const std::string error_reply = R"({"request-id":$ID,"error":"no","error-code":"not found","error-info":{"a":{}},"response":{}})";
const std::string macaroon =
    R"({"m":{"c":[{"i":"time-before 2034-01-02T03:04:05Z"},{"i":"x","v64":"AAAA","l":"https://127.0.0.1:1/auth"}],"l":"juju",)"
    R"("i":"id","s64":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},"v":3,"cdata":{"AAAA":"AAAA"},"ns":"std:"})";
const std::string discharge_reply = R"({"request-id":$ID,"response":{"discharge-required":)" + macaroon +
                                    R"(,"bakery-discharge-required":)" + macaroon + R"(,"discharge-required-error":"no"}})";
const std::string redirect_reply =
    R"({"request-id":$ID,"error":"redirection to alternative server required","error-code":"redirection required","error-info":)"
    R"({"servers":[[{"value":"127.0.0.1","type":"ipv4","scope":"public","port":1}]],"ca-cert":"x","controller-tag":"y"},"response":{}})";
const std::string http_answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n$ACCEPT\r\n\r\n";

std::string repeated(const std::string& text, std::size_t times)
{
    std::string all;
    all.reserve(text.size() * times);
    for (std::size_t i = 0; i < times; ++i)
        all += text;
    return all;
}

std::string nested_lists(std::size_t levels)
{
    return std::string(levels, '[') + std::string(levels, ']');
}

std::string nested_objects(std::size_t levels)
{
    return repeated(R"({"a":)", levels) + "1" + std::string(levels, '}');
}

/// Where values of a JSON text start.
std::vector<std::size_t> values_of(const std::string& json)
{
    std::vector<std::size_t> found;
    bool in_text = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        if (json[i] == '"' && (i == 0 || json[i - 1] != '\\'))
            in_text = !in_text;
        if (!in_text && i + 1 < json.size() && (json[i] == ':' || json[i] == '['))
            found.push_back(i + 1);
    }
    return found;
}

/// Where the value that starts at `from` ends.
std::size_t end_of_value(const std::string& json, std::size_t from)
{
    int level = 0;
    bool in_text = false;
    for (std::size_t i = from; i < json.size(); ++i) {
        const char c = json[i];
        if (c == '"' && json[i - 1] != '\\')
            in_text = !in_text;
        if (in_text)
            continue;
        if (level == 0 && (c == ',' || c == ']' || c == '}'))
            return i;
        level += c == '[' || c == '{' ? 1 : 0;
        level -= c == ']' || c == '}' ? 1 : 0;
    }
    return json.size();
}

const std::vector<std::string>& login_texts()
{
    static const std::vector<std::string> texts{login_reply, discharge_reply, redirect_reply, error_reply};
    return texts;
}

const std::vector<std::string>& reply_texts()
{
    static const std::vector<std::string> texts{list_reply, create_reply, item_error_reply, error_reply};
    return texts;
}

/// The stages in which messages are frames, with the same attacks.
void add_frames(std::vector<Attack>& all, const std::string& name, const std::string& bytes, Afterwards then = Afterwards::ends,
                const std::string& head = {})
{
    for (const auto stage : {Stage::frames, Stage::call_frames}) {
        all.emplace_back(name, stage, bytes, then).head = head;
        if (then == Afterwards::ends)
            all.emplace_back(name + ", then silence", stage, bytes, Afterwards::silent);
    }
}

void add_frame_attacks(std::vector<Attack>& all, std::size_t max_message_size)
{
    using namespace std::string_literals;
    const std::string json = R"({"request-id":$ID,"response":{}})";
    add_frames(all, "nothing", "");
    add_frames(all, "the compressed bit", frame(0xc1, json));
    add_frames(all, "reserved bit 2", frame(0xa1, json));
    add_frames(all, "reserved bit 3", frame(0x91, json));
    for (const unsigned opcode : {0x3U, 0x4U, 0x5U, 0x6U, 0x7U, 0xbU, 0xcU, 0xdU, 0xeU, 0xfU})
        add_frames(all, "a reserved opcode", frame(static_cast<unsigned char>(0x80U | opcode), json));
    add_frames(all, "a masked frame", "\x81\x85\x01\x02\x03\x04hello"s);
    add_frames(all, "2^64-1 bytes", "\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff"s);
    add_frames(all, "2^63-1 bytes", "\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"s);
    add_frames(all, "2^40 bytes", "\x81\x7f\x00\x00\x01\x00\x00\x00\x00\x00"s);
    add_frames(all, "2^40 bytes that come", std::string(64 * 1024, 'x'), Afterwards::endless, "\x81\x7f\x00\x00\x01\x00\x00\x00\x00\x00"s);
    add_frames(all, "a length in too many bytes", "\x81\x7e\x00\x02{}"s);
    add_frames(all, "a length in far too many bytes", "\x81\x7f\x00\x00\x00\x00\x00\x00\x00\x02{}"s);
    add_frames(all, "a ping that is too long", "\x89\x7e\x00\x7e"s + std::string(126, 'x'));
    add_frames(all, "a ping of 2^40 bytes", "\x89\x7f\x00\x00\x01\x00\x00\x00\x00\x00"s);
    add_frames(all, "a fragment of a ping", frame(0x09, "x"));
    add_frames(all, "a continuation of nothing", frame(0x80, json));
    add_frames(all, "a message inside of a message", frame(0x01, "{") + text_frame(json));
    add_frames(all, "a goodbye of one byte", frame(0x88, "x"));
    for (const auto* const code : {"\x00\x00", "\x03\xe7", "\x03\xec", "\x03\xed", "\x03\xee", "\x03\xf7", "\xff\xff"})
        add_frames(all, "a goodbye with a bad code", frame(0x88, std::string(code, 2)));
    add_frames(all, "a goodbye that is no UTF-8", frame(0x88, "\x03\xe8\xff\xfe"));
    add_frames(all, "a goodbye", frame(0x88, "\x03\xe8"));
    add_frames(all, "a goodbye and more", frame(0x88, "\x03\xe8") + text_frame(json));
    add_frames(all, "text that is no UTF-8", text_frame("{\"request-id\":$ID,\"error\":\"\xff\xfe\"}"));
    add_frames(all, "half a character at the end", text_frame("{}\xe2\x82"));
    add_frames(all, "binary noise", frame(0x82, "\x01\x02\x03"));
    add_frames(all, "empty fragments for ever", repeated(frame(0x00, ""), 1000), Afterwards::endless, frame(0x01, ""));
    add_frames(all, "small fragments for ever", repeated(frame(0x00, "x"), 1000), Afterwards::endless, frame(0x01, "{"));
    add_frames(all, "pings for ever", repeated(frame(0x89, "x"), 100), Afterwards::endless);
    add_frames(all, "pongs for ever", repeated(frame(0x8a, "x"), 100), Afterwards::endless);
    add_frames(all, "replies to nobody for ever", text_frame(R"({"request-id":77777,"response":{}})"), Afterwards::endless);
    add_frames(all, "empty messages for ever", text_frame(""), Afterwards::endless);
    add_frames(all, "too large a message", text_frame(std::string(max_message_size + 1, ' ')));
    add_frames(all, "just not too large a message", text_frame(std::string(max_message_size, ' ')));
    add_frames(all, "a large message of brackets", text_frame(std::string(max_message_size, '[')));
    add_frames(all, "a large message of quotes", text_frame("{" + repeated("\"\\", max_message_size / 2 - 1)));
}

void add_http(std::vector<Attack>& all, const std::string& name, const std::string& bytes, Afterwards then = Afterwards::ends,
              const std::string& head = {})
{
    all.emplace_back(name, Stage::http, bytes, then).head = head;
    if (then == Afterwards::ends)
        all.emplace_back(name + ", then silence", Stage::http, bytes, Afterwards::silent);
}

void add_http_attacks(std::vector<Attack>& all)
{
    using namespace std::string_literals;
    const std::string start = "HTTP/1.1 101 Switching Protocols\r\n";
    add_http(all, "nothing", "");
    add_http(all, "a 101 without headers", start + "\r\n");
    add_http(all, "no accept line", start + "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    add_http(all, "another accept line",
             start + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n");
    add_http(all, "another protocol", start + "Upgrade: h2c\r\nConnection: Upgrade\r\n$ACCEPT\r\n\r\n");
    add_http(all, "compression that nobody asked for",
             start + "Upgrade: websocket\r\nConnection: Upgrade\r\n$ACCEPT\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
    add_http(all, "a status that says nothing", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    add_http(all, "a redirect", "HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    add_http(all, "a refusal with control characters", "HTTP/1.1 403 No\r\nContent-Length: 6\r\n\r\n\x1b[2J\r\n"s);
    add_http(all, "HTTP/1.0", "HTTP/1.0 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n$ACCEPT\r\n\r\n");
    add_http(all, "HTTP/9.9", "HTTP/9.9 101 Switching Protocols\r\n\r\n");
    add_http(all, "a status of many digits", "HTTP/1.1 " + std::string(4000, '1') + " x\r\n\r\n");
    add_http(all, "zero bytes", std::string(4096, '\0'));
    add_http(all, "no HTTP", "SSH-2.0-OpenSSH_9.2\r\n");
    add_http(all, "2^64-1 bytes of body", "HTTP/1.1 403 No\r\nContent-Length: 18446744073709551615\r\n\r\nno");
    add_http(all, "2^64 bytes of body", "HTTP/1.1 403 No\r\nContent-Length: 18446744073709551616\r\n\r\nno");
    add_http(all, "a negative length", "HTTP/1.1 403 No\r\nContent-Length: -1\r\n\r\nno");
    add_http(all, "two lengths", "HTTP/1.1 403 No\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nno");
    add_http(all, "a chunk of 2^64-1 bytes", "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nno");
    add_http(all, "a chunk without a length", "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");
    add_http(all, "a long line", start + "X: " + std::string(1'000'000, 'x'));
    add_http(all, "a long name", start + std::string(1'000'000, 'x'));
    add_http(all, "headers for ever", repeated("X: y\r\n", 100), Afterwards::endless, start);
    add_http(all, "a line for ever", std::string(4096, 'x'), Afterwards::endless, start + "X: ");
    add_http(all, "answers of 100 for ever", repeated("HTTP/1.1 100 Continue\r\n\r\n", 100), Afterwards::endless);
    add_http(all, "a body for ever", std::string(4096, 'x'), Afterwards::endless, "HTTP/1.1 403 No\r\n\r\n");
    add_http(all, "chunks for ever", repeated("1\r\nx\r\n", 1000), Afterwards::endless,
             "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n");
    add_http(all, "chunk extensions for ever", std::string(4096, 'x'), Afterwards::endless,
             "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n1;");
}

void add_tcp(std::vector<Attack>& all, Stage stage, const std::string& name, const std::string& bytes, Afterwards then = Afterwards::ends)
{
    all.emplace_back(name, stage, bytes, then);
    if (then == Afterwards::ends)
        all.emplace_back(name + ", then silence", stage, bytes, Afterwards::silent);
}

void add_tls_attacks(std::vector<Attack>& all)
{
    using namespace std::string_literals;
    for (const auto stage : {Stage::tcp, Stage::tls_record}) {
        add_tcp(all, stage, "nothing", "");
        add_tcp(all, stage, "plain HTTP", "HTTP/1.1 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n");
        add_tcp(all, stage, "zero bytes", std::string(4096, '\0'));
        add_tcp(all, stage, "a record of 65535 bytes", "\x16\x03\x03\xff\xff"s + std::string(65535, 'x'));
        add_tcp(all, stage, "a record of no bytes", "\x17\x03\x03\x00\x00"s);
        add_tcp(all, stage, "half a record", "\x16\x03\x03\x01\x00\x02"s);
        add_tcp(all, stage, "a message of 2^24-1 bytes", "\x16\x03\x03\x00\x04\x02\xff\xff\xff"s);
        add_tcp(all, stage, "a fatal alert", "\x15\x03\x03\x00\x02\x02\x28"s);
        add_tcp(all, stage, "an alert of one byte", "\x15\x03\x03\x00\x01\x02"s);
        add_tcp(all, stage, "an unknown alert", "\x15\x03\x03\x00\x02\x07\xee"s);
        add_tcp(all, stage, "a goodbye", "\x15\x03\x03\x00\x02\x01\x00"s);
        add_tcp(all, stage, "SSL 2", "\x80\x2e\x04\x00\x01"s);
        add_tcp(all, stage, "an unknown record", "\x63\x03\x03\x00\x02\x01\x00"s);
        add_tcp(all, stage, "noise for ever", std::string(4096, '\x55'), Afterwards::endless);
        add_tcp(all, stage, "warnings for ever", repeated("\x15\x03\x03\x00\x02\x01\x5a"s, 500), Afterwards::endless);
        add_tcp(all, stage, "empty records for ever", repeated("\x16\x03\x03\x00\x00"s, 500), Afterwards::endless);
        add_tcp(all, stage, "cipher changes for ever", repeated("\x14\x03\x03\x00\x01\x01"s, 500), Afterwards::endless);
    }
}

/// What is small as text and large in memory, where a message is read into a tree.
void add_large_trees(std::vector<Attack>& all, std::size_t max_message_size)
{
    const auto tree = "[" + repeated("[],", max_message_size / 4) + "[]]";
    all.emplace_back("a large macaroon", Stage::login, R"({"request-id":$ID,"response":{"discharge-required":{"a":)" + tree + "}}}");
    all.emplace_back("a large redirection", Stage::login,
                     R"({"request-id":$ID,"error":"no","error-code":"redirection required","error-info":{"servers":)" + tree + "}}");
    all.emplace_back("a large list", Stage::reply, R"({"request-id":$ID,"response":{"results":)" + tree + "}}");
}

std::string noise(std::mt19937_64& random, std::size_t most)
{
    std::string bytes(random() % (most + 1), '\0');
    for (char& byte : bytes)
        byte = static_cast<char>(random());
    return bytes;
}

/// Some piece that is legal somewhere in JSON, or nowhere.
std::string json_piece(std::mt19937_64& random)
{
    static const std::array<std::string, 24> pieces{"null",
                                                    "true",
                                                    "-1",
                                                    "0",
                                                    "18446744073709551616",
                                                    "1e400",
                                                    "1.5",
                                                    "\"\"",
                                                    R"("\u0000")",
                                                    R"("\ud800")",
                                                    "[]",
                                                    "{}",
                                                    "[[]]",
                                                    R"({"":null})",
                                                    ",",
                                                    ":",
                                                    "\"",
                                                    "\\",
                                                    "]",
                                                    "}",
                                                    "\xff",
                                                    std::string(1, '\0'),
                                                    R"("a":1,)",
                                                    "\xef\xbb\xbf"};
    const auto choice = random() % (pieces.size() + 2);
    if (choice == pieces.size())
        return nested_lists(random() % 3000);
    if (choice == pieces.size() + 1)
        return nested_objects(random() % 3000);
    return pieces[choice];
}

/// One change by chance.
void change(std::string& text, std::mt19937_64& random, bool is_json)
{
    if (text.empty())
        return;
    const auto at = random() % text.size();
    switch (random() % (is_json ? 7 : 5)) {
    case 0: text[at] = static_cast<char>(text[at] ^ (1 << random() % 8)); break;
    case 1: text[at] = static_cast<char>(random()); break;
    case 2: text.resize(at); break;
    case 3: text.insert(at, noise(random, 16)); break;
    case 4: text.erase(at, random() % 16 + 1); break;
    case 5: text.insert(at, json_piece(random)); break;
    default: {
        const auto values = values_of(text);
        if (values.empty())
            break;
        const auto from = values[random() % values.size()];
        text.replace(from, end_of_value(text, from) - from, json_piece(random));
    }
    }
}

std::string changed(std::string text, std::mt19937_64& random, bool is_json)
{
    for (auto left = random() % 4 + 1; left > 0; --left)
        change(text, random, is_json);
    return text;
}

template <class All>
const auto& any_of(const All& all, std::mt19937_64& random)
{
    return all[random() % all.size()];
}

} // namespace

std::vector<Attack> chosen_attacks(std::size_t max_message_size)
{
    std::vector<Attack> all;
    add_tls_attacks(all);
    add_http_attacks(all);
    add_frame_attacks(all, max_message_size);
    add_large_trees(all, max_message_size);
    return all;
}

std::vector<Attack> nested_attacks()
{
    std::vector<Attack> all;
    const auto add_all = [&](Stage stage, const std::string& text) {
        for (const auto from : values_of(text)) {
            for (const auto& value : {nested_lists(depth), nested_objects(depth), std::string(depth, '['), repeated(R"({"a":)", depth)}) {
                auto attack = text;
                attack.replace(from, end_of_value(text, from) - from, value);
                all.emplace_back("nested at " + std::to_string(from) + " of " + text.substr(0, 60), stage, attack);
            }
        }
    };
    for (const auto& text : login_texts())
        add_all(Stage::login, text);
    for (const auto& text : reply_texts())
        add_all(Stage::reply, text);
    for (const auto stage : {Stage::login, Stage::reply}) {
        all.emplace_back("nothing but lists", stage, nested_lists(depth));
        all.emplace_back("nothing but objects", stage, nested_objects(depth));
    }
    return all;
}

Attack random_attack(Stage stage, std::uint64_t seed)
{
    std::mt19937_64 random(seed * 8 + static_cast<std::uint64_t>(stage));
    Attack attack("seed " + std::to_string(seed), stage, "");
    const bool is_noise = random() % 8 == 0;
    switch (stage) {
    case Stage::tcp:
    case Stage::tls_record:
        attack.bytes = noise(random, 400);
        if (!is_noise && attack.bytes.size() > 5) { // the head of a record
            attack.bytes[0] = static_cast<char>(0x14 + random() % 4);
            attack.bytes[1] = 3;
            attack.bytes[2] = static_cast<char>(random() % 5);
            attack.bytes[3] = static_cast<char>(random() % 2);
        }
        break;
    case Stage::tls_flight:
        attack.afterwards = Afterwards::silent; // for what is still to come by a length that was changed
        attack.is_tls_1_2 = random() % 2 == 0;
        for (auto left = random() % 3 + 1; left > 0; --left)
            attack.changes.emplace_back(random() % (random() % 2 == 0 ? 100 : 1000), static_cast<char>(random() % 255 + 1));
        break;
    case Stage::http: attack.bytes = is_noise ? noise(random, 400) : changed(http_answer, random, false); break;
    case Stage::frames:
        attack.bytes = is_noise ? noise(random, 400) : changed(text_frame(any_of(login_texts(), random)), random, true);
        break;
    case Stage::call_frames:
        attack.bytes = is_noise ? noise(random, 400) : changed(text_frame(any_of(reply_texts(), random)), random, true);
        break;
    case Stage::login: attack.bytes = is_noise ? noise(random, 400) : changed(any_of(login_texts(), random), random, true); break;
    case Stage::reply: attack.bytes = is_noise ? noise(random, 400) : changed(any_of(reply_texts(), random), random, true); break;
    }
    return attack;
}

} // namespace juju::test
