#include "differential/content.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>
#include <string_view>

namespace juju::differential {
namespace {

/// A JSON string as Go writes it, for text that has no control characters: `<`, `>` and `&` are escaped too.
std::string go_json(std::string_view text)
{
    std::string json = "\"";
    for (const char c : text) {
        switch (c) {
        case '"': json += "\\\""; break;
        case '\\': json += "\\\\"; break;
        case '<': json += "\\u003c"; break;
        case '>': json += "\\u003e"; break;
        case '&': json += "\\u0026"; break;
        default: json += c;
        }
    }
    return json + '"';
}

std::string sha256(std::string_view text)
{
    std::array<unsigned char, 32> digest{};
    unsigned size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("OpenSSL has no SHA-256");
    std::string hex;
    for (const unsigned byte : digest) {
        hex += "0123456789abcdef"[byte >> 4];
        hex += "0123456789abcdef"[byte & 15U];
    }
    return hex;
}

std::string to_base64(std::string_view bytes)
{
    std::string text(4 * ((bytes.size() + 2) / 3), '\0');
    std::string room(text.size() + 1, '\0'); // EVP_EncodeBlock ends with a zero
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(room.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                    static_cast<int>(bytes.size()));
    return text.assign(room, 0, text.size());
}

} // namespace

Data encode(const std::map<std::string, std::string>& bytes)
{
    Data data;
    for (const auto& [key, value] : bytes)
        data.emplace(key, to_base64(value));
    return data;
}

std::string checksum(const Data& data)
{
    std::string json = "{";
    for (const auto& [key, value] : data) {
        if (json.size() > 1)
            json += ',';
        json += go_json(key) + ':' + go_json(value);
    }
    return sha256(json + '}');
}

} // namespace juju::differential
