#include "secrets/base64.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>

namespace juju::detail {
namespace {

std::string encode(std::string_view bytes)
{
    std::string text(base64::encoded_size(bytes.size()), '?');
    base64::encode(bytes, text.data());
    return text;
}

std::optional<std::string> decode(std::string_view text)
{
    const auto size = base64::decoded_size(text);
    if (!size)
        return std::nullopt;
    std::string bytes(*size, '?');
    if (!base64::decode(text, bytes.data()))
        return std::nullopt;
    return bytes;
}

// RFC 4648, section 10.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> rfc_vectors{
    {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}}};

TEST(Base64, EncodesTheVectorsOfTheRfc)
{
    for (const auto& [bytes, text] : rfc_vectors)
        EXPECT_EQ(encode(bytes), text);
}

TEST(Base64, DecodesTheVectorsOfTheRfc)
{
    for (const auto& [bytes, text] : rfc_vectors)
        EXPECT_EQ(decode(text), bytes);
}

TEST(Base64, UsesTheStandardAlphabetInOrder)
{
    std::string bytes;
    for (unsigned value = 0; value < 64; value += 4) {
        const unsigned group = value << 18 | (value + 1) << 12 | (value + 2) << 6 | (value + 3);
        for (const unsigned shift : {16U, 8U, 0U})
            bytes += static_cast<char>(static_cast<unsigned char>(group >> shift & 0xff));
    }

    EXPECT_EQ(encode(bytes), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    EXPECT_EQ(decode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"), bytes);
}

TEST(Base64, RefusesWhatIsNotInTheAlphabetAtEveryPlace)
{
    for (unsigned value = 0; value < 256; ++value) {
        const char c = static_cast<char>(static_cast<unsigned char>(value));
        const bool standard = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
        for (std::size_t place = 0; place < 8; ++place) {
            std::string text = "AAAAAAAA";
            text[place] = c;
            const bool padding = c == '=' && place == 7; // "AAAAAAA=" is two bytes in the second group
            EXPECT_EQ(decode(text).has_value(), standard || padding) << "byte " << value << " at " << place;
        }
    }
}

TEST(Base64, RefusesMissingAndMisplacedPadding)
{
    for (const std::string_view text : {"Zg", "Zg=", "Zm8", "Z", "=", "==", "===", "====", "Z===", "Zg==Zg==", "Zm8=Zm8=", "Zg==\n",
                                        "Zm9v=", "Zm9v====", "Z=g=", "=Zg=", "Zg=A"})
        EXPECT_EQ(decode(text), std::nullopt) << text;
}

TEST(Base64, RefusesUnusedBitsThatAreNotZero)
{
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t value = 0; value < 64; ++value) {
        EXPECT_EQ(decode(std::string("A") + alphabet[value] + "==").has_value(), value % 16 == 0) << value;
        EXPECT_EQ(decode(std::string("AA") + alphabet[value] + "=").has_value(), value % 4 == 0) << value;
    }
}

TEST(Base64, RefusesWhiteSpaceAndTheAlphabetOfUrls)
{
    for (const std::string_view text : {"Zm9v\n", "Zm9v\nYmFy", " Zm9vYmFy", "Zm9v YmF", "Zm9vYmF\n", "_-_-", "AA-_"})
        EXPECT_EQ(decode(text), std::nullopt) << text;
}

TEST(Base64, RoundTripsRandomBytes)
{
    std::mt19937 random(20240101);
    for (int round = 0; round < 2000; ++round) {
        std::string bytes(random() % 200, '\0');
        std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(static_cast<unsigned char>(random() & 0xff)); });

        EXPECT_EQ(decode(encode(bytes)), bytes);
    }
}

TEST(Base64, TellsSizes)
{
    EXPECT_EQ(base64::encoded_size(0), 0U);
    EXPECT_EQ(base64::encoded_size(750'000), 1'000'000U);
    EXPECT_EQ(base64::encoded_size(750'001), 1'000'004U);
    EXPECT_EQ(base64::decoded_size("Zm8="), 2U);
    EXPECT_EQ(base64::decoded_size("Zm8"), std::nullopt);
}

TEST(Base64, RemovesLineBreaks)
{
    EXPECT_EQ(base64::without_line_breaks("Zm9v\r\nYm Fy\n"), "Zm9vYm Fy");
}

} // namespace
} // namespace juju::detail
