#include <juju/secret_value.hpp>

#include "unit/content_support.hpp"

#include <juju/secret_content.hpp>

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <concepts>
#include <cstdlib>
#include <cstring>
#include <new>
#include <ostream>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace {

constexpr std::string_view marker = "MARKER-ffb1-of-a-secret-value";
constexpr std::string_view marker_base64 = "TUFSS0VSLWZmYjEtb2YtYS1zZWNyZXQtdmFsdWU=";

std::atomic<bool> watching = false;
std::atomic<int> unwiped = 0;

/// Counts memory that is freed with the marker, or its base64, still in it.
void inspect(void* memory)
{
    if (memory == nullptr || !watching)
        return;
    const std::size_t size = malloc_usable_size(memory);
    if (memmem(memory, size, marker.data(), marker.size()) != nullptr ||
        memmem(memory, size, marker_base64.data(), marker_base64.size()) != nullptr)
        ++unwiped;
}

/// The number of blocks that `call` frees with the marker in them.
template <class Call>
int unwiped_by(Call&& call)
{
    unwiped = 0;
    watching = true;
    std::forward<Call>(call)();
    watching = false;
    return unwiped;
}

} // namespace

void* operator new(std::size_t size)
{
    if (void* memory = std::malloc(size > 0 ? size : 1))
        return memory;
    throw std::bad_alloc();
}

void* operator new[](std::size_t size)
{
    return operator new(size);
}

void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    return std::malloc(size > 0 ? size : 1);
}

void* operator new[](std::size_t size, const std::nothrow_t&) noexcept
{
    return std::malloc(size > 0 ? size : 1);
}

void operator delete(void* memory) noexcept
{
    inspect(memory);
    std::free(memory);
}

void operator delete[](void* memory) noexcept
{
    operator delete(memory);
}

void operator delete(void* memory, std::size_t) noexcept
{
    operator delete(memory);
}

void operator delete[](void* memory, std::size_t) noexcept
{
    operator delete(memory);
}

namespace juju {
namespace {

using test::thrown_by;

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };

static_assert(Streamable<std::string>);
static_assert(!Streamable<SecretValue>);
static_assert(!Streamable<SecretContent>);
static_assert(!fmt::is_formattable<SecretValue>::value);
static_assert(!fmt::is_formattable<SecretContent>::value);
static_assert(!std::convertible_to<SecretValue, std::string_view>);
static_assert(!std::convertible_to<SecretValue, std::string>);
static_assert(!std::constructible_from<std::string, SecretValue>);
static_assert(!std::convertible_to<std::string_view, SecretValue>);
static_assert(!std::is_aggregate_v<SecretValue>);
static_assert(std::is_nothrow_move_constructible_v<SecretValue> && std::is_nothrow_move_assignable_v<SecretValue>);

std::string encode(std::string_view bytes)
{
    return std::string(SecretValue(bytes).base64().text());
}

TEST(SecretValue, IsEmptyByDefault)
{
    const SecretValue value;

    EXPECT_TRUE(value.empty());
    EXPECT_TRUE(value.decodable());
    EXPECT_EQ(value.text(), "");
    EXPECT_EQ(value.bytes().size(), 0U);
    EXPECT_EQ(value.base64().text(), "");
}

TEST(SecretValue, KeepsBytesWithZeros)
{
    const SecretValue value(std::string_view("a\0b\xff\n", 5));

    EXPECT_EQ(value.size(), 5U);
    EXPECT_EQ(value.text(), std::string_view("a\0b\xff\n", 5));
    EXPECT_EQ(value.bytes()[3], std::byte{0xff});
    EXPECT_EQ(value.base64().text(), "YQBi/wo=");
}

TEST(SecretValue, TakesASpanOfBytes)
{
    const std::byte bytes[] = {std::byte{0}, std::byte{255}};

    EXPECT_EQ(SecretValue(std::span<const std::byte>(bytes)).base64().text(), "AP8=");
}

TEST(SecretValue, RoundTripsEveryOneByteSuffix)
{
    for (const std::string& prefix : {std::string(), std::string("p"), std::string("pq"), std::string("pqr")})
        for (unsigned suffix = 0; suffix < 256; ++suffix) {
            const std::string bytes = prefix + static_cast<char>(static_cast<unsigned char>(suffix));

            EXPECT_EQ(SecretValue::from_base64(encode(bytes)).text(), bytes);
        }
}

TEST(SecretValue, RoundTripsRandomValuesOfEverySizeUpTo64)
{
    std::mt19937 random(64);
    for (std::size_t size = 0; size <= 64; ++size)
        for (int round = 0; round < 20; ++round) {
            std::string bytes(size, '\0');
            for (char& c : bytes)
                c = static_cast<char>(static_cast<unsigned char>(random() & 0xff));

            EXPECT_EQ(SecretValue::from_base64(encode(bytes)).text(), bytes);
        }
}

TEST(SecretValue, MovingEmptiesTheSource)
{
    SecretValue source = SecretValue::from_stored_base64("no base64");
    const SecretValue target = std::move(source);

    EXPECT_TRUE(source.empty()); // NOLINT(bugprone-use-after-move): the state after a move is the subject
    EXPECT_TRUE(source.decodable());
    EXPECT_EQ(source.text(), "");
    EXPECT_FALSE(target.decodable());
    EXPECT_EQ(target.base64().text(), "no base64");
}

TEST(SecretValue, MovingKeepsTheMemory)
{
    SecretValue source("some value");
    const char* memory = source.text().data();
    SecretValue target;
    target = std::move(source);

    EXPECT_EQ(target.text().data(), memory);
    EXPECT_TRUE(source.empty()); // NOLINT(bugprone-use-after-move)
}

TEST(SecretValue, CopiesHaveMemoryOfTheirOwn)
{
    const SecretValue original("some value");
    SecretValue copy = original;
    EXPECT_EQ(copy.text(), "some value");
    EXPECT_NE(copy.text().data(), original.text().data());

    copy = SecretValue("another");
    EXPECT_EQ(original.text(), "some value");
}

TEST(SecretValue, SurvivesAssignmentToItself)
{
    SecretValue value("some value");
    SecretValue& same = value;

    value = same;
    EXPECT_EQ(value.text(), "some value");
    value = std::move(same);
    EXPECT_EQ(value.text(), "some value");
}

TEST(SecretValue, ComparesBytes)
{
    EXPECT_EQ(SecretValue("abc"), SecretValue("abc"));
    EXPECT_NE(SecretValue("abc"), SecretValue("abd"));
    EXPECT_NE(SecretValue("abc"), SecretValue("abcd"));
    EXPECT_EQ(SecretValue(), SecretValue(""));
    EXPECT_NE(SecretValue("a b"), SecretValue::from_stored_base64("a b"));
}

TEST(SecretValue, RefusesTextThatIsNotBase64)
{
    const auto thrown = thrown_by([] { SecretValue::from_base64("MARKER-1"); });

    EXPECT_EQ(thrown.code, errc::invalid_base64);
    EXPECT_EQ(thrown.text, "the text is not standard base64; it takes the characters A-Z, a-z, 0-9, + and /, padding with = to a multiple "
                           "of four, and nothing else, line breaks included");
}

TEST(SecretValue, KeepsStoredTextThatIsNotBase64)
{
    for (const std::string_view stored : {"world", "Zg", "Zh==", "Zm9v\n", "====", "\xff"}) {
        const SecretValue value = SecretValue::from_stored_base64(stored);

        EXPECT_FALSE(value.decodable());
        EXPECT_EQ(value.size(), stored.size());
        EXPECT_EQ(value.base64().text(), stored);
        EXPECT_EQ(SecretValue(value).base64().text(), stored);
    }
}

TEST(SecretValue, ThrowsOnReadingWhatIsNotBase64)
{
    const SecretValue value = SecretValue::from_stored_base64("MARKER-1");

    const auto by_text = thrown_by([&] { value.text(); });
    const auto by_bytes = thrown_by([&] { value.bytes(); });

    EXPECT_EQ(by_text.code, errc::invalid_base64);
    EXPECT_EQ(by_text.text,
              "the secret value is stored as something that is not standard base64; SecretValue::base64() gives the text as it "
              "is stored");
    EXPECT_EQ(by_bytes.text, by_text.text);
}

TEST(SecretValue, DecodesStoredBase64)
{
    const SecretValue value = SecretValue::from_stored_base64("U1RPUA==");

    EXPECT_TRUE(value.decodable());
    EXPECT_EQ(value.text(), "STOP");
    EXPECT_TRUE(SecretValue::from_stored_base64("").decodable());
}

TEST(SecretValueWiping, TheWatchSeesMemoryThatIsNotWiped)
{
    EXPECT_EQ(unwiped_by([] { const std::string plain(marker); }), 1);
}

TEST(SecretValueWiping, LeavesNothingInFreedMemory)
{
    const int count = unwiped_by([] {
        SecretValue value(marker);
        SecretValue copy = value;
        const SecretValue moved = std::move(value);
        copy = moved;
        const SecretValue base64 = moved.base64();
        const SecretValue decoded = SecretValue::from_base64(base64.text());
        const SecretValue stored = SecretValue::from_stored_base64(marker);
        if (decoded != moved || stored.decodable())
            throw std::logic_error("the values differ");
    });

    EXPECT_EQ(count, 0);
}

TEST(SecretValueWiping, ContentLeavesNothingInFreedMemory)
{
    const test::TemporaryDirectory directory;
    const auto raw = directory.write("raw", marker);
    const auto encoded = directory.write("encoded", marker_base64);
    const auto json = directory.write("json", "{\"foo\":\"" + std::string(marker) + "\"}");

    const int count = unwiped_by([&] {
        SecretContent content("foo=MARKER-ffb1-of-a-secret-value", "bar#base64=TUFSS0VSLWZmYjEtb2YtYS1zZWNyZXQtdmFsdWU=");
        content.set_file("raw", raw).merge(SecretContent("cab#base64#file=" + encoded.string())).set("foo", "short");
        const SecretContent other = SecretContent::from_file(json);
        if (content.size() != 4 || other.at("foo").text() != marker || content.checksum().size() != 64)
            throw std::logic_error("the content is wrong");
    });

    EXPECT_EQ(count, 0);
}

} // namespace
} // namespace juju
