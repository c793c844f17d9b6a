#include "fuzz/fuzz.hpp"

#include <juju/secret_uri.hpp>

#include <algorithm>
#include <string>

// Texts that may be secret URIs.

namespace {

using fuzz::require;
using juju::SecretRef;
using juju::SecretUri;

} // namespace

void fuzz::run(std::string_view text)
{
    const auto uri = SecretUri::try_parse(text);
    SecretUri thrown;
    const auto error = error_of([&] { thrown = SecretUri::parse(text); });
    require(error.has_value() != uri.has_value(), "parse throws if and only if try_parse gives nothing");
    require(!error || error->code() == juju::errc::invalid_uri, "what is no URI is invalid_uri");
    if (uri) {
        require(thrown == *uri, "parse and try_parse agree");
        const auto is_base32hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'v'); };
        require(uri->id().size() == 20 && std::ranges::all_of(uri->id(), is_base32hex), "an id has 20 characters");
        require(SecretUri::try_parse(uri->str()) == uri, "what a URI prints stands for the same");
        require(SecretRef(text).uri() == uri, "text that is a URI refers by URI");
        return;
    }
    const auto no_name = error_of([&] {
        const SecretRef ref(text);
        require(!ref.uri() && ref.name() == text && ref.str() == text, "other text refers by name");
    });
    require(!no_name || no_name->code() == juju::errc::invalid_name, "what is no name either is invalid_name");
}
