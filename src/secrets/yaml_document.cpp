#include "secrets/yaml_document.hpp"

#include "wire/rune.hpp"
#include "yaml_input.hpp"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <istream>

namespace juju::detail::yaml {
namespace {

/// yaml-cpp takes bytes that are not UTF-8 as they come and ends the text at some control characters; both would damage values.
void check_characters(std::string_view text)
{
    int line = 1;
    for (std::size_t at = 0; at < text.size();) {
        const wire::Rune rune = wire::rune_at(text, at);
        if (rune.value == 0xfffd && rune.size == 1)
            fail_at(line, "the text is not UTF-8; other bytes go into a value as !!binary, or as base64 under a key that ends in #base64");
        const bool allowed = rune.value == '\t' || rune.value == '\n' || rune.value == '\r' || (rune.value >= 0x20 && rune.value <= 0x7e) ||
                             rune.value == 0x85 || (rune.value >= 0xa0 && rune.value != 0xfffe && rune.value != 0xffff);
        if (!allowed)
            fail_at(line, "control characters are not allowed; in double quotes they can be written as \\x01");
        line += rune.value == '\n' ? 1 : 0;
        at += rune.size;
    }
}

/// The text without byte order mark and with every line break as a line feed.
WipingString with_line_feeds(std::string_view text)
{
    if (text.starts_with("\xef\xbb\xbf"))
        text.remove_prefix(3);
    WipingString result;
    result.reserve(text.size() + 64);
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\r')
            result += text[at];
        else if (!text.substr(at + 1).starts_with('\n'))
            result += '\n';
    }
    return result;
}

/// Cuts `text` off where its first document ends, so that all that is left has to be one document. Spaces that have no line break
/// behind them go too: yaml-cpp would take them for text of a folded scalar.
void keep_first_document(WipingString& text)
{
    bool begun = false;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size() - 1) + 1;
        const std::string_view line = std::string_view(text).substr(start, end - start);
        const bool marker = (line.starts_with("---") || line.starts_with("...")) && (line.size() == 3 || line.find_first_of(" \t\n") == 3);
        if (marker && begun) {
            text.resize(start);
            break;
        }
        const std::size_t first = std::min(line.find_first_not_of(" \t\n"), line.size() - 1);
        const bool content = line[first] != '\n' && line[first] != '#' && line.front() != '%';
        begun = begun || (content && !(marker && line.front() == '.'));
        start = end;
    }
    const std::size_t size = text.find_last_not_of(" \t") + 1;
    if (size == 0 || text[size - 1] == '\n')
        text.resize(size);
}

/// Reads `text` as a single document; no document gives no nodes.
Document read_document(std::string_view text)
{
    YamlMask mask(text);
    MemoryBuffer buffer(mask.text());
    std::istream stream(&buffer);
    Document document(mask);
    Document rest(mask);
    try {
        YAML::Parser parser(stream);
        parser.HandleNextDocument(document);
        parser.HandleNextDocument(rest);
    } catch (const YAML::Exception& error) {
        fail_at(error.mark.line + 1,
                yaml_reason(error) + "; put a value that holds \": \", \" #\" or starts with a special character in quotes");
    }
    if (!rest.empty())
        fail_at(rest.node(0).line(), "did not find expected key; begin each key in the same column");
    return document;
}

} // namespace

void fail(const std::string& problem)
{
    throw local_error(errc::invalid_secret_file, "yaml: " + problem);
}

void fail_at(int line, std::string_view problem)
{
    fail("line " + std::to_string(line) + ": " + std::string(problem));
}

Document read_first_document(std::string_view text)
{
    check_characters(text);
    WipingString first = with_line_feeds(text);
    keep_first_document(first);
    const bool ends_in_line = !first.ends_with('\n');
    // yaml-cpp takes the end of the text for the end of a quoted scalar; the end of a document it does not.
    WipingString closed;
    closed.reserve(first.size() + 64);
    (closed += first) += ends_in_line ? "\n...\n" : "...\n";
    Document document = read_document(closed);
    if (ends_in_line)
        document = read_document(first);
    return document;
}

} // namespace juju::detail::yaml
