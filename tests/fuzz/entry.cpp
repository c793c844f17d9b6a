#include "fuzz/fuzz.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <typeinfo>

namespace fuzz {
namespace {

constexpr std::size_t longest_text = 16'384;

/// Errors that list several problems, or what to choose from.
constexpr std::array with_lines{juju::errc::invalid_secret_file, juju::errc::no_controller, juju::errc::no_model,
                                juju::errc::ambiguous_model};

[[noreturn]] void end_with(const std::string& text)
{
    std::fprintf(stderr, "==== %s\n", text.c_str());
    std::abort();
}

bool is_control(char c)
{
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

} // namespace

void require(bool holds, std::string_view property)
{
    if (!holds)
        end_with("broken: " + std::string(property));
}

void check_error(const juju::Error& error)
{
    const std::string_view text = error.what();
    const bool may_have_lines = std::ranges::find(with_lines, error.code()) != with_lines.end();
    require(error.code().category() == juju::error_category(), "an error's code is an errc");
    require(!text.empty() && text.size() <= longest_text, "an error's text is neither empty nor huge");
    require(std::ranges::none_of(text, [&](char c) { return is_control(c) && !(may_have_lines && c == '\n'); }),
            "an error's text is one line without control characters");
}

std::optional<juju::Error> error_of(const std::function<void()>& use)
{
    try {
        use();
    } catch (const juju::Error& error) {
        check_error(error);
        return error;
    }
    return std::nullopt;
}

std::optional<juju::Error> discreet_error_of(const std::function<void()>& use)
{
    auto error = error_of(use);
    require(!error || std::string_view(error->what()).find(secret_word) == std::string_view::npos, "an error's text holds no secret");
    return error;
}

} // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    try {
        fuzz::run({reinterpret_cast<const char*>(data), size});
    } catch (const std::exception& error) {
        fuzz::end_with(std::string("escaped: ") + typeid(error).name() + ": " + error.what());
    }
    return 0;
}
